"""Views of schema `grafana` about labels that come late: what was said before, what is overdue.

Belongs here: their queries. Stays out: all other views, what was known at one moment
(as_of.py), reading the backlog (storage/backlog.py).
"""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from monitoring_assets.storage.tables import model, model_quality, model_quality_history, window
from monitoring_assets.storage.views.conditions import is_complete
from monitoring_assets.storage.views.view import View


def backlog_at(moment: sa.ColumnElement[datetime]) -> sa.Select[*tuple[Any, ...]]:
    """Return the query for what is overdue at a moment: one row for each model that says when."""
    # A window without scored rows waits for nothing: its coverage is null.
    overdue = sa.and_(
        window.c.model_id == model.c.model_id,
        window.c.granularity == model.c.granularity,
        is_complete(),
        window.c.window_end + model.c.expected_label_delay <= moment,
        window.c.label_coverage < model.c.mature_share,
    )
    missing = sa.func.sum(window.c.rows_scored - window.c.labels)
    return (
        sa.select(
            model.c.model_id,
            model.c.granularity,
            model.c.expected_label_delay,
            model.c.mature_share,
            sa.func.count(window.c.window_start).label("windows"),
            sa.func.min(window.c.window_start).label("oldest_window_start"),
            sa.func.max(window.c.window_start).label("newest_window_start"),
            sa.cast(sa.func.coalesce(missing, 0), sa.BigInteger).label("labels_missing"),
        )
        .select_from(model.outerjoin(window, overdue))
        .where(model.c.retired_at.is_(None), model.c.expected_label_delay.is_not(None))
        .group_by(model.c.model_id)
    )


def _ever_recorded() -> sa.CompoundSelect[Any]:
    never = sa.cast(sa.null(), sa.DateTime(timezone=True))
    return sa.union_all(
        sa.select(*model_quality.c, never.label("superseded_at")),
        sa.select(*model_quality_history.c),
    )


MODEL_QUALITY_RECORDED: Final = View(
    name="model_quality_recorded",
    query=_ever_recorded(),
    comment=(
        "All that model_quality says or has ever said, with since when and until when; also of"
        " windows that are being computed again."
    ),
    comments={"superseded_at": "Until when the table has said so, UTC; null while it says so."},
)

LABEL_BACKLOG: Final = View(
    name="label_backlog",
    query=backlog_at(sa.func.now(type_=sa.DateTime(timezone=True))),
    comment=(
        "One line for each model that says how late its labels come: complete windows that should"
        " have had enough of them by now."
    ),
    comments={
        "windows": "Windows past their expected delay with a label coverage below mature_share.",
        "oldest_window_start": "First moment of the oldest of these windows, UTC; null if none.",
        "newest_window_start": "First moment of the newest of these windows, UTC; null if none.",
        "labels_missing": "Scored rows of these windows that have no label.",
    },
)
