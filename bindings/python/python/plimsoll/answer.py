"""What ``load_line``, ``fit``, ``diff`` and ``sensitivity`` answer."""

from __future__ import annotations

from functools import cached_property
from html import escape
from typing import Any, Literal, cast

from plimsoll import columns
from plimsoll.page import plural, size, time, verdict_html, verdict_text
from plimsoll.plot import LoadLinePlot
from plimsoll.report import Verdict
from plimsoll.report_page import findings_html, objectives_html
from plimsoll.table import Table
from plimsoll.value import Answer


def _load(load: float | None, unit: str) -> str:
    if load is None:
        return "unknown"
    return f"{load:.4g}/s" if unit == "per_second" else f"{load:.4g} users"


class LoadLine(Answer):
    """The answer of ``Plan.load_line``: the largest load at which every objective holds."""

    @property
    def outcome(self) -> Literal["found", "always_broken", "never_broken", "unfinished"]:
        """How the search ended."""
        return cast(Any, self._data["outcome"])  # type: ignore[no-any-return]

    @property
    def estimate(self) -> float | None:
        """The load, in ``unit``; ``None`` if none was found."""
        return cast("float | None", self._data["estimate"])

    @property
    def interval(self) -> tuple[float | None, float | None]:
        """A load that holds and one that breaks, each with confidence."""
        ends = self._data["interval"]
        return ends["low"], ends["high"]

    @property
    def unit(self) -> Literal["per_second", "users"]:
        """Requests per second, or users."""
        return cast(Any, self._data["unit"])  # type: ignore[no-any-return]

    @property
    def freeboard(self) -> float | None:
        """How far the planned load is below the line, as a share of it: 1 is room for twice as much."""
        return cast("float | None", self._data["freeboard"])

    @property
    def first(self) -> dict[str, Any] | None:
        """What gives first: ``load``, ``objective``, ``piles_up`` and ``binding``."""
        return cast("dict[str, Any] | None", self.to_dict()["first"])

    @property
    def next(self) -> dict[str, Any] | None:
        """What would give next, if the first did not."""
        return cast("dict[str, Any] | None", self.to_dict()["next"])

    @cached_property
    def curve(self) -> Table:
        """Every load that was tried (in ``unit``), with what it did."""
        return columns.table(self._data["curve"], columns.CURVE)

    @property
    def plot(self) -> LoadLinePlot:
        """A chart: ``plot.latency()`` over the load."""
        return LoadLinePlot(self)

    def _said(self) -> str:
        low, high = (_load(end, self.unit) for end in self.interval)
        said = f"{_load(self.estimate, self.unit)} ({low} to {high})"
        if None in self.interval:
            said += " within the budget"
        if self.outcome == "always_broken":
            said = f"no load holds, not even {high}"
        elif self.outcome == "never_broken":
            said = f"every load that was tried holds, up to {low}"
        elif self.outcome == "unfinished":
            said = "unknown: the budget of events ended"
        if self.first is not None:
            gives = self.first["objective"] or "queues that only grow"
            said += f", first to give: {gives}"
            binding = self.first["binding"]
            said += f" ({binding['resource']} of {binding['service']})" if binding else ""
        if self.freeboard is not None:
            said += f", freeboard {self.freeboard:+.0%}"
            sure = self._data["freeboard_interval"]["low"]
            said += f" ({sure:+.0%} for sure)" if sure is not None and sure >= 0 else ""
        return said

    def __repr__(self) -> str:
        return f"<LoadLine: {self._said()}>"

    def _repr_html_(self) -> str:
        return f"<p><b>load line</b> {escape(self._said())}</p>{self.curve._repr_html_()}"


