"""Verdicts as tables for a terminal.

Belongs here: columns and colours of the tables of `status` and `demo`. Stays out: queries.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from monitoring_assets.records import Verdict
from monitoring_assets.storage.verdicts import Finding, WindowVerdicts

if TYPE_CHECKING:
    from rich.table import Table

_COLOUR = {
    Verdict.OK: "green",
    Verdict.ALARM: "bold red",
    Verdict.INSUFFICIENT_DATA: "yellow",
    Verdict.LABELS_IMMATURE: "yellow",
    Verdict.UNDEFINED: "yellow",
}


def verdict_table(title: str, windows: Iterable[WindowVerdicts], *, by_model: bool) -> "Table":
    """Return one line for each window.

    Parameters
    ----------
    by_model
        Show the model's name in front; otherwise all windows are of one model.
    """
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in (*(["model"] if by_model else []), "window"):
        table.add_column(heading, no_wrap=True)
    for heading in ("rows", "alarming", "metric", "value", "reference"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("drift", "data", "quality", "what"):
        table.add_column(heading)
    for window in windows:
        table.add_row(*([window.model_id] if by_model else []), *_cells(window))
    return table


def _cells(window: WindowVerdicts) -> list[str]:
    return [
        window.partition_key,
        "" if window.rows_read is None else str(window.rows_read),
        "" if window.alarming_share is None else f"{window.alarming_share:.0%}",
        window.metric or "",
        _number(window.value),
        _number(window.reference_value),
        _verdict(window.drift),
        _verdict(window.data_quality),
        _verdict(window.quality),
        ", ".join(window.drifted_columns),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _verdict(finding: Finding | None) -> str:
    if finding is None:
        return "-"
    return f"[{_COLOUR[finding.verdict]}]{finding.verdict.value}[/]"
