"""Letting a version serve: a promotion, a rollback, all in one transaction or not at all.

Belongs here: the deployment with everything that changes with it. Stays out: the first version
(storage/models.py), whether a challenger is better (evaluation), measuring its reference (assets).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from monitoring_assets.errors import PromotionRefusedError
from monitoring_assets.records import (
    Computation,
    Deployment,
    Message,
    RetrainingResult,
)
from monitoring_assets.storage.computations import record_computation
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.models import deployments_in, write_deployment
from monitoring_assets.storage.references import ReferenceWrite, write_reference
from monitoring_assets.storage.retraining.decisions import decision_in, finish
from monitoring_assets.storage.retraining.episodes import close_all
from monitoring_assets.storage.retraining.locking import loop_transaction
from monitoring_assets.storage.retraining.messages import write_messages
from monitoring_assets.storage.serving import lock_deployment
from monitoring_assets.storage.statements import SqlTransaction
from monitoring_assets.storage.tables import window as ledger


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """A version that is to serve from now on.

    Parameters
    ----------
    computation
        Line of the ledger of layer `deployed_model`.
    champion
        The version that has to be the newest deployed one still.
    not_before
        Event time before which it does not serve: end of the newest window it rests on.
    decision_id
        The retraining it came of; None for one by hand.
    reference
        What the windows it serves are compared with; None: what there is for this version.
    messages, channel
        What is to be told if it succeeds, and where.
    """

    computation: Computation
    model_version: str
    champion: str
    not_before: datetime
    decided_at: datetime
    decided_by: str
    reason: str
    decision_id: int | None = None
    reference: ReferenceWrite | None = None
    messages: Sequence[Message] = ()
    channel: str = ""


def promote(database: Database, promotion: Promotion) -> Deployment:
    """Let a version serve from the first window on that has not been scored.

    The deployment, its reference, the result of its decision and the end of all open episodes are
    stored together. A decision that was carried out before gives the deployment it gave then. One
    that would begin where the newest one begins takes its place: that one never served.

    Raises
    ------
    PromotionRefusedError
        Another version has been deployed since the champion was looked at, or something else has
        come of the decision; nothing was written.
    ReferenceTakenError
        Another reference has been stored since this one was measured; nothing was written.
    """
    model_id = promotion.computation.model_id
    with loop_transaction(database, model_id) as connection:
        transaction = SqlTransaction(connection)
        lock_deployment(transaction, model_id)
        known = deployments_in(connection, model_id)
        carried_out = _carried_out(connection, promotion, known)
        if carried_out is not None:
            return carried_out
        _require_champion(promotion, known)
        deployment = _deployment(connection, promotion, known[-1])
        write_deployment(connection, deployment)
        # Without a YAML in the ledger: nothing that was measured before is out of date for it.
        record_computation(transaction, replace(promotion.computation, spec_hash=""))
        if promotion.reference is not None:
            write_reference(connection, promotion.reference)
        close_all(connection, model_id, "promotion", promotion.decided_at)
        if promotion.decision_id is not None:
            result = (RetrainingResult.PROMOTED, promotion.reason, promotion.model_version)
            finish(connection, promotion.decision_id, result, promotion.decided_at)
        write_messages(connection, promotion.messages, promotion.channel)
    return deployment


def _carried_out(
    connection: sa.Connection, promotion: Promotion, known: Sequence[Deployment]
) -> Deployment | None:
    """Return what a decision has deployed before; refuse one that has come to something else.

    A run that was given up may still be at work: what it has trained must not be deployed after
    another retraining was decided, nor once more after a person has gone back.
    """
    if promotion.decision_id is None:
        return None
    for one in known:
        if one.decision_id == promotion.decision_id:
            return one
    decision = decision_in(connection, promotion.decision_id)
    if decision.result in (None, RetrainingResult.AWAITS_APPROVAL):
        return None
    raise PromotionRefusedError(
        f"model '{decision.model_id}': version {promotion.model_version} is not promoted, for what"
        f" came of retraining number {decision.number} is known already: {decision.result}"
        f" ({decision.result_reason}); nothing was changed. Promote the version by hand if it is to"
        " serve all the same"
    )


def _require_champion(promotion: Promotion, known: Sequence[Deployment]) -> None:
    newest = known[-1] if known else None
    if newest is not None and newest.model_version == promotion.champion:
        return
    now = (
        "none is deployed"
        if newest is None
        else f"version {newest.model_version} was deployed meanwhile, at"
        f" {newest.decided_at:%Y-%m-%d %H:%M} UTC by {newest.decided_by} ({newest.reason})"
    )
    raise PromotionRefusedError(
        f"model '{promotion.computation.model_id}': version {promotion.model_version} was to take"
        f" the place of version {promotion.champion}, but {now}; nothing was changed. Compare with"
        " the version that serves now: start another retraining, or promote by hand"
    )


def _deployment(connection: sa.Connection, promotion: Promotion, newest: Deployment) -> Deployment:
    model_id = promotion.computation.model_id
    scored = connection.execute(
        sa.select(sa.func.max(ledger.c.window_end)).where(
            ledger.c.model_id == model_id, ledger.c.rows_read.is_not(None)
        )
    ).scalar_one_or_none()
    begins = [promotion.not_before, newest.valid_from, *([] if scored is None else [scored])]
    return Deployment(
        model_id=model_id,
        model_version=promotion.model_version,
        valid_from=max(begins),
        decided_at=promotion.decided_at,
        decided_by=promotion.decided_by,
        reason=promotion.reason,
        decision_id=promotion.decision_id,
    )
