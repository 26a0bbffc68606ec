"""Which variables the texts of a plan refer to. A plan goes to other processes and machines; what it does
not refer to is nobody's business there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

PROFILES = "COMPOSE_PROFILES"
"""The variable that names active profiles, where the caller names none. The core reads it."""

_DOLLAR = r"(?:\$|\\x24|\\u0024|\\U00000024)"
"""A dollar sign, as YAML lets it be written."""
_USE = re.compile(rf"{_DOLLAR}{_DOLLAR}|{_DOLLAR}\{{?([A-Za-z_][A-Za-z0-9_]*)")
"""Two dollar signs, which are one and no variable; or ``$NAME``, or the begin of ``${NAME…}``."""
_GAP = r"(?:\s|#[^\n]*\n)*"
"""What may stand between the parts of a list in brackets: blanks, lines, comments."""
_END = r"[ \t]*(?:#.*)?\r?$"
"""The end of a line."""


def referred(
    texts: Iterable[str], variables: Mapping[str, str], profiles: Iterable[str] = ()
) -> dict[str, str]:
    """Those of the variables that the texts refer to: as ``$NAME`` or ``${NAME…}``, or as an entry of an
    environment that has no value, for which Compose takes that of the variable.

    >>> text = "environment: [A, B=$B, C=$$C]\\nlabels: {D: '${E:-$F}', G: }"
    >>> sorted(referred([text], dict.fromkeys("ABCDEFGH", "1")))
    ['A', 'B', 'E', 'F', 'G']
    """
    texts = list(texts)
    used = {match[1] for text in texts for match in _USE.finditer(text)}
    if not any(profiles):
        used.add(PROFILES)
    return {
        name: value
        for name, value in variables.items()
        if name in used or any(_is_entry(text, name) for text in texts)
    }


def _is_entry(text: str, name: str) -> bool:
    """Whether a name stands in a text as an item of a list or as a key without a value."""
    if name not in text:
        return False
    word = rf"""(?P<quote>["']?)(?P<name>{re.escape(name)})(?P=quote)"""
    line = r"^[ \t]*(?:[-?][ \t]+)"
    inside = rf"(?:\[|(?<!\$)\{{|,){_GAP}"
    nothing = r"[ \t]*:[ \t]*(?:null|Null|NULL|~)?"
    enclosed = rf"{inside}{word}(?:{nothing})?{_GAP}[,\]}}]"
    item = rf"{line}+{word}{_END}"
    key = rf"{line}*{word}{nothing}{_END}"
    if re.search(enclosed, text) or re.search(item, text, re.MULTILINE):
        return True
    return any(_is_empty(text, match) for match in re.finditer(key, text, re.MULTILINE))


def _is_empty(text: str, key: re.Match[str]) -> bool:
    """Whether nothing belongs to a key that ends its line: what follows is not farther in than it, and no
    list."""
    column = key.start("quote") - (text.rfind("\n", 0, key.start("quote")) + 1)
    follows = re.compile(r"^([ \t]*)([^\s#])", re.MULTILINE).search(text, key.end())
    if follows is None:
        return True
    indent = len(follows[1])
    return indent < column or (indent == column and follows[2] != "-")
