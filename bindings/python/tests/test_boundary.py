"""Nothing that happens in the engine may hurt the interpreter, nor the other way round."""

import signal
import subprocess
import sys
import threading
import time

import plimsoll
import pytest
from conftest import PLAN
from plimsoll import _native

LONG = PLAN.replace("horizon: 5s", "horizon: 60s")


def test_a_panic_is_an_ordinary_exception_and_the_engine_goes_on(plan: plimsoll.Plan) -> None:
    for _ in range(3):
        with pytest.raises(plimsoll.InternalError, match="provoked"):
            _native.provoke_panic()
    assert issubclass(plimsoll.InternalError, Exception)
    assert plan.check(runs=2).replications == 2


@pytest.mark.parametrize(
    "question",
    [
        "simulate(runs=100_000)",
        "check(runs=100_000)",
        "sensitivity(horizon='24h', max_events=4_000_000_000)",
        "fit(runs=100_000)",
        "load_line(precision='0.1%')",
        "diff(plan.with_({'api.workers': 2}), runs=100_000)",
        "sweep({'api.memory': '16mb..1gb:9999'}, runs=200)",
    ],
)
def test_ctrl_c_ends_every_question_at_once(question: str) -> None:
    code = f"""
import plimsoll
plan = plimsoll.read({LONG!r}, objectives=["latency: p(95) < 30ms"])
print("begun", flush=True)
try:
    plan.{question}
except KeyboardInterrupt:
    # The interpreter is whole, and the engine can be asked again.
    print(plan.check(runs=1, horizon="1s").replications, flush=True)
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        said, _ = process.communicate(timeout=60)
    assert said == "1\n"
    assert process.returncode == 0
    assert time.monotonic() - start < 10


def test_other_threads_run_meanwhile(plan: plimsoll.Plan) -> None:
    done = threading.Event()
    ticks = 0

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    clock = threading.Thread(target=tick)
    clock.start()
    plan.simulate(runs=2000, horizon="60s", series=False)
    done.set()
    clock.join()
    assert ticks > 20


def test_an_exception_of_a_callback_comes_through(plan: plimsoll.Plan) -> None:
    def stop(done: int, count: int) -> None:
        if done == 2:
            raise LookupError(f"{done} of {count}")

    with pytest.raises(LookupError, match="2 of 50"):
        plan.sweep({"api.memory": "64mb..1gb:50"}, runs=1, progress=stop)


def test_threads_may_ask_at_the_same_time(plan: plimsoll.Plan) -> None:
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append(plan.check(runs=3).digest)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
