"""Segments of a model, and which rows belong to them.

Belongs here: choosing the values of a column that make segments, masks over rows at hand. Stays
out: what the YAML may say (spec/segments.py), conditions (conditions.py), storing segments.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.evaluation.conditions import places_among, rows_where
from monitoring_assets.metrics.arrays import category_counts
from monitoring_assets.metrics.bins import by_frequency
from monitoring_assets.metrics.slices import Mask
from monitoring_assets.records import ColumnKind, SegmentEntry, SegmentKind
from monitoring_assets.spec.expressions import columns_of
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.segments import (
    MISSING,
    MODEL_VERSION,
    OTHER,
    UNKNOWN_VERSION,
    SegmentSpec,
    value_segment,
)

LONGEST_VALUE: Final = 200
"""Characters of a value that may make a segment: its name is in the key of every result."""

_OF_A_COLUMN: Final = frozenset({SegmentKind.VALUE, SegmentKind.OTHER, SegmentKind.MISSING})


def segment_columns(spec: ModelSpec) -> tuple[str, ...]:
    """Return the columns that segments look at, in the order of the column dictionary."""
    wanted: set[str] = set()
    for segment in spec.segments:
        if segment.condition is not None:
            wanted.update(columns_of(segment.condition))
        elif segment.column is not None:
            wanted.add(segment.column)
    return tuple(e.column_name for e in spec.column_dictionary() if e.column_name in wanted)


def choose_segments(
    spec: ModelSpec, rows: pa.Table, existing: Sequence[SegmentEntry] = ()
) -> tuple[SegmentEntry, ...]:
    """Return the segments of a model: those there are, then those that the YAML or the rows add.

    Parameters
    ----------
    rows
        The reference's rows that pass the filters. The most frequent values of a column make a
        segment each, of equals the first in the alphabet, until there are as many as the YAML says.
    existing
        Segments chosen before. They stay, and keep their places, whatever YAML and rows say now.

    Returns
    -------
    tuple
        Numbered in their order; every column that is cut has a segment for all other values and one
        for missing ones, so that its segments share out any rows.
    """
    known = {entry.segment for entry in existing}
    declared = [one for segment in spec.segments for one in _declared(segment, rows, existing)]
    new = [one for one in declared if one.segment not in known]
    last = max((entry.number for entry in existing), default=0)
    return (*existing, *(replace(one, number=last + i) for i, one in enumerate(new, start=1)))


def segment_masks(
    spec: ModelSpec, entries: Sequence[SegmentEntry], rows: pa.Table
) -> dict[str, Mask]:
    """Return which of these rows belong to each segment, in the order of the segments.

    Parameters
    ----------
    entries
        Segments of the model. One that the YAML does not declare any more is left out, and so are
        model versions (`version_masks`).
    rows
        Every column of `segment_columns`.

    Returns
    -------
    dict
        Segment -> mask of shape `(rows.num_rows,)`, also of a segment without rows.
    """
    kinds = {entry.column_name: entry.kind for entry in spec.column_dictionary()}
    masks: dict[str, Mask] = {}
    for segment in spec.segments:
        if segment.condition is not None:
            masks[str(segment.name)] = rows_where(segment.condition, rows, kinds)
        elif segment.column is not None:
            own = [entry for entry in entries if entry.column_name == segment.column]
            masks |= _masks_of_column(own, rows.column(segment.column), kinds[segment.column])
    return {one.segment: masks[one.segment] for one in entries if one.segment in masks}


def version_masks(rows: pa.Table) -> dict[str, Mask]:
    """Return which rows each model version scored; nothing unless there are several versions.

    Parameters
    ----------
    rows
        Column `model_version`; a row whose source does not say its version counts under `unknown`.
    """
    versions = pc.fill_null(rows.column("model_version"), UNKNOWN_VERSION)
    names = sorted(pc.unique(versions).to_pylist())
    if len(names) < 2:
        return {}
    places = places_among(names, versions, ColumnKind.CATEGORICAL)
    return {value_segment(MODEL_VERSION, name): places == i for i, name in enumerate(names)}


def partitions(entries: Sequence[SegmentEntry]) -> dict[str, tuple[str, ...]]:
    """Return column -> its segments, which share out any rows without rest or overlap."""
    columns = dict.fromkeys(e.column_name for e in entries if e.kind in _OF_A_COLUMN)
    return {
        column: tuple(e.segment for e in entries if e.column_name == column) for column in columns
    }


def _declared(
    segment: SegmentSpec, rows: pa.Table, existing: Sequence[SegmentEntry]
) -> Iterator[SegmentEntry]:
    """Yield the segments that one entry of the YAML makes; their numbers come later."""
    if segment.column is None:
        yield SegmentEntry(segment=str(segment.name), number=0, kind=SegmentKind.EXPRESSION)
        return
    kept = {e.value for e in existing if e.column_name == segment.column and e.value is not None}
    counts, _ = category_counts(rows.column(segment.column))
    new = [one for one in by_frequency(counts) if one not in kept and _can_be_named(one)]
    for value in new[: max(segment.most_values - len(kept), 0)]:
        yield _of_column(segment.column, SegmentKind.VALUE, value)
    yield _of_column(segment.column, SegmentKind.OTHER)
    yield _of_column(segment.column, SegmentKind.MISSING)


def _can_be_named(value: str) -> bool:
    """Whether a segment can be called after a value; the rows of any other value stay together."""
    return len(value) <= LONGEST_VALUE and value not in (OTHER, MISSING)


def _of_column(column: str, kind: SegmentKind, value: str | None = None) -> SegmentEntry:
    called = {SegmentKind.OTHER: OTHER, SegmentKind.MISSING: MISSING}.get(kind, value)
    name = value_segment(column, str(called))
    return SegmentEntry(segment=name, number=0, kind=kind, column_name=column, value=value)


def _masks_of_column(
    entries: Sequence[SegmentEntry], values: pa.ChunkedArray, kind: ColumnKind
) -> Mapping[str, Mask]:
    """Return the masks of a column's segments; its values are looked up once, all together."""
    texts = [entry.value for entry in entries if entry.value is not None]
    place_of_row = places_among(texts, values, kind)
    place_of = {text: place for place, text in enumerate(texts)}
    rest = {SegmentKind.OTHER: len(texts), SegmentKind.MISSING: len(texts) + 1}
    return {
        entry.segment: place_of_row == rest.get(entry.kind, place_of.get(str(entry.value)))
        for entry in entries
    }
