"""What does a change do?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from plimsoll import _native


def diff(
    base: str,
    head: str,
    *,
    name: str = "plan.yaml",
    target: str | None = None,
    traffic: str | None = None,
    users: int | None = None,
    spikes: list[str] | None = None,
    horizon: str | None = None,
    objectives: list[str] | None = None,
    set: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    runs: int | None = None,
    seed: int = 42,
    max_events: int | None = None,
    fail_on_worse: bool = False,
    repair: bool = True,
) -> dict[str, Any]:
    """Compares two plans, given as text: files, or reports that ``check`` saved as JSON.

    Both are simulated under the same random streams, so that what the change leaves alone differs
    by exactly 0. The answer is what ``plimsoll diff --format json`` prints, as a dict: each
    quantity of both sides with its difference and the 95 % interval of that, what changed in the
    plans, and, where ``head`` no longer fits, changes that were simulated and make it fit.

    Raises ``ScenarioError`` with everything that is wrong with a plan.

    >>> plan = "{version: 1, services: {api: {memory: 64MiB}}, traffic: {arrival_rate: 10/s}}"
    >>> answer = diff(plan, plan.replace("64MiB", "96MiB"), runs=2)
    >>> answer["inputs"][0]["path"]
    'services.api.memory'
    """
    overrides = {
        "target": target,
        "traffic": traffic,
        "users": None if users is None else str(users),
        "spikes": spikes or [],
        "horizon": horizon,
        "objectives": objectives or [],
        "set": list((set or {}).items()),
    }
    options = {
        "name": name,
        "environment": dict(environment or {}),
        "overrides": overrides,
        "runs": runs,
        "seed": str(seed),
        "max_events": max_events,
        "diff": {"fail_on_worse": fail_on_worse, "without_repair": not repair},
    }
    answer: dict[str, Any] = json.loads(_native.diff(base, head, json.dumps(options)))
    return answer
