"""Charts. Altair's hold their data and can be combined (``&``, ``|``); with ``backend="matplotlib"``
the axes are given back. Nothing is shown or written by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from plimsoll.optional import needed
from plimsoll.page import COLOURS

if TYPE_CHECKING:
    from plimsoll.answer import LoadLine
    from plimsoll.report import Report, Simulation
    from plimsoll.sensitivity import Sensitivity
    from plimsoll.sweep import Sweep

Backend = Literal["altair", "matplotlib"]
_MIB = 1 << 20
_RUNS = 0.05
"""Bands reach from this quantile of the runs to its opposite."""
_VERDICTS = COLOURS | {"errors": "#6e7781"}


def _choose(
    backend: Backend, altair: Callable[[Any], Any], matplotlib: Callable[[Any], Any]
) -> Any:
    if backend == "altair":
        return altair(needed("altair", '; or backend="matplotlib"'))
    if backend == "matplotlib":
        _, axes = needed("matplotlib.pyplot").subplots(figsize=(7, 3.5), layout="constrained")
        matplotlib(axes)
        return axes
    raise ValueError(f"backend is 'altair' or 'matplotlib', not {backend!r}")


def _values(alt: Any, rows: list[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)


def _quantile(values: list[float], ratio: float) -> float:
    """The value below which this share of the values lies: one of them, the nearest."""
    return sorted(values)[round(ratio * (len(values) - 1))]


class ReportPlot:
    """Charts of a report."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def memory(self, *, backend: Backend = "altair") -> Any:
        """Peak memory of each service (95th percentile of the runs) beside its limit."""
        rows = [
            {
                "service": row["service"],
                "peak": row["peak_p95_bytes"] / _MIB,
                "limit": limit and limit / _MIB,
            }
            for row in self._report.services
            for limit in [row["limit_bytes"]]
        ]
        return _choose(backend, lambda alt: _bars_altair(alt, rows), lambda axes: _bars(axes, rows))

    def ledger(self, *, backend: Backend = "altair") -> Any:
        """What the memory of each service is made of at its peak."""
        rows = [{**row, "mib": row["bytes"] / _MIB} for row in self._report.ledger]

        def altair(alt: Any) -> Any:
            x = alt.X("mib:Q", title="MiB at the peak", stack="zero")
            chart = alt.Chart(_values(alt, rows)).mark_bar()
            return chart.encode(
                x=x, y=alt.Y("service:N", title=None), color="part:N", tooltip=["part:N", "mib:Q"]
            )

        def matplotlib(axes: Any) -> None:
            left: dict[str, float] = {}
            for part in dict.fromkeys(row["part"] for row in rows):
                of = [row for row in rows if row["part"] == part]
                starts = [left.get(row["service"], 0.0) for row in of]
                axes.barh(
                    [row["service"] for row in of],
                    [row["mib"] for row in of],
                    left=starts,
                    label=part,
                )
                left |= {
                    row["service"]: start + row["mib"]
                    for row, start in zip(of, starts, strict=True)
                }
            axes.set(xlabel="MiB at the peak")
            axes.legend(fontsize="small")

        return _choose(backend, altair, matplotlib)

    def latency(self, endpoint: str | None = None, *, backend: Backend = "altair") -> Any:
        """Latency of each endpoint, or of one: median, 95th and 99th percentile."""
        rows = [
            {
                "endpoint": row["endpoint"],
                "quantile": quantile,
                "seconds": row[f"{quantile}_seconds"],
            }
            for row in self._report.endpoints
            if endpoint in (None, row["endpoint"])
            for quantile in ("p50", "p95", "p99")
        ]

        def altair(alt: Any) -> Any:
            chart = alt.Chart(_values(alt, rows)).mark_point(filled=True, size=70)
            x = alt.X("seconds:Q", title="latency in seconds")
            return chart.encode(
                x=x, y=alt.Y("endpoint:N", title=None), color="quantile:N", shape="quantile:N"
            )

        def matplotlib(axes: Any) -> None:
            for quantile, mark in (("p50", "o"), ("p95", "^"), ("p99", "s")):
                of = [row for row in rows if row["quantile"] == quantile]
                axes.plot(
                    [row["seconds"] for row in of],
                    [row["endpoint"] for row in of],
                    mark,
                    label=quantile,
                )
            axes.set(xlabel="latency in seconds")
            axes.legend()

        return _choose(backend, altair, matplotlib)


def _bars_altair(alt: Any, rows: list[dict[str, Any]]) -> Any:
    data = _values(alt, rows)
    y = alt.Y("service:N", title=None, sort=None)
    used = (
        alt.Chart(data)
        .mark_bar()
        .encode(x=alt.X("peak:Q", title="MiB: peak, and limit (line)"), y=y)
    )
    limit = alt.Chart(data).mark_tick(thickness=3, color="black").encode(x="limit:Q", y=y)
    return used + limit


