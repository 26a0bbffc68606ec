"""What ``Plan.sweep`` answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, cast

from plimsoll import columns
from plimsoll.error import ScenarioError
from plimsoll.plot import SweepPlot
from plimsoll.sensitivity import Method, Sensitivity, analyse
from plimsoll.space import Sampler, Space
from plimsoll.table import Kind, Table
from plimsoll.value import Answer

if TYPE_CHECKING:
    from plimsoll.plan import Plan


class Sweep(Answer):
    """A plan at many points, a row for each. ``to_dict()`` is what ``plimsoll sweep --format json``
    prints for the same points."""

    def __init__(
        self,
        plan: Plan,
        space: Space,
        sampler: Sampler,
        *,
        basis: dict[str, Any],
        ids: list[str],
        rows: dict[str, dict[str, Any]],
    ) -> None:
        """For ``Plan.sweep`` only. ``ids`` are the rows of the points in the order of the design, where
        a point may stand twice."""
        found = [rows[row] for row in dict.fromkeys(ids)]
        verdicts = [row["result"]["verdict"] if row["result"] else "errors" for row in found]
        known = ("fits", "does_not_fit", "undecided", "errors")
        answer = {
            "schema_version": 1,
            "scenario": plan.name,
            "basis": basis,
            "count": {verdict: verdicts.count(verdict) for verdict in known},
            "rows": found,
        }
        super().__init__(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
        self.__dict__.update(plan=plan, space=space, sampler=sampler, _ids=ids)

    plan: Plan
    """The plan that was swept."""
    space: Space
    """What varied."""
    sampler: Sampler
    """How points were laid out."""

    @property
    def count(self) -> dict[str, int]:
        """How many points came to what: ``fits``, ``does_not_fit``, ``undecided``, ``errors``."""
        return cast(dict[str, int], self.to_dict()["count"])

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as the store has them."""
        return cast(list[dict[str, Any]], self.to_dict()["rows"])

    def __len__(self) -> int:
        return len(self._data["rows"])

    @cached_property
    def points(self) -> Table:
        """A row for each point: the values, the same as numbers in a column with their unit
        (``services.redis.memory_bytes``), the verdict, and the numbers of the whole plan:
        ``oom_probability`` is that of the service likeliest to be killed, or of the host;
        ``p95_seconds`` and ``loss_ratio`` are those of the worst endpoint."""
        kinds: dict[str, Kind] = {"point": "integer"}
        parts: list[list[Any]] = [list(range(len(self)))]
        for path in self.space.paths:
            written = [row["values"][path] for row in self._data["rows"]]
            numbers, unit = self._numbers(path, written)
            kinds[path] = "text"
            parts.append(written)
            if numbers is not None:
                kinds[f"{path}_{unit}" if unit else f"{path}_number"] = "float"
                parts.append(numbers)
        rest = columns.table([_whole(row) for row in self._data["rows"]], columns.POINT)
        kinds |= rest.kinds
        parts += [rest[name] for name in rest.columns]
        return Table(kinds, list(zip(*parts, strict=True)))

    def _numbers(self, path: str, written: list[str]) -> tuple[list[float | None] | None, str]:
        """Values as numbers, and their unit; ``None`` where they are no numbers of one unit."""
        found = {}
        for value in set(written):
            try:
                found[value] = self.plan._core.number(path, value)
            except ScenarioError:  # The row says what is wrong with it.
                found[value] = None
        units = {number[1] for number in found.values() if number is not None}
        if len(units) != 1:
            return None, ""
        numbers = [found[value] for value in written]
        return [None if number is None else number[0] for number in numbers], units.pop()

    def _inner(self, key: str, wanted: columns.Columns) -> Table:
        """What every row has of a kind, with the number of its point."""
        rows = [
            {**one, "point": point}
            for point, row in enumerate(self._data["rows"])
            for one in (row["result"] or {}).get(key, [])
        ]
        return columns.table(rows, {"point": ("point", "integer"), **wanted})

    @cached_property
    def services(self) -> Table:
        """The services at each point."""
        return self._inner("services", columns.POINT_SERVICES)

    @cached_property
    def endpoints(self) -> Table:
        """The endpoints at each point."""
        return self._inner("endpoints", columns.POINT_ENDPOINTS)

    @cached_property
    def objectives(self) -> Table:
        """The objectives at each point."""
        return self._inner("objectives", columns.OBJECTIVES)

    def sensitivity(
        self, of: str = "oom_probability", *, method: Method | None = None, seed: int = 42
    ) -> Sensitivity:
        """How much each input decides ``of``, a column of ``points``, with 95 % intervals of SALib.

        ``"sobol"`` gives first-order (``S1``) and total (``ST``) shares of the variance and needs
        ``sampler="saltelli"``; ``"rbd_fast"`` gives ``S1`` from any spread of many points.
        """
        places = {row["row"]: index for index, row in enumerate(self._data["rows"])}
        order = [places[row] for row in self.__dict__["_ids"]]
        outcomes = self.points[of]
        inputs = [self._coordinates(path) for path in self.space.paths]
        design = [[column[place] for column in inputs] for place in order]
        return analyse(
            self.space.paths,
            self.sampler,
            design,
            [outcomes[place] for place in order],
            of,
            method,
            seed,
        )

    def _coordinates(self, path: str) -> list[float]:
        """Where the points lie along an input: its number, or the place of its value among all."""
        written: list[str] = self.points[path]
        numbers, _ = self._numbers(path, written)
        if numbers is not None and None not in numbers:
            return cast(list[float], numbers)
        places = {value: place for place, value in enumerate(sorted(set(written)))}
        return [float(places[value]) for value in written]

    @property
    def plot(self) -> SweepPlot:
        """Charts: ``plot.points(x, y)``."""
        return SweepPlot(self)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        state = self.__dict__
        rows = {row["row"]: row for row in self._data["rows"]}
        parts = (self.plan, self.space, self.sampler, self._data["basis"], state["_ids"], rows)
        return _sweep, parts

    def _said(self) -> str:
        count = ", ".join(f"{number} {verdict}" for verdict, number in self.count.items() if number)
        return f"{len(self)} points: {count}"

    def __repr__(self) -> str:
        return f"<Sweep of {self.plan.name!r}: {self._said()}>"

    def _repr_html_(self) -> str:
        name = escape(self.plan.name)
        return f"<p><b>sweep</b> of {name}: {self._said()}</p>{self.points._repr_html_()}"


def _sweep(
    plan: Plan,
    space: Space,
    sampler: Sampler,
    basis: dict[str, Any],
    ids: list[str],
    rows: dict[str, dict[str, Any]],
) -> Sweep:
    return Sweep(plan, space, sampler, basis=basis, ids=ids, rows=rows)


def _whole(row: dict[str, Any]) -> dict[str, Any]:
    """A row with the numbers of the whole plan."""
    result = row["result"]
    error = "; ".join(row["errors"]) or None
    if result is None:
        return {**row, "error": error}
    killed = [result["host"]["oom_probability"]]
    killed += [service["oom_probability"] for service in result["services"]]
    endpoints = result["endpoints"]
    worst = {
        key: max((one[key] for one in endpoints if one[key] is not None), default=None)
        for key in ("p95_seconds", "loss_ratio")
    }
    throughput = sum(one["throughput_per_second"] for one in endpoints)
    more = {"oom_probability": max(killed), "throughput_per_second": throughput}
    return {**row, **worst, **more, "error": error}
