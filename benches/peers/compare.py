"""Runs every model of W3, fails where they do not find the same, and prints what a request costs.

`compare.py PROGRAM [--check]`, PROGRAM being the built example `w3`. Start it by `run`.
"""

import json
import math
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent

# Two-sided 99.9 % quantile of Student's t for 10 + 10 − 2 degrees of freedom. Seeds are fixed, so a
# comparison that holds once holds always.
STUDENT = 3.92
RUNS = 10
# An interval wider than this share of the mean tells nothing.
WIDEST = 0.04
ROUNDS = 3


@dataclass
class Model:
    """One way to simulate W3: a command that takes a number of runs and seconds of each."""

    name: str
    command: list[str]
    # Seconds of one run where requests are timed.
    seconds: int


def models(program: str) -> list[Model]:
    """All of them; the first is what the others are compared with."""
    python = sys.executable
    return [
        Model("engine", [program, "engine"], 3600),
        Model("hand", [program, "hand"], 3600),
        Model("SimPy", [python, str(HERE / "w3_simpy.py")], 300),
        Model("SimPy, whole", [python, str(HERE / "w3_simpy_whole.py")], 300),
        Model("Ciw", [python, str(HERE / "w3_ciw.py")], 150),
    ]


def simulate(model: Model, runs: int, seconds: int) -> list[dict[str, float]]:
    """What the runs of a model found."""
    command = [*model.command, str(runs), str(seconds)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in printed.splitlines()]


def interval(values: list[float]) -> tuple[float, float]:
    """Mean of independent runs, and its standard error."""
    return statistics.fmean(values), statistics.stdev(values) / math.sqrt(len(values))


def disagreements(reference: list[dict[str, float]], other: list[dict[str, float]]) -> list[str]:
    """In what two models differ by more than chance, or are too vague to be compared."""
    complaints = []
    for measure in reference[0]:
        if measure not in other[0]:
            continue
        expected, expected_error = interval([run[measure] for run in reference])
        mean, error = interval([run[measure] for run in other])
        half_width = STUDENT * math.hypot(expected_error, error)
        if half_width > WIDEST * expected:
            complaints.append(f"{measure}: ± {half_width:.3g} is too wide to compare {mean:.4g}")
        elif abs(mean - expected) > half_width:
            complaints.append(f"{measure}: {mean:.5g}, not {expected:.5g} ± {half_width:.2g}")
    return complaints


def check(all_models: list[Model], seconds: int) -> bool:
    """Whether every model finds what the first finds; prints what each found."""
    found = {model.name: simulate(model, RUNS, seconds) for model in all_models}
    reference = found[all_models[0].name]
    print(f"means of {RUNS} runs of {seconds} s")
    agree = True
    for name, runs in found.items():
        means = {measure: statistics.fmean(run[measure] for run in runs) for measure in runs[0]}
        print(f"  {name:12}", ", ".join(f"{key} {value:.5g}" for key, value in means.items()))
        for complaint in disagreements(reference, runs) if runs is not reference else []:
            agree = False
            print(f"  {name} disagrees: {complaint}")
    return agree


def cpu_seconds(model: Model, runs: int, seconds: int) -> tuple[float, float]:
    """CPU seconds of the process that simulates so much, and the requests it answered."""
    before = os.times()
    found = simulate(model, runs, seconds)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu, sum(run["requests"] for run in found)


def request_seconds(model: Model) -> float:
    """CPU seconds for each request. The time to start and to load counts for nobody: the same with
    fewer runs is taken away."""
    few, few_requests = cpu_seconds(model, 1, model.seconds)
    many, many_requests = cpu_seconds(model, RUNS + 1, model.seconds)
    return (many - few) / (many_requests - few_requests)


def main(program: str, is_check: bool) -> int:
    all_models = models(program)
    if not check(all_models, 300 if is_check else 600):
        return 1
    if is_check:
        return 0
    costs: dict[str, list[float]] = {model.name: [] for model in all_models}
    # In turns, so that a noisy minute does not hit one model alone.
    for _ in range(ROUNDS):
        for model in all_models:
            costs[model.name].append(request_seconds(model))
    engine = statistics.median(costs[all_models[0].name])
    print(f"CPU time for each request, median of {ROUNDS} rounds")
    for name, seconds in costs.items():
        cost = statistics.median(seconds)
        print(f"  {name:12} {cost * 1e9:9.0f} ns {cost / engine:8.2f} × the engine's")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--check" in sys.argv[2:]))
