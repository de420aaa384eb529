"""What complete windows say to the loop: verdicts by cause, broken columns, labels.

Belongs here: reading stored verdicts. Stays out: what follows from them (evaluation/retraining),
the ledger (looked_at.py), the state of the data (broken_columns.py).

Each cause (spec/causes.py) speaks of all rows that pass the filters.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from monitoring_assets.records import (
    ANSWER_ROLES,
    REALISED,
    Finding,
    LabelledWindow,
    Verdict,
    WindowSignals,
)
from monitoring_assets.spec.causes import (
    DATA_QUALITY,
    DATASET_DRIFT,
    PREDICTION_DRIFT,
    drift_cause,
    quality_cause,
)
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining.broken_columns import (
    broken_columns,
    data_quality_finding,
    judged_windows,
)
from monitoring_assets.storage.retraining.looked_at import (
    complete_windows,
    judged_since,
    written_by,
)
from monitoring_assets.storage.tables import (
    column_dictionary,
    dataset_drift,
    drift_score,
    model_quality,
)
from monitoring_assets.storage.tables.results import ALL_CLASSES

MOST_WINDOWS: Final = 400
"""Windows that are looked at: more than a year of days."""

_DRIFT: Final = drift_cause("")
_QUALITY: Final = quality_cause("")

_Findings = dict[tuple[datetime, str], Finding]


def read_signals(
    database: Database,
    model_id: str,
    granularity: str,
    causes: Collection[str],
    most: int = MOST_WINDOWS,
) -> tuple[WindowSignals, ...]:
    """Return what the newest complete windows of a model say, oldest first.

    Parameters
    ----------
    causes
        The causes that are asked for.
    most
        How many windows at most. Windows that are not complete leave gaps, and so do those that
        are written while they are read.
    """
    with database.connect() as connection:
        return signals_in(connection, (model_id, granularity), causes, most)


def signals_in(
    connection: sa.Connection,
    model: tuple[str, str],
    causes: Collection[str],
    most: int = MOST_WINDOWS,
    until: datetime | None = None,
) -> tuple[WindowSignals, ...]:
    """Return what the newest complete windows say, as a transaction sees them.

    400 windows of 30 columns take 40 ms of this process' time, 1,000 take 90 ms.

    Parameters
    ----------
    model
        The model and the granularity of its windows.
    until
        Windows that end later are left out; None: none is.
    """
    windows = complete_windows(connection, model, most, until)
    if not windows:
        return ()
    since = windows[0].window.start
    found = _dataset_drift(connection, model, since)
    found |= _column_drift(connection, model, since, causes)
    found |= _quality(connection, model, since, causes)
    broken = broken_columns(connection, model, since)
    if DATA_QUALITY in causes:
        for start in judged_windows(connection, model, since):
            found[start, DATA_QUALITY] = data_quality_finding(broken.get(start, {}))
    # Each statement sees what was committed before it: of a window that was written meanwhile, one
    # verdict may speak of other rows than the next. It counts as not complete yet.
    as_it_was = written_by(connection, model, since)
    return tuple(
        WindowSignals(
            window=one.window,
            findings={
                cause: found[one.window.start, cause]
                for cause in causes
                if (one.window.start, cause) in found
            },
            broken={name: why.words for name, why in broken.get(one.window.start, {}).items()},
            labelled=one.labelled,
        )
        for one in windows
        if as_it_was.get(one.window.start) == one.computation_id
    )


def labelled_windows(
    database: Database, model_id: str, granularity: str
) -> tuple[LabelledWindow, ...]:
    """Return all complete windows of a model with their labelled rows, oldest first."""
    with database.connect() as connection:
        return labelled_in(connection, (model_id, granularity))


def labelled_in(
    connection: sa.Connection, model: tuple[str, str], until: datetime | None = None
) -> tuple[LabelledWindow, ...]:
    """Return all complete windows with their labelled rows, as a transaction sees them.

    Those that end after `until` are left out.
    """
    found = complete_windows(connection, model, None, until)
    return tuple(LabelledWindow(window=one.window, labelled=one.labelled) for one in found)


def _dataset_drift(connection: sa.Connection, model: tuple[str, str], since: datetime) -> _Findings:
    """Return the verdict on the data of each window, against the newest reference it was."""
    table = dataset_drift
    statement = (
        sa.select(table.c.window_start, table.c.verdict, table.c.reason)
        .where(*judged_since(table, model, since))
        .ext(distinct_on(table.c.window_start))
        .order_by(table.c.window_start, table.c.reference_version.desc())
    )
    return {
        (start, DATASET_DRIFT): Finding(verdict=Verdict(verdict), reason=reason)
        for start, verdict, reason in connection.execute(statement)
    }


def _column_drift(
    connection: sa.Connection, model: tuple[str, str], since: datetime, causes: Collection[str]
) -> _Findings:
    table = drift_score
    answers = _answers(connection, model[0]) if PREDICTION_DRIFT in causes else frozenset[str]()
    columns = {one.removeprefix(_DRIFT) for one in causes if one.startswith(_DRIFT)} | answers
    if not columns:
        return {}
    statement = (
        sa.select(table.c.window_start, table.c.column_name, table.c.verdict, table.c.reason)
        .where(
            *judged_since(table, model, since),
            table.c.deciding,
            # By name, not by a query: this is what the index is found by.
            table.c.column_name.in_(sorted(columns)),
        )
        .ext(distinct_on(table.c.window_start, table.c.column_name))
        .order_by(table.c.window_start, table.c.column_name, table.c.reference_version.desc())
    )
    found: _Findings = {}
    for start, column, verdict, reason in connection.execute(statement):
        finding = Finding(verdict=Verdict(verdict), reason=reason)
        found[start, _DRIFT + column] = finding
        if column in answers:
            _note_worst(found, start, replace(finding, reason=f"{column}: {reason}"))
    return found


def _answers(connection: sa.Connection, model_id: str) -> frozenset[str]:
    """Return the columns a model answers with: its prediction, and any probabilities."""
    table = column_dictionary
    statement = sa.select(table.c.column_name).where(
        table.c.model_id == model_id,
        table.c.role.in_(ANSWER_ROLES),
    )
    return frozenset(connection.execute(statement).scalars())


def _note_worst(found: _Findings, start: datetime, finding: Finding) -> None:
    """Note one finding for the prediction and all probabilities: an alarm if any is."""
    known = found.get((start, PREDICTION_DRIFT))
    if known is None or _RANK[finding.verdict] < _RANK[known.verdict]:
        found[start, PREDICTION_DRIFT] = finding


_RANK: Final = {
    Verdict.ALARM: 0,
    Verdict.OK: 1,
    Verdict.INSUFFICIENT_DATA: 2,
    Verdict.LABELS_IMMATURE: 3,
    Verdict.UNDEFINED: 4,
}
"""Which of several verdicts speaks: an alarm, then one that speaks of a number."""


def _quality(
    connection: sa.Connection, model: tuple[str, str], since: datetime, causes: Collection[str]
) -> _Findings:
    """Return the verdicts on metrics; where several versions scored, the one with most labels."""
    table = model_quality
    metrics = [one.removeprefix(_QUALITY) for one in causes if one.startswith(_QUALITY)]
    if not metrics:
        return {}
    statement = (
        sa.select(table.c.window_start, table.c.metric, table.c.verdict, table.c.reason)
        .where(
            *judged_since(table, model, since),
            table.c.metric.in_(metrics),
            table.c.class_name == ALL_CLASSES,
            table.c.kind == REALISED,
        )
        .ext(distinct_on(table.c.window_start, table.c.metric))
        .order_by(
            table.c.window_start,
            table.c.metric,
            table.c.labels.desc(),
            table.c.model_version.desc(),
        )
    )
    return {
        (start, _QUALITY + metric): Finding(verdict=Verdict(verdict), reason=reason)
        for start, metric, verdict, reason in connection.execute(statement)
    }
