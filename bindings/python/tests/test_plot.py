import json
from typing import Any, Literal

import matplotlib
import plimsoll
import pytest
from conftest import PLAN
from matplotlib import pyplot

matplotlib.use("agg")


def charts(plan: plimsoll.Plan) -> list[Any]:
    report = plan.check(runs=2)
    simulation = plan.simulate(runs=3)
    space = {"traffic.arrival_rate": ("20/s", "120/s")}
    sweep = plan.sweep(space, n=80, sampler="latin", runs=1)
    line = plan.load_line(precision="20%", max_load="300/s", max_events=500_000)
    sensitivity = sweep.sensitivity("p95_seconds")
    return [
        report.plot.memory,
        report.plot.ledger,
        report.plot.latency,
        simulation.plot.memory,
        simulation.plot.latency,
        simulation.plot.ledger,
        lambda **more: sweep.plot.points("traffic.arrival_rate_per_second", "p95_seconds", **more),
        line.plot.latency,
        sensitivity.plot.bars,
    ]


def test_every_chart_has_data_in_both_backends(plan: plimsoll.Plan) -> None:
    for chart in charts(plan):
        drawn = chart().to_dict()
        assert '"values": [{' in json.dumps(drawn)
        assert "http" not in json.dumps(drawn).replace("https://vega.github.io/schema", "")
        axes = chart(backend="matplotlib")
        assert axes.has_data()
        assert axes.get_xlabel()
        pyplot.close("all")


def test_charts_show_the_limit_and_the_kills(plan: plimsoll.Plan) -> None:
    simulation = plan.simulate(runs=2, values={"api.memory": "16MiB"})
    layers = simulation.plot.memory("api").to_dict()["layer"]
    marks = [layer["mark"]["type"] for layer in layers]
    assert marks == ["area", "line", "rule", "point"]


def test_a_load_line_has_its_interval() -> None:
    text = "{version: 1, services: {api: {lock: event_loop, cpu_request: 20ms}}, horizon: 1m}"
    line = plimsoll.read(text).load_line(precision="10%")
    marks = [layer["mark"]["type"] for layer in line.plot.latency().to_dict()["layer"]]
    assert marks == ["rect", "line", "rule"]


@pytest.mark.parametrize("backend", ["altair", "matplotlib"])
def test_lines_over_time_never_go_back(backend: Literal["altair", "matplotlib"]) -> None:
    # So few requests that most windows of a run have none.
    simulation = plimsoll.read(PLAN).simulate(runs=6, traffic="2/s")
    series = simulation.series.where(metric="mean_seconds")
    times = [row["time_seconds"] for row in series if row["value"] is not None]
    met = list(dict.fromkeys(times))
    assert met != sorted(met)
    chart = simulation.plot.latency(backend=backend)
    if backend == "altair":
        drawn = [row["time"] for row in chart.to_dict()["data"]["values"]]
    else:
        drawn = list(chart.lines[0].get_xdata())
    assert drawn == sorted(met)
    pyplot.close("all")


def test_points_have_the_colour_of_their_verdict(plan: plimsoll.Plan) -> None:
    sweep = plan.sweep({"api.memory": ["16mb", "512mb"]}, sampler="grid", runs=2)
    scale = sweep.plot.points("api.memory", "p95_seconds").to_dict()["encoding"]["color"]["scale"]
    assert scale["domain"] == ["does_not_fit", "undecided"]
    assert scale["range"][0] == "#cf222e"


def test_charts_combine(plan: plimsoll.Plan) -> None:
    simulation = plan.simulate(runs=2)
    both = simulation.plot.memory() & simulation.plot.latency("request")
    assert len(both.to_dict()["vconcat"]) == 2


def test_what_cannot_be_drawn_is_said(plan: plimsoll.Plan) -> None:
    with pytest.raises(ValueError, match="series=True"):
        plan.simulate(runs=1, series=False).plot.memory()
    with pytest.raises(ValueError, match="no service 'apu'"):
        plan.simulate(runs=1).plot.memory("apu")
    with pytest.raises(ValueError, match="backend"):
        plan.check(runs=1).plot.memory(backend="plotly")  # type: ignore[arg-type]
