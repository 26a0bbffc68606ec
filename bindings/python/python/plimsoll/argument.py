"""What arguments may be. A wrong type is a ``TypeError`` that names the argument and what is wanted; a
number out of range is a ``ScenarioError``, as with what the engine reads itself."""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Iterable, Mapping
from numbers import Real
from os import PathLike, fspath
from typing import Any, SupportsIndex

from plimsoll.error import ScenarioError

Text = str | SupportsIndex | float | None
"""A value of an input: text with its unit (``"96MiB"``), or a plain number, numpy's too; ``None`` takes it
away."""


def said(value: object) -> str:
    """A value that is not wanted, in few words.

    >>> said(100), said(None), said([1]), said(b"x")
    ('the number 100', 'None', 'a list', 'a bytes')
    """
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, Real):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value!r}"
    return f"a {type(value).__name__}"


def worded(name: str, value: object, example: str) -> str | None:
    """A text, or nothing.

    >>> worded("traffic", "100/s", "100/s")
    '100/s'
    """
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"{name}: a text such as {example!r}, not {said(value)}")


def listed(name: str, values: object, example: str) -> list[str]:
    """A sequence of texts as a list; one text alone is a mistake that is easily made."""
    wanted = f"{name} is a list of texts such as [{example!r}]"
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise TypeError(f"{wanted}, not {said(values)}")
    found = []
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"{wanted}: one is {said(value)}")
        found.append(value)
    return found


def several(name: str, values: object) -> list[object]:
    """The values that an input may have; one text alone is a mistake that is easily made."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise TypeError(f"{name}: a list of values, not {said(values)}")
    return list(values)


def mapped(name: str, values: object, example: str) -> dict[str, Any]:
    """A mapping from texts, as a dict."""
    wanted = f"{name} is a dict such as {example}"
    if not isinstance(values, Mapping):
        raise TypeError(f"{wanted}, not {said(values)}")
    for key in values:
        if not isinstance(key, str):
            raise TypeError(f"{wanted}: one key is {said(key)}")
    return dict(values)


def whole(name: str, value: object, least: int | None = None, most: int = 2**64 - 1) -> int | None:
    """A whole number, or what is one to Python, as numpy's are; or nothing. Without ``least`` the engine
    says what is out of range.

    >>> whole("jobs", 4, 1, 1024), whole("jobs", None, 1, 1024)
    (4, None)
    """
    if value is None:
        return None
    number = _index(value)
    if number is None:
        raise TypeError(f"{name}: a whole number, not {said(value)}")
    if least is not None and not least <= number <= most:
        raise out_of_range(name, number, least, most)
    return number


def out_of_range(name: str, number: int, least: int, most: int) -> ScenarioError:
    """What is wrong with a number."""
    return refusal("E300", name, f"{name} is {number}", f"a number from {least} to {most:,}")


def refusal(code: str, path: str, message: str, hint: str) -> ScenarioError:
    """What is wrong with an argument, said as the engine says it."""
    found = {"code": code, "severity": "error", "path": path, "message": message, "hint": hint}
    return ScenarioError(json.dumps([found | {"location": None}]))


def text(value: object, name: str = "a value") -> str:
    """A value of an input as the core reads it: YAML.

    >>> text("96MiB"), text(2), text(2.5), text(None), text(True)
    ('96MiB', '2', '2.5', 'null', 'true')
    """
    if isinstance(value, str):
        return value
    try:
        plain(value)
    except TypeError:
        raise TypeError(f"{name}: a text, a number or None, not {said(value)}") from None
    return json.dumps(value, default=plain)


def plain(value: object) -> Any:
    """A value that JSON does not know by itself, numpy's numbers above all, as one that it knows."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    number = _index(value)
    if number is not None:
        return number
    if isinstance(value, Real):
        return float(value)
    if type(value).__name__ in ("bool", "bool_") and hasattr(value, "item"):
        return bool(value)
    raise TypeError(f"a text, a number, a list, a dict or None, not {said(value)}")


def price(name: str, value: object) -> float:
    """A number that is one."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise TypeError(f"{name}: a number, not {said(value)}")
    return float(value)


def scenario(source: Mapping[str, Any]) -> str:
    """A scenario as the text that the core reads."""

    def known(value: object) -> Any:
        return fspath(value) if isinstance(value, PathLike) else plain(value)

    try:
        return json.dumps(source, default=known)
    except TypeError as error:
        raise TypeError(f"source: {error}") from None


def encoded(options: Mapping[str, Any]) -> str:
    """Options as JSON. Half of a surrogate pair stays what it is, and no text of the engine."""
    return json.dumps(options, ensure_ascii=False)


def _index(value: object) -> int | None:
    """A whole number; ``None`` of what is none. True and False are none."""
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        return None
    try:
        return operator.index(value)
    except TypeError:  # An array of several has the method, too.
        return None
