"""Tables for data frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from plimsoll import _native
from plimsoll.optional import needed
from plimsoll.page import table_html

if TYPE_CHECKING:
    import numpy
    import pandas
    import polars
    import pyarrow

Kind = Literal["boolean", "integer", "float", "text"]
"""What a column holds. Every place of a column may be empty."""

_PANDAS: dict[Kind, str] = {"boolean": "boolean", "integer": "Int64", "text": "object"}
"""What pandas holds a column in that may have empty places."""
_SHOWN = 60
"""Rows that a notebook shows at the most."""


class Table:
    """A table of the engine, tidy and with units in the names of its columns (``peak_bytes``).

    It speaks the Arrow PyCapsule interface, so polars, pandas 3, pyarrow and DuckDB take it as it is
    (``polars.DataFrame(table)``), without a copy. It never changes.

    >>> table = Table({"service": "text", "peak_bytes": "integer"}, [("api", 5), ("redis", None)])
    >>> len(table), table["peak_bytes"]
    (2, [5, None])
    >>> next(iter(table))
    {'service': 'api', 'peak_bytes': 5}
    """

    __slots__ = ("_core",)
    _core: _native.Table

    def __init__(self, columns: Mapping[str, Kind], rows: Iterable[Sequence[object]]) -> None:
        """A table with these columns, by name and kind, and these rows."""
        parts: list[list[Any]] = [list(part) for part in zip(*rows, strict=True)]
        if not parts:
            parts = [[] for _ in columns]
        named = zip(columns.items(), parts, strict=True)
        native = _native.Table([(name, kind, values) for (name, kind), values in named])
        object.__setattr__(self, "_core", native)

    @classmethod
    def _of(cls, native: _native.Table) -> Table:
        table = object.__new__(cls)
        object.__setattr__(table, "_core", native)
        return table

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a table does not change")

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return [name for name, _ in self._core.columns()]

    @property
    def kinds(self) -> dict[str, Kind]:
        """What each column holds: ``boolean``, ``integer``, ``float`` or ``text``."""
        return dict(self._core.columns())

    def __len__(self) -> int:
        return len(self._core)

    def __getitem__(self, column: str) -> list[Any]:
        """The values of a column as a list, ``None`` where it is empty."""
        return self._core.values(column)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The rows as dicts."""
        names = self.columns
        for row in zip(*(self[name] for name in names), strict=True):
            yield dict(zip(names, row, strict=True))

    def to_dicts(self) -> list[dict[str, Any]]:
        """The rows as dicts, all at once."""
        return list(self)

    def where(self, **values: object) -> Table:
        """The rows that have these values.

        >>> table = Table({"service": "text", "peak_bytes": "integer"}, [("api", 5), ("redis", 6)])
        >>> table.where(service="redis")["peak_bytes"]
        [6]
        """
        rows = [row for row in self if all(row[name] == value for name, value in values.items())]
        return Table(self.kinds, [tuple(row.values()) for row in rows])

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule interface."""
        return self._core.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        """The Arrow PyCapsule interface: the schema alone."""
        return self._core.__arrow_c_schema__()

    def to_numpy(self, column: str) -> numpy.ndarray[Any, Any]:
        """A column as a numpy array, to be read only.

        A column of numbers without empty places is looked at where it is; otherwise empty places are
        NaN (numbers) or ``None`` (the rest), in a copy.
        """
        np = needed("numpy")
        kind = self.kinds[column]
        buffer = self._core.buffer(column)
        array: numpy.ndarray[Any, Any]
        if buffer is not None:
            array = np.frombuffer(buffer, dtype="int64" if kind == "integer" else "float64")
        elif kind in ("integer", "float"):
            values = (float("nan") if one is None else one for one in self[column])
            array = np.fromiter(values, dtype="float64", count=len(self))
        else:
            array = np.array(self[column], dtype=object)
        return array

    def to_arrow(self) -> pyarrow.Table:
        """As a ``pyarrow.Table``, without a copy."""
        table: pyarrow.Table = needed("pyarrow").table(self)
        return table

    def to_polars(self) -> polars.DataFrame:
        """As a ``polars.DataFrame``, without a copy."""
        frame: polars.DataFrame = needed("polars").DataFrame(self)
        return frame

    def to_pandas(self) -> pandas.DataFrame:
        """As a ``pandas.DataFrame``; whole numbers with empty places become ``Int64``."""
        pd = needed("pandas")
        frame: pandas.DataFrame = pd.DataFrame(
            {name: self._series(pd, name) for name in self.columns}
        )
        return frame

    def _series(self, pd: Any, name: str) -> Any:
        kind = self.kinds[name]
        if kind == "float" or self._core.buffer(name) is not None:
            return pd.Series(self.to_numpy(name))
        if kind == "boolean" and None not in self[name]:
            return pd.Series(self[name], dtype="bool")
        return pd.Series(self[name], dtype=_PANDAS[kind])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        same = self.kinds == other.kinds and self.columns == other.columns
        return same and all(self[name] == other[name] for name in self.columns)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Callable[..., Table], tuple[object, ...]]:
        kinds = self.kinds
        return _restored, ([(name, kind, self[name]) for name, kind in kinds.items()],)

    def __repr__(self) -> str:
        return f"<Table: {len(self)} rows of {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        rows = [list(row.values()) for row in islice(self, _SHOWN)]
        return table_html(self.columns, rows, more=len(self) - len(rows))


def _restored(columns: list[tuple[str, Kind, list[Any]]]) -> Table:
    return Table._of(_native.Table(columns))
