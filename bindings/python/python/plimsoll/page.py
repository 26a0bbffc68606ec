"""What a notebook shows: small HTML without scripts, styles of its own or requests."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_MIB = 1 << 20
_TALL = 14
"""Rows from which on a table is scrolled."""
COLOURS = {"fits": "#1a7f37", "does_not_fit": "#cf222e", "undecided": "#9a6700"}
"""The same colour for a verdict wherever it is shown."""
_WORDS = {"fits": "✓ fits", "does_not_fit": "✗ does not fit", "undecided": "! undecided"}


def size(number: float | None) -> str:
    """Bytes as people read them.

    >>> size(50_331_648), size(3 * 2**30), size(None)
    ('48 MiB', '3 GiB', '–')
    """
    if number is None:
        return "–"
    for unit, scale in (("GiB", 1 << 30), ("MiB", _MIB), ("KiB", 1 << 10)):
        if abs(number) >= scale:
            return f"{number / scale:.3g} {unit}"
    return f"{number:.0f} B"


def time(seconds: float | None) -> str:
    """A time as people read it.

    >>> time(0.0123), time(2.5), time(None)
    ('12.3 ms', '2.5 s', '–')
    """
    if seconds is None:
        return "–"
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 600 else f"{seconds / 60:.3g} min"


def share(ratio: float | None) -> str:
    """A ratio in percent.

    >>> share(0.0123), share(None)
    ('1.23%', '–')
    """
    return "–" if ratio is None else f"{ratio * 100:.3g}%"


def verdict_html(verdict: str, rest: str) -> str:
    """The verdict as a line: a sign, a word, a colour, and what it is about."""
    colour = COLOURS[verdict]
    return f'<p><b style="color:{colour}">{_WORDS[verdict]}</b> {escape(rest)}</p>'


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
    if isinstance(value, float):
        return f'<td style="text-align:right">{value:.6g}</td>'
    if isinstance(value, int) and not isinstance(value, bool):
        return f'<td style="text-align:right">{value}</td>'
    return f'<td style="text-align:left">{escape(str(value))}</td>'


def bars_svg(bars: Sequence[tuple[str, float, float | None]]) -> str:
    """Bars of memory, each with a line where its limit is: (name, bytes, limit in bytes)."""
    widest = max((max(used, limit or 0) for _, used, limit in bars), default=0) or 1
    scale = 260 / widest
    parts = [_bar(index, bar, scale) for index, bar in enumerate(bars)]
    height = 18 * len(bars) + 4
    label = "; ".join(f"{name}: {size(used)} of {size(limit)}" for name, used, limit in bars)
    start = f'<svg width="520" height="{height}" role="img" aria-label="{escape(label)}"'
    return f'{start} font-family="sans-serif" font-size="11">{"".join(parts)}</svg>'


def _bar(index: int, bar: tuple[str, float, float | None], scale: float) -> str:
    name, used, limit = bar
    top = 18 * index + 3
    is_over = limit is not None and used >= limit
    fill = COLOURS["does_not_fit" if is_over else "fits"]
    text = f'<text x="136" y="{top + 11}" text-anchor="end" fill="currentColor">'
    line = ""
    if limit is not None:
        place = 142 + limit * scale
        line = f'<path d="M{place:.1f} {top - 1}v16" stroke="currentColor" stroke-width="2"/>'
    width = max(used * scale, 1)
    said = f"{size(used)}" + (f" of {size(limit)}" if limit is not None else "")
    after = 142 + max(used, limit or 0) * scale + 6
    return (
        f"{text}{escape(name[:22])}</text>"
        f'<rect x="142" y="{top}" width="{width:.1f}" height="14" fill="{fill}"/>{line}'
        f'<text x="{after:.1f}" y="{top + 11}" fill="currentColor">{said}</text>'
    )
