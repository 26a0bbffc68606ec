"""A thousand simulations through Python and the same in Rust, in turns: the same digests, and how many
times as long it takes. Build both first:

    pip install ./bindings/python && cargo build --release -p plimsoll-benches --example simulations
    python benches/python/run.py
"""

import os
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


def in_rust() -> tuple[float, str]:
    command = [TARGET / PROFILE / "examples/simulations", SCENARIO, str(EACH)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, digest = done.stdout.split()
    return float(seconds), digest


def in_python() -> tuple[float, str]:
    plan = plimsoll.read(SCENARIO)
    digest = ""
    start = time.perf_counter()
    for seed in range(EACH):
        digest = plan.simulate(runs=1, seed=seed, jobs=1, series=False).digest
    return time.perf_counter() - start, digest


def main() -> None:
    # The shortest of many, taken in turns: what others do on the machine only ever adds.
    shortest = {"Rust": float("inf"), "Python": float("inf")}
    for _ in range(ROUNDS):
        digests = set()
        for name, face in (("Rust", in_rust), ("Python", in_python)):
            seconds, digest = face()
            shortest[name] = min(shortest[name], seconds)
            digests.add(digest)
        assert len(digests) == 1, "the two faces differ"
    for name, seconds in shortest.items():
        print(f"{name:6} {seconds / EACH * 1e3:.3f} ms for one simulation of {SCENARIO}")
    print(f"ratio  {shortest['Python'] / shortest['Rust']:.3f}")


if __name__ == "__main__":
    main()
