"""What every question may be asked with, as the core reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    import numpy

    Seed = int | numpy.random.SeedSequence | numpy.random.Generator
    """A whole number from 0 below 2⁶⁴, or what numpy draws one from."""

Text = str | int | float | bool | None
"""A value of an input: text with its unit (``"96MiB"``), or a plain number; ``None`` takes it away."""


class Changes(TypedDict, total=False):
    """What may replace values of a plan in any question."""

    values: Mapping[str, Text]
    """Any input by its path, as ``--set`` takes it: ``{"services.redis.memory": "96MiB"}``. A path may
    start with the name of a service: ``{"redis.memory": "96MiB"}``."""
    target: str
    """Memory of the host: ``"512mb"``, ``"4GiB"``."""
    traffic: str
    """Open traffic: ``"100/s"``."""
    users: int
    """Closed traffic: so many users."""
    spikes: Sequence[str]
    """Spikes of the traffic: ``"5x@10m+2m"``, five times as much, from 10 minutes on, for 2."""
    horizon: str
    """Length of a run: ``"10m"``."""
    objectives: Sequence[str]
    """What must hold besides what the plan says: ``"latency: p(95) < 200ms"``."""


def text(value: Text) -> str:
    """A value as the core reads it: YAML.

    >>> text("96MiB"), text(2), text(None), text(True)
    ('96MiB', '2', 'null', 'true')
    """
    return value if isinstance(value, str) else json.dumps(value)


def overrides(changes: Changes) -> dict[str, Any]:
    """Changes as the core reads them."""
    unknown = sorted(changes.keys() - Changes.__annotations__.keys())
    if unknown:
        raise TypeError(
            f"unknown argument {unknown[0]!r}: one of {', '.join(Changes.__annotations__)}"
        )
    users = changes.get("users")
    return {
        "target": changes.get("target"),
        "traffic": changes.get("traffic"),
        "users": None if users is None else str(users),
        "spikes": listed("spikes", changes.get("spikes", ())),
        "horizon": changes.get("horizon"),
        "objectives": listed("objectives", changes.get("objectives", ())),
        "set": [(path, text(value)) for path, value in changes.get("values", {}).items()],
    }


def listed(name: str, values: Sequence[str]) -> list[str]:
    """A sequence of texts as a list; one text alone is a mistake that is easily made."""
    if isinstance(values, str):
        raise TypeError(f"{name} is a list of texts: [{values!r}]")
    return list(values)


def seed_text(seed: Seed) -> str:
    """A seed as the core reads it. Of a ``SeedSequence`` or ``Generator`` one number is drawn.

    >>> seed_text(42)
    '42'
    """
    if hasattr(seed, "generate_state"):
        return str(int(seed.generate_state(1, "uint64")[0]))
    if hasattr(seed, "integers"):
        return str(int(seed.integers(0, 2**64, dtype="uint64")))
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**64:
        raise ValueError(
            "a seed is a whole number from 0 below 2**64, a SeedSequence or a Generator"
        )
    return str(seed)


def question(changes: Changes, *, seed: Seed, **more: object) -> str:
    """The options of a question as JSON."""
    return json.dumps({"overrides": overrides(changes), "seed": seed_text(seed), **more})
