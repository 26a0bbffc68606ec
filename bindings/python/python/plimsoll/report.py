"""What ``check`` and ``simulate`` answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal, cast

from plimsoll import _native, columns
from plimsoll.page import verdict_text
from plimsoll.plot import ReportPlot, SimulationPlot
from plimsoll.report_page import headline, report_html
from plimsoll.table import Table
from plimsoll.value import Answer

Verdict = Literal["fits", "does_not_fit", "undecided"]


class Report(Answer):
    """The answer of ``Plan.check``: whether the plan fits, and every number behind it.

    Tables have units in the names of their columns; probabilities and quantiles come with the low and
    the high end of their 95 % interval.

    >>> import plimsoll
    >>> text = "{version: 1, services: {api: {memory: 64MiB}}, traffic: {arrival_rate: 10/s}}"
    >>> report = plimsoll.read(text).check(target="512mb", runs=2)
    >>> report.replications, report.services["service"]
    (2, ['api'])
    """

    @property
    def verdict(self) -> Verdict:
        """``"fits"``, ``"does_not_fit"`` or ``"undecided"``: too close to call within the budget."""
        return cast(Verdict, self._data["verdict"])

    @property
    def fits(self) -> bool:
        """Whether every objective holds, with confidence."""
        return self.verdict == "fits"

    @property
    def digest(self) -> str:
        """Digest of every number: the same in every face and on every machine."""
        return cast(str, self._data["digest"])

    @property
    def seed(self) -> int:
        """The seed that was used."""
        return cast(int, self._data["seed"])

    @property
    def replications(self) -> int:
        """Independent runs behind every number."""
        return cast(int, self._data["replications"])

    @property
    def host(self) -> dict[str, Any]:
        """Memory (``_bytes``) and busy share of the host."""
        return cast(dict[str, Any], self.to_dict()["host"])

    @property
    def load_line(self) -> dict[str, Any] | None:
        """Load at saturation, where the plan states no traffic (``rate_per_second``, ``binding``)."""
        return cast("dict[str, Any] | None", self.to_dict()["load_line"])

    @property
    def precision(self) -> dict[str, Any] | None:
        """How precise the estimates are, where ``check(precision=…)`` asked for it: ``wanted`` and
        ``reached``, half the 95 % interval as a share of the estimate."""
        return cast("dict[str, Any] | None", self.to_dict()["precision"])

    @property
    def within(self) -> dict[str, Any] | None:
        """Kills over a long time, where ``check(within=…)`` asked for it: ``probability``, ``interval``,
        how it was found (``method``), and what may make it wrong (``doubts``)."""
        return cast("dict[str, Any] | None", self.to_dict()["within"])

    @cached_property
    def services(self) -> Table:
        """The services: limits, peaks, kills, busy shares."""
        return columns.table(self._data["services"], columns.SERVICES)

    @cached_property
    def endpoints(self) -> Table:
        """The endpoints: counts, throughput and latency, failures and time-outs included."""
        rows = [columns.with_losses(endpoint) for endpoint in self._data["endpoints"]]
        return columns.table(rows, columns.ENDPOINTS)

    @cached_property
    def objectives(self) -> Table:
        """The objectives: ``pass``, ``fail``, or ``close``: too close to call."""
        return columns.table(self._data["objectives"], columns.OBJECTIVES)

    @cached_property
    def caches(self) -> Table:
        """The caches."""
        return columns.table(self._data["caches"], columns.CACHES)

    @cached_property
    def pools(self) -> Table:
        """The connection pools."""
        return columns.table(self._data["pools"], columns.POOLS)

    @cached_property
    def retries(self) -> Table:
        """Requests and calls that are tried again: attempts per request, the clients' first."""
        return columns.table(self._data.get("retries", []), columns.RETRIES)

    @cached_property
    def alerts(self) -> Table:
        """The plan's alert rules: which fire, when, and how long before the first kill (negative:
        after it)."""
        return columns.table(self._data.get("alerts", []), columns.ALERTS)

    @cached_property
    def ledger(self) -> Table:
        """What the memory of each service is made of at its peak."""
        parts = [
            (service["name"], part["part"], part["bytes"])
            for service in self._data["services"]
            for part in service["ledger"]
        ]
        return Table({"service": "text", "part": "text", "bytes": "integer"}, parts)

    @cached_property
    def time_by_cause(self) -> Table:
        """Where the time of requests goes: mean seconds of a request by cause."""
        parts = [
            (endpoint["name"], part["cause"], part["seconds"])
            for endpoint in self._data["endpoints"]
            for part in endpoint["time_by_cause"]
        ]
        return Table({"endpoint": "text", "cause": "text", "mean_seconds": "float"}, parts)

    @cached_property
    def findings(self) -> Table:
        """Rules of thumb that the plan breaks, found without simulating."""
        return columns.table(self._data["findings"], columns.FINDINGS)

    @cached_property
    def assumptions(self) -> Table:
        """Every input that is no fact of the plan, and what each guess does to the verdict."""
        rows = [columns.with_ends(found) for found in self._data["assumptions"]]
        return columns.table(rows, columns.ASSUMPTIONS)

    @property
    def plot(self) -> ReportPlot:
        """Charts: ``plot.memory()``, ``plot.latency()``, ``plot.ledger()``."""
        return ReportPlot(self)

    def __repr__(self) -> str:
        broken = [
            f"{one['expression']} ({one['outcome']})"
            for one in self._data["objectives"]
            if one["outcome"] != "pass"
        ]
        rest = f": {'; '.join(broken)}" if broken else ""
        said = f"{verdict_text(self.verdict)}, {headline(self._data)}"
        return f"<{type(self).__name__}: {said}{rest}>"

    def _repr_html_(self) -> str:
        return report_html(self._data)


