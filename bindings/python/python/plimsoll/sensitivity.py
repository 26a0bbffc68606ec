"""Which inputs decide an outcome, by SALib."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from plimsoll.optional import needed
from plimsoll.plot import SensitivityPlot
from plimsoll.space import Sampler
from plimsoll.table import Kind, Table

Method = Literal["sobol", "rbd_fast"]
"""How shares are estimated."""


_LEAST = 80
"""Points below which RBD-FAST says nothing: its intervals come from halves of them, in which twice its ten
harmonics should not be more than half."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How much each input decides an outcome."""

    of: str
    """The outcome: a column of ``Sweep.points``."""
    method: Method
    """``"sobol"``: ``S1`` is the share of the variance that an input explains alone, ``ST`` with all
    that it does together with others. ``"rbd_fast"``: ``S1`` alone."""
    table: Table
    """A row for each input: its path, and each index with half the width of its 95 % interval
    (``_conf``)."""

    @property
    def plot(self) -> SensitivityPlot:
        """A chart: ``plot.bars()``."""
        return SensitivityPlot(self)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule interface."""
        return self.table.__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        return f"<p><b>what decides {escape(self.of)}</b></p>{self.table._repr_html_()}"


def analyse(
    paths: Sequence[str],
    sampler: Sampler,
    design: Sequence[Sequence[float]],
    outcomes: Sequence[float | None],
    of: str,
    method: Method | None,
    seed: int,
) -> Sensitivity:
    """Analyses a sweep: a row of ``design`` (shares of the way of each input) for each outcome."""
    method = method or ("sobol" if sampler == "saltelli" else "rbd_fast")
    if method == "sobol" and sampler != "saltelli":
        raise ValueError('method="sobol" needs a sweep with sampler="saltelli"')
    if method == "rbd_fast" and len(outcomes) < _LEAST:
        raise ValueError(f'method="rbd_fast" needs at least {_LEAST} points')
    missing = sum(outcome is None for outcome in outcomes)
    if missing:
        raise ValueError(f"{of} is unknown at {missing} of {len(outcomes)} points")
    np = needed("numpy")
    y = np.asarray(outcomes, dtype=float)
    problem = {"num_vars": len(paths), "names": list(paths), "bounds": [[0.0, 1.0]] * len(paths)}
    keys = ("S1", "ST") if method == "sobol" else ("S1",)
    if float(y.std()) == 0.0:
        # Nothing decides what never changes; an index would be 0 by 0.
        rows: list[tuple[Any, ...]] = [(path, *([None] * 2 * len(keys))) for path in paths]
        return Sensitivity(of, method, Table(_kinds(keys), rows))
    with np.errstate(invalid="ignore"):  # A resample may be constant; its index is no number then.
        found = _estimate(method, problem, np.asarray(design, dtype=float), y, seed)
    columns = [
        [_known(float(one)) for one in found[name]] for key in keys for name in (key, f"{key}_conf")
    ]
    return Sensitivity(of, method, Table(_kinds(keys), list(zip(paths, *columns, strict=True))))


def _known(index: float) -> float | None:
    return None if math.isnan(index) else index


def _estimate(method: Method, problem: dict[str, Any], x: Any, y: Any, seed: int) -> Any:
    if method == "sobol":
        analyze: Callable[..., Any] = needed("SALib.analyze.sobol").analyze
        return analyze(problem, y, calc_second_order=False, seed=seed)
    return needed("SALib.analyze.rbd_fast").analyze(problem, x, y, seed=seed)


def _kinds(keys: Sequence[str]) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {"input": "text"}
    for key in keys:
        kinds |= {key: "float", f"{key}_conf": "float"}
    return kinds
