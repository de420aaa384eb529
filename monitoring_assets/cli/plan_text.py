"""A plan as a person reads it in a terminal, and as a program reads it.

Belongs here: words, tables, JSON. Stays out: the plan (assets/planning), options (plan.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from monitoring_assets.assets.planning.plan import Plan, PlanLine
from monitoring_assets.assets.planning.reasons import WORDS
from monitoring_assets.records import Window

if TYPE_CHECKING:
    from rich.console import Console

_RANGES_SHOWN: Final = 3
"""Stretches of windows named in a line; the number of all stands beside them."""

_MINUTE: Final = 60


def print_plan(console: "Console", plan: Plan) -> None:
    """Print a table of layers and reasons, what it costs, and what else is to be known."""
    from rich.text import Text

    number = len(plan.windows)
    console.print(
        f"{plan.model_id}: {len(plan.looked_at)} windows looked at,"
        + (" nothing is out of date" if plan.is_empty else f" {number} of them out of date")
    )
    if not plan.is_empty:
        console.print(_table(plan))
        console.print(Text(_total(list(plan.lines()))))
    for note in _notes(plan):
        console.print(Text(f"note: {note}", style="yellow"), soft_wrap=True)


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """Return a plan in plain values; windows by their partition keys."""
    lines = list(plan.lines())
    return {
        "model": plan.model_id,
        "windows_looked_at": len(plan.looked_at),
        "out_of_date": [
            {
                "layer": line.layer.value,
                "reason": line.reason.value,
                "windows": [window.partition_key for window in line.windows],
                "rows": line.cost.rows,
                "seconds": line.cost.seconds,
            }
            for line in lines
        ],
        "rows": sum(line.cost.rows for line in lines),
        "seconds": sum(line.cost.seconds or 0.0 for line in lines),
        "kept": [window.partition_key for window in plan.kept],
        "notes": list(plan.notes),
    }


def in_words(windows: Sequence[Window], everything: Sequence[Window]) -> str:
    """Return windows as stretches: `2023-02-01 to 2023-02-07, 2023-02-11`.

    Parameters
    ----------
    everything
        All windows, in order of time: what is next to what.
    """
    stretches = [_stretch(one) for one in _stretches(windows, everything)]
    shown = stretches[:_RANGES_SHOWN]
    if len(stretches) > len(shown):
        shown.append(f"and {len(stretches) - len(shown)} more")
    return ", ".join(shown)


def _table(plan: Plan) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("layer", "why", "windows"):
        table.add_column(heading)
    for heading in ("number", "rows", "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in plan.lines():
        table.add_row(
            line.layer.value,
            WORDS[line.reason],
            Text(in_words(line.windows, plan.looked_at)),
            str(len(line.windows) or ""),
            f"{line.cost.rows:,}" if line.cost.rows else "",
            "unknown" if line.cost.seconds is None else f"{line.cost.seconds:.1f}",
        )
    return table


def _total(lines: Iterable[PlanLine]) -> str:
    rows, seconds, unknown = 0, 0.0, dict[str, None]()
    for line in lines:
        rows += line.cost.rows
        seconds += line.cost.seconds or 0.0
        if line.cost.seconds is None:
            unknown[line.layer.value] = None
    without = f", not counting what never ran ({', '.join(unknown)})" if unknown else ""
    return f"in all {rows:,} rows to read, about {_duration(seconds)}{without}"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < _MINUTE else f"{seconds / _MINUTE:.0f} min"


def _notes(plan: Plan) -> Iterator[str]:
    yield from plan.notes
    if plan.kept:
        windows = in_words(plan.kept, plan.looked_at)
        yield (
            f"predictions of {len(plan.kept)} windows ({windows}) were made by another model"
            " version than the one that is deployed for them by now; they are kept, --rescore makes"
            " them anew"
        )


def _stretches(windows: Sequence[Window], everything: Sequence[Window]) -> Iterator[list[Window]]:
    position = {window.start: i for i, window in enumerate(everything)}
    current: list[Window] = []
    for window in windows:
        if current and position[window.start] != position[current[-1].start] + 1:
            yield current
            current = []
        current.append(window)
    if current:
        yield current


def _stretch(windows: Sequence[Window]) -> str:
    first, last = windows[0].partition_key, windows[-1].partition_key
    return first if first == last else f"{first} to {last}"
