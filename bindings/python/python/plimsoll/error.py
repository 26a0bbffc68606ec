"""What Plimsoll raises. The engine raises these classes itself, by name."""

from __future__ import annotations

import json
from typing import Any


class ScenarioError(ValueError):
    """The input cannot be judged.

    ``diagnostics`` holds everything that is wrong with it, in the order of the text. Each is a
    dict with ``code``, ``severity``, ``path``, ``location`` (a dict with ``file``, ``line`` and
    ``column``, or None), ``message`` and ``hint`` (or None).
    """

    diagnostics: list[dict[str, Any]]

    def __init__(self, diagnostics_json: str) -> None:
        super().__init__(diagnostics_json)
        self.diagnostics = json.loads(diagnostics_json)

    def __str__(self) -> str:
        return "\n".join(_line(diagnostic) for diagnostic in self.diagnostics)


class InternalError(RuntimeError):
    """A fault of Plimsoll itself, never of the input. Please report it."""


def _line(diagnostic: dict[str, Any]) -> str:
    """One diagnostic as one line: place, code, message."""
    location = diagnostic["location"]
    if location is None:
        place = diagnostic["path"]
    else:
        place = f"{location['file']}:{location['line']}:{location['column']}"
    said = f"{diagnostic['code']}: {diagnostic['message']}"
    return f"{place}: {said}" if place else said
