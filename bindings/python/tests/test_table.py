import pickle

import numpy
import pandas
import plimsoll
import polars
import pyarrow
import pytest
from plimsoll import Table

COLUMNS = {"name": "text", "count": "integer", "share": "float", "is_on": "boolean"}
ROWS = [("a", 1, 0.5, True), (None, None, None, None), ("ä", -(2**62), 1e-300, False)]


@pytest.fixture
def table() -> Table:
    return Table(COLUMNS, ROWS)  # type: ignore[arg-type]


def test_polars_takes_it_and_gives_the_same(table: Table) -> None:
    frame = table.to_polars()
    assert frame.rows() == ROWS
    assert frame.equals(polars.DataFrame(table))
    assert frame.dtypes == [polars.String, polars.Int64, polars.Float64, polars.Boolean]


def test_pyarrow_takes_it_and_gives_the_same(table: Table) -> None:
    frame = table.to_arrow()
    assert frame.to_pylist() == table.to_dicts()
    assert pyarrow.schema(table) == frame.schema
    assert pyarrow.RecordBatchReader.from_stream(table).read_all() == frame


def test_pandas_has_the_same_with_and_without_empty_places(table: Table) -> None:
    frame = table.to_pandas()
    assert list(frame.columns) == list(COLUMNS)
    assert frame["count"].dtype == "Int64"
    assert frame["share"].isna().tolist() == [False, True, False]
    whole = Table(COLUMNS, [ROWS[0], ROWS[2]]).to_pandas()  # type: ignore[arg-type]
    assert [str(dtype) for dtype in whole.dtypes[1:]] == ["int64", "float64", "bool"]
    assert whole.to_dict("records")[1] == dict(zip(COLUMNS, ROWS[2], strict=True))
    assert pandas.DataFrame(whole).equals(whole)


def test_numpy_looks_at_the_memory_itself(table: Table) -> None:
    whole = Table(COLUMNS, [ROWS[0], ROWS[2]])  # type: ignore[arg-type]
    first, second = whole.to_numpy("share"), whole.to_numpy("share")
    assert numpy.shares_memory(first, second)
    assert not first.flags.writeable
    assert first.tolist() == [0.5, 1e-300]
    assert whole.to_numpy("count").dtype == numpy.int64
    view = whole.to_arrow()["count"].chunk(0).to_numpy()
    assert numpy.shares_memory(view, whole.to_numpy("count"))
    del whole
    assert first.tolist() == [0.5, 1e-300]
    assert numpy.isnan(table.to_numpy("count")).tolist() == [False, True, False]
    assert table.to_numpy("name").tolist() == ["a", None, "ä"]


def test_it_is_a_value(table: Table) -> None:
    assert pickle.loads(pickle.dumps(table)) == table == Table(COLUMNS, ROWS)  # type: ignore[arg-type]
    assert table != Table(COLUMNS, ROWS[:2])  # type: ignore[arg-type]
    assert len(Table({"a": "text"}, [])) == 0
    with pytest.raises(AttributeError):
        table.columns = []  # type: ignore[misc]
    with pytest.raises(KeyError):
        table["nothing"]
    with pytest.raises(ValueError, match="no kind"):
        Table({"a": "texts"}, [("b",)])  # type: ignore[dict-item]
    with pytest.raises(ValueError):
        Table({"a": "text", "b": "text"}, [("x", "y"), ("z",)])


def test_alerts_say_whether_they_fire() -> None:
    plan = plimsoll.read(
        """
version: 1
services: {api: {memory: 64MiB, memory_program: 20MiB}}
traffic: {arrival_rate: 5/s}
horizon: 10m
alerts:
  - {name: There, expr: up == 1}
  - {name: Down, expr: up == 0}
  - {name: Disk, expr: node_filesystem_avail_bytes < 1}
"""
    )
    rows = {row["alert"]: row for row in plan.check(runs=2).alerts.to_dicts()}
    assert [row["outcome"] for row in rows.values()] == ["fires", "quiet", "not_simulated"]
    assert rows["There"]["firing_probability"] == 1.0
    assert rows["Disk"]["firing_probability"] is None
    assert "node_filesystem_avail_bytes" in rows["Disk"]["reason"]


def test_every_table_of_an_answer_goes_through_every_library(plan: plimsoll.Plan) -> None:
    report, simulation = plan.check(runs=2), plan.simulate(runs=2)
    names = ("services", "endpoints", "objectives", "caches", "pools", "retries", "alerts", "ledger")
    runs = ("runs", "service_runs", "endpoint_runs", "objective_runs", "series", "events")
    tables = [getattr(report, name) for name in (*names, "findings", "assumptions", "time_by_cause")]
    tables += [getattr(simulation, name) for name in runs]
    for table in [plan.inputs, *tables]:
        rows = table.to_dicts()
        assert table.to_polars().to_dicts() == rows
        assert table.to_arrow().to_pylist() == rows
        assert len(table.to_pandas()) == len(rows)
        assert Table(table.kinds, [tuple(row.values()) for row in rows]) == table
