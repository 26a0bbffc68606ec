"""Does a plan fit, and what would make it fit?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
    precision: str | None = None,
    within: str | None = None,
    seed: int = 42,
    max_events: int | None = None,
    series: bool = False,
) -> dict[str, Any]:
    """Checks a plan, a Compose file or a scenario file given as text.

    The answer is the report that ``plimsoll check --format json`` prints, as a dict. Sizes and
    times carry their unit in the text (``target="512mb"``, ``horizon="10m"``); keys of the report
    carry it in their name (``_bytes``, ``_seconds``). Without ``runs``, replications are added
    until every objective is decided; with ``precision="5%"``, until every estimate is that precise
    too. With ``within="1d"`` the report says how likely a kill is within that time, and the
    objective on kills is judged over it. The same plan, options and seed give the same report.

    Raises ``ScenarioError`` with everything that is wrong with the plan.

    >>> plan = "{version: 1, services: {api: {memory: 64MiB}}, traffic: {arrival_rate: 10/s}}"
    >>> check(plan, target="512mb", runs=2)["replications"]
    2
    """
    options = _options(
        name, target, traffic, users, spikes, horizon, objectives, set, environment, seed
    )
    options |= {"runs": runs, "precision": precision, "within": within}
    options |= {"max_events": max_events, "series": series}
    report: dict[str, Any] = json.loads(_native.check(text, json.dumps(options)))
    return report


def fit(
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
    vary: Mapping[str, Sequence[str]] | None = None,
    hosts: Sequence[str] = (),
    prices: Mapping[str, float] | None = None,
    runs: int | None = None,
    seed: int = 42,
    max_events: int | None = None,
) -> dict[str, Any]:
    """Finds the smallest memory limits under which every objective of a plan holds.

    The answer is what ``plimsoll fit --format json`` prints, as a dict: ``outcome`` is ``found``,
    ``none_holds`` or ``unfinished``; ``proposals`` says for each input what to set and why not
    less. ``vary`` names further inputs with what they may be, the most wanted value first;
    ``hosts`` are sizes of the host to choose from; with ``prices`` (``memory_gib``, ``core``) the
    cheapest answer is taken. The other arguments are those of ``check``.

    Raises ``ScenarioError`` with everything that is wrong with the plan.

    >>> plan = "{version: 1, services: {api: {memory: 640MiB}}, horizon: 5s}"
    >>> fit(plan, traffic="5/s", objectives=["oom: p < 30%"], runs=20)["outcome"]
    'found'
    """
    options = _options(
        name, target, traffic, users, spikes, horizon, objectives, set, environment, seed
    )
    axes = [{"path": path, "values": list(values)} for path, values in (vary or {}).items()]
    asked = {"vary": axes, "hosts": list(hosts), "prices": dict(prices) if prices else None}
    options |= {"runs": runs, "max_events": max_events, "fit": asked}
    answer: dict[str, Any] = json.loads(_native.fit(text, json.dumps(options)))
    return answer


def _options(
    name: str,
    target: str | None,
    traffic: str | None,
    users: int | None,
    spikes: list[str] | None,
    horizon: str | None,
    objectives: list[str] | None,
    settings: Mapping[str, str] | None,
    environment: Mapping[str, str] | None,
    seed: int,
) -> dict[str, Any]:
    """What every question asks of a plan, as the core reads it."""
    return {
        "name": name,
        "environment": dict(environment or {}),
        "overrides": {
            "target": target,
            "traffic": traffic,
            "users": None if users is None else str(users),
            "spikes": spikes or [],
            "horizon": horizon,
            "objectives": objectives or [],
            "set": list((settings or {}).items()),
        },
        "seed": str(seed),
    }
