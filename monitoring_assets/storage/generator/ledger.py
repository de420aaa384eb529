"""Generated models, computations and windows.

Belongs here: rows that are there once a model or once a window. Stays out: results.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from monitoring_assets.records import WINDOW_LAYERS, WindowStatus
from monitoring_assets.storage import tables
from monitoring_assets.storage.generator.base import (
    GRANULARITY,
    METRICS,
    Size,
    chance,
    columns,
    into,
    models,
    moment,
    windows,
)


def ledger_rows(size: Size) -> Iterator[sa.Insert]:
    """Return the statements that fill models, computations and windows, in order."""
    yield into(tables.model, _models(size))
    yield into(tables.column_dictionary, _columns(size))
    yield into(tables.computation, _computations(size))
    yield into(tables.window, _windows(size))
    yield into(tables.deployment, _deployments(size))


def _models(size: Size) -> sa.Select[*tuple[Any, ...]]:
    every = models(size)
    return sa.select(
        every.c.model_id,
        sa.literal("Invented history.").label("description"),
        sa.literal("regression").label("task"),
        sa.literal(GRANULARITY).label("granularity"),
        sa.literal("UTC").label("time_zone"),
        moment(size, 0).label("start_at"),
        sa.func.make_interval(type_=sa.Interval).label("delay"),
        sa.literal(["team:nobody"], ARRAY(sa.Text)).label("owners"),
        sa.literal(METRICS[0]).label("main_metric"),
        sa.true().label("enabled"),
        sa.literal("generated").label("spec_hash"),
        sa.func.now().label("updated_at"),
    )


def _columns(size: Size) -> sa.Select[*tuple[Any, ...]]:
    every, column = models(size), columns(size)
    return sa.select(
        every.c.model_id,
        column.c.column_name,
        column.c.n.label("number"),
        column.c.kind,
        column.c.role,
    ).select_from(every.join(column, sa.true()))


def _computations(size: Size) -> sa.Select[*tuple[Any, ...]]:
    window = windows(size)
    layer = sa.values(
        sa.column("layer", sa.Text), sa.column("place", sa.Integer), name="layers"
    ).data([(layer.value, place) for place, layer in enumerate(WINDOW_LAYERS)])
    return (
        sa.select(
            window.c.model_id,
            layer.c.layer,
            window.c.granularity,
            window.c.window_start,
            window.c.window_end,
            sa.literal("generated").label("run_id"),
            sa.literal("0").label("code_version"),
            sa.literal("generated").label("spec_hash"),
            sa.literal(1).label("reference_version"),
            window.c.window_end.label("started_at"),
            window.c.window_end.label("finished_at"),
        )
        .select_from(window.join(layer, sa.true()))
        # Numbers are given in this order, and a window is complete only if its layers follow it.
        .order_by(window.c.n, window.c.model_id, layer.c.place)
    )


def _windows(size: Size) -> sa.Select[*tuple[Any, ...]]:
    window = windows(size)
    key = (window.c.model_id, window.c.n)
    read = sa.cast(2000 + 1000 * chance("rows", *key), sa.BigInteger)
    scored = sa.cast(2000 * chance("scored", *key), sa.BigInteger) + 1
    newest = sa.select(sa.func.max(tables.computation.c.id)).where(
        tables.computation.c.model_id == window.c.model_id,
        tables.computation.c.window_start == window.c.window_start,
    )
    # The newest window of every tenth model is still being computed.
    late = sa.and_(window.c.n == size.days - 1, window.c.model_id.like("%0"))
    return sa.select(
        window.c.model_id,
        window.c.granularity,
        window.c.window_start,
        window.c.window_end,
        sa.func.to_char(window.c.window_start, "YYYY-MM-DD", type_=sa.Text).label("partition_key"),
        read.label("rows_read"),
        scored.label("rows_scored"),
        sa.func.jsonb_build_object("out_of_range", read - scored, type_=JSONB).label(
            "rows_rejected"
        ),
        scored.label("labels"),
        sa.literal(1.0, sa.Double).label("label_coverage"),
        window.c.window_end.label("newest_knowledge_time"),
        sa.case((late, WindowStatus.INCOMPLETE.value), else_=WindowStatus.COMPLETE.value).label(
            "status"
        ),
        window.c.window_end.label("computed_at"),
        newest.scalar_subquery().label("computation_id"),
    )


def _deployments(size: Size) -> sa.Select[*tuple[Any, ...]]:
    every = models(size)
    return sa.select(
        every.c.model_id,
        moment(size, 0).label("valid_from"),
        sa.literal("1").label("model_version"),
        moment(size, 0).label("decided_at"),
        sa.literal("generator").label("decided_by"),
        sa.literal("invented").label("reason"),
    )
