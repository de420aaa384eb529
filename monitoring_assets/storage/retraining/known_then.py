"""How many labels of each window were known at moments of the past.

Belongs here: counting stored labels by the moment from which they were known. Stays out: what
follows for verdicts (evaluation/retraining/as_known.py), windows as they stand now (signals.py).

Counted are the labels that count now, each from the moment since which its row has had one: a label
that was corrected was known before that, and one that was withdrawn never was.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from monitoring_assets.records import LabelArrivals, WindowStatus
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.conditions import of_model
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.row_read import passing
from monitoring_assets.storage.row_shape import (
    EVENT_TIME,
    KNOWLEDGE_TIME,
    ROW_ID,
    TARGET,
    RowTable,
)
from monitoring_assets.storage.row_tables import row_table
from monitoring_assets.storage.tables import window as ledger

_MOMENTS: Final = ARRAY(sa.DateTime(timezone=True))


def label_arrivals(
    spec: ModelSpec, database: Database, moments: Sequence[datetime]
) -> dict[datetime, LabelArrivals]:
    """Return how many labels were known at each moment, by the start of the window.

    A year of hourly windows with 350,000 labels, which come hour by hour for a week, takes the
    server 1.2 s; a single moment of it takes 20 ms.

    Parameters
    ----------
    moments
        In order, at least one.

    Returns
    -------
    dict
        Complete windows that ended by the last moment and have a label that was not known yet at
        the first one, or at the window's end. Of all others every label was known; so it is taken
        to be where labels have no times, and of windows whose rows lie in an older table.
    """
    if not spec.labels_have_times:
        return {}
    with database.connect() as connection:
        late = connection.execute(_late_windows(spec, moments)).all()
    if not late:
        return {}
    predictions = row_table(database, spec.model_id, "predictions")
    labels = row_table(database, spec.model_id, "labels")
    bounds = sorted({moment for start, end, _ in late for moment in (start, end)})
    with database.connect() as connection:
        counted = connection.execute(_counts(predictions, labels, bounds, moments)).all()
    scored = {start: rows for start, _, rows in late}
    return {
        # Between two windows that are late may lie others, or a gap.
        bounds[place - 1]: _arrivals(scored[bounds[place - 1]], group, moments)
        for place, group in groupby(counted, key=itemgetter(0))
        if bounds[place - 1] in scored
    }


def _late_windows(
    spec: ModelSpec, moments: Sequence[datetime]
) -> sa.Select[datetime, datetime, int]:
    since = sa.func.greatest(moments[0], ledger.c.window_end)
    return (
        sa.select(ledger.c.window_start, ledger.c.window_end, ledger.c.rows_scored)
        .where(
            *of_model(ledger, (spec.model_id, spec.windows.granularity)),
            ledger.c.status == WindowStatus.COMPLETE,
            ledger.c.window_end <= moments[-1],
            # A label dated with the very moment is read at the next one.
            ledger.c.newest_knowledge_time >= since,
        )
        .order_by(ledger.c.window_start)
    )


def _counts(
    predictions: RowTable,
    labels: RowTable,
    bounds: Sequence[datetime],
    moments: Sequence[datetime],
) -> sa.Select[int, int, int]:
    """Return the statement that counts labels by the last bound before and the first moment after.

    It counts what quality is about: scored rows that pass the filters, by their newest label.
    """
    time, label_time = predictions.column(EVENT_TIME), labels.column(EVENT_TIME)
    label_id, known = labels.column(ROW_ID), labels.column(KNOWLEDGE_TIME)
    valued = labels.column(TARGET).is_not(None)
    of_value = sa.func.max(known).filter(valued)
    row = (
        sa.select(label_id, label_time, sa.func.min(known).filter(valued).label("since"))
        .where(label_time >= bounds[0], label_time < bounds[-1])
        .group_by(label_id, label_time)
        .having(of_value == sa.func.max(known))
        .subquery("row")
    )
    same = sa.and_(row.c[ROW_ID] == predictions.column(ROW_ID), row.c[EVENT_TIME] == time)
    place = _place(row.c[EVENT_TIME], bounds).label("place")
    step = _place(row.c.since, moments).label("step")
    answered = predictions.column(predictions.prediction).is_not(None)
    return (
        sa.select(place, step, sa.func.count())
        .select_from(row.join(predictions.sql, same))
        .where(time >= bounds[0], time < bounds[-1], answered, *passing(predictions))
        .group_by(place, step)
        .order_by(place, step)
    )


def _place(time: sa.ColumnElement[Any], moments: Sequence[datetime]) -> sa.Function[int]:
    """Return how many of these moments, which are in order, are not after a time."""
    return sa.func.width_bucket(time, sa.literal([*moments], _MOMENTS), type_=sa.Integer)


def _arrivals(
    scored: int, counts: Iterable[sa.Row[int, int, int]], moments: Sequence[datetime]
) -> LabelArrivals:
    known = [(moments[step], count) for _, step, count in counts if step < len(moments)]
    return LabelArrivals(
        scored=scored,
        moments=tuple(moment for moment, _ in known),
        labels=tuple(accumulate(count for _, count in known)),
    )