class Simulation(Report):
    """The answer of ``Plan.simulate``: the report of all runs together, and each run.

    ``digest`` is that of a check of as many runs.

    >>> import plimsoll
    >>> text = "{version: 1, services: {api: {}}, traffic: {arrival_rate: 10/s}, horizon: 10s}"
    >>> simulation = plimsoll.read(text).simulate(runs=3)
    >>> simulation.service_runs["replication"], len(simulation.series)
    ([0, 1, 2], 2160)
    """

    def __init__(self, native: _native.Simulation) -> None:
        self.__dict__["_native"] = native

    def to_json(self) -> str:
        """The report of all runs together, as ``Plan.check`` gives it."""
        return self._report

    @cached_property
    def _report(self) -> str:
        # Written when it is asked for: many simulations are looked at for one number only.
        return self._runs.report()

    @property
    def digest(self) -> str:
        """Digest of every number: that of a check of as many runs."""
        return self._runs.digest()

    @property
    def _runs(self) -> _native.Simulation:
        return cast(_native.Simulation, self.__dict__["_native"])

    @cached_property
    def runs(self) -> Table:
        """A row for each run: the host's peak and busy share."""
        return Table._of(self._runs.runs())

    @cached_property
    def service_runs(self) -> Table:
        """A row for each run and service: peak, kills, restarts, queues."""
        return Table._of(self._runs.service_runs())

    @cached_property
    def endpoint_runs(self) -> Table:
        """A row for each run and endpoint: counts and latency."""
        return Table._of(self._runs.endpoint_runs())

    @cached_property
    def objective_runs(self) -> Table:
        """A row for each run and objective: what was measured."""
        return Table._of(self._runs.objective_runs())

    @cached_property
    def series(self) -> Table:
        """Values over time: ``replication``, ``time_seconds`` (the end of a window), ``kind``, ``name``,
        ``metric`` (with its unit) and ``value``. Without rows unless ``series=True``.

        Of a service, ``memory_bytes`` and ``in_flight`` are the most within a window, and those of its
        fullest container: neither the mean over time, nor the sum over containers. ``containers`` are
        those that stand at the end of a window; without rows where they are ``services["replicas"]`` all
        the time. Of an endpoint, ``ended`` and ``failed`` count the requests that ended in a window, with
        failures and failures alone; ``p95_seconds`` (empty where fewer than 20 ended) and ``mean_seconds``
        are their latency."""
        return Table._of(self._runs.series())

    @cached_property
    def events(self) -> Table:
        """What happened, in order: kills, restarts, forks, spikes. Without rows unless
        ``series=True``."""
        return Table._of(self._runs.events())

    @property
    def plot(self) -> SimulationPlot:
        """Charts over time: ``plot.memory()``, ``plot.latency()``."""
        return SimulationPlot(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Simulation):
            return NotImplemented
        return self._runs.to_json() == other._runs.to_json()

    __hash__ = Report.__hash__

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return _simulation, (self._runs.to_json(),)


def _simulation(text: str) -> Simulation:
    return Simulation(_native.Simulation.from_json(text))