def _bars(axes: Any, rows: list[dict[str, Any]]) -> None:
    names = [row["service"] for row in rows]
    axes.barh(names, [row["peak"] for row in rows])
    limited = [row for row in rows if row["limit"] is not None]
    axes.plot(
        [row["limit"] for row in limited], [row["service"] for row in limited], "k|", markersize=16
    )
    axes.set(xlabel="MiB: peak, and limit (line)")


class SimulationPlot(ReportPlot):
    """Charts of runs over time."""

    def __init__(self, simulation: Simulation) -> None:
        super().__init__(simulation)
        self._simulation = simulation

    def memory(self, service: str | None = None, *, backend: Backend = "altair") -> Any:
        """Memory over time of the fullest container of each service, or of one, the most in each window:
        the median of the runs, a band that holds 90 % of them, the limit as a line, and kills as
        crosses."""
        simulation = self._simulation
        limits = dict(
            zip(simulation.services["service"], simulation.services["limit_bytes"], strict=True)
        )
        bands = self._bands("service", service, "memory_bytes", 1 / _MIB)
        kills = [
            {
                "name": row["service"],
                "time": row["time_seconds"],
                "mib": (limits[row["service"]] or 0) / _MIB,
            }
            for row in simulation.events
            if row["kind"] == "killed" and service in (None, row["service"])
        ]
        lines = [
            {"name": name, "limit": limit / _MIB}
            for name, limit in limits.items()
            if limit is not None and service in (None, name)
        ]
        return _bands_chart(backend, bands, "memory in MiB", lines, kills)

    def latency(self, endpoint: str | None = None, *, backend: Backend = "altair") -> Any:
        """Latency over time of each endpoint, or of one: the median of the runs, and a band that holds
        90 % of them. It is the 95th percentile where most windows have the 20 requests that it takes,
        else the mean: a line through the few busy windows would mislead."""
        series = self._simulation.series.to_dicts()
        known = [row["value"] is not None for row in series if row["metric"] == "p95_seconds"]
        if sum(known) * 2 > len(known):
            metric, title = "p95_seconds", "p95 in seconds"
        else:
            metric, title = "mean_seconds", "mean latency in seconds"
        return _bands_chart(backend, self._bands("endpoint", endpoint, metric, 1.0), title, [], [])

    def _bands(
        self, kind: str, name: str | None, metric: str, scale: float
    ) -> list[dict[str, Any]]:
        series = self._simulation.series
        if not len(series):
            raise ValueError("there are no values over time: simulate(series=True)")
        if name is not None and name not in series.where(kind=kind, metric=metric)["name"]:
            raise ValueError(f"there is no {kind} {name!r}")
        found: dict[tuple[str, float], list[float]] = {}
        columns = (series[key] for key in ("kind", "name", "metric", "time_seconds", "value"))
        for of_kind, of_name, of_metric, time, value in zip(*columns, strict=True):
            is_asked = of_kind == kind and of_metric == metric and name in (None, of_name)
            if is_asked and value is not None:
                found.setdefault((of_name, time), []).append(value * scale)
        return [
            {
                "name": of_name,
                "time": time,
                "median": _quantile(values, 0.5),
                "low": _quantile(values, _RUNS),
                "high": _quantile(values, 1 - _RUNS),
            }
            # A window without requests in the first run is first met in a later one.
            for (of_name, time), values in sorted(found.items())
        ]


def _bands_chart(
    backend: Backend,
    bands: list[dict[str, Any]],
    title: str,
    limits: list[dict[str, Any]],
    kills: list[dict[str, Any]],
) -> Any:
    def altair(alt: Any) -> Any:
        x = alt.X("time:Q", title="seconds")
        colour = alt.Color("name:N", title=None)
        data = _values(alt, bands)
        band = (
            alt.Chart(data)
            .mark_area(opacity=0.25)
            .encode(x=x, y=alt.Y("low:Q", title=title), y2="high:Q", color=colour)
        )
        chart = band + alt.Chart(data).mark_line().encode(x=x, y="median:Q", color=colour)
        if limits:
            rule = alt.Chart(_values(alt, limits)).mark_rule(strokeDash=[6, 3])
            chart += rule.encode(y="limit:Q", color=colour)
        if kills:
            cross = alt.Chart(_values(alt, kills)).mark_point(shape="cross", filled=True, size=60)
            chart += cross.encode(x=x, y="mib:Q", color=alt.value("#cf222e"))
        return chart

    def matplotlib(axes: Any) -> None:
        colours = {}
        for name in dict.fromkeys(row["name"] for row in bands):
            of = [row for row in bands if row["name"] == name]
            times = [row["time"] for row in of]
            (line,) = axes.plot(times, [row["median"] for row in of], label=name)
            colours[name] = line.get_color()
            ends = ([row[end] for row in of] for end in ("low", "high"))
            axes.fill_between(times, *ends, alpha=0.25, color=colours[name])
        for limit in limits:
            axes.axhline(limit["limit"], linestyle="--", color=colours[limit["name"]])
        axes.plot([row["time"] for row in kills], [row["mib"] for row in kills], "rX")
        axes.set(xlabel="seconds", ylabel=title)
        axes.legend(fontsize="small")

    return _choose(backend, altair, matplotlib)


