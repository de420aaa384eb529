"""From a model's YAML to the layout of each of its sources.

Belongs here: which column comes from which source. Stays out: what a layout is (layout.py),
choosing a reader (build.py).
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from monitoring_assets.records import ColumnEntry
from monitoring_assets.sources.layout import Layout
from monitoring_assets.spec.columns import DerivedSpec
from monitoring_assets.spec.joined import JoinedSpec
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import SourceSpec, StoredSourceSpec


def main_layout(spec: ModelSpec, wanted: tuple[ColumnEntry, ...] | None = None) -> Layout:
    """Return the layout of `source`: those of the wanted columns (all) that are not joined."""
    wanted = spec.delivered_columns if wanted is None else wanted
    elsewhere = {name for one in spec.joined for name in one.columns}
    columns = spec.columns
    return Layout(
        model_id=spec.model_id,
        section="source",
        **_reading(spec, spec.source),
        event_time=columns.event_time,
        id=columns.id,
        knowledge_time=_unless(columns.knowledge_time, elsewhere),
        model_version=_unless(columns.model_version, elsewhere),
        values=tuple(e for e in wanted if e.column_name not in elsewhere),
        derived=_of(wanted, spec.derived),
    )


def joined_layout(
    spec: ModelSpec, joined: JoinedSpec, wanted: tuple[ColumnEntry, ...] | None = None
) -> Layout:
    """Return the layout of one of the sources that are joined by id: its wanted columns (all)."""
    wanted = spec.delivered_columns if wanted is None else wanted
    columns, reading = spec.columns, _reading(spec, joined.source)
    event_time = columns.event_time if joined.event_time else None
    for ours, theirs in ((event_time, joined.event_time), (columns.id, joined.id)):
        if ours is not None and theirs is not None:
            reading["rename"] = {**reading["rename"], ours: theirs}
    return Layout(
        model_id=spec.model_id,
        section=f"joined.{joined.name}.source",
        **reading,
        event_time=event_time,
        id=columns.id,
        knowledge_time=columns.knowledge_time if columns.knowledge_time in joined.columns else None,
        model_version=columns.model_version if columns.model_version in joined.columns else None,
        values=tuple(e for e in wanted if e.column_name in joined.columns),
        derived={},
    )


def reference_layout(spec: ModelSpec, source: SourceSpec) -> Layout:
    """Return the layout of the reference's own source, which has all columns.

    Without a period its rows need no event time, unless a derived column is computed from it.
    """
    columns = spec.columns
    timed = spec.reference.period is not None or bool(spec.derived)
    return Layout(
        model_id=spec.model_id,
        section="reference.source",
        **_reading(spec, source),
        event_time=columns.event_time if timed else None,
        id=columns.id,
        knowledge_time=None,
        model_version=columns.model_version,
        values=spec.delivered_columns,
        derived=spec.derived,
    )


def feed_layout(spec: ModelSpec, joined: JoinedSpec | None) -> Layout:
    """Return the layout by which labels are found by when they became known.

    Columns: id, both times and the target.

    Parameters
    ----------
    joined
        The entry that brings the target; None: it comes with the rows.
    """
    target = tuple(e for e in spec.delivered_columns if e.column_name == spec.columns.target)
    layout = main_layout(spec, target) if joined is None else joined_layout(spec, joined, target)
    return dataclasses.replace(
        layout,
        event_time=layout.knowledge_time,
        knowledge_time=layout.event_time,
        model_version=None,
        by_knowledge_time=True,
    )


def needed_for_labels(spec: ModelSpec) -> tuple[ColumnEntry, ...]:
    """Return the columns a label rests on: the target and what the filters look at."""
    names = {rule.column for rule in spec.filters} | {spec.columns.target}
    if spec.prediction_column in names and spec.answer_follows_from_probabilities:
        names |= {*spec.probability_columns.values()}
    return tuple(entry for entry in spec.delivered_columns if entry.column_name in names)


def _of(
    wanted: tuple[ColumnEntry, ...], derived: Mapping[str, DerivedSpec]
) -> dict[str, DerivedSpec]:
    names = {entry.column_name for entry in wanted}
    return {name: one for name, one in derived.items() if name in names}


def _reading(spec: ModelSpec, source: SourceSpec) -> dict[str, Any]:
    stored = isinstance(source, StoredSourceSpec)
    zone = source.event_time_zone if stored else None
    return {
        "rename": source.rename if stored else {},
        "zone": zone or spec.windows.time_zone,
        "windows_zone": spec.windows.time_zone,
    }


def _unless(name: str | None, elsewhere: set[str]) -> str | None:
    return None if name in elsewhere else name
