"""From the JSON of answers to columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plimsoll.table import Kind, Table

Columns = Mapping[str, tuple[str, Kind]]
"""Columns by name: the path of keys to the value, with dots between, and its kind."""


def value_at(found: Mapping[str, Any], path: str) -> Any:
    """The value at a path of keys; ``None`` where one of them is not there.

    >>> value_at({"oom": {"probability": 0.5}, "dump": None}, "oom.probability")
    0.5
    >>> value_at({"dump": None}, "dump.seconds") is None
    True
    """
    value: Any = found
    for key in path.split("."):
        value = None if value is None else value.get(key)
    return value


def table(rows: Sequence[Mapping[str, Any]], columns: Columns) -> Table:
    """A table of these columns, a row for each dict."""
    kinds = {name: kind for name, (_, kind) in columns.items()}
    return Table(kinds, [[value_at(row, path) for path, _ in columns.values()] for row in rows])


SERVICES: Columns = {
    "service": ("name", "text"),
    "profile": ("profile", "text"),
    "replicas": ("replicas", "integer"),
    "limit_bytes": ("limit_bytes", "integer"),
    "idle_bytes": ("idle_bytes", "integer"),
    "peak_p50_bytes": ("peak_bytes.p50", "integer"),
    "peak_p95_bytes": ("peak_bytes.p95", "integer"),
    "peak_max_bytes": ("peak_bytes.max", "integer"),
    "headroom_bytes": ("headroom_bytes", "integer"),
    "oom_probability": ("oom.probability", "float"),
    "oom_low": ("oom.interval.low", "float"),
    "oom_high": ("oom.interval.high", "float"),
    "first_oom_seconds": ("oom.first_at_seconds", "float"),
    "utilisation_ratio": ("utilisation", "float"),
    "throttled_ratio": ("throttled", "float"),
    "worker_utilisation_ratio": ("worker_utilisation", "float"),
    "in_flight_max": ("in_flight_max", "integer"),
    "queue_max": ("queue_max", "integer"),
    "connections_max": ("connections_max", "integer"),
    "restarts": ("restarts", "float"),
}
ENDPOINTS: Columns = {
    "endpoint": ("name", "text"),
    "arrivals": ("arrivals", "integer"),
    "completed": ("completed", "integer"),
    "failed": ("failed_in_all", "integer"),
    "loss_ratio": ("loss_ratio", "float"),
    "throughput_per_second": ("throughput_per_second", "float"),
    "p50_seconds": ("latency_seconds.p50", "float"),
    "p95_seconds": ("latency_seconds.p95", "float"),
    "p95_low_seconds": ("latency_seconds.interval_p95.low", "float"),
    "p95_high_seconds": ("latency_seconds.interval_p95.high", "float"),
    "p99_seconds": ("latency_seconds.p99", "float"),
    "mean_seconds": ("latency_seconds.mean", "float"),
    "max_seconds": ("latency_seconds.max", "float"),
}
OBJECTIVES: Columns = {
    "objective": ("expression", "text"),
    "outcome": ("outcome", "text"),
    "measured": ("measured", "float"),
    "low": ("interval.low", "float"),
    "high": ("interval.high", "float"),
    "unit": ("unit", "text"),
    "detail": ("detail", "text"),
}
POINT: Columns = {
    "verdict": ("result.verdict", "text"),
    "replications": ("result.replications", "integer"),
    "events": ("result.events", "integer"),
    "host_peak_p95_bytes": ("result.host.peak_bytes.p95", "integer"),
    "host_peak_max_bytes": ("result.host.peak_bytes.max", "integer"),
    "host_oom_probability": ("result.host.oom_probability", "float"),
    "host_utilisation_ratio": ("result.host.utilisation", "float"),
    "oom_probability": ("oom_probability", "float"),
    "p95_seconds": ("p95_seconds", "float"),
    "loss_ratio": ("loss_ratio", "float"),
    "throughput_per_second": ("throughput_per_second", "float"),
    "load_line_per_second": ("result.load_line_per_second", "float"),
    "error": ("error", "text"),
}
# A row of a sweep has what changes from point to point, and less deep than a report.
POINT_SERVICES: Columns = {
    name: SERVICES[name]
    for name in (
        "service",
        "limit_bytes",
        "peak_p50_bytes",
        "peak_p95_bytes",
        "peak_max_bytes",
        "utilisation_ratio",
    )
} | {"oom_probability": ("oom_probability", "float")}
POINT_ENDPOINTS: Columns = {"endpoint": ENDPOINTS["endpoint"]} | {
    name: (name, "float")
    for name in ("throughput_per_second", "p50_seconds", "p95_seconds", "p99_seconds", "loss_ratio")
}
CACHES: Columns = {
    "cache": ("name", "text"),
    "service": ("service", "text"),
    "hit_ratio": ("hit_ratio", "float"),
    "lookups": ("lookups", "integer"),
    "evictions": ("evictions", "integer"),
    "expirations": ("expirations", "integer"),
    "keys": ("keys", "float"),
    "used_bytes": ("used_bytes", "float"),
}
POOLS: Columns = {
    "pool": ("name", "text"),
    "size": ("size", "integer"),
    "pools": ("pools", "integer"),
    "in_use_p50": ("in_use.p50", "integer"),
    "in_use_mean": ("in_use.mean", "float"),
    "in_use_max": ("in_use.max", "integer"),
    "waiting_mean_seconds": ("waiting_seconds.mean", "float"),
    "waiting_p95_seconds": ("waiting_seconds.p95", "float"),
    "waiting_p99_seconds": ("waiting_seconds.p99", "float"),
    "timeouts": ("timeouts", "integer"),
    "refused": ("refused", "integer"),
}
RETRIES: Columns = {
    "of": ("name", "text"),
    "requests": ("requests", "integer"),
    "attempts": ("attempts", "integer"),
    "amplification": ("amplification", "float"),
    "denied": ("denied", "integer"),
}
ALERTS: Columns = {
    "alert": ("name", "text"),
    "group": ("group", "text"),
    "outcome": ("outcome", "text"),
    "firing_probability": ("firing.probability", "float"),
    "firing_low": ("firing.interval.low", "float"),
    "firing_high": ("firing.interval.high", "float"),
    "first_at_p50_seconds": ("first_at_seconds.p50", "float"),
    "before_kill_p50_seconds": ("kill.seconds.p50", "float"),
    "reason": ("reason", "text"),
}
FINDINGS: Columns = {
    key: (key, "integer" if key in ("line", "column") else "text")
    for key in ("code", "severity", "service", "message", "hint", "file", "line", "column")
}
ASSUMPTIONS: Columns = {
    "path": ("path", "text"),
    "value": ("value", "text"),
    "origin": ("origin", "text"),
    "low": ("low", "text"),
    "high": ("high", "text"),
    "influence": ("influence", "float"),
    "decides": ("decides", "boolean"),
    "source": ("source", "text"),
}
INPUTS: Columns = {
    "path": ("path", "text"),
    "value": ("value", "text"),
    "origin": ("origin", "text"),
    "low": ("low", "text"),
    "high": ("high", "text"),
    "source": ("source", "text"),
    "file": ("location.file", "text"),
    "line": ("location.line", "integer"),
    "column": ("location.column", "integer"),
}
CURVE: Columns = {
    "load": ("load", "float"),
    "outcome": ("outcome", "text"),
    "replications": ("replications", "integer"),
    "throughput_per_second": ("throughput_per_second", "float"),
    "p50_seconds": ("latency_seconds.p50", "float"),
    "p95_seconds": ("latency_seconds.p95", "float"),
    "p99_seconds": ("latency_seconds.p99", "float"),
    "loss_ratio": ("loss_ratio", "float"),
    "host_peak_bytes": ("host_peak_bytes", "integer"),
    "host_utilisation_ratio": ("host_utilisation", "float"),
    "host_oom_probability": ("host_oom", "float"),
    "binding_service": ("binding.service", "text"),
    "binding_resource": ("binding.resource", "text"),
}
PROPOSALS: Columns = {
    "path": ("path", "text"),
    "before": ("before", "text"),
    "proposed": ("proposed", "text"),
    "proposed_bytes": ("memory.proposed_bytes", "integer"),
    "at_high_guesses_bytes": ("memory.at_high_guesses_bytes", "integer"),
    "peak_max_bytes": ("memory.peak_bytes.max", "integer"),
    "oom_probability": ("memory.oom.probability", "float"),
    "smaller": ("smaller.value", "text"),
    "smaller_verdict": ("smaller.verdict", "text"),
    "smaller_heap_limit_bytes": ("smaller.heap_limit_bytes", "integer"),
    "smaller_breaks": ("smaller.objective", "text"),
}
EFFECTS: Columns = {
    "path": ("path", "text"),
    "low": ("low", "text"),
    "high": ("high", "text"),
    "S1": ("first.value", "float"),
    "S1_low": ("first.interval.low", "float"),
    "S1_high": ("first.interval.high", "float"),
    "ST": ("total.value", "float"),
    "ST_low": ("total.interval.low", "float"),
    "ST_high": ("total.interval.high", "float"),
}
DIFFERENCES: Columns = {
    "subject": ("subject", "text"),
    "name": ("name", "text"),
    "quantity": ("quantity", "text"),
    "unit": ("unit", "text"),
    "base": ("change.base", "float"),
    "head": ("change.head", "float"),
    "difference": ("change.difference", "float"),
    "low": ("change.interval.low", "float"),
    "high": ("change.interval.high", "float"),
    "relative_ratio": ("change.relative", "float"),
    "judgement": ("change.judgement", "text"),
    "minor": ("change.minor", "boolean"),
}
INPUT_DIFFERENCES: Columns = {
    "path": ("path", "text"),
    "base": ("base", "text"),
    "head": ("head", "text"),
    "stated": ("stated", "boolean"),
}


def with_ends(found: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the ends of its ``range`` as ``low`` and ``high``."""
    low, high = found["range"] or (None, None)
    return {**found, "low": low, "high": high}


def with_losses(endpoint: Mapping[str, Any]) -> dict[str, Any]:
    """An endpoint with its failures of all causes together, and their share of what ended."""
    failed = sum(endpoint["failed"].values())
    ended = endpoint["completed"] + failed
    return {**endpoint, "failed_in_all": failed, "loss_ratio": failed / ended if ended else None}
