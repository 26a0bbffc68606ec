"""What a notebook shows: small HTML without scripts, styles of its own or requests."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

_SIZES = (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))
_TIMES = (("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3), ("us", 1e-6))
_LONG = 100_000
"""Numbers from which on digits after the point say nothing, and an exponent would stand."""
_TALL = 14
"""Rows from which on a table is scrolled."""
COLOURS = {"fits": "#1a7f37", "does_not_fit": "#cf222e", "undecided": "#9a6700"}
"""The same colour for a verdict wherever it is shown."""
_WORDS = {"fits": "✓ fits", "does_not_fit": "✗ does not fit", "undecided": "! undecided"}


def significant(number: float) -> str:
    """A number with three digits that count, whole ones with all of theirs, and without an exponent.

    >>> significant(1023.4), significant(0.012345), significant(2.50), significant(0)
    ('1023', '0.0123', '2.5', '0')
    """
    if number == 0 or not math.isfinite(number):
        return f"{number:g}"
    places = min(max(2 - math.floor(math.log10(abs(number))), 0), 12)
    text = f"{number:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def size(number: float | None) -> str:
    """Bytes as people read them, as the command line writes them.

    >>> size(50_331_648), size(1023 * 2**20), size(3.5 * 2**30), size(12.34 * 2**20), size(None)
    ('48 MiB', '1023 MiB', '3.50 GiB', '12.3 MiB', '–')
    """
    if number is None:
        return "–"
    for unit, scale in _SIZES:
        value = abs(number) / scale
        if value >= 1:
            places = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
            return f"{number / scale:.{places}f} {unit}"
    return f"{number:.0f} B"


def time(seconds: float | None) -> str:
    """A time as people read it, as the command line writes it.

    >>> time(0.0123), time(0.9999), time(2.5), time(600), time(2e-7), time(None)
    ('12.3 ms', '1000 ms', '2.5 s', '10 min', '200 ns', '–')
    """
    if seconds is None:
        return "–"
    for unit, scale in _TIMES:
        if abs(seconds) >= scale:
            return f"{significant(seconds / scale)} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def share(ratio: float | None) -> str:
    """A ratio in percent.

    >>> share(0.0123), share(1.0), share(None)
    ('1.23%', '100%', '–')
    """
    return "–" if ratio is None else f"{significant(ratio * 100)}%"


def measure(value: float | None, unit: str) -> str:
    """What was measured, in the unit that the report names.

    >>> measure(0.25, "seconds"), measure(1023 * 2**20, "bytes"), measure(99.96, "per_second")
    ('250 ms', '1023 MiB', '100/s')
    """
    if value is None:
        return "–"
    if unit == "per_second":
        return f"{significant(value)}/s"
    known: dict[str, Callable[[float], str]] = {"seconds": time, "bytes": size, "ratio": share}
    return known.get(unit, significant)(value)


def plural(number: int, word: str) -> str:
    """A number of things.

    >>> plural(1, "run"), plural(1200, "run")
    ('1 run', '1,200 runs')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def verdict_html(verdict: str, rest: str, *, words: str | None = None) -> str:
    """The verdict as a line: a sign, a word, a colour, and what it is about. ``words`` stand for those of
    the verdict where an answer has others."""
    colour, said = COLOURS[verdict], escape(words or _WORDS[verdict])
    return f'<p><b style="color:{colour}">{said}</b> {escape(rest)}</p>'


def verdict_text(verdict: str) -> str:
    """The verdict in words."""
    return _WORDS[verdict]


def table_html(names: Sequence[str], rows: Sequence[Sequence[object]], *, more: int = 0) -> str:
    """A table; ``more`` rows are not shown, and said to be there."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    rest = f"<p>… and {more} more rows</p>" if more > 0 else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    if len(rows) > _TALL:
        table = f'<div style="max-height:24em;overflow:auto">{table}</div>'
    return table + rest


def _cell(value: object) -> str:
    if value is None:
        return "<td>–</td>"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f'<td style="text-align:left">{escape(str(value))}</td>'
    is_long = isinstance(value, int) or abs(value) >= _LONG
    return f'<td style="text-align:right">{f"{value:,.0f}" if is_long else f"{value:.6g}"}</td>'


@dataclass(frozen=True, slots=True)
class Bar:
    """The peak memory of a service, or of the host."""

    name: str
    used: float
    """Bytes."""
    limit: float | None
    """Bytes."""
    killed: float
    """Share of the runs in which it is killed."""

    @property
    def is_over(self) -> bool:
        """Whether it does not keep to its limit. Who is killed stays below it, or is killed for others."""
        return self.killed > 0 or (self.limit is not None and self.used > self.limit)

    @property
    def said(self) -> str:
        """The bar in words."""
        limit = "" if self.limit is None else f" of {size(self.limit)}"
        killed = f", killed in {share(self.killed)} of the runs" if self.killed > 0 else ""
        return f"{size(self.used)}{limit}{killed}"


def bars_svg(bars: Sequence[Bar]) -> str:
    """Bars of memory, each with a line where its limit is."""
    widest = max((max(bar.used, bar.limit or 0) for bar in bars), default=0) or 1
    scale = 260 / widest
    parts = [_drawn(18 * index + 3, bar, scale) for index, bar in enumerate(bars)]
    height = 18 * len(bars) + 4
    label = "; ".join(f"{bar.name}: {bar.said}" for bar in bars)
    start = f'<svg width="680" height="{height}" role="img" aria-label="{escape(label)}"'
    return f'{start} font-family="sans-serif" font-size="11">{"".join(parts)}</svg>'


def _drawn(top: int, bar: Bar, scale: float) -> str:
    fill = COLOURS["does_not_fit" if bar.is_over else "fits"]
    text = f'<text x="136" y="{top + 11}" text-anchor="end" fill="currentColor">'
    line = ""
    if bar.limit is not None:
        place = 142 + bar.limit * scale
        line = f'<path d="M{place:.1f} {top - 1}v16" stroke="currentColor" stroke-width="2"/>'
    width = max(bar.used * scale, 1)
    after = 142 + max(bar.used, bar.limit or 0) * scale + 6
    return (
        f"{text}{escape(bar.name[:22])}</text>"
        f'<rect x="142" y="{top}" width="{width:.1f}" height="14" fill="{fill}"/>{line}'
        f'<text x="{after:.1f}" y="{top + 11}" fill="currentColor">{bar.said}</text>'
    )
