"""What Plimsoll raises. The engine raises these classes itself, by name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong with an input, or doubtful about it."""

    code: str
    """Stable code, such as ``E102``."""
    severity: str
    """``error``, ``warning`` or ``note``."""
    path: str
    """Path of keys, such as ``services.api.memory``; empty for the whole text."""
    message: str
    """What is wrong, in one sentence."""
    hint: str | None
    """What to do about it."""
    file: str | None
    """Name of the file that it stands in, if it stands in one."""
    line: int | None
    """Line, from 1."""
    column: int | None
    """Column in characters, from 1."""

    def __str__(self) -> str:
        place = self.path if self.file is None else f"{self.file}:{self.line}:{self.column}"
        said = f"{self.code}: {self.message}"
        return f"{place}: {said}" if place else said


def diagnostics(text: str) -> tuple[Diagnostic, ...]:
    """Reads diagnostics as the engine writes them: a list in JSON."""
    return tuple(_diagnostic(found) for found in json.loads(text))


def _diagnostic(found: dict[str, Any]) -> Diagnostic:
    place: dict[str, Any] = found.pop("location") or {"file": None, "line": None, "column": None}
    return Diagnostic(**found, **place)


class ScenarioError(ValueError):
    """The input cannot be judged.

    ``diagnostics`` holds everything that is wrong with it, in the order of the text.

    >>> import plimsoll
    >>> try:
    ...     plimsoll.read("{version: 1, services: {api: {memory: 64 parsecs}}}")
    ... except plimsoll.ScenarioError as error:
    ...     wrong = error.diagnostics[0]
    >>> wrong.path, wrong.line, wrong.column
    ('services.api.memory', 1, 39)
    """

    diagnostics: tuple[Diagnostic, ...]

    def __init__(self, diagnostics_json: str) -> None:
        super().__init__(diagnostics_json)
        self.diagnostics = diagnostics(diagnostics_json)

    def __str__(self) -> str:
        lines = []
        for found in self.diagnostics:
            lines.append(str(found))
            if found.hint:
                lines.append(f"  {found.hint}")
        return "\n".join(lines)


class InternalError(RuntimeError):
    """A fault of Plimsoll itself, never of the input. Please report it."""


class StoreError(ValueError):
    """The file of a sweep cannot be used: it is no such file, damaged, or of another sweep."""
