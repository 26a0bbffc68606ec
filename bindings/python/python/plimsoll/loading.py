"""How much load does a plan carry?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from plimsoll import _native


def load_line(
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
    precision: str | None = None,
    max_load: str | None = None,
    seed: int = 42,
    max_events: int | None = None,
) -> dict[str, Any]:
    """The largest load at which every objective of a plan holds, and what gives first.

    The answer is what ``plimsoll load-line --format json`` prints, as a dict: ``estimate`` and
    ``interval`` in ``unit`` (requests per second, or users), ``freeboard`` against the planned
    load, ``first`` and ``next`` to give, and ``curve``, every load that was tried. ``precision``
    (``"2%"`` unless given) is how close to the estimate loads are tried; ``max_load`` (``"500/s"``,
    or ``"500"`` for users) is the highest that is tried.

    Raises ``ScenarioError`` with everything that is wrong with the plan.

    >>> plan = "{version: 1, services: {api: {lock: event_loop, cpu_request: 20ms}}, horizon: 5s}"
    >>> answer = load_line(plan, precision="10%", max_events=1_000_000)
    >>> 40 < answer["estimate"] < 60
    True
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
        "seed": str(seed),
        "max_events": max_events,
        "load_line": {"precision": precision, "max_load": max_load},
    }
    answer: dict[str, Any] = json.loads(_native.load_line(text, json.dumps(options)))
    return answer
