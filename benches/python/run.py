"""A thousand simulations through Python and the same in Rust, in turns: the same digests, and how many
times as long and as much CPU time it takes. Build both first:

    pip install ./bindings/python && cargo build --release -p plimsoll-benches --example simulations
    python benches/python/run.py
"""

import os
import resource
import subprocess
import time
from pathlib import Path

import plimsoll

ROOT = Path(__file__).parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROFILE = os.environ.get("PROFILE", "release")
SCENARIO = "fastapi-4gb"
ROUNDS = 10
EACH = 100


def in_rust() -> tuple[float, float, str]:
    command = [TARGET / PROFILE / "examples/simulations", SCENARIO]
    spent = [cpu_seconds(resource.RUSAGE_CHILDREN)]
    for count in (0, EACH):
        done = subprocess.run([*command, str(count)], capture_output=True, text=True, check=True)
        spent.append(cpu_seconds(resource.RUSAGE_CHILDREN))
    seconds, digest = done.stdout.split()
    # Less what a program takes to start and to read the plan.
    return float(seconds), (spent[2] - spent[1]) - (spent[1] - spent[0]), digest


def in_python() -> tuple[float, float, str]:
    plan = plimsoll.read(SCENARIO)
    digest = ""
    spent, start = cpu_seconds(resource.RUSAGE_SELF), time.perf_counter()
    for seed in range(EACH):
        digest = plan.simulate(runs=1, seed=seed, jobs=1, series=False).digest
    seconds = time.perf_counter() - start
    return seconds, cpu_seconds(resource.RUSAGE_SELF) - spent, digest


def cpu_seconds(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def main() -> None:
    # The shortest of many, taken in turns: what others do on the machine only ever adds.
    least = {"Rust": [float("inf")] * 2, "Python": [float("inf")] * 2}
    for _ in range(ROUNDS):
        digests = set()
        for name, face in (("Rust", in_rust), ("Python", in_python)):
            *seconds, digest = face()
            least[name] = [min(pair) for pair in zip(least[name], seconds, strict=True)]
            digests.add(digest)
        assert len(digests) == 1, "the two faces differ"
    print(f"one simulation of {SCENARIO}: passed, and CPU time")
    for name, (passed, spent) in least.items():
        print(f"{name:6} {passed / EACH * 1e3:.3f} ms {spent / EACH * 1e3:.3f} ms")
    ratios = [of_python / of_rust for of_rust, of_python in zip(*least.values(), strict=True)]
    print(f"ratio  {ratios[0]:.3f}    {ratios[1]:.3f}")


if __name__ == "__main__":
    main()