class LoadLinePlot:
    """Charts of a load line."""

    def __init__(self, line: LoadLine) -> None:
        self._line = line

    def latency(self, *, backend: Backend = "altair") -> Any:
        """95th percentile of latency over the load, and the load line (the band is its interval)."""
        line = self._line
        rows = [row for row in line.curve.to_dicts() if row["p95_seconds"] is not None]
        marks = [{"load": line.estimate}] if line.estimate is not None else []
        low, high = line.interval
        bands = [{"low": low, "high": high}] if low is not None and high is not None else []
        title = "requests per second" if line.unit == "per_second" else "users"

        def altair(alt: Any) -> Any:
            x = alt.X("load:Q", title=title)
            y = alt.Y("p95_seconds:Q", title="p95 in seconds", scale=alt.Scale(type="log"))
            curve = alt.Chart(_values(alt, rows)).mark_line(point=True).encode(x=x, y=y)
            rule = (
                alt.Chart(_values(alt, marks)).mark_rule(color="#cf222e", strokeWidth=2).encode(x=x)
            )
            band = alt.Chart(_values(alt, bands)).mark_rect(color="#cf222e", opacity=0.2)
            band = band.encode(x=alt.X("low:Q", title=title), x2="high:Q")
            return alt.layer(*([band] if bands else []), curve, rule)

        def matplotlib(axes: Any) -> None:
            axes.semilogy([row["load"] for row in rows], [row["p95_seconds"] for row in rows], "o-")
            for mark in marks:
                axes.axvline(mark["load"], color="tab:red")
            for band in bands:
                axes.axvspan(band["low"], band["high"], alpha=0.2, color="tab:red")
            axes.set(xlabel=title, ylabel="p95 in seconds")

        return _choose(backend, altair, matplotlib)


class SweepPlot:
    """Charts of a sweep."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep

    def points(self, x: str, y: str, *, backend: Backend = "altair") -> Any:
        """The points over two columns of ``Sweep.points``, coloured by verdict."""
        points = self._sweep.points
        kinds = ["N" if points.kinds[name] == "text" else "Q" for name in (x, y)]
        rows = [{"x": row[x], "y": row[y], "verdict": row["verdict"] or "errors"} for row in points]
        seen = [verdict for verdict in _VERDICTS if any(row["verdict"] == verdict for row in rows)]

        def altair(alt: Any) -> Any:
            chart = alt.Chart(_values(alt, rows)).mark_point(filled=True, size=60)
            ends = alt.X(f"x:{kinds[0]}", title=x), alt.Y(f"y:{kinds[1]}", title=y)
            colours = alt.Scale(domain=seen, range=[_VERDICTS[verdict] for verdict in seen])
            colour = alt.Color("verdict:N", scale=colours)
            return chart.encode(*ends, color=colour, shape=alt.Shape("verdict:N", sort=seen))

        def matplotlib(axes: Any) -> None:
            for verdict in seen:
                of = [row for row in rows if row["verdict"] == verdict]
                places = [row["x"] for row in of], [row["y"] for row in of]
                axes.plot(*places, "o", label=verdict, color=_VERDICTS[verdict])
            axes.set(xlabel=x, ylabel=y)
            axes.legend()

        return _choose(backend, altair, matplotlib)


class SensitivityPlot:
    """Charts of a sensitivity analysis."""

    def __init__(self, sensitivity: Sensitivity) -> None:
        self._sensitivity = sensitivity

    def bars(self, *, backend: Backend = "altair") -> Any:
        """Each index of each input, with its 95 % interval."""
        table = self._sensitivity.table
        names = [name for name in table.columns[1:] if not name.endswith("_conf")]
        rows = [
            {"input": row["input"], "index": name, "value": row[name]}
            | {"low": row[name] - row[f"{name}_conf"], "high": row[name] + row[f"{name}_conf"]}
            for row in table
            for name in names
            if None not in (row[name], row[f"{name}_conf"])
        ]

        def altair(alt: Any) -> Any:
            base = alt.Chart(_values(alt, rows))
            y, colour = alt.Y("input:N", title=None), alt.Color("index:N", title=None)
            side = alt.YOffset("index:N")
            bars = base.mark_bar(opacity=0.7).encode(
                x=alt.X("value:Q", title=f"share of {self._sensitivity.of}"),
                y=y,
                yOffset=side,
                color=colour,
            )
            return bars + base.mark_rule().encode(x="low:Q", x2="high:Q", y=y, yOffset=side)

        def matplotlib(axes: Any) -> None:
            for name in names:
                of = [row for row in rows if row["index"] == name]
                labels = [f"{row['input']} {name}" for row in of]
                errors = [row["high"] - row["value"] for row in of]
                axes.barh(labels, [row["value"] for row in of], xerr=errors, label=name)
            axes.set(xlabel=f"share of {self._sensitivity.of}")
            axes.legend()

        return _choose(backend, altair, matplotlib)
