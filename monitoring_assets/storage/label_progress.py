"""How far the labels of a model were read, and windows that are out of date for their labels.

Belongs here: the watermark, and what the ledger says of labels. Stays out: labels themselves
(labels.py), everything else that is out of date (staleness.py).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert, distinct_on, insert

from monitoring_assets.records import Layer
from monitoring_assets.storage.conditions import of_model
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.row_tables import newest_since
from monitoring_assets.storage.tables import computation, label_watermark

_LAYERS: Final = (Layer.LABELS, Layer.QUALITY_PROFILES, Layer.MODEL_QUALITY)
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Watermark:
    """How far the labels of a model have been read.

    Parameters
    ----------
    knowledge_time
        Labels known until then have been looked at.
    orphans
        Labels whose id no stored prediction has.
    updated_at
        When labels were last looked for.
    """

    knowledge_time: datetime
    orphans: int
    updated_at: datetime


def windows_behind_labels(database: Database, model_id: str, granularity: str) -> set[datetime]:
    """Return the starts of windows judged once whose labels were stored again after that."""
    labels, sums, judged = (_newest(layer) for layer in _LAYERS)
    statement = (
        sa.select(computation.c.window_start)
        .where(
            *of_model(computation, (model_id, granularity)),
            computation.c.layer.in_([layer.value for layer in _LAYERS]),
        )
        .group_by(computation.c.window_start)
        .having(judged.is_not(None), sa.or_(labels > sums, sums > judged))
    )
    with database.connect() as connection:
        return set(connection.execute(statement).scalars())


def windows_computed_otherwise(
    database: Database, model_id: str, granularity: str, layer: Layer, spec_hash: str
) -> set[datetime]:
    """Return the starts of windows of which a layer was last stored under another YAML than this.

    So were those whose rows lie in an older row table by now.

    Parameters
    ----------
    layer
        Labels or predictions.
    """
    columns = (computation.c.spec_hash, computation.c.finished_at)
    newest = _newest_of(model_id, granularity, layer, *columns)
    with database.connect() as connection:
        since = newest_since(connection, model_id).get(layer.value)
        otherwise = newest.c.spec_hash != spec_hash
        if since is not None:
            otherwise = sa.or_(otherwise, newest.c.finished_at < since)
        statement = sa.select(newest.c.window_start).where(otherwise)
        return set(connection.execute(statement).scalars())


def labels_were_read(
    database: Database, model_id: str, granularity: str, spec_hash: str | None = None
) -> bool:
    """Return whether any window's labels were stored: ever, or under the YAML with this hash."""
    conditions = [
        *of_model(computation, (model_id, granularity)),
        computation.c.layer == Layer.LABELS.value,
    ]
    if spec_hash is not None:
        conditions.append(computation.c.spec_hash == spec_hash)
    statement = sa.select(sa.exists().where(*conditions))
    with database.connect() as connection:
        return bool(connection.execute(statement).scalar_one())


def windows_judged_by(
    database: Database, model_id: str, granularity: str, runs: Collection[str]
) -> set[datetime]:
    """Return the starts of windows whose quality one of these runs of Dagster judged last."""
    if not runs:
        return set()
    newest = _newest_of(model_id, granularity, Layer.MODEL_QUALITY, computation.c.run_id)
    statement = sa.select(newest.c.window_start).where(newest.c.run_id.in_(runs))
    with database.connect() as connection:
        return set(connection.execute(statement).scalars())


def read_watermark(database: Database, model_id: str) -> Watermark | None:
    """Return how far the labels of a model have been read; None if never."""
    table = label_watermark
    columns = (table.c.knowledge_time, table.c.orphans, table.c.updated_at)
    statement = sa.select(*columns).where(table.c.model_id == model_id)
    with database.connect() as connection:
        row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else Watermark(**row)


def advance_watermark(
    database: Database, model_id: str, knowledge_time: datetime, orphans: int, now: datetime
) -> None:
    """Note how far the labels of a model have been read; the watermark never goes back.

    Parameters
    ----------
    orphans
        Labels whose id no stored prediction has, instead of the number noted before.
    """
    watermark = Watermark(knowledge_time=knowledge_time, orphans=orphans, updated_at=now)
    with database.begin() as connection:
        connection.execute(_noted(model_id, watermark, sa.func.greatest))


def hold_watermark(
    database: Database, model_id: str, waiting_since: datetime, orphans: int, now: datetime
) -> None:
    """Note that labels known before a moment have been read, and that one of then waits.

    The next reading begins there again; the watermark goes back if it was past that.

    Parameters
    ----------
    waiting_since
        The earliest knowledge time of labels that wait for their windows.
    orphans
        As for `advance_watermark`.
    """
    before = waiting_since - _MOMENT  # at the moment itself all would count as read
    watermark = Watermark(knowledge_time=before, orphans=orphans, updated_at=now)
    with database.begin() as connection:
        connection.execute(_noted(model_id, watermark, _the_new_one))


def begin_watermark(
    database: Database, model_id: str, knowledge_time: datetime | None, now: datetime
) -> None:
    """Note how far the source had come before the first window's labels are read from it.

    An earlier moment that is noted already stays: of two runs that begin at once the one that
    looked first is right.

    Parameters
    ----------
    knowledge_time
        None: it had no label, or that cannot be said. There is no watermark then.
    """
    if knowledge_time is None:
        statement = sa.delete(label_watermark).where(label_watermark.c.model_id == model_id)
    else:
        watermark = Watermark(knowledge_time=knowledge_time, orphans=0, updated_at=now)
        statement = _noted(model_id, watermark, sa.func.least)
    with database.begin() as connection:
        connection.execute(statement)


def _noted(
    model_id: str, watermark: Watermark, which: Callable[..., sa.ColumnElement[datetime]]
) -> Insert:
    """Return the statement that notes a watermark.

    Parameters
    ----------
    which
        Of the moment that is noted already and this one: `greatest`, `least`, the new one.
    """
    statement = insert(label_watermark).values(model_id=model_id, **vars(watermark))
    new = statement.excluded
    moment = which(label_watermark.c.knowledge_time, new.knowledge_time)
    return statement.on_conflict_do_update(
        index_elements=["model_id"],
        set_={"knowledge_time": moment, "orphans": new.orphans, "updated_at": new.updated_at},
    )


def _the_new_one(
    _noted_before: sa.ColumnElement[datetime], new: sa.ColumnElement[datetime]
) -> sa.ColumnElement[datetime]:
    return new


def _newest_of(
    model_id: str, granularity: str, layer: Layer, *columns: sa.Column[Any]
) -> sa.Subquery:
    """Return `window_start` and columns of the newest computation of a layer of each window."""
    return (
        sa.select(computation.c.window_start, *columns)
        .where(*of_model(computation, (model_id, granularity)), computation.c.layer == layer.value)
        .ext(distinct_on(computation.c.window_start))
        .order_by(computation.c.window_start, computation.c.id.desc())
        .subquery("newest")
    )


def _newest(layer: Layer) -> sa.ColumnElement[int]:
    return sa.func.max(computation.c.id).filter(computation.c.layer == layer.value)
