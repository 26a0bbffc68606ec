import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy
import plimsoll
import pytest
from conftest import PLAN, PROGRAM
from plimsoll import Space, log_uniform, lognormal, normal

SPACE = {"api.memory": ("16MiB", "256MiB"), "api.workers": [1, 2]}


def test_every_combination_has_a_row(plan: plimsoll.Plan) -> None:
    space = {"api.memory": ["16mb", "512mb"], "traffic.arrival_rate": ("10/s", "30/s")}
    sweep = plan.sweep(space, n=3, sampler="grid", runs=2)
    points = sweep.points
    assert points["api.memory"] == ["16mb"] * 3 + ["512mb"] * 3
    assert points["api.memory_bytes"] == [16 * 2**20] * 3 + [512 * 2**20] * 3
    assert points["traffic.arrival_rate_per_second"] == [10, 20, 30] * 2
    assert points["verdict"][0] == "does_not_fit"
    assert points["oom_probability"][0] == 1.0
    assert len(sweep.services) == len(sweep.endpoints) == len(sweep) == 6
    assert sweep.count["does_not_fit"] >= 3


@pytest.mark.parametrize("sampler", ["sobol", "latin", "saltelli"])
def test_designs_are_the_same_for_the_same_seed(sampler: str, plan: plimsoll.Plan) -> None:
    def digests(seed: int) -> list[str]:
        sweep = plan.sweep(SPACE, n=8, sampler=sampler, seed=seed, runs=1)  # type: ignore[arg-type]
        assert len(set(sweep.points["api.memory"])) > 4
        return [row["row"] for row in sweep.rows]

    assert digests(1) == digests(1) != digests(2)


def test_points_follow_their_laws() -> None:
    shares = [[(one + 0.5) / 1000] for one in range(1000)]

    def at(values: object, place: int) -> str:
        return Space({"x": values}).at(shares)[place][0][1]  # type: ignore[dict-item]

    def number(text: str) -> float:
        return float(text.removesuffix("/s"))

    assert number(at((0.0, 1.0), 499)) == pytest.approx(0.4995)
    assert number(at(log_uniform("1/s", "100/s"), 500)) == pytest.approx(10, rel=0.01)
    assert number(at(lognormal(p05="80/s", p95="400/s"), 50)) == pytest.approx(80, rel=0.01)
    assert number(at(lognormal(p05="80/s", p95="400/s"), 949)) == pytest.approx(400, rel=0.01)
    assert number(at(normal(p05="80/s", p95="400/s"), 500)) == pytest.approx(240, rel=0.01)
    assert {at(range(1, 4), place) for place in range(0, 1000, 50)} == {"1", "2", "3"}


def test_a_wrong_space_is_said(plan: plimsoll.Plan) -> None:
    wrong: list[dict[str, Any]] = [{}, {"api.memory": ("1gb", "1mb")}, {"x": []}, {"x": ["a,b"]}]
    for space in wrong:
        with pytest.raises(ValueError):
            plan.sweep(space)
    with pytest.raises(ValueError, match="needs n"):
        plan.sweep(SPACE, sampler="latin")
    with pytest.raises(plimsoll.ScenarioError):
        plan.sweep({"services.api.wrokers": [1, 2]})
    # A value that makes no plan is said in its row: others may be fine.
    sweep = plan.sweep({"api.workers": [1, 0]}, n=8, runs=1)
    assert sweep.count["errors"] == 1
    assert len(sweep) == 2
    assert any(sweep.points["error"])


@pytest.mark.parametrize(
    ("path", "values", "code", "said", "hint"),
    [
        ("api.memry", ("64mb", "1gb"), "E300", "no key `memry`", "did you mean `memory`?"),
        ("apy.memory", ("64mb", "1gb"), "E300", "no key `apy`", "one of `version`"),
        ("services.apy.memory", ("64mb", "1gb"), "E300", "no service `apy`", "mean `api`?"),
        ("api.memory", ("1s", "2s"), "E301", "is not a size", None),
        ("api.workers", [0], "E301", "workers is 0", None),
    ],
)
def test_what_is_no_input_is_refused_before_anything_is_simulated(
    path: str, values: Any, code: str, said: str, hint: str | None, plan: plimsoll.Plan
) -> None:
    calls = Counter()
    for sampler in ("sobol", "latin"):
        with pytest.raises(plimsoll.ScenarioError) as raised:
            space = {"traffic.arrival_rate": ("5/s", "9/s"), path: values}
            plan.sweep(space, n=4, sampler=sampler, progress=calls)
        (one,) = raised.value.diagnostics
        assert one.code == code
        assert said in one.message
        assert hint is None or hint in (one.hint or "")
    assert calls.calls == 0


