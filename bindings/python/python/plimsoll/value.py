"""Values: they never change, and equal ones are equal."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any, Self


class Answer:
    """An answer of the engine: JSON, byte for byte what the command line prints for it.

    It never changes, is equal to an answer with the same bytes, and pickles.
    """

    def __init__(self, text: str) -> None:
        self.__dict__["_text"] = text

    def to_json(self) -> str:
        """The answer as the command line prints it with ``--format json``."""
        text: str = self.__dict__["_text"]
        return text

    @cached_property
    def _data(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.to_json())
        return data

    def to_dict(self) -> dict[str, Any]:
        """The answer as a dict of its own, which may be changed."""
        data: dict[str, Any] = json.loads(self.to_json())
        return data

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} does not change")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} does not change")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Answer) or type(other) is not type(self):
            return NotImplemented
        return self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __reduce__(self) -> tuple[Callable[[str], Self], tuple[str]]:
        return type(self), (self.to_json(),)
