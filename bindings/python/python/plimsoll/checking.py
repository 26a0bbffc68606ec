"""Does a plan fit?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from plimsoll import _native


def check(
    text: str,
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
    series: bool = False,
) -> dict[str, Any]:
    """Checks a plan, a Compose file or a scenario file given as text.

    The answer is the report that ``plimsoll check --format json`` prints, as a dict. Sizes and
    times carry their unit in the text (``target="512mb"``, ``horizon="10m"``); keys of the report
    carry it in their name (``_bytes``, ``_seconds``). Without ``runs``, replications are added
    until every objective is decided. The same plan, options and seed give the same report.

    Raises ``ScenarioError`` with everything that is wrong with the plan.

    >>> plan = "{version: 1, services: {api: {memory: 64MiB}}, traffic: {arrival_rate: 10/s}}"
    >>> check(plan, target="512mb", runs=2)["replications"]
    2
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
        "series": series,
    }
    report: dict[str, Any] = json.loads(_native.check(text, json.dumps(options)))
    return report
