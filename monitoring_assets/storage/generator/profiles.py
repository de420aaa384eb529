"""Generated references, bins and profiles.

Belongs here: counts. Stays out: numbers with verdicts (results.py).
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from monitoring_assets.records import ALL, UNFILTERED, Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.generator.base import (
    Size,
    chance,
    columns,
    computed,
    into,
    models,
    moment,
    windows,
)
from monitoring_assets.storage.packed import PackedCounts

_EDGES = [float(edge) for edge in range(1, 20)]
_CATEGORIES = [f"category {number}" for number in range(1, 20)]
_USUAL = [50] * 20
"""Rows in each of twenty bins; a real column of numbers has some 265 bins."""


def profile_rows(size: Size) -> Iterator[sa.Insert]:
    """Return the statements that fill references, bins and profiles, in order."""
    yield into(tables.reference, _references(size))
    yield into(tables.bins, _bins(size))
    yield into(tables.reference_profile, _reference_profiles(size))
    yield into(tables.window_profile, _window_profiles(size))
    yield into(tables.quality_profile, _quality_profiles(size))


def _references(size: Size) -> sa.Select[*tuple[Any, ...]]:
    every = models(size)
    return sa.select(
        every.c.model_id,
        sa.literal(1).label("reference_version"),
        moment(size, -31).label("period_start"),
        moment(size, 0).label("period_end"),
        sa.literal(60000).label("rows"),
        sa.literal("1").label("model_version"),
        sa.literal("generated").label("fingerprint"),
        sa.literal({"centre": 0.0, "metrics": {}, "sums": {}}, JSONB).label("quality"),
        sa.literal(0).label("computation_id"),
        sa.func.now().label("created_at"),
    )


def _bins(size: Size) -> sa.Select[*tuple[Any, ...]]:
    every, column = models(size), columns(size)
    numerical = column.c.kind == "numerical"
    groups = [place // 2 for place in range(20)]

    def only(condition: sa.ColumnElement[bool], value: Any, kind: Any) -> sa.Case[Any]:
        return sa.case((condition, sa.cast(sa.literal(value, kind), kind)))

    return sa.select(
        every.c.model_id,
        column.c.column_name,
        sa.literal(1).label("bins_version"),
        column.c.kind,
        only(numerical, _EDGES, ARRAY(sa.Double)).label("edges"),
        only(numerical, groups, ARRAY(sa.BigInteger)).label("coarse_groups"),
        only(~numerical, _CATEGORIES, ARRAY(sa.Text)).label("categories"),
        only(~numerical, 1000, sa.BigInteger()).label("cap"),
        only(numerical, 10.0, sa.Double()).label("centre"),
        only(numerical, 5.0, sa.Double()).label("scale"),
        only(numerical, value=False, kind=sa.Boolean()).label("is_discrete"),
    ).select_from(every.join(column, sa.true()))


def _counted(column: sa.Subquery, counts: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
    numerical = column.c.kind == "numerical"
    return [
        column.c.column_name,
        sa.literal(1).label("bins_version"),
        column.c.kind,
        sa.literal(1000).label("rows"),
        sa.literal(0).label("missing"),
        sa.literal(0).label("positive_infinite"),
        sa.literal(0).label("negative_infinite"),
        sa.case((numerical, 0.5)).label("minimum"),
        sa.case((numerical, 20.5)).label("maximum"),
        sa.literal(0.0, sa.Double).label("moment_1"),
        sa.case((numerical, 25000.0), else_=0.0).label("moment_2"),
        counts.label("counts"),
        sa.literal(0).label("outside"),
    ]


def _counts() -> sa.ColumnElement[Any]:
    return sa.literal(_USUAL, PackedCounts)


def _reference_profiles(size: Size) -> sa.Select[*tuple[Any, ...]]:
    every, column = models(size), columns(size)
    return sa.select(
        every.c.model_id,
        sa.literal(1).label("reference_version"),
        sa.literal(ALL).label("segment"),
        *_counted(column, _counts()),
        sa.literal(0).label("computation_id"),
    ).select_from(every.join(column, sa.true()))


def _window_profiles(size: Size) -> sa.Select[*tuple[Any, ...]]:
    window, column = windows(size), columns(size)
    joined, computation_id = computed(window, Layer.WINDOW_PROFILES)
    segment = sa.values(sa.column("segment", sa.Text), name="segments").data(
        [(ALL,), (UNFILTERED,)]
    )
    moved = sa.cast(50 * chance("moved", window.c.model_id, column.c.n, window.c.n), sa.Integer)
    # Packed counts below 256 are a byte each, after one that says so.
    counts = sa.func.set_byte(sa.func.set_byte(_counts(), 1, 50 + moved), 2, 50 - moved)
    return sa.select(
        window.c.model_id,
        window.c.granularity,
        window.c.window_start,
        segment.c.segment,
        *_counted(column, counts),
        computation_id,
    ).select_from(
        joined.join(column, sa.true()).join(
            segment, sa.or_(segment.c.segment == ALL, column.c.role != "prediction")
        )
    )


def _quality_profiles(size: Size) -> sa.Select[*tuple[Any, ...]]:
    window = windows(size)
    joined, computation_id = computed(window, Layer.QUALITY_PROFILES)
    error = chance("quality", window.c.model_id, window.c.n)
    return sa.select(
        window.c.model_id,
        window.c.granularity,
        window.c.window_start,
        sa.literal(ALL).label("segment"),
        sa.literal("1").label("model_version"),
        sa.literal(1000).label("labels"),
        sa.func.jsonb_build_object("rows", 1000, "absolute_error", error, type_=JSONB).label(
            "sums"
        ),
        computation_id,
    ).select_from(joined)
