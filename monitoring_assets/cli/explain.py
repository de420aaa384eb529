"""`monitoring-assets explain`: what alarms in a window, since when, and what makes it up.

Belongs here: finding the window, the segment and the column that are meant; printing. Stays out:
gathering (assets/explaining.py), what is said (evaluation/explaining).
"""

import json
import shutil
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from monitoring_assets.cli.models import find_model
from monitoring_assets.errors import ConfigurationError
from monitoring_assets.evaluation.explaining.document import printable
from monitoring_assets.records import ALL, WindowStatus
from monitoring_assets.resources import settings
from monitoring_assets.resources.opening import ready_database
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.spans import parse_span

if TYPE_CHECKING:
    from monitoring_assets.storage.database import Database
    from monitoring_assets.storage.ledger import WindowState

NEWEST: Final = "newest"
WIDTH: Final = 100
"""Columns of the text where there is no terminal to fit into."""

MOST_NEAR: Final = 3
MOST_LISTED: Final = 30


@click.command()
@click.argument("model_id", metavar="MODEL")
@click.argument("key", metavar="[WINDOW]", default=NEWEST)
@click.option("--segment", default=ALL, show_default=True, help="Slice of the rows to explain.")
@click.option("--column", help="Explain this column by every method, whether it alarms or not.")
@click.option("--json", "as_json", is_flag=True, help="All parts, for a program.")
def explain(model_id: str, key: str, segment: str, column: str | None, *, as_json: bool) -> None:
    """Explain a window of MODEL: what alarms, since when, and what makes it up.

    WINDOW is a partition key such as 2023-02-21; without it, the newest complete window.
    """
    from monitoring_assets.assets.explaining import gather, surroundings
    from monitoring_assets.evaluation.explaining.plain_data import as_data
    from monitoring_assets.evaluation.explaining.text import terminal_text
    from monitoring_assets.evaluation.explaining.window import Focus, explain_window

    spec = find_model(model_id)
    _require_column(spec, column)
    pages = settings.dagster_pages()
    database = ready_database()
    state = _window(database, spec, key)
    focus = Focus(segment=segment, column=column)
    evidence = gather(database, spec, state, focus)
    stored = (one.segment for one in (*evidence.drift, *evidence.model_quality))
    _require_segment(spec, segment, [ALL, *(one.segment for one in evidence.entries), *stored])
    found = explain_window(spec, evidence, focus)
    around = surroundings(database, found, pages)
    if as_json:
        click.echo(json.dumps(as_data(found, around), indent=2, ensure_ascii=False))
    else:
        width = shutil.get_terminal_size((WIDTH, 24)).columns
        click.echo(terminal_text(spec, found, around, width))


def _window(database: "Database", spec: ModelSpec, key: str) -> "WindowState":
    """Return the row of the ledger of a window; 'newest' is the newest complete one."""
    from monitoring_assets.storage.ledger import windows_of

    found = {
        state.window.partition_key: state
        for state in windows_of(database, spec.model_id, granularity=spec.windows.granularity)
    }
    if not found:
        raise ConfigurationError(
            f"model '{spec.model_id}' has no window yet: monitoring-assets backfill {spec.model_id}"
            " computes those that are ready"
        )
    if key == NEWEST:
        complete = [one for one in found.values() if one.status is WindowStatus.COMPLETE]
        return (complete or [*found.values()])[-1]
    if key not in found:
        keys = [*found]
        raise ConfigurationError(
            f"model '{spec.model_id}' has no window '{key}'{_why_not(spec, key, keys)}; its windows"
            f" go from {keys[0]} to {keys[-1]}"
        )
    return found[key]


def _why_not(spec: ModelSpec, key: str, keys: Sequence[str]) -> str:
    """Say of a window of the model that it has not been computed, of another key what was meant."""
    windows = spec.windows
    try:
        start = parse_span(windows, key).start
    except ValueError:
        return _meant(key, keys)
    day = f"{start.astimezone(ZoneInfo(windows.time_zone)):%Y-%m-%d}"
    if start < windows.midnight(windows.start):
        return f": the first begins on {windows.start}"
    if windows.end is not None and start >= windows.midnight(windows.end):
        return f": the last begins before {windows.end}"
    if not key.startswith(day):
        return _meant(key, keys)
    return (
        f" yet: monitoring-assets backfill {spec.model_id} --start {day} --end {day} computes it,"
        " once it is ready"
    )


def _require_column(spec: ModelSpec, column: str | None) -> None:
    from monitoring_assets.evaluation.profiling import watched_columns

    names = [entry.column_name for entry in watched_columns(spec)]
    if column is not None and column not in names:
        raise ConfigurationError(
            f"model '{spec.model_id}' has no column '{column}'{_meant(column, names)}; its columns"
            f" are {_listed(names)}"
        )


def _require_segment(spec: ModelSpec, segment: str, known: Iterable[str]) -> None:
    names = list(dict.fromkeys(known))
    if segment not in names:
        raise ConfigurationError(
            f"model '{spec.model_id}' has no segment '{segment}'{_meant(segment, names)}; its"
            f" segments are {_listed(names)}"
        )


def _meant(word: str, names: Sequence[str]) -> str:
    near = get_close_matches(word, names, n=MOST_NEAR)
    return f" (did you mean {printable(' or '.join(sorted(near)))}?)" if near else ""


def _listed(names: Sequence[str]) -> str:
    r"""Return names for a message; a value of the data may hold what moves a terminal's cursor.

    >>> _listed(["all", "zone=\x1b[31mred"])
    'all, zone= [31mred'
    """
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return printable(", ".join(names[:MOST_LISTED])) + more
