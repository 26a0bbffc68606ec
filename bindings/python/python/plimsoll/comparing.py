"""Many plans, loads and hosts in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, SupportsIndex, Unpack, cast

from plimsoll.argument import mapped, said
from plimsoll.options import Changes, CommonChanges, seed_text
from plimsoll.plan import DEFAULT_SEED, Plan
from plimsoll.report import Report
from plimsoll.table import Kind, Table

if TYPE_CHECKING:
    from plimsoll.options import Seed

_COLUMNS: dict[str, Kind] = {
    "plan": "text",
    "traffic": "text",
    "target": "text",
    "verdict": "text",
    "broken": "text",
    "reason": "text",
    "host_memory_bytes": "integer",
    "host_peak_p95_bytes": "integer",
    "oom_probability": "float",
    "oom_low": "float",
    "oom_high": "float",
    "oom_within_probability": "float",
    "oom_within_low": "float",
    "oom_within_high": "float",
    "p50_seconds": "float",
    "p95_seconds": "float",
    "p99_seconds": "float",
    "loss_ratio": "float",
    "throughput_per_second": "float",
    "replications": "integer",
    "digest": "text",
}


def compare(
    plans: Mapping[str, Plan],
    *,
    traffic: Sequence[str | None] = (None,),
    targets: Sequence[str | None] = (None,),
    runs: SupportsIndex | None = None,
    precision: str | None = None,
    within: str | None = None,
    seed: Seed = DEFAULT_SEED,
    max_events: SupportsIndex | None = None,
    jobs: SupportsIndex | None = None,
    executor: Executor | None = None,
    **changes: Unpack[CommonChanges],
) -> Table:
    """Checks every plan under every traffic (``"100/s"``) on every target (``"2gb"``), all under the
    same random streams: the table for a document, a row for each.

    ``None`` leaves a plan's own. ``oom_probability`` is that of the service likeliest to be killed, or
    of the host; latency and ``loss_ratio`` are those of the worst endpoint; ``broken`` names the
    objectives that do not hold, and ``reason`` says why they do not, or why none can be shown to break or
    to hold. With ``within`` the columns ``oom_within_…`` say how likely any kill is
    in that time; without, they are empty. ``runs``, ``precision``, ``within``, ``seed``, ``max_events``
    and ``jobs`` are those of ``Plan.check``. ``executor`` is any ``concurrent.futures`` executor. The
    other keywords are those of ``Plan.with_`` and change every plan: ``values``, ``users``, ``spikes``,
    ``horizon`` and ``objectives``.

    >>> import plimsoll
    >>> plan = plimsoll.read("{version: 1, services: {api: {memory: 64MiB}}, horizon: 5s}")
    >>> plans = {"now": plan, "more": plan.with_({"api.memory": "96MiB"})}
    >>> table = compare(plans, traffic=["5/s", "10/s"], targets=["512mb"], runs=2)
    >>> table["plan"], table["traffic"]
    (['now', 'now', 'more', 'more'], ['5/s', '10/s', '5/s', '10/s'])
    """
    for name, given in (("traffic", traffic), ("targets", targets)):
        if isinstance(given, str):
            raise TypeError(f"{name} is a list of texts: [{given!r}]")
    if "target" in changes:
        raise TypeError("target: give targets, a list of texts")
    cells = [
        (name, load, target, _at(plan, load, target, changes))
        for name, plan in _plans(plans).items()
        for load in traffic
        for target in targets
    ]
    effort: dict[str, Any] = {
        "runs": runs,
        "precision": precision,
        "within": within,
        # Of a generator one number is drawn, for all of them.
        "seed": int(seed_text(seed)),
        "max_events": max_events,
        # The workers of an executor share the cells; threads beside them would only get in the way.
        "jobs": 1 if jobs is None and executor is not None else jobs,
    }
    if executor is None:
        reports = [plan.check(**effort) for *_, plan in cells]
    else:
        futures = [executor.submit(plan.check, **effort) for *_, plan in cells]
        reports = [future.result() for future in futures]
    rows = [
        (name, load, target, *_row(report))
        for (name, load, target, _), report in zip(cells, reports, strict=True)
    ]
    return Table(_COLUMNS, rows)


def _plans(plans: Mapping[str, Plan]) -> dict[str, Plan]:
    found = mapped("plans", plans, '{"now": plan}')
    for name, plan in found.items():
        if not isinstance(plan, Plan):
            raise TypeError(f"plans[{name!r}]: a plan, as plimsoll.read gives it, not {said(plan)}")
    return found


def _at(plan: Plan, load: str | None, target: str | None, common: CommonChanges) -> Plan:
    changes = cast(Changes, {**common})
    if load is not None:
        changes["traffic"] = load
    if target is not None:
        changes["target"] = target
    return plan.with_(**changes)


def _row(report: Report) -> tuple[Any, ...]:
    data = report.to_dict()
    ooms = [data["host"]["oom"], *(service["oom"] for service in data["services"])]
    oom = max(ooms, key=lambda one: one["probability"])
    ends = oom["interval"]
    within = data["within"] or {"probability": None, "interval": {"low": None, "high": None}}
    endpoints = report.endpoints
    worst = [
        max((one for one in endpoints[column] if one is not None), default=None)
        for column in ("p50_seconds", "p95_seconds", "p99_seconds", "loss_ratio")
    ]
    broken = [one for one in data["objectives"] if one["outcome"] == "fail"]
    open_ones = [one for one in data["objectives"] if one["outcome"] == "close"]
    reasons = [one["detail"] for one in broken or open_ones if one["detail"] is not None]
    return (
        report.verdict,
        "; ".join(one["expression"] for one in broken) or None,
        "; ".join(reasons) or None,
        data["host"]["memory_bytes"],
        data["host"]["peak_bytes"]["p95"],
        *(oom["probability"], ends["low"], ends["high"]),
        *(within["probability"], within["interval"]["low"], within["interval"]["high"]),
        *worst,
        sum(endpoints["throughput_per_second"]),
        report.replications,
        report.digest,
    )
