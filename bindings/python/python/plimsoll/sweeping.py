"""How a sweep is computed: which points, by whom, and what is kept of them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex, get_args

from plimsoll.argument import whole
from plimsoll.error import ScenarioError
from plimsoll.optional import needed
from plimsoll.options import effort as asked
from plimsoll.space import Point, Sampler, Space, Values, shares
from plimsoll.store import Store
from plimsoll.sweep import Sweep

if TYPE_CHECKING:
    from plimsoll.options import Seed
    from plimsoll.plan import Plan

Progress = Callable[[int, int], object]
"""Called with points done and points in all."""

_PARTS = 8
"""Parts that each worker of an executor gets of a sweep: enough that all stay busy to the end."""
_LARGEST_PART = 64
"""Points of one part at the most: they are lost when the program is killed."""


@dataclass(frozen=True)
class _Work:
    """Points to compute, and for which plan. Goes to other processes and machines."""

    plan: Plan
    options: str

    def rows(self, points: list[Point]) -> list[str]:
        """Computes points, one after another."""
        lines: list[str] = []
        self.plan._core.sweep(points, self.options, lines.append)
        return lines


def run_sweep(
    plan: Plan,
    space: Space | Mapping[str, Values],
    *,
    n: SupportsIndex | None,
    sampler: Sampler | None,
    seed: Seed,
    store: str | Path | None,
    executor: Executor | None,
    progress: bool | Progress,
    effort: Mapping[str, Any],
) -> Sweep:
    """What ``Plan.sweep`` does."""
    space = space if isinstance(space, Space) else Space(space)
    options = asked(seed, **effort)
    n = whole("n", n, 1)
    sampler = sampler or ("grid" if n is None else "sobol")
    if sampler not in get_args(Sampler):
        raise ValueError(f"sampler: one of {', '.join(get_args(Sampler))}, not {sampler!r}")
    points = _points(plan, space, sampler, n, int(options["seed"]))
    _are_inputs(plan, space.paths, points)
    basis, ids = plan._core.sweep_basis(points, json.dumps(options))
    with Store(Path(store), basis) if store is not None else nullcontext() as kept:
        rows = {row["row"]: row for row in map(_row, kept.lines if kept else [])}
        wanted = {row: point for row, point in zip(ids, points, strict=True) if row not in rows}
        with _reporter(progress, len(wanted)) as tell:

            def take(line: str) -> None:
                if kept is not None:
                    kept.append(line)
                row = _row(line)
                rows[row["row"]] = row
                tell()

            _compute(plan, list(wanted.values()), options, executor, take)
    return Sweep(plan, space, sampler, basis=json.loads(basis), ids=ids, rows=rows)


def _points(plan: Plan, space: Space, sampler: Sampler, n: int | None, seed: int) -> list[Point]:
    if sampler == "grid":
        return space.grid(plan._core, n)
    if n is None:
        raise ValueError(f"sampler={sampler!r} needs n, the number of points")
    return space.at(shares(sampler, len(space.paths), n, seed))


def _are_inputs(plan: Plan, paths: list[str], points: list[Point]) -> None:
    """Refuses an input of which no value can be read: most likely the plan has no such input. Where some
    can be, the others are said in their rows."""
    wrong = []
    for place, path in enumerate(paths):
        wrong += _unread(plan, path, dict.fromkeys(point[place][1] for point in points))
    if wrong:
        raise ScenarioError(json.dumps(wrong))


def _unread(plan: Plan, path: str, values: Iterable[str]) -> list[dict[str, Any]]:
    """What is wrong with the first value, if no other can be read either."""
    first: list[dict[str, Any]] = []
    for value in values:
        try:
            plan._core.number(path, value)
        except ScenarioError as error:
            first = first or json.loads(error.args[0])
        else:
            return []
    return first


def _row(line: str) -> dict[str, Any]:
    """A line of the store as a row, without its length and checksum."""
    row: dict[str, Any] = json.loads(line)
    del row["length"], row["crc32"]
    return row


@contextmanager
def _reporter(progress: bool | Progress, count: int) -> Iterator[Callable[[], None]]:
    """What is called after each point."""
    if progress is True:
        with needed("tqdm.auto").tqdm(total=count, unit="point") as bar:
            yield bar.update
        return
    done = 0

    def tell() -> None:
        nonlocal done
        done += 1
        if callable(progress):
            progress(done, count)

    yield tell


def _compute(
    plan: Plan,
    points: list[Point],
    options: dict[str, Any],
    executor: Executor | None,
    take: Callable[[str], None],
) -> None:
    """Gives the lines of all points to ``take``, in order, each as soon as it is there."""
    if executor is None:
        plan._core.sweep(points, json.dumps(options), take)
        return
    # The workers share the points; threads of the engine beside them would only get in the way.
    work = _Work(plan, json.dumps(options | {"jobs": 1}))
    workers = getattr(executor, "_max_workers", None) or 4
    size = min(max(math.ceil(len(points) / (workers * _PARTS)), 1), _LARGEST_PART)
    parts = [points[first : first + size] for first in range(0, len(points), size)]
    futures = [executor.submit(work.rows, part) for part in parts]
    try:
        for future in futures:
            for line in future.result():
                take(line)
    finally:
        for future in futures:
            future.cancel()
