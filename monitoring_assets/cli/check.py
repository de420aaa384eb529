"""`monitoring-assets check`: a look at one window of a model, before anything is stored.

Belongs here: printing what was found. Stays out: reading and judging (onboarding).
"""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import click

from monitoring_assets.cli.column_tables import column_table
from monitoring_assets.cli.models import find_model
from monitoring_assets.onboarding.choosing import Chosen
from monitoring_assets.onboarding.facts import Facts, shortened
from monitoring_assets.onboarding.inspection import Inspection, inspect_model
from monitoring_assets.onboarding.troubles.base import Seen
from monitoring_assets.records import ColumnKind
from monitoring_assets.resources.runtime import Runtime

if TYPE_CHECKING:
    from rich.console import RenderableType

_HEADINGS: Final = (
    "column", "role", "kind", "missing", "distinct", "example", "min / median / max",
)  # fmt: skip
_KINDS: Final = {ColumnKind.NUMERICAL: "number", ColumnKind.CATEGORICAL: "category"}
_LONGEST: Final = 12
"""Characters of an example."""

_WIDE: Final = 100
"""Columns of a terminal from which on there is room for an example."""


@click.command()
@click.argument("model_id", metavar="MODEL")
@click.option("--window", help="Day in a window, or its key; without it, the newest one.")
def check(model_id: str, window: str | None) -> None:
    """Read one window of MODEL and show what would be stored, and what looks wrong.

    Nothing is stored and no database is started. Ends with 1 if a run would stop with an error.
    """
    from rich.console import Console

    runtime = Runtime()
    found = inspect_model(find_model(model_id), runtime.places, runtime.now(), window)
    console = Console()
    for part in _parts(found, console.width):
        console.print(part, soft_wrap=True, highlight=False, markup=False)
    if found.stops:
        sys.exit(1)


def _parts(found: Inspection, width: int) -> "Iterator[RenderableType]":
    seen = found.seen
    yield from _about(seen)
    yield ""
    yield from _rows(found)
    yield ""
    yield _columns(seen, width)
    stored = ", ".join(f"{count:,} {what}" for what, count in found.stored.items())
    yield f"\nA run of this window would store: {stored}."
    if not seen.has_predictions:
        yield "Predictions come once the model is trained, which a backfill does first."
    yield from _troubles(found)


def _about(seen: Seen) -> Iterator[str]:
    chosen, windows = seen.chosen, seen.spec.windows
    newest = "any time" if seen.newest.year == 9999 else f"{seen.newest:%Y-%m-%d %H:%M} UTC"
    unit = f"windows of a {windows.granularity} in {windows.time_zone}"
    yield f"{seen.spec.model_id}: {seen.spec.task}, {unit}; the source reaches {newest}"
    yield _covered(chosen)
    yield f"window {chosen.key}: {chosen.start:%Y-%m-%d %H:%M} to {chosen.end:%Y-%m-%d %H:%M} UTC"


def _covered(chosen: Chosen) -> str:
    if not chosen.count:
        return "the source has not come past the end of the first window yet"
    return f"{chosen.count:,} windows are wholly there: {chosen.first_key} to {chosen.last_key}"


def _rows(found: Inspection) -> Iterator[str]:
    seen = found.seen
    yield f"rows read             {seen.rows.table.num_rows:,}"
    for name, count in seen.rows.rejected.items():
        yield f"rejected by filter    {count:,} {name}"
    for name, count in seen.rows.adjusted.items():
        yield f"mended or noticed     {count:,} {name}"
    yield f"scored                {'not yet' if found.scored is None else f'{found.scored:,}'}"
    if found.labels is not None:
        yield f"with a label          {found.labels:,}"
    if found.segments:
        yield f"segments              {len(found.segments):,}, such as {found.segments[0]}"
    if seen.reference is not None:
        whole = "" if seen.reference_is_whole else " of its last windows"
        yield f"rows of the reference {seen.reference.table.num_rows:,}{whole}"


def _columns(seen: Seen, width: int) -> "RenderableType":
    rows: list[tuple[str, ...]] = [
        (
            shortened(entry.column_name),
            entry.role.value,
            _KINDS[entry.kind],
            _share(facts),
            f"{facts.distinct:,}",
            _example(seen, entry.column_name),
            facts.short_text,
        )
        for entry, facts in seen.columns
    ]
    rows += [*_keys(seen)]
    headings = _HEADINGS
    if width < _WIDE:  # what is left of the line is for the values
        rows = [(*row[:5], row[6]) for row in rows]
        headings = (*_HEADINGS[:5], "values")
    return column_table(headings, rows, width, right=("missing", "distinct"))


def _keys(seen: Seen) -> Iterator[tuple[str, ...]]:
    """Yield a line for the event time, and one for the id if a column holds it."""
    import pyarrow.compute as pc

    columns, table = seen.spec.columns, seen.rows.table
    times = table["event_time"]
    ends = pc.min_max(times).as_py() if len(times) else {}
    yield (
        shortened(columns.event_time),
        "event time",
        "time",
        "",
        f"{pc.count_distinct(times).as_py():,}",
        _example(seen, columns.event_time),
        " to ".join(f"{end:%Y-%m-%d %H:%M}" for end in ends.values()),
    )
    if columns.id is not None:
        distinct = f"{pc.count_distinct(table['row_id']).as_py():,}"
        example = _example(seen, columns.id)
        yield shortened(columns.id), "id", "text", "", distinct, example, ""


def _example(seen: Seen, column: str) -> str:
    text = shortened(seen.first.get(seen.name_in_source(column), ""))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _share(facts: Facts) -> str:
    return f"{facts.missing_share:.1%}" if facts.rows else ""


def _troubles(found: Inspection) -> "Iterator[RenderableType]":
    from rich.text import Text

    if not found.troubles:
        yield Text("\nNothing looks wrong.", "green")
        return
    yield "\nWhat looks wrong:"
    for one in found.troubles:
        mark, style = ("error", "bold red") if one.stops else ("warning", "yellow")
        about = f"{shortened(one.column)}: " if one.column else ""
        yield Text.assemble((f"  {mark:<7}  ", style), f"{about}{one.text}")
