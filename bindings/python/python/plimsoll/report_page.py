"""What a notebook shows of a report: the verdict, why, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from plimsoll import columns
from plimsoll.page import (
    Bar,
    bars_svg,
    measure,
    plural,
    share,
    size,
    table_html,
    time,
    verdict_html,
)

_OUTCOMES = {"pass": "holds", "fail": "broken", "close": "too close to call"}
_MOST_FINDINGS = 5
_MOST_DECIDING = 3

Data = Mapping[str, Any]
"""A report, as its JSON has it."""


def headline(report: Data) -> str:
    """What the verdict is about, and under which load."""
    target = report["target"]
    cores = plural(target["cores"], "core")
    runs = plural(report["replications"], "run")
    said = f"{report['scenario']} on {size(target['memory_bytes'])}, {cores}"
    said += f"; seed {report['seed']}, {runs} of {time(report['horizon_seconds'])}"
    if report["load"] != "stated":
        users = plural(report["load"]["saturation"]["users"], "user")
        said += f"; no traffic stated: judged idle and saturated by {users}"
    return said


def report_html(report: Data) -> str:
    """The report. Texts of the plan are escaped."""
    return "".join(
        (
            verdict_html(report["verdict"], headline(report)),
            objectives_html(report["objectives"]),
            bars_svg(_bars(report)),
            _endpoints(report["endpoints"]),
            findings_html(report["findings"]),
            _guesses(report["assumptions"], report["screening"]),
        )
    )


def objectives_html(objectives: Sequence[Data]) -> str:
    """The objectives: what was measured, and why they do not hold."""
    rows = []
    for one in objectives:
        interval, unit = one["interval"], one["unit"]
        ends = "–"
        if interval is not None:
            ends = f"{measure(interval['low'], unit)} to {measure(interval['high'], unit)}"
        outcome = _OUTCOMES[one["outcome"]]
        measured = measure(one["measured"], unit)
        rows.append((outcome, one["expression"], measured, ends, one["detail"] or ""))
    return table_html(("outcome", "objective", "measured", "95 % interval", "why"), rows)


def _bars(report: Data) -> list[Bar]:
    host = report["host"]
    peak, killed = host["peak_bytes"]["p95"], host["oom"]["probability"]
    bars = [Bar("host, with system", peak, host["memory_bytes"], killed)]
    for one in report["services"]:
        peak, killed = one["peak_bytes"]["p95"], one["oom"]["probability"]
        bars.append(Bar(one["name"], peak, one["limit_bytes"], killed))
    return bars


def _endpoints(endpoints: Sequence[Data]) -> str:
    rows = []
    for one in endpoints:
        latency = one["latency_seconds"] or {}
        quantiles = (time(latency.get(quantile)) for quantile in ("p50", "p95", "p99"))
        lost = share(columns.with_losses(one)["loss_ratio"])
        answered = measure(one["throughput_per_second"], "per_second")
        rows.append((one["name"], *quantiles, lost, answered))
    return table_html(("endpoint", "p50", "p95", "p99", "failed", "answered"), rows)


def findings_html(findings: Sequence[Data]) -> str:
    """The worst findings, the others counted. Notes are only counted, as on the command line's screen."""
    if not findings:
        return ""
    order = ("error", "warning", "note")
    worst = sorted(findings, key=lambda one: order.index(one["severity"]))
    shown = [one for one in worst if one["severity"] != "note"][:_MOST_FINDINGS]
    rows = [
        (f"{one['severity']} {one['code']}", one["service"], one["message"], one["hint"])
        for one in shown
    ]
    table = table_html(("finding", "service", "what", "what to do"), rows) if rows else ""
    left = len(findings) - len(shown)
    more = f"{plural(left, 'further finding' if rows else 'finding')}: <code>.findings</code>"
    return table + (f"<p>{more}</p>" if left else "")


def _guesses(assumptions: Sequence[Data], screening: Data | None) -> str:
    """How much of it is guessed, and which guesses decide."""
    guesses = sum(one["origin"] == "guess" for one in assumptions)
    if not guesses:
        return ""
    said = f"{guesses} of {len(assumptions)} assumed inputs are guesses"
    deciding = sorted(
        (one for one in assumptions if one["decides"]),
        key=lambda one: -1.0 if one["influence"] is None else one["influence"],
        reverse=True,
    )
    if deciding:
        named = ", ".join(one["path"] for one in deciding[:_MOST_DECIDING])
        more = len(deciding) - _MOST_DECIDING
        named += f" and {more} more" if more > 0 else ""
        decide = "1 decides" if len(deciding) == 1 else f"{len(deciding)} decide"
        said += f"; {decide} the verdict, measure first: {named}"
    elif screening is not None:
        said += "; none alone changes the verdict"
    return f"<p>{escape(said)}: <code>.assumptions</code></p>"
