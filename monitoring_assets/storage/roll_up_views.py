"""Views of schema `grafana` with what adds up over windows. No verdicts.

Belongs here: their queries. Stays out: roll-ups themselves, which need a period as argument
(roll_up_functions.py), the list of all views (views.py).
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from monitoring_assets.records import WindowStatus
from monitoring_assets.storage.tables import bins, model, quality_profile, window, window_profile
from monitoring_assets.storage.view import View

_WINDOW: Final = ("model_id", "granularity", "window_start")
_MODEL: Final = ("model_id", "granularity")
"""Windows of a length that the model had before would count twice."""


def _same(left: sa.FromClause, right: sa.FromClause, *names: str) -> sa.ColumnElement[bool]:
    return sa.and_(*(left.c[name] == right.c[name] for name in names))


def _column_profiles() -> sa.Select[*tuple[Any, ...]]:
    table = window_profile
    own_bins = _same(table, bins, "model_id", "column_name", "bins_version")
    return (
        sa.select(
            *(table.c[name] for name in _WINDOW),
            window.c.window_end,
            model.c.time_zone,
            table.c.segment,
            table.c.column_name,
            table.c.bins_version,
            table.c.kind,
            table.c.rows,
            table.c.missing,
            (table.c.positive_infinite + table.c.negative_infinite).label("infinite"),
            table.c.outside,
            table.c.minimum,
            table.c.maximum,
            bins.c.centre,
            table.c.moment_1,
            table.c.moment_2,
        )
        .select_from(
            table.join(window, _same(table, window, *_WINDOW))
            .join(model, _same(table, model, *_MODEL))
            .outerjoin(bins, own_bins)
        )
        .where(window.c.status == WindowStatus.COMPLETE.value)
    )


def _quality_sums() -> sa.Select[*tuple[Any, ...]]:
    table = quality_profile

    def number(name: str) -> sa.ColumnElement[float]:
        return sa.cast(table.c.sums[name].astext, sa.Double)

    return (
        sa.select(
            *(table.c[name] for name in _WINDOW),
            window.c.window_end,
            model.c.time_zone,
            table.c.segment,
            table.c.model_version,
            table.c.labels,
            number("error").label("error"),
            number("absolute_error").label("absolute_error"),
            number("squared_error").label("squared_error"),
            _agreeing(table.c.sums).label("agreeing"),
        )
        .select_from(
            table.join(window, _same(table, window, *_WINDOW)).join(
                model, _same(table, model, *_MODEL)
            )
        )
        .where(window.c.status == WindowStatus.COMPLETE.value)
    )


def _agreeing(sums: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Return the rows whose label is the predicted class; null for errors of numbers."""
    cells = (
        sa.func.jsonb_array_elements(sums["confusion"])
        .table_valued(sa.column("cell", JSONB), name="cells")
        .render_derived()
    )
    target, prediction, rows = (
        sa.cast(cells.c.cell[place].astext, sa.BigInteger) for place in range(3)
    )
    # The last place is any class that the YAML does not list.
    listed = sa.func.jsonb_array_length(sums["classes"])
    right = (
        sa.select(sa.func.coalesce(sa.func.sum(rows), 0))
        .where(target == prediction, target < listed)
        .scalar_subquery()
    )
    return sa.cast(right + sa.cast(sums["unlisted_agreeing"].astext, sa.BigInteger), sa.BigInteger)


COLUMN_PROFILES: Final = View(
    name="column_profiles",
    query=_column_profiles(),
    comment="What was counted of each column in complete windows: numbers that add up.",
    comments={
        "infinite": "Rows whose value is plus or minus infinity.",
        "centre": "Frozen centre that the moments are about; null for categories.",
    },
)

QUALITY_SUMS: Final = View(
    name="quality_sums",
    query=_quality_sums(),
    comment="Sums over predictions and labels of complete windows: numbers that add up.",
    comments={
        "error": "Sum of prediction - target; null for classes.",
        "absolute_error": "Sum of its absolute value; null for classes.",
        "squared_error": "Sum of its square; null for classes.",
        "agreeing": "Rows whose label is the predicted class; null for numbers.",
    },
)
