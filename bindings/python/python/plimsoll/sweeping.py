"""The same plan at many points."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from plimsoll import _native
from plimsoll.checking import _options


def sweep(
    text: str,
    *,
    vary: Mapping[str, str | Sequence[str]],
    samples: int | None = None,
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
) -> dict[str, Any]:
    """Checks a plan at every combination of values, under the same random streams.

    The answer is what ``plimsoll sweep --format json`` prints, as a dict; ``rows`` has an entry for
    each point with its ``values`` and ``result``. ``vary`` says for each input what it may be: a
    list of values, or a text: ``"10/s..200/s:20"`` is 20 values in equal steps, with ``:log`` after
    it in equal factors, ``"1..8"`` every whole number. With ``samples``, so many points are spread
    evenly over all inputs instead, and ranges need no number of values. ``max_events`` bounds each
    point. The other arguments are those of ``check``.

    Raises ``ScenarioError`` with everything that is wrong with the plan.

    >>> plan = "{version: 1, services: {api: {memory: 64MiB}}, horizon: 5s}"
    >>> answer = sweep(plan, traffic="5/s", vary={"services.api.memory": ["64mb", "1gb"]}, runs=2)
    >>> [row["values"]["services.api.memory"] for row in answer["rows"]]
    ['64mb', '1gb']
    """
    options = _options(
        name, target, traffic, users, spikes, horizon, objectives, set, environment, seed
    )
    axes = [
        f"{path}={values if isinstance(values, str) else ','.join(values)}"
        for path, values in vary.items()
    ]
    asked = {"vary": axes, "samples": samples}
    options |= {"runs": runs, "max_events": max_events, "sweep": asked}
    answer: dict[str, Any] = json.loads(_native.sweep(text, json.dumps(options)))
    return answer
