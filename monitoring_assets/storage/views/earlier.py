"""Views of schema `grafana` that show numbers of windows beside those of an earlier one.

Belongs here: their queries, which give no verdicts: a difference by itself says nothing of chance.
Stays out: comparisons with verdicts (evaluation/comparing.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from monitoring_assets.records import Layer
from monitoring_assets.storage.tables import (
    data_quality,
    drift_score,
    model,
    model_quality,
    window,
)
from monitoring_assets.storage.views.conditions import (
    WINDOW_KEY,
    has_newest_reference,
    is_complete,
    same,
)
from monitoring_assets.storage.views.view import View

_Condition = Callable[[sa.FromClause], sa.ColumnElement[bool]]

_Earlier = Callable[[sa.FromClause], sa.ColumnElement[datetime]]
"""Numbers of windows, beside their model -> start of the window that each is compared with."""


@dataclass(frozen=True, kw_only=True)
class _Numbers:
    """Numbers of windows that are shown beside those of an earlier window.

    Parameters
    ----------
    layer
        What they are called by.
    same
        Columns that both have to share, besides those of the window and the segment.
    value
        The column that holds the number.
    names
        `column_name`, `class_name` and `metric` -> the column that holds it; without one, ''.
    shown, compared
        Which are shown, and which they may be compared with.
    """

    layer: Layer
    table: sa.Table
    same: Sequence[str]
    value: str
    names: Mapping[str, str]
    shown: _Condition
    compared: _Condition

    def beside(self, earlier: _Earlier) -> sa.Select[*tuple[Any, ...]]:
        """Return the query for these numbers beside those of an earlier window."""
        now, then = self.table.alias("now"), self.table.alias("earlier")
        state, state_then = window.alias("state"), window.alias("earlier_state")
        start = earlier(now)
        there = then.join(state_then, sa.and_(same(then, state_then), is_complete(state_then)))
        counterpart = sa.and_(
            same(then, now, "model_id", "granularity", "segment", *self.same),
            then.c.window_start == start,
            self.compared(then),
        )
        return (
            sa.select(
                *(now.c[name] for name in WINDOW_KEY),
                state.c.window_end,
                start.label("earlier_start"),
                now.c.segment,
                sa.literal(self.layer.value, sa.Text).label("layer"),
                *(self._text(now, name) for name in ("column_name", "class_name", "metric")),
                now.c[self.value].label("value"),
                then.c[self.value].label("earlier_value"),
                (now.c[self.value] - then.c[self.value]).label("difference"),
            )
            .select_from(
                now.join(state, sa.and_(same(now, state), is_complete(state)))
                .join(model, now.c.model_id == model.c.model_id)
                .outerjoin(there, counterpart)
            )
            .where(self.shown(now))
        )

    def _text(self, now: sa.FromClause, name: str) -> sa.Label[str]:
        column = self.names.get(name)
        return (now.c[column] if column else sa.literal("", sa.Text)).label(name)


def _speaks(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Keep of several versions that scored a window the one with most labels."""
    other = model_quality.alias("other")
    more, own = (sa.tuple_(one.c.labels, one.c.model_version) for one in (other, table))
    key = ("segment", "metric", "class_name", "kind")
    # Not `SELECT *`, whose columns a view writes down in the order in which the table has them.
    better = sa.select(other.c.labels).where(same(other, table, *WINDOW_KEY, *key), more > own)
    return ~better.exists()


def _is_missing_share(table: sa.FromClause) -> sa.ColumnElement[bool]:
    return table.c.metric == "missing_share"


def _any(table: sa.FromClause) -> sa.ColumnElement[bool]:  # noqa: ARG001 - one of _Condition
    return sa.true()


_NUMBERS: Final = (
    _Numbers(
        layer=Layer.DATA_DRIFT,
        table=drift_score,
        # Scores against two references have nothing to do with each other.
        same=("column_name", "method", "reference_version"),
        value="score",
        names={"column_name": "column_name", "metric": "method"},
        shown=has_newest_reference,
        compared=_any,
    ),
    _Numbers(
        layer=Layer.DATA_QUALITY,
        table=data_quality,
        same=("column_name", "metric"),
        value="value",
        names={"column_name": "column_name", "metric": "metric"},
        shown=_is_missing_share,
        compared=_any,
    ),
    _Numbers(
        layer=Layer.MODEL_QUALITY,
        table=model_quality,
        same=("metric", "class_name", "kind"),
        value="value",
        names={"class_name": "class_name", "metric": "metric"},
        shown=_speaks,
        compared=_speaks,
    ),
)


def _a_week_earlier(now: sa.FromClause) -> sa.ColumnElement[datetime]:
    """Return the same time by the model's clocks seven days earlier; of months null."""
    return sa.case((now.c.granularity != "month", _earlier_by_the_clock(now, "7 days")))


def _a_window_earlier(now: sa.FromClause) -> sa.ColumnElement[datetime]:
    """Return when the window before began."""
    lengths = ("day", "week", "month")
    return sa.case(
        *((now.c.granularity == one, _earlier_by_the_clock(now, f"1 {one}")) for one in lengths),
        else_=now.c.window_start - _length("1 hour"),
    )


def _earlier_by_the_clock(now: sa.FromClause, length: str) -> sa.ColumnElement[datetime]:
    zone = model.c.time_zone
    local = sa.func.timezone(zone, now.c.window_start) - _length(length)
    return sa.func.timezone(zone, local, type_=sa.DateTime(timezone=True))


def _length(text: str) -> sa.ColumnElement[timedelta]:
    return sa.cast(sa.literal(text, sa.Text), sa.Interval)


def _all_beside(earlier: _Earlier) -> sa.CompoundSelect[Any]:
    return sa.union_all(*(one.beside(earlier) for one in _NUMBERS))


_KEY: Final = (*(drift_score.c[name] for name in (*WINDOW_KEY, "segment")), window.c.window_end)

_BESIDE: Final[Mapping[str, str]] = {
    **{column.name: str(column.comment) for column in _KEY},
    "layer": "data_drift, data_quality or model_quality.",
    "column_name": "Our name of the column; '' for the whole window and for quality.",
    "class_name": "The class a number is about; '' for all classes.",
    "metric": "Method of a drift score, missing_share, or quality metric.",
    "value": "The number in this window; null if there was none.",
    "earlier_value": "The number in the earlier window; null if there was none.",
    "difference": "value - earlier_value.",
}

WEEK_OVER_WEEK: Final = View(
    name="week_over_week",
    query=_all_beside(_a_week_earlier),
    comment="Numbers of complete windows beside those of seven days earlier; no verdicts.",
    comments={
        **_BESIDE,
        "earlier_start": "First moment of the window seven days earlier, UTC; null for months.",
    },
)

AGAINST_PREVIOUS_WINDOW: Final = View(
    name="against_previous_window",
    query=_all_beside(_a_window_earlier),
    comment="Numbers of complete windows beside those of the window before; no verdicts.",
    comments={**_BESIDE, "earlier_start": "First moment of the window before, UTC."},
)