class Fit(Answer):
    """The answer of ``Plan.fit``: the smallest limits under which every objective holds."""

    @property
    def outcome(self) -> Literal["found", "none_holds", "unverified", "unfinished"]:
        """How the search ended. ``"none_holds"`` may mean that none is known to: see ``is_open``.
        ``"unverified"``: fresh runs could not show that what is proposed holds."""
        return cast(Any, self._data["outcome"])  # type: ignore[no-any-return]

    @property
    def is_open(self) -> bool:
        """Whether no limit was found though none was shown to break an objective: undecided, and not
        that it cannot be. More runs may find one, or what ``objectives`` ask for in ``detail``."""
        outcomes = [one["outcome"] for one in self._data["objectives"]]
        return self.outcome == "none_holds" and "fail" not in outcomes

    @cached_property
    def objectives(self) -> Table:
        """The objectives under the limits that are proposed; where none holds, under generous ones."""
        return columns.table(self._data["objectives"], columns.OBJECTIVES)

    @cached_property
    def proposals(self) -> Table:
        """What to set for each input, and why not less."""
        return columns.table(self._data["proposals"], columns.PROPOSALS)

    @cached_property
    def findings(self) -> Table:
        """What ``check`` warns of with the limits as they are proposed, and not with generous ones: what a
        heap or a database may still take, though no run did."""
        return columns.table(self._data["findings"], columns.FINDINGS)

    @property
    def values(self) -> dict[str, str]:
        """The proposals as ``Plan.with_`` takes them: ``plan.with_(fit.values)``."""
        return {one["path"]: one["proposed"] for one in self._data["proposals"]}

    @property
    def host(self) -> dict[str, Any]:
        """The host that was chosen (``memory_bytes``, ``cores``)."""
        return cast(dict[str, Any], self.to_dict()["host"])

    def __repr__(self) -> str:
        sign, words, _ = self._words()
        details = [f"{path} {value}" for path, value in self.values.items()]
        if self.outcome != "found":
            rows = self._data["objectives"]
            left = (one for one in rows if one["outcome"] != "pass")
            details = [f"{one['expression']} ({one['outcome']})" for one in left]
        rest = f": {'; '.join(details)}" if details else ""
        return f"<Fit: {sign} {words}, {self._headline()}{rest}>"

    def _words(self) -> tuple[str, str, Verdict]:
        """How the search ended: a sign, words, and the verdict that has its colour."""
        if self.outcome == "found":
            return "✓", "fitted", "fits"
        if self.outcome == "unfinished":
            return "!", "unfinished", "undecided"
        if self.outcome == "unverified":
            return "!", "unverified", "undecided"
        if self.is_open:
            return "!", "undecided", "undecided"
        return "✗", "no limit holds", "does_not_fit"

    def _headline(self) -> str:
        """The answer in one sentence, which is that of the command line."""
        host = self._data["host"]
        place = f"{size(host['memory_bytes'])}, {plural(host['cores'], 'core')}"
        if self.outcome == "found":
            limits = [one["memory"] for one in self._data["proposals"] if one["memory"] is not None]
            before = [one["before_bytes"] for one in limits]
            was = "" if None in before else f" instead of {size(sum(before))}"
            total = size(sum(one["proposed_bytes"] for one in limits))
            verified = self._data["verified"]
            runs = (
                f"{plural(verified['replications'], 'run')} of {time(verified['horizon_seconds'])}"
            )
            held = f"limits of {total}{was} hold every objective on {place}"
            return f"{held}; verified by {runs} under fresh seeds"
        if self.outcome == "unfinished":
            return f"the budget of events was spent after {plural(self._data['checks'], 'plan')}"
        if self.outcome == "unverified":
            return f"{self._left_open()} on {place}"
        does_not = "cannot be shown to hold" if self.is_open else "does not hold"
        return f"even with generous limits an objective {does_not} on {place}"

    def _left_open(self) -> str:
        """What the limits that were found are not known to hold, and by which runs."""
        verified = self._data["verified"]
        runs = plural(verified["replications"], "fresh run") if verified else "the runs of the search"
        rows = self._data["objectives"]
        broken = " and ".join(one["expression"] for one in rows if one["outcome"] == "fail")
        left = " and ".join(one["expression"] for one in rows if one["outcome"] == "close")
        if broken:
            return f"{runs} under the limits break {broken}"
        if left:
            return f"{runs} leave open whether the limits hold {left}"
        return f"{runs} under the limits still kill somebody"

    def _repr_html_(self) -> str:
        sign, words, colour = self._words()
        parts = [verdict_html(colour, self._headline(), words=f"{sign} {words}")]
        if self.outcome != "found":
            parts.append(objectives_html(self._data["objectives"]))
        if len(self.proposals):
            parts.append(self.proposals._repr_html_())
        parts.append(findings_html(self._data["findings"]))
        return "".join(parts)


