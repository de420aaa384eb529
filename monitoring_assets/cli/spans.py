"""Spans and segments on the command line: from what was typed to what was counted.

Belongs here: finding the spans and segments that are meant, errors that say what there is. Stays
out: what a text names (spec/spans.py), printing (compare.py, roll_up.py).
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

import click

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.records import ALL
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.spans import Span, parse_span, previous_span, week_before

if TYPE_CHECKING:
    from datetime import datetime

    from monitoring_assets.metrics.span import SpanProfiles
    from monitoring_assets.storage.database import Database

PREVIOUS: Final = "previous"
WEEK_BEFORE: Final = "week-before"
REFERENCE: Final = "reference"

MOST_LISTED: Final = 30


def find_span(spec: ModelSpec, text: str, option: str) -> Span:
    """Return the span that was typed."""
    try:
        return parse_span(spec.windows, text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None


def find_other(spec: ModelSpec, text: str, span: Span, option: str) -> Span | None:
    """Return the span compared with; None for the fixed reference."""
    if text == REFERENCE:
        return None
    try:
        if text == PREVIOUS:
            return previous_span(spec.windows, span)
        if text == WEEK_BEFORE:
            return week_before(spec.windows, span)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None
    return find_span(spec, text, option)


def read_counted(
    database: "Database", spec: ModelSpec, span: Span, segments: Iterable[str]
) -> "SpanProfiles":
    """Return what was counted in the complete windows of a span.

    Raises
    ------
    ConfigurationError
        None of its windows is complete.
    """
    from monitoring_assets.storage.roll_up.spans import read_span

    model = spec.model_id, spec.windows.granularity
    found = read_span(database, *model, span.start, span.end, sorted(segments))
    if not found.windows:
        raise ConfigurationError(
            f"model '{spec.model_id}': no window of {span.name} is complete;"
            f" {complete_ones(spec, complete_bounds(database, spec))}"
        )
    return found


def complete_ones(spec: ModelSpec, bounds: "tuple[datetime, datetime] | None") -> str:
    """Say which windows are complete, and how to compute more."""
    more = f"monitoring-assets backfill {spec.model_id} computes those that are ready"
    if bounds is None:
        return f"no window has been computed to the end yet: {more}"
    first, last = (f"{one:%Y-%m-%d %H:%M}" for one in bounds)
    return f"those that are lie from {first} to {last} UTC: {more}"


def complete_bounds(database: "Database", spec: ModelSpec) -> "tuple[datetime, datetime] | None":
    """Return where the first complete window begins and the last one ends; None without any."""
    from monitoring_assets.storage.ledger import complete_windows

    found = complete_windows(database, spec.model_id, spec.windows.granularity)
    return (found[0].window.start, found[-1].window.end) if found else None


def require_segments(database: "Database", spec: ModelSpec, asked: Iterable[str]) -> None:
    """Refuse a segment that the model has never had; that of a model version may be any."""
    from monitoring_assets.spec.segments import VERSION_PREFIX
    from monitoring_assets.storage.segments import read_segments

    known = [ALL, *(entry.segment for entry in read_segments(database, spec.model_id))]
    for name in asked:
        if name not in known and not name.startswith(VERSION_PREFIX):
            near = get_close_matches(name, known, n=3)
            listed = ", ".join(near or known[:MOST_LISTED])
            raise click.BadParameter(
                f"model '{spec.model_id}' has no segment {name!r};"
                f" {'did you mean' if near else 'it has'} {listed}",
                param_hint="--segment",
            )
