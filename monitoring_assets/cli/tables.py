"""Verdicts as tables for a terminal of eighty columns.

Belongs here: columns and colours of the tables of `status` and `demo`. Stays out: queries.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from monitoring_assets.records import Verdict
from monitoring_assets.storage.verdicts import WindowVerdicts

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_WIDE: Final = 10_000
"""Columns where there is no terminal to fit into: nothing is cut off in a file or a pipe, also of a
window in which hundreds of columns drift."""

_COLOUR = {Verdict.OK: "green", Verdict.ALARM: "bold red"}
_SHORT = {
    Verdict.INSUFFICIENT_DATA: "too few rows",
    Verdict.LABELS_IMMATURE: "too few labels",
    Verdict.UNDEFINED: "undefined",
}


def open_console() -> "Console":
    """Return a console as wide as the terminal, or wide enough for everything without one."""
    from rich.console import Console

    fits = sys.stdout.isatty() or os.environ.get("COLUMNS")
    return Console(width=None if fits else _WIDE)


def verdict_table(
    title: str, windows: Iterable[WindowVerdicts], *, width: int, by_model: bool
) -> "Table":
    """Return one line for each window.

    Parameters
    ----------
    width
        Columns of the terminal; what does not fit of the last column is cut off.
    by_model
        Show the model's name in front, and its metric beside the value; otherwise all windows are
        of one model.
    """
    from rich.table import Table
    from rich.text import Text

    windows = list(windows)
    metric = "value" if by_model else next((w.metric or "value" for w in windows), "value")
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    if by_model:
        table.add_column("model", no_wrap=True)
    table.add_column("window", no_wrap=True)
    for heading in ("rows", "alarming", metric, "reference"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("what", no_wrap=True)
    rows = [
        [window.model_id, *_cells(window, f"{window.metric} ")] if by_model else _cells(window)
        for window in windows
    ]
    room = width - _taken([[str(column.header) for column in table.columns], *rows])
    for row in rows:
        table.add_row(*row[:-1], Text(_cut(row[-1], room)))  # a column's name may hold brackets
    return table


def _taken(rows: list[list[str]]) -> int:
    """Return the columns of the terminal that all but the last column take, with their gaps."""
    from rich.text import Text

    fixed = list(zip(*rows, strict=True))[:-1]
    widths = [max(len(Text.from_markup(cell)) for cell in column) for column in fixed]
    return sum(widths) + 2 * len(widths)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(room - 1, 0)]}…"


def _cells(window: WindowVerdicts, metric: str = "") -> list[str]:
    worst = window.worst
    return [
        window.partition_key,
        "" if window.rows_read is None else str(window.rows_read),
        "" if window.alarming_share is None else f"{window.alarming_share:.0%}",
        "" if window.value is None else f"{metric}{_number(window.value)}",
        _number(window.reference_value),
        f"[{_COLOUR.get(worst, 'yellow')}]{_SHORT.get(worst, worst.value)}[/]",
        "; ".join(_what(window)),
    ]


def _what(window: WindowVerdicts) -> Iterator[str]:
    unknown = (f for f in (window.drift, window.quality) if f and f.verdict in _SHORT)
    if window.worst in _SHORT:
        yield from dict.fromkeys(f.reason for f in unknown if f.verdict is window.worst)
    elif window.quality is not None and window.quality.verdict in _SHORT:
        yield f"{window.metric}: {_SHORT[window.quality.verdict]}"
    if window.quality is not None and window.quality.verdict is Verdict.ALARM:
        yield f"{window.metric} is worse"
    if window.broken_columns:
        yield f"data: {', '.join(window.broken_columns)}"
    if window.drifted_columns:
        yield f"drift: {', '.join(window.drifted_columns)}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