class Diff(Answer):
    """The answer of ``Plan.diff``: what changes from base to head, under the same random streams."""

    @property
    def verdict(self) -> Verdict:
        """Whether head fits."""
        return cast(Verdict, self._data["head"]["verdict"])

    @property
    def verdicts(self) -> tuple[Verdict, Verdict]:
        """The verdicts of base and of head."""
        return self._data["base"]["verdict"], self._data["head"]["verdict"]

    @cached_property
    def differences(self) -> Table:
        """Each quantity of both sides, with the difference and its 95 % interval."""
        return columns.table(self._data["differences"], columns.DIFFERENCES)

    @cached_property
    def changed(self) -> Table:
        """The quantities that are better or worse, beyond chance and by 1 % or more."""
        rows = [
            one
            for one in self._data["differences"]
            if one["change"]["judgement"] in ("better", "worse") and not one["change"]["minor"]
        ]
        return columns.table(rows, columns.DIFFERENCES)

    @cached_property
    def inputs(self) -> Table:
        """The inputs that differ."""
        return columns.table(self._data["inputs"], columns.INPUT_DIFFERENCES)

    @property
    def fixes(self) -> list[dict[str, str | None]]:
        """Where head no longer fits: changes that were simulated and make it fit, or as undecided as base
        is, as ``Plan.with_`` takes them."""
        found = self._data["repair"] or {"fixes": []}
        return [{step["path"]: step["to"] for step in fix["set"]} for fix in found["fixes"]]

    def __repr__(self) -> str:
        base, head = (verdict_text(side) for side in self.verdicts)
        worse = sum(one == "worse" for one in self.changed["judgement"])
        better = len(self.changed) - worse
        return f"<Diff: {base} → {head}, {worse} worse, {better} better>"

    def _repr_html_(self) -> str:
        base, head = (verdict_text(side) for side in self.verdicts)
        changed = self.changed if len(self.changed) else self.inputs
        return f"<p><b>{base} → {head}</b></p>{changed._repr_html_()}"


class Guesses(Answer):
    """The answer of ``Plan.sensitivity``: which guesses decide the verdict, alone and together."""

    @property
    def deciding(self) -> list[str]:
        """The guesses that turn the verdict when they alone go to an end of their range. What to measure
        first; ``Plan.measure`` says how."""
        return [one["path"] for one in self._data["assumptions"] if one["decides"]]

    @property
    def broken_ratio(self) -> float | None:
        """Share of the points, over the ranges of all guesses that matter, at which an objective is
        broken; ``None`` where no guess matters."""
        effects = self._data["effects"]
        return None if effects is None else cast(float, effects["broken"])

    @cached_property
    def effects(self) -> Table:
        """The guesses that matter, varied together: ``S1`` is the share of the variance that goes when
        one is measured, ``ST`` the share that stays when all the others are, each with the ends of its
        95 % interval. The variance is that of the distance of the worst objective from its limit."""
        found = self._data["effects"] or {"inputs": []}
        return columns.table([columns.with_ends(one) for one in found["inputs"]], columns.EFFECTS)

    @cached_property
    def assumptions(self) -> Table:
        """Every input that is no fact of the plan, and what each guess does alone."""
        rows = [columns.with_ends(found) for found in self._data["assumptions"]]
        return columns.table(rows, columns.ASSUMPTIONS)

    def _said(self) -> str:
        guesses = self.assumptions["origin"].count("guess")
        deciding = self.deciding
        said = f"{len(deciding)} of {guesses} guesses decide the verdict alone"
        return f"{said}: {', '.join(deciding)}" if deciding else said

    def __repr__(self) -> str:
        return f"<Guesses: {self._said()}>"

    def _repr_html_(self) -> str:
        return f"<p><b>what decides</b> {escape(self._said())}</p>{self.effects._repr_html_()}"