def test_an_input_under_two_names_is_refused(plan: plimsoll.Plan) -> None:
    space: dict[str, Any] = {"api.workers": [1, 2], "services.api.workers": (3, 4)}
    for n in (None, 4):
        with pytest.raises(plimsoll.ScenarioError) as raised:
            plan.sweep(space, n=n)
        (one,) = raised.value.diagnostics
        assert (one.code, one.path) == ("E306", "vary")
        assert one.message == "`services.api.workers` varies twice"
        assert one.hint == "`api.workers` is the same input"
    # A service may be called as a key of the scenario is: the key counts.
    named = plimsoll.read(PLAN.replace("api:", "host:"))
    both: dict[str, Any] = {"host.memory": ["1GiB"], "services.host.memory": ["96MiB"]}
    assert len(named.sweep(both, runs=1)) == 1


def test_the_store_is_the_file_of_the_command_line(tmp_path: Path) -> None:
    axis = ["--vary", "services.api.memory=32mb..512mb:6", "--runs", "2"]
    words = [str(PROGRAM), "sweep", "-", "--out", str(tmp_path / "cli.jsonl"), *axis]
    subprocess.run(words, input=PLAN, text=True, check=True, capture_output=True)
    space = {"services.api.memory": ("32mb", "512mb")}
    plan = plimsoll.read(PLAN, name="-")
    plan.sweep(space, n=6, sampler="grid", runs=2, store=tmp_path / "python.jsonl")
    written = (tmp_path / "python.jsonl").read_bytes()
    assert written == (tmp_path / "cli.jsonl").read_bytes()
    # Either goes on with what the other has left.
    (tmp_path / "cli.jsonl").write_bytes(written[: len(written) // 2])
    plan.sweep(space, n=6, sampler="grid", runs=2, store=tmp_path / "cli.jsonl")
    assert (tmp_path / "cli.jsonl").read_bytes() == written


def test_wherever_the_store_was_torn_it_goes_on(plan: plimsoll.Plan, tmp_path: Path) -> None:
    store = tmp_path / "rows.jsonl"
    whole = plan.sweep(SPACE, n=8, runs=1, store=store)
    written = store.read_bytes()
    places = random.Random(5)
    for _ in range(25):
        kept = places.randrange(len(written))
        store.write_bytes(written[:kept])
        counted = Counter()
        again = plan.sweep(SPACE, n=8, runs=1, store=store, progress=counted)
        assert store.read_bytes() == written
        assert again == whole
        assert counted.calls == 8 - written[:kept].count(b"\n")


class Counter:
    """Counts the points that are computed."""

    calls = 0

    def __call__(self, done: int, count: int) -> None:
        self.calls += 1
        assert done == self.calls <= count


KILLED = """
import sys, plimsoll
from concurrent.futures import ProcessPoolExecutor
plan = plimsoll.read(sys.argv[1])
axis = {"api.memory": ("16MiB", "256MiB"), "api.workers": [1, 2]}
print("begun", flush=True)
executor = ProcessPoolExecutor(2) if sys.argv[3] == "processes" else None
sweep = plan.sweep(axis, n=64, runs=40, store=sys.argv[2], executor=executor)
print(len(sweep))
"""


@pytest.mark.parametrize("how", ["threads", "processes"])
def test_killed_at_any_moment_it_resumes(how: str, tmp_path: Path) -> None:
    store, reference = tmp_path / "rows.jsonl", tmp_path / "reference.jsonl"
    plan = plimsoll.read(PLAN)
    plan.sweep(SPACE, n=64, runs=40, store=reference)
    moments = random.Random(11)
    kills = 0
    for _ in range(40):
        command = [sys.executable, "-c", KILLED, PLAN, str(store), how]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(moments.uniform(0.01, 0.4))
            if kills < 4 and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                kills += 1
                process.wait()
                # What is there is whole rows of the reference, and at most one torn.
                whole = store.read_bytes().rpartition(b"\n")[0] if store.exists() else b""
                assert reference.read_bytes().startswith(whole)
                continue
            said, _ = process.communicate(timeout=120)
            assert said == "64\n"
            break
    assert kills > 0
    assert store.read_bytes() == reference.read_bytes()


def test_a_store_that_is_none_is_left_alone(plan: plimsoll.Plan, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("my notes\n")
    with pytest.raises(plimsoll.StoreError, match="line 1 is no row"):
        plan.sweep(SPACE, n=2, runs=1, store=notes)
    assert notes.read_text() == "my notes\n"
    store = tmp_path / "rows.jsonl"
    plan.sweep(SPACE, n=2, runs=1, store=store)
    before = store.read_bytes()
    with pytest.raises(plimsoll.StoreError, match="its rows have seed 42"):
        plan.sweep(SPACE, n=2, runs=1, seed=7, store=store)
    with pytest.raises(plimsoll.StoreError, match="another plan"):
        plan.sweep(SPACE, n=2, runs=1, store=store, traffic="21/s")
    assert store.read_bytes() == before


def test_two_sweeps_do_not_write_one_store(plan: plimsoll.Plan, tmp_path: Path) -> None:
    store = tmp_path / "rows.jsonl"

    def second(done: int, count: int) -> None:
        with pytest.raises(plimsoll.StoreError, match="another sweep is writing"):
            plan.sweep(SPACE, n=4, runs=1, store=store)

    plan.sweep(SPACE, n=4, runs=1, store=store, progress=second)


def _loky() -> Executor:
    from joblib.externals.loky import get_reusable_executor

    executor: Executor = get_reusable_executor(max_workers=2)
    return executor


EXECUTORS: dict[str, Callable[[], Executor]] = {
    "threads": lambda: ThreadPoolExecutor(2),
    "processes": lambda: ProcessPoolExecutor(2),
    "spawned processes": lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn")),
    "joblib": _loky,
}


@pytest.mark.parametrize("name", EXECUTORS)
def test_any_executor_gives_the_same_rows(name: str, plan: plimsoll.Plan, tmp_path: Path) -> None:
    alone = plan.sweep(SPACE, n=16, runs=2)
    with EXECUTORS[name]() as executor:
        sweep = plan.sweep(SPACE, n=16, runs=2, executor=executor, store=tmp_path / "rows.jsonl")
        assert sweep == alone
        table = plimsoll.compare({"a": plan}, targets=["512mb", "2gb"], runs=2, executor=executor)
    assert table == plimsoll.compare({"a": plan}, targets=["512mb", "2gb"], runs=2)
    assert len((tmp_path / "rows.jsonl").read_bytes().splitlines()) == len(sweep)


def test_two_workers_of_dask_give_the_same_rows(plan: plimsoll.Plan) -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        sweep = plan.sweep(SPACE, n=16, runs=2, executor=client.get_executor())
    assert sweep == plan.sweep(SPACE, n=16, runs=2)


def test_progress_is_a_bar_of_tqdm(plan: plimsoll.Plan, capsys: pytest.CaptureFixture[str]) -> None:
    plan.sweep({"api.memory": ["64mb", "96mb"]}, runs=1, progress=True)
    assert "2/2" in capsys.readouterr().err


def test_what_drives_the_latency(plan: plimsoll.Plan) -> None:
    # One server: the rate decides how long requests queue, the memory above its peak nothing.
    space = {"traffic.arrival_rate": ("20/s", "120/s"), "api.memory": ("256MiB", "1GiB")}
    sweep = plan.sweep(space, n=32, sampler="saltelli", runs=2, horizon="20s")
    assert len(sweep) == 32 * 4
    found = sweep.sensitivity("p95_seconds")
    rate, memory = found.table.to_dicts()
    assert found.method == "sobol"
    assert rate["ST"] - rate["ST_conf"] > 0.5
    # Common random numbers: what does not matter has no share at all, not a small one.
    assert memory["ST"] == pytest.approx(0.0, abs=1e-12)
    assert 0 <= rate["S1_conf"] < 1
    nothing = sweep.sensitivity("oom_probability")
    assert nothing.table["S1"] == [None, None]
    with pytest.raises(ValueError, match="unknown at"):
        sweep.sensitivity("load_line_per_second")


def test_any_design_can_be_screened(plan: plimsoll.Plan) -> None:
    space = {"traffic.arrival_rate": ("20/s", "120/s"), "api.memory": ("256MiB", "1GiB")}
    sweep = plan.sweep(space, n=128, sampler="latin", runs=1, horizon="10s")
    rate, memory = sweep.sensitivity("p95_seconds").table.to_dicts()
    assert rate["S1"] - rate["S1_conf"] > 0.5 > memory["S1"]
    with pytest.raises(ValueError, match="saltelli"):
        sweep.sensitivity("p95_seconds", method="sobol")
    with pytest.raises(ValueError, match="at least 80"):
        plan.sweep(space, n=8, sampler="latin", runs=1).sensitivity("p95_seconds")


def test_a_sweep_is_a_value(plan: plimsoll.Plan) -> None:
    sweep = plan.sweep(SPACE, n=4, runs=1)
    again = pickle.loads(pickle.dumps(sweep))
    assert again == sweep
    assert again.points == sweep.points
    assert json.loads(sweep.to_json()) == sweep.to_dict()
    assert sweep.points.to_polars().height == 4


def test_plans_loads_and_targets_in_one_table(plan: plimsoll.Plan) -> None:
    plans = {"small": plan.with_({"api.memory": "16MiB"}), "large": plan}
    table = plimsoll.compare(plans, traffic=["10/s", "20/s"], targets=["512mb", "2gb"], runs=3)
    assert len(table) == 8
    assert set(table.where(plan="small")["verdict"]) == {"does_not_fit"}
    assert set(table.where(plan="small")["oom_probability"]) == {1.0}
    row = next(iter(table.where(plan="large", traffic="20/s", target="2gb")))
    assert row["digest"] == plan.check(runs=3, traffic="20/s", target="2gb").digest


def test_every_plan_of_a_table_is_changed_alike(plan: plimsoll.Plan) -> None:
    plans = {"one": plan, "two": plan.with_({"api.workers": 2})}
    wanted = "latency: p(99) < 2s"
    more: dict[str, Any] = {"horizon": "3s", "objectives": [wanted], "values": {"host.cores": 2}}
    closed = plimsoll.compare(plans, runs=2, users=4, **more)
    spiked = plimsoll.compare(plans, runs=2, traffic=["9/s"], spikes=["2x@1s+1s"], **more)
    for name, of in plans.items():
        report = of.check(runs=2, users=4, **more)
        assert closed.where(plan=name)["digest"] == [report.digest]
        assert wanted in report.objectives["objective"]
        report = of.check(runs=2, traffic="9/s", spikes=["2x@1s+1s"], **more)
        assert spiked.where(plan=name)["digest"] == [report.digest]
    with pytest.raises(plimsoll.ScenarioError, match="either open .* or closed"):
        plimsoll.compare(plans, traffic=["5/s"], users=4)


def test_a_table_says_how_likely_a_kill_is_in_a_long_time(plan: plimsoll.Plan) -> None:
    asked: dict[str, Any] = {"precision": "20%", "within": "1h", "max_events": 2_000_000}
    table = plimsoll.compare({"a": plan}, **asked)
    within = plan.check(**asked).within
    assert within is not None
    assert table["oom_within_probability"] == [within["probability"]]
    assert table["oom_within_high"] == [within["interval"]["high"]]
    assert plimsoll.compare({"a": plan}, runs=2)["oom_within_low"] == [None]


def test_a_table_draws_one_seed_for_all_its_rows(plan: plimsoll.Plan) -> None:
    table = plimsoll.compare({"a": plan, "b": plan}, runs=2, seed=numpy.random.default_rng(5))
    assert len(set(table["digest"])) == 1
