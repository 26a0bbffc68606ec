"""What a sweep varies, and where its points lie."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from plimsoll import _native
from plimsoll.argument import Text, mapped, said, text
from plimsoll.optional import needed
from plimsoll.options import seed_text

if TYPE_CHECKING:
    from plimsoll.options import Seed

Sampler = Literal["grid", "sobol", "latin", "saltelli"]
"""How points are laid out."""

Point = list[tuple[str, str]]
"""What a point sets: paths and values."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Values with a law, between two quantiles that are given."""

    low: str
    high: str
    is_logarithmic: bool
    is_normal: bool


def log_uniform(low: Text, high: Text) -> Spread:
    """Every factor between two ends is as likely.

    >>> log_uniform("16MiB", "1GiB").is_logarithmic
    True
    """
    return Spread(text(low), text(high), is_logarithmic=True, is_normal=False)


def normal(*, p05: Text, p95: Text) -> Spread:
    """A normal law with these 5th and 95th percentiles: what a person is 90 % sure of."""
    return Spread(text(p05), text(p95), is_logarithmic=False, is_normal=True)


def lognormal(*, p05: Text, p95: Text) -> Spread:
    """A lognormal law with these 5th and 95th percentiles, for what cannot be below zero.

    >>> lognormal(p05="80/s", p95="400/s").low
    '80/s'
    """
    return Spread(text(p05), text(p95), is_logarithmic=True, is_normal=True)


Values = str | tuple[Text, Text] | Sequence[Text] | range | Spread
"""What an input may be: a pair of ends, a list, or text as on the command line."""


class Space:
    """The inputs that vary, by path, and what each may be.

    - a tuple of two: any value from the first to the second, whole ones between whole numbers;
    - a list or a range: these values;
    - ``log_uniform(low, high)``, ``normal(p05=…, p95=…)``, ``lognormal(p05=…, p95=…)``;
    - text as ``plimsoll sweep --vary`` takes it: ``"10/s..200/s:20:log"``.

    >>> space = Space({"redis.memory": ("64MiB", "256MiB"), "api.workers": range(1, 5)})
    >>> space.at([[0.5, 0.0], [1.0, 0.99]])
    [[('redis.memory', '160MiB'), ('api.workers', '1')], [('redis.memory', '256MiB'), ('api.workers', '4')]]
    """

    __slots__ = ("_axes",)
    _axes: dict[str, Values]

    def __init__(self, axes: Mapping[str, Values]) -> None:
        found = mapped("space", axes, '{"api.memory": ("64MiB", "1GiB")}')
        if not found:
            raise ValueError("a sweep needs an input that varies")
        of = {path: _axis(f"space[{path!r}]", values) for path, values in found.items()}
        object.__setattr__(self, "_axes", of)
        for path in self._axes:
            self._values(path, [0.0])

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a space does not change")

    def __reduce__(self) -> tuple[type[Space], tuple[dict[str, Values]]]:
        return Space, (self._axes,)

    @property
    def paths(self) -> list[str]:
        """The inputs that vary."""
        return list(self._axes)

    def axis(self, path: str, count: int | None = None) -> str:
        """An input as the core reads it; an interval in ``count`` steps."""
        values = self._axes[path]
        if isinstance(values, str):
            return f"{path}={values}"
        steps = "" if count is None else f":{count}"
        if isinstance(values, Spread):
            law = ":log" if values.is_logarithmic else ""
            return f"{path}={values.low}..{values.high}{steps}{law}"
        if isinstance(values, tuple):
            low, high = values
            return f"{path}={text(low)}..{text(high)}{steps}"
        return f"{path}={','.join(_listed(value) for value in values)}"

    def _values(self, path: str, shares: Sequence[float]) -> list[str]:
        values = self._axes[path]
        if isinstance(values, Spread) and values.is_normal:
            ppf = needed("scipy.stats").norm.ppf
            first, last = ppf(0.05), ppf(0.95)
            # An end of the law is infinite; so far out nothing was ever drawn.
            inside = [min(max(share, 1e-9), 1 - 1e-9) for share in shares]
            shares = [float((ppf(share) - first) / (last - first)) for share in inside]
        return _native.values_at(self.axis(path), list(shares))

    def at(self, shares: Sequence[Sequence[float]]) -> list[Point]:
        """Points at shares of the way, 0 to 1, of each input."""
        columns = [
            [(path, value) for value in self._values(path, column)]
            for path, column in zip(self._axes, zip(*shares, strict=True), strict=True)
        ]
        return [list(point) for point in zip(*columns, strict=True)]

    def grid(self, plan: _native.Plan, count: int | None) -> list[Point]:
        """Every combination, the last input moving fastest."""
        for path, values in self._axes.items():
            # Whole numbers between two ends are all of them; text says itself how many.
            is_open = isinstance(values, Spread) or (
                isinstance(values, tuple) and not all(text(end).isdecimal() for end in values)
            )
            if count is None and is_open:
                raise ValueError(f"space[{path!r}]: a grid of an interval needs n=, as in n=10")
        vary = [self.axis(path, count) for path in self._axes]
        return plan.points(json.dumps({"sweep": {"vary": vary}}))

    def __repr__(self) -> str:
        return f"Space({self._axes!r})"


def _axis(name: str, values: object) -> Values:
    """What an input may be, with a list for any sequence that is one, as those of numpy and pandas."""
    wanted = "a list of values, a pair of ends, or a text"
    if isinstance(values, str | range | Spread):
        return values
    if isinstance(values, bytes | Mapping | Set) or not isinstance(values, Iterable):
        raise TypeError(f"{name}: {wanted}, not {said(values)}")
    several = list(values)
    for value in several:
        text(value, name)
    if not isinstance(values, tuple):
        return several
    if len(several) != 2:
        raise ValueError(
            f"{name}: a tuple is a pair of ends and has two values, not {len(several)}; "
            "use a list for several values"
        )
    return several[0], several[1]


def _listed(value: Text) -> str:
    written = text(value)
    if "," in written:
        raise ValueError(f"a value cannot hold a comma here: {written!r}")
    return written


def shares(sampler: Sampler, inputs: int, n: int, seed: Seed) -> Any:
    """Shares of the way for ``n`` points, by scipy or SALib."""
    if n < 1:
        raise ValueError("n is at least 1")
    if sampler == "saltelli":
        problem = {"num_vars": inputs, "names": [str(i) for i in range(inputs)]}
        problem["bounds"] = [[0.0, 1.0]] * inputs
        sample = needed("SALib.sample.sobol").sample
        return sample(problem, n, calc_second_order=False, seed=_small(seed)).tolist()
    qmc = needed("scipy.stats").qmc
    design = qmc.Sobol if sampler == "sobol" else qmc.LatinHypercube
    return design(inputs, seed=_small(seed)).random(n).tolist()


def _small(seed: Seed) -> int:
    """A seed that scipy and SALib take."""
    return int(seed_text(seed)) % 2**32
