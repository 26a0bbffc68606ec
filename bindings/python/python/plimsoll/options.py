"""What every question may be asked with, as the core reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex, TypedDict

from plimsoll.argument import Text, encoded, listed, mapped, text, whole, worded

if TYPE_CHECKING:
    import numpy

    Seed = SupportsIndex | numpy.random.SeedSequence | numpy.random.Generator
    """A whole number from 0 below 2⁶⁴, or what numpy draws one from."""

_EXAMPLES = {
    "target": "4GiB",
    "traffic": "100/s",
    "horizon": "10m",
    "precision": "5%",
    "within": "1d",
    "max_load": "500/s",
}
"""Arguments that are texts, with what they look like."""
VALUES = '{"redis.memory": "96MiB"}'
"""What values look like."""
_OBJECTIVE = "latency: p(95) < 200ms"
_MOST = {"runs": 2**32 - 1, "max_events": 2**64 - 1, "jobs": 1024}
"""Arguments that are whole numbers from 1, with their largest, as on the command line."""


class CommonChanges(TypedDict, total=False):
    """What may replace values of several plans at once; traffic and host are lists there."""

    values: Mapping[str, Text]
    """Any input by its path, as ``--set`` takes it: ``{"services.redis.memory": "96MiB"}``. A path may
    start with the name of a service: ``{"redis.memory": "96MiB"}``."""
    users: SupportsIndex
    """Closed traffic: so many users."""
    spikes: Sequence[str]
    """Spikes of the traffic: ``"5x@10m+2m"``, five times as much, from 10 minutes on, for 2."""
    horizon: str
    """Length of a run: ``"10m"``."""
    objectives: Sequence[str]
    """What must hold besides what the plan says: ``"latency: p(95) < 200ms"``."""


class Changes(CommonChanges, total=False):
    """What may replace values of a plan in any question."""

    target: str
    """Memory of the host: ``"512mb"``, ``"4GiB"``."""
    traffic: str
    """Open traffic: ``"100/s"``."""


def overrides(changes: Changes) -> dict[str, Any]:
    """Changes as the core reads them."""
    unknown = sorted(changes.keys() - Changes.__annotations__.keys())
    if unknown:
        raise TypeError(
            f"unknown argument {unknown[0]!r}: one of {', '.join(Changes.__annotations__)}"
        )
    users = whole("users", changes.get("users"))
    values = mapped("values", changes.get("values") or {}, VALUES)
    return {
        "target": checked("target", changes.get("target")),
        "traffic": checked("traffic", changes.get("traffic")),
        "users": None if users is None else str(users),
        "spikes": listed("spikes", changes.get("spikes", ()), "5x@10m+2m"),
        "horizon": checked("horizon", changes.get("horizon")),
        "objectives": objectives(changes),
        "set": [(path, text(value, f"values[{path!r}]")) for path, value in values.items()],
    }


def objectives(changes: Changes) -> list[str]:
    """The objectives that are added."""
    return listed("objectives", changes.get("objectives", ()), _OBJECTIVE)


def checked(name: str, value: object) -> object:
    """An argument of a question, if it may be what it is."""
    if name in _EXAMPLES:
        return worded(name, value, _EXAMPLES[name])
    return whole(name, value, 1, _MOST[name]) if name in _MOST else value


def seed_text(seed: Seed) -> str:
    """A seed as the core reads it. Of a ``SeedSequence`` or ``Generator`` one number is drawn.

    >>> seed_text(42)
    '42'
    """
    if hasattr(seed, "generate_state"):
        return str(int(seed.generate_state(1, "uint64")[0]))
    if hasattr(seed, "integers"):
        return str(int(seed.integers(0, 2**64, dtype="uint64")))
    try:
        number = whole("seed", seed)
    except TypeError:
        number = None
    if number is None or not 0 <= number < 2**64:
        raise ValueError(
            "a seed is a whole number from 0 below 2**64, a SeedSequence or a Generator"
        )
    return str(number)


def effort(seed: Seed, **more: object) -> dict[str, Any]:
    """How a question is asked."""
    if more.get("runs") is not None and more.get("precision") is not None:
        raise TypeError("runs and precision: one of them says how many runs there are, not both")
    return {"seed": seed_text(seed), **{name: checked(name, one) for name, one in more.items()}}


def question(changes: Changes, *, seed: Seed, **more: object) -> str:
    """The options of a question as JSON."""
    return encoded({"overrides": overrides(changes), **effort(seed, **more)})
