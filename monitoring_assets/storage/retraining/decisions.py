"""Decisions: one line for each retraining that was thought about, and what came of it.

Belongs here: reading and writing table `retraining_decision`. Stays out: deciding (evaluation).

Indexes of the table hold what must never happen: two lines that say the same of one window, two
retrainings of one attempt, two retrainings of a model at once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from monitoring_assets.errors import RetrainingUnderwayError, StorageError
from monitoring_assets.records import (
    Decision,
    DecisionCode,
    Outcome,
    RetrainingResult,
    Window,
)
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining.locking import loop_transaction
from monitoring_assets.storage.tables import retraining_decision as table

_FIELDS = (
    "model_id",
    "episode_id",
    "cause",
    "decided_at",
    "decided_by",
    "outcome",
    "code",
    "reason",
    "attempt",
    "tries",
    "requested_at",
    "run_id",
    "model_version",
    "result",
    "result_reason",
    "finished_at",
)


def all_decisions(database: Database, model_id: str) -> tuple[Decision, ...]:
    """Return every decision about a model, oldest first."""
    with database.connect() as connection:
        return _read(connection, table.c.model_id == model_id)


def retrain_decisions(database: Database, model_id: str) -> tuple[Decision, ...]:
    """Return the decisions to retrain a model, oldest first."""
    with database.connect() as connection:
        return read_retrainings(connection, model_id)


def read_retrainings(connection: sa.Connection, model_id: str) -> tuple[Decision, ...]:
    """Return the decisions to retrain a model, as a transaction sees them."""
    return _read(connection, table.c.model_id == model_id, table.c.outcome == Outcome.RETRAIN)


def read_decision(database: Database, decision_id: int) -> Decision:
    """Return one decision.

    Raises
    ------
    StorageError
        There is none of this number.
    """
    with database.connect() as connection:
        return decision_in(connection, decision_id)


def decision_in(connection: sa.Connection, decision_id: int) -> Decision:
    """Return one decision, as a transaction sees it; `read_decision` says what it raises."""
    found = _read(connection, table.c.id == decision_id)
    if not found:
        raise StorageError(f"there is no decision number {decision_id} to retrain a model")
    return found[0]


def decision_of_run(database: Database, run_id: str) -> Decision | None:
    """Return the decision that a run worked on; None if it worked on none."""
    with database.connect() as connection:
        found = _read(connection, table.c.run_id == run_id)
    return found[-1] if found else None


def write_decision(connection: sa.Connection, decision: Decision) -> int | None:
    """Store a decision and return its number; None if the table says the same already."""
    statement = insert(table).values(_row(decision)).on_conflict_do_nothing().returning(table.c.id)
    return connection.execute(statement).scalar_one_or_none()


def decide_by_hand(database: Database, decision: Decision) -> int:
    """Store the decision of a person to retrain and return its number.

    Raises
    ------
    RetrainingUnderwayError
        Another retraining of the model is underway.
    """
    with loop_transaction(database, decision.model_id) as connection:
        number = write_decision(connection, decision)
        if number is None:
            underway = [
                one.decision_id
                for one in read_retrainings(connection, decision.model_id)
                if one.result is None
            ]
            raise RetrainingUnderwayError(
                f"model '{decision.model_id}': retraining number {underway[0]} is underway; wait"
                " for its result, or end its run in Dagster and wait until it is given up"
            )
    return number


def request_try(
    database: Database, decision_id: int, now: datetime, number: int | None = None
) -> int:
    """Note that the run of a decision is asked for once more; return how often it was.

    Parameters
    ----------
    number
        Which time this is meant to be: if two ask for the same, it counts once. None: the next.
    """
    wanted = table.c.tries + 1 if number is None else number
    statement = (
        sa.update(table)
        .where(table.c.id == decision_id, table.c.result.is_(None), table.c.tries < wanted)
        .values(tries=wanted, requested_at=now)
    )
    tries = sa.select(table.c.tries).where(table.c.id == decision_id)
    with database.begin() as connection:
        connection.execute(statement)
        return connection.execute(tries).scalar_one()


def note_run(database: Database, decision_id: int, run_id: str) -> None:
    """Note which run works on a decision."""
    statement = sa.update(table).where(table.c.id == decision_id).values(run_id=run_id)
    with database.begin() as connection:
        connection.execute(statement)


def finish(
    connection: sa.Connection,
    decision_id: int,
    came_of_it: tuple[RetrainingResult, str, str | None],
    now: datetime,
) -> bool:
    """Note what came of a decision; False if something else has been noted already.

    What awaits approval may still be promoted, nothing else takes the place of a result.

    Parameters
    ----------
    came_of_it
        The result, why in a sentence, and the version that came of it.
    """
    result, reason, version = came_of_it
    open_ones: list[sa.ColumnElement[bool]] = [table.c.result.is_(None)]
    if result is RetrainingResult.PROMOTED:
        open_ones.append(table.c.result == RetrainingResult.AWAITS_APPROVAL)
    statement = (
        sa.update(table)
        .where(table.c.id == decision_id, sa.or_(*open_ones))
        .values(result=result, result_reason=reason, model_version=version, finished_at=now)
    )
    return connection.execute(statement).rowcount == 1


def _row(decision: Decision) -> Mapping[str, Any]:
    window = decision.window
    return {name: getattr(decision, name) for name in _FIELDS} | {
        "evidence": dict(decision.evidence),
        "granularity": window.granularity,
        "window_start": window.start,
        "window_end": window.end,
        "partition_key": window.partition_key,
    }


def _read(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> tuple[Decision, ...]:
    statement = sa.select(table).where(*where).order_by(table.c.id)
    return tuple(_decision(dict(row)) for row in connection.execute(statement).mappings())


def _decision(row: Mapping[str, Any]) -> Decision:
    told: dict[str, Any] = {name: row[name] for name in _FIELDS} | {
        "outcome": Outcome(row["outcome"]),
        "code": DecisionCode(row["code"]),
        "result": None if row["result"] is None else RetrainingResult(row["result"]),
    }
    window = Window(
        model_id=row["model_id"],
        granularity=row["granularity"],
        start=row["window_start"],
        end=row["window_end"],
        partition_key=row["partition_key"],
    )
    return Decision(**told, decision_id=row["id"], evidence=row["evidence"], window=window)
