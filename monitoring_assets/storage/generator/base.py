"""What all generated rows are made of: models, windows, columns, chance.

Belongs here: parts of queries. Stays out: what stands in any one table.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from monitoring_assets.records import Layer
from monitoring_assets.storage import tables

GRANULARITY = "day"
THRESHOLD = 0.1
MINIMUM_ROWS = 100
METRICS = ("mae", "rmse", "r2", "mean_absolute_percentage_error", "mean_error")
"""Quality metrics of every window; the first is the main one."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is generated.

    Parameters
    ----------
    models, days
        Models, and daily windows of each.
    columns
        Profiled columns of a model, the prediction included.
    start
        First moment of the first window, UTC.
    """

    models: int
    days: int
    columns: int
    start: datetime = datetime(2025, 1, 1, tzinfo=UTC)

    def model_ids(self) -> list[str]:
        """Return the names of the models."""
        return [f"generated_{number:03}" for number in range(1, self.models + 1)]


def numbers(first: int, last: int, name: str) -> sa.TableValuedAlias:
    """Return the numbers from first to last as a table with the column `n`."""
    return sa.func.generate_series(first, last).table_valued("n", name=name).render_derived()


def models(size: Size) -> sa.Subquery:
    """Return `model_id` and `n` of every model."""
    series = numbers(1, size.models, "model_series")
    name = sa.literal("generated_", sa.Text) + _padded(series.c.n, 3)
    return sa.select(name.label("model_id"), series.c.n).subquery("models")


def windows(size: Size) -> sa.Subquery:
    """Return every window of every model, with its day `n` from 0."""
    every, days = models(size), numbers(0, size.days - 1, "day_series")
    start = moment(size, days.c.n)
    return (
        sa.select(
            every.c.model_id,
            sa.literal(GRANULARITY, sa.Text).label("granularity"),
            start.label("window_start"),
            moment(size, days.c.n + 1).label("window_end"),
            days.c.n,
        )
        .select_from(every.join(days, sa.true()))
        .subquery("windows")
    )


def columns(size: Size) -> sa.Subquery:
    """Return `column_name`, `kind`, `role`, and number `n` of every column."""
    series = numbers(1, size.columns, "column_series")
    is_prediction = series.c.n == size.columns
    name = sa.literal("feature_", sa.Text) + _padded(series.c.n, 2)
    numerical = sa.or_(series.c.n % 2 == 1, is_prediction)
    return sa.select(
        sa.case((is_prediction, "prediction"), else_=name).label("column_name"),
        sa.case((numerical, "numerical"), else_="categorical").label("kind"),
        sa.case((is_prediction, "prediction"), else_="feature").label("role"),
        series.c.n,
    ).subquery("columns")


def moment(size: Size, day: Any) -> sa.ColumnElement[datetime]:
    """Return the first moment of a day."""
    days = sa.func.make_interval(0, 0, 0, day, type_=sa.Interval)
    instant = sa.DateTime(timezone=True)
    return sa.cast(sa.literal(size.start, instant) + days, instant)


def computed(window: sa.Subquery, layer: Layer) -> tuple[sa.Join, sa.ColumnElement[int]]:
    """Return the windows beside their computation of a layer, and its number."""
    made = tables.computation
    same = sa.and_(
        made.c.model_id == window.c.model_id,
        made.c.window_start == window.c.window_start,
        made.c.layer == layer.value,
    )
    return window.join(made, same), made.c.id.label("computation_id")


def into(table: sa.Table, query: sa.Select[*tuple[Any, ...]]) -> sa.Insert:
    """Return the statement that puts the rows of a query into a table, by column name."""
    return sa.insert(table).from_select(list(query.selected_columns.keys()), query)


def chance(what: str, *key: Any) -> sa.ColumnElement[float]:
    """Return a number in [0, 1) that depends on nothing but these words and values."""
    text = sa.func.concat_ws("|", sa.literal(what, sa.Text), *key)
    # 2**53 steps: what a double can tell apart.
    bits = sa.func.hashtextextended(text, 20250201, type_=sa.BigInteger).op("&")(2**53 - 1)
    return sa.cast(bits, sa.Double) / float(2**53)


def _padded(number: Any, width: int) -> sa.ColumnElement[str]:
    return sa.func.lpad(sa.cast(number, sa.Text), width, "0", type_=sa.Text)
