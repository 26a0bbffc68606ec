"""A deployment plan, and what it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex, Unpack, cast

from plimsoll import _native, columns
from plimsoll.answer import Diff, Fit, Guesses, LoadLine
from plimsoll.argument import Text, encoded, listed, mapped, price, said, several, text, worded
from plimsoll.error import Diagnostic, diagnostics
from plimsoll.options import VALUES, Changes, checked, objectives, overrides, question
from plimsoll.page import table_html
from plimsoll.report import Report, Simulation
from plimsoll.sweeping import run_sweep
from plimsoll.table import Table

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from plimsoll.options import Seed
    from plimsoll.space import Sampler, Space, Values
    from plimsoll.sweep import Sweep
    from plimsoll.sweeping import Progress

DEFAULT_SEED = 42
"""The seed unless another is given: a fixed one, so that an answer is the same everywhere."""
_SAVED = "; with a saved report it is head.diff_from(report)"


class Plan:
    """A deployment plan, as ``plimsoll.read`` and ``plimsoll.read_compose`` give it. It never changes.

    Every question takes the keywords of ``with_`` too: ``plan.check(target="4GiB")`` is
    ``plan.with_(target="4GiB").check()``.

    >>> import plimsoll
    >>> plan = plimsoll.read("{version: 1, services: {api: {memory: 64MiB}}, horizon: 5s}")
    >>> smaller = plan.with_({"api.memory": "48MiB"}, traffic="5/s")
    >>> smaller.scenario["services"]["api"]["memory"], plan.scenario["services"]["api"]["memory"]
    ('48MiB', '64MiB')
    """

    __slots__ = ("__dict__", "_changes", "_core", "_options", "_text")
    _text: str
    _options: str
    _changes: tuple[str, ...]
    _core: _native.Plan

    def __init__(self, text: str, options: str, changes: tuple[str, ...] = ()) -> None:
        """For ``plimsoll.read`` only: a text, the core's options for it, and changes."""
        native = _native.Plan(text, options)
        for change in changes:
            native = native.with_values(change)
        for name, value in zip(
            ("_text", "_options", "_changes", "_core"),
            (text, options, changes, native),
            strict=True,
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a plan does not change: with_() gives another")

    def __reduce__(self) -> tuple[Callable[..., Plan], tuple[object, ...]]:
        return Plan, (self._text, self._options, self._changes)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same scenario, wherever its values come from."""
        if not isinstance(other, Plan):
            return NotImplemented
        return self._core.scenario() == other._core.scenario()

    def __hash__(self) -> int:
        return hash(self._core.scenario())

    def with_(
        self, values: Mapping[str, Text] | None = None, /, **changes: Unpack[Changes]
    ) -> Plan:
        """The same plan with other values.

        ``values`` are any inputs by their paths, as ``--set`` takes them on the command line; a path
        may start with the name of a service. ``target`` is the memory of the host (``"4GiB"``),
        ``traffic`` a rate (``"100/s"``) or ``users`` a number, ``spikes`` are added to it
        (``"5x@10m+2m"``), ``horizon`` is the length of a run (``"10m"``), and ``objectives`` are added
        (``"latency: p(95) < 200ms"``), each once. A value of ``None`` takes an entry away.

        Raises ``ScenarioError`` with everything that is wrong, and ``TypeError`` where an argument is no
        such thing.
        """
        if values is not None:
            given = (changes.get("values") or {}, values)
            changes["values"] = {
                path: value
                for one in given
                for path, value in mapped("values", one, VALUES).items()
            }
        if not changes:
            return self
        change = encoded(overrides(self._new(changes)))
        plan = object.__new__(Plan)
        settled = (self._text, self._options, (*self._changes, change))
        native = self._core.with_values(change)
        for name, value in zip(
            ("_text", "_options", "_changes", "_core"), (*settled, native), strict=True
        ):
            object.__setattr__(plan, name, value)
        return plan

    def _new(self, changes: Changes) -> Changes:
        """Changes without the objectives that were added before."""
        if "objectives" not in changes:
            return changes
        added = {one for change in self._changes for one in json.loads(change)["objectives"]}
        left = [one for one in dict.fromkeys(objectives(changes)) if one not in added]
        return {**changes, "objectives": left}

    @property
    def name(self) -> str:
        """Its name, for reports."""
        return self._core.name()

    @property
    def scenario(self) -> dict[str, Any]:
        """The scenario that it was understood as; ``plimsoll.read`` reads it back."""
        return cast(dict[str, Any], json.loads(self._core.scenario()))

    @cached_property
    def notes(self) -> tuple[Diagnostic, ...]:
        """What was not understood or had to be assumed."""
        return diagnostics(self._core.notes())

    @cached_property
    def inputs(self) -> Table:
        """Every input: ``path``, ``value``, ``origin`` (``declared``, ``image_default``, ``measured``,
        ``profile`` or ``guess``), what is plausible (``low``, ``high``), ``source``, and where it stands.

        >>> import plimsoll
        >>> plan = plimsoll.read("{version: 1, services: {api: {memory: 64MiB}}}")
        >>> plan.inputs.where(path="services.api.memory")["origin"]
        ['declared']
        """
        found = [columns.with_ends(one) for one in json.loads(self._core.inputs())]
        return columns.table(found, columns.INPUTS)

    def measure(self, path: str) -> str | None:
        """The command that measures an input on a stack that runs; ``None`` where only a setting can tell.

        >>> import plimsoll
        >>> plan = plimsoll.read("{services: {api: {build: .}}}")
        >>> plan.measure("services.api.page_cache")
        'docker compose exec api cat /sys/fs/cgroup/memory.stat'
        """
        return self._core.measure(path)

    def check(
        self,
        *,
        runs: SupportsIndex | None = None,
        precision: str | None = None,
        within: str | None = None,
        seed: Seed = DEFAULT_SEED,
        max_events: SupportsIndex | None = None,
        jobs: SupportsIndex | None = None,
        **changes: Unpack[Changes],
    ) -> Report:
        """Does it fit? The report is that of ``plimsoll check``, to the byte.

        Without ``runs``, replications are added until every objective is decided. ``max_events``
        bounds all runs together (240,000,000); what it cannot settle is undecided. ``jobs`` are
        threads (as many as there are cores, 256 at the most) and never change the answer. With
        ``precision="5%"`` there are runs until every estimate is that precise too. With
        ``within="1d"`` the report also says how likely a kill is within a day, and the objective on
        kills is judged over it.
        """
        more = {"max_events": max_events, "jobs": jobs, "precision": precision, "within": within}
        options = question(self._new(changes), seed=seed, runs=runs, **more)
        return Report(self._core.check(options))

    def sensitivity(
        self,
        *,
        seed: Seed = DEFAULT_SEED,
        max_events: SupportsIndex | None = None,
        jobs: SupportsIndex | None = None,
        **changes: Unpack[Changes],
    ) -> Guesses:
        """Which guesses decide the verdict: each alone moved over its range, and then all that matter
        together. ``Sweep.sensitivity`` tells the same of any inputs and any outcome.

        >>> import plimsoll
        >>> plan = plimsoll.read("{version: 1, services: {api: {memory: 64MiB}}, horizon: 2s}")
        >>> plan.sensitivity(traffic="5/s").effects["path"]
        ['services.api.memory_program']
        """
        more = {"max_events": max_events, "jobs": jobs}
        return Guesses(self._core.sensitivity(question(self._new(changes), seed=seed, **more)))

    def simulate(
        self,
        *,
        runs: SupportsIndex | None = 20,
        duration: str | None = None,
        series: bool = True,
        seed: Seed = DEFAULT_SEED,
        max_events: SupportsIndex | None = None,
        jobs: SupportsIndex | None = None,
        **changes: Unpack[Changes],
    ) -> Simulation:
        """Runs it so many times and keeps every run, for whoever wants to look at more than a verdict.

        ``duration`` is the length of a run (``"10m"``), the plan's ``horizon``. Without ``series``
        there are no values over time and no events, which is faster. The report is that of
        ``check(runs=runs)`` without the screening of guesses, and has the same digest.
        """
        if duration is not None:
            if "horizon" in changes:
                raise TypeError("duration and horizon are the same: give one of them")
            worded("duration", duration, "10m")
            changes["horizon"] = duration
        more = {"runs": runs, "max_events": max_events, "jobs": jobs, "series": bool(series)}
        return Simulation(self._core.simulate(question(self._new(changes), seed=seed, **more)))

    def load_line(
        self,
        *,
        precision: str | None = None,
        max_load: str | None = None,
        seed: Seed = DEFAULT_SEED,
        max_events: SupportsIndex | None = None,
        jobs: SupportsIndex | None = None,
        **changes: Unpack[Changes],
    ) -> LoadLine:
        """The largest load at which every objective holds, and what gives first.

        ``precision`` (``"2%"``) is how close to the estimate loads are tried; ``max_load``
        (``"500/s"``, or ``"500"`` for users) is the highest that is tried; ``max_events`` bounds all
        loads together (1,200,000,000).

        >>> import plimsoll
        >>> text = "{version: 1, services: {api: {lock: event_loop, cpu_request: 20ms}}, horizon: 1m}"
        >>> line = plimsoll.read(text).load_line(precision="10%")
        >>> 40 < line.estimate < 50  # 20 ms of one core for each
        True
        """
        wanted = {"precision": precision, "max_load": max_load}
        asked = {name: checked(name, value) for name, value in wanted.items()}
        more = {"max_events": max_events, "jobs": jobs, "load_line": asked}
        return LoadLine(self._core.load_line(question(self._new(changes), seed=seed, **more)))

    def fit(
        self,
        *,
        vary: Mapping[str, Sequence[Text]] | None = None,
        hosts: Sequence[str] = (),
        prices: Mapping[str, float] | None = None,
        runs: SupportsIndex | None = None,
        seed: Seed = DEFAULT_SEED,
        max_events: SupportsIndex | None = None,
        jobs: SupportsIndex | None = None,
        **changes: Unpack[Changes],
    ) -> Fit:
        """The smallest memory limits under which every objective holds.

        ``vary`` names further inputs with what they may be, the most wanted value first; ``hosts`` are
        sizes of the host to choose from; with ``prices`` (of a GiB, ``memory_gib``, and of a ``core``)
        the cheapest answer is taken.

        >>> import plimsoll
        >>> plan = plimsoll.read("{version: 1, services: {api: {memory: 640MiB}}, horizon: 5s}")
        >>> fit = plan.fit(traffic="5/s", objectives=["oom: p < 30%"], runs=20)
        >>> fit.outcome, list(fit.values)
        ('found', ['services.api.memory'])
        """
        axes = [
            {
                "path": path,
                "values": [
                    text(value, f"vary[{path!r}]") for value in several(f"vary[{path!r}]", of)
                ],
            }
            for path, of in mapped("vary", vary or {}, '{"api.workers": [2, 4]}').items()
        ]
        of = mapped("prices", prices or {}, '{"memory_gib": 5, "core": 20}')
        paid = {name: price(f"prices[{name!r}]", value) for name, value in of.items()}
        asked = {"vary": axes, "hosts": listed("hosts", hosts, "4GiB"), "prices": paid or None}
        more = {"runs": runs, "max_events": max_events, "jobs": jobs, "fit": asked}
        return Fit(self._core.fit(question(self._new(changes), seed=seed, **more)))

    def diff(
        self,
        head: Plan,
        *,
        fail_on_worse: bool = False,
        repair: bool = True,
        runs: SupportsIndex | None = None,
        seed: Seed = DEFAULT_SEED,
        max_events: SupportsIndex | None = None,
        jobs: SupportsIndex | None = None,
        **changes: Unpack[Changes],
    ) -> Diff:
        """What changes from this plan, the base, to ``head``, run by run under the same random streams:
        what the change leaves alone differs by exactly 0.

        Where head no longer fits, changes that make it fit are simulated (``repair``).

        >>> import plimsoll
        >>> plan = plimsoll.read("{version: 1, services: {api: {memory: 64MiB}}, horizon: 5s}")
        >>> diff = plan.diff(plan.with_({"api.memory": "96MiB"}), traffic="10/s", runs=2)
        >>> diff.inputs["path"], len(diff.changed)
        (['services.api.memory'], 0)
        """
        if not isinstance(head, Plan):
            raise TypeError(f"head: a plan, as plimsoll.read gives it, not {said(head)}{_SAVED}")
        asked = {"fail_on_worse": bool(fail_on_worse), "without_repair": not repair}
        more = {"runs": runs, "max_events": max_events, "jobs": jobs, "diff": asked}
        options = question({}, seed=seed, **more)
        return Diff(self.with_(**changes)._core.diff(head.with_(**changes)._core, options))

    def diff_from(
        self,
        base: Report,
        *,
        repair: bool = True,
        seed: Seed = DEFAULT_SEED,
        max_events: SupportsIndex | None = None,
        **changes: Unpack[Changes],
    ) -> Diff:
        """What changes from a saved report to this plan; nothing can be paired then."""
        if not isinstance(base, Report):
            raise TypeError(f"base: a report of Plan.check, not {said(base)}")
        more = {"max_events": max_events, "diff": {"without_repair": not repair}}
        options = question(self._new(changes), seed=seed, **more)
        return Diff(self._core.diff_from(base.to_json(), options))

    def sweep(
        self,
        space: Space | Mapping[str, Values],
        *,
        n: SupportsIndex | None = None,
        sampler: Sampler | None = None,
        runs: SupportsIndex | None = None,
        seed: Seed = DEFAULT_SEED,
        max_events: SupportsIndex | None = None,
        store: str | Path | None = None,
        executor: Executor | None = None,
        jobs: SupportsIndex | None = None,
        progress: bool | Progress = False,
        **changes: Unpack[Changes],
    ) -> Sweep:
        """Checks it at many points of ``space``, all under the same random streams.

        ``space`` names the inputs that vary: a list of values, a pair of ends, or text as on the
        command line (see ``Space``). ``sampler`` is ``"grid"`` (every combination; ``n`` values of
        each interval), ``"sobol"`` or ``"latin"`` (``n`` points of scipy's), or ``"saltelli"``
        (``n × (inputs + 2)`` points of SALib's, for ``sensitivity``). Without ``n`` it is the grid.

        ``store`` is a file that rows are appended to, the same that ``plimsoll sweep --out`` writes:
        whatever kills the program, the same call goes on where it ended. ``executor`` is any
        ``concurrent.futures`` executor (processes, Dask's ``client.get_executor()``, loky); without
        one, threads of the engine do the work (``jobs``). ``progress`` shows a bar of tqdm, or is
        called with points done and points in all.

        >>> import plimsoll
        >>> service = "{memory: 64MiB, memory_program: 40MiB}"
        >>> plan = plimsoll.read(f"{{version: 1, services: {{api: {service}}}, horizon: 5s}}")
        >>> sweep = plan.sweep({"api.memory": ["16mb", "1gb"]}, traffic="5/s", runs=2)
        >>> sweep.points["api.memory"], sweep.points["verdict"]
        (['16mb', '1gb'], ['does_not_fit', 'undecided'])
        """
        return run_sweep(
            self.with_(**changes),
            space,
            n=n,
            sampler=sampler,
            seed=seed,
            store=store,
            executor=executor,
            progress=progress,
            effort={"runs": runs, "max_events": max_events, "jobs": jobs},
        )

    def __repr__(self) -> str:
        services = ", ".join(self.scenario["services"])
        guesses = self.inputs["origin"].count("guess")
        return (
            f"<Plan {self.name!r}: {services}; {guesses} of {len(self.inputs)} inputs are guesses>"
        )

    def _repr_html_(self) -> str:
        host = self.inputs.where(path="host.memory")["value"]
        guesses = self.inputs["origin"].count("guess")
        names = ("path", "value", "origin", "low", "high", "source")
        rows = [[row[name] for name in names] for row in self.inputs]
        said = f"on {host[0]}: {guesses} of {len(self.inputs)} inputs are guesses"
        return f"<p><b>{escape(self.name)}</b> {said}</p>{table_html(names, rows)}"
