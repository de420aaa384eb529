"""`monitoring-assets compare`: two spans of a model against each other.

Belongs here: options, the tables. Stays out: finding spans (spans.py), judging (evaluation).
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import click

from monitoring_assets.cli.models import find_model
from monitoring_assets.cli.spans import (
    PREVIOUS,
    REFERENCE,
    WEEK_BEFORE,
    find_other,
    find_span,
    read_counted,
    require_segments,
)
from monitoring_assets.records import ALL, Verdict
from monitoring_assets.resources.opening import ready_database
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.spans import FORMS, Span, count_windows

if TYPE_CHECKING:
    from rich.console import RenderableType

    from monitoring_assets.evaluation.comparing import Comparison
    from monitoring_assets.metrics.span import SpanProfiles
    from monitoring_assets.records import DriftScore, ModelQuality, Reference
    from monitoring_assets.storage.database import Database

_COLUMNS: Final = (
    "column", "values", "against", "score", "quiet", "threshold", "verdict", "why",
)  # fmt: skip
_METRICS: Final = (
    "metric", "rows", "value", "95 %", "reference", "bound", "verdict", "why",
)  # fmt: skip
_FOR_WIDE: Final = frozenset({"values", "against", "rows", "95 %"})
_TOO_MUCH: Final = re.compile(r"^\S+ too much, ")
_NUMBERED: Final = re.compile(r"(the threshold) \S+,")
_WIDE: Final = 110
"""Columns of a terminal from which on there is room for these, and for why."""

_NUMBERS: Final = frozenset({*_COLUMNS[1:6], *_METRICS[1:6]})


@click.command()
@click.argument("model_id", metavar="MODEL")
@click.option("--span", "span_text", required=True, help=f"{FORMS}, or the key of a window.")
@click.option(
    "--with",
    "other_text",
    default=PREVIOUS,
    show_default=True,
    help=f"Another span; {PREVIOUS}: as many windows just before; {WEEK_BEFORE}: the same seven"
    f" days earlier; {REFERENCE}: what windows are compared with.",
)
@click.option(
    "--segment",
    "segments",
    multiple=True,
    default=[ALL],
    show_default=True,
    help="Slice of the rows; may be given more than once.",
)
def compare(model_id: str, span_text: str, other_text: str, segments: tuple[str, ...]) -> None:
    """Compare a span of MODEL's windows with another one, from what was counted: no row is read.

    The same scores, quality metrics and rules as for a window, which the span stands in for; the
    other span stands in for the reference, and is called so below. Nothing is stored. Ends with 0
    whatever is found, with 1 if a span has no complete window, with 2 if it names no windows.
    """
    from monitoring_assets.cli.tables import open_console

    spec = find_model(model_id)
    span = find_span(spec, span_text, "--span")
    other = find_other(spec, other_text, span, "--with")
    database = ready_database()
    require_segments(database, spec, segments)
    console = open_console()
    for part in _parts(database, spec, (span, other), segments, console.width):
        console.print(part, soft_wrap=True, highlight=False, markup=False)


def _parts(
    database: "Database",
    spec: ModelSpec,
    spans: tuple[Span, Span | None],
    segments: Sequence[str],
    width: int,
) -> "Iterator[RenderableType]":
    from monitoring_assets.evaluation.comparing import compare as compare_spans
    from monitoring_assets.evaluation.data_drift import reference_segment
    from monitoring_assets.metrics.null.drawn import DRAWS_FOR_ONE_SIZE
    from monitoring_assets.metrics.null.shared import SharedDraws
    from monitoring_assets.storage.in_force import bins_of, references_in_force

    needed = {*segments, *map(reference_segment, segments)}
    counted = read_counted(database, spec, spans[0], needed)
    reference = references_in_force(database, spec.model_id).at(spans[0].start)
    against = _other(database, spec, spans[1], needed, reference)
    # After the profiles: a dictionary of categories is never shorter than what was counted by it.
    bins = bins_of(database, reference)
    yield f"{spec.model_id}: {_described(spec, spans[0], counted)}"
    yield f"compared with {_described(spec, spans[1], against)}"
    if spans[1] is not None and spans[0].overlaps(spans[1]):
        yield "Both hold the same windows in part: differences look smaller than they are."
    shared = SharedDraws(DRAWS_FOR_ONE_SIZE)
    for segment in segments:
        found = compare_spans(spec, counted, against, bins, segment, shared)
        yield from _found(spec, found, width, named=len(segments) > 1 or segment != ALL)


def _other(
    database: "Database",
    spec: ModelSpec,
    other: Span | None,
    segments: set[str],
    reference: "Reference",
) -> "SpanProfiles":
    from monitoring_assets.evaluation.comparing import reference_span
    from monitoring_assets.storage.references import read_reference_profiles

    if other is not None:
        return read_counted(database, spec, other, segments)
    profiles = read_reference_profiles(database, spec.model_id, reference.reference_version)
    return reference_span(reference, profiles)


def _described(spec: ModelSpec, span: Span | None, counted: "SpanProfiles") -> str:
    rows = counted.columns.get((ALL, spec.prediction_column))
    number = f"{rows.rows:,} rows" if rows else "no rows"
    if span is None:
        return f"the reference, {number}"
    expected = count_windows(spec.windows, span.start, span.end)
    complete = f"{counted.windows:,} of {expected:,} windows are complete"
    if counted.windows == expected:
        complete = f"{expected:,} {'window' if expected == 1 else 'windows'}"
    begin, end = (f"{one:%Y-%m-%d %H:%M}" for one in (span.start, span.end))
    return f"{span.name}, {begin} to {end} UTC, {complete}, {number}"


def _found(
    spec: ModelSpec, found: "Comparison", width: int, *, named: bool
) -> "Iterator[RenderableType]":
    from monitoring_assets.evaluation.data_drift import worst_columns

    if named:
        yield f"\nsegment {found.segment}"
    scores = worst_columns(found.drift, most=len(found.drift))
    yield ""
    yield _table(_COLUMNS, [_score(one) for one in scores], width)
    yield f"\ndataset: {found.dataset.verdict.value}, {found.dataset.reason}"
    if spec.columns.target is not None:
        yield ""
        yield _table(_METRICS, [_metric(one) for one in found.quality], width)
    for one in found.left_out:
        yield str(one)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> "RenderableType":
    from monitoring_assets.cli.column_tables import column_table

    shown = [n for n, name in enumerate(headings) if width >= _WIDE or name not in _FOR_WIDE]
    lines = [[row[n] for n in shown] for row in rows]
    return column_table([headings[n] for n in shown], lines, width, _NUMBERS)


def _score(one: "DriftScore") -> tuple[str, ...]:
    return (
        one.column_name,
        f"{one.n_window:,}",
        f"{one.n_reference:,}",
        _number(one.score),
        _number(one.expected),
        _number(one.threshold),
        _verdict(one.verdict),
        _why(one),
    )


def _why(one: "DriftScore") -> str:
    """Return the reason without the numbers that have columns of their own."""
    _, found, why = one.reason.rpartition(" quiet values: ")
    return _NUMBERED.sub(r"\1,", _TOO_MUCH.sub("", why)) if found else why


def _metric(one: "ModelQuality") -> tuple[str, ...]:
    low, high = one.interval_low, one.interval_high
    return (
        f"{one.metric} of {one.class_name}" if one.class_name else one.metric,
        f"{one.labels:,}",
        _number(one.value),
        "" if low is None or high is None else f"{_number(low)} to {_number(high)}",
        _number(one.reference_value),
        _number(one.threshold),
        _verdict(one.verdict),
        one.reason,
    )


def _verdict(verdict: Verdict) -> str:
    return verdict.value.replace("_", " ")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
