"""A retraining that a person asks for: in Dagster's UI, or with the command `train`.

Belongs here: the decision of a person, over the windows that the policy would choose. Stays out:
carrying it out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitoring_assets.assets.retraining.rows import SPAN_END, SPAN_START
from monitoring_assets.errors import RetrainingError
from monitoring_assets.evaluation.retraining.training_windows import training_span
from monitoring_assets.records import (
    Decision,
    DecisionCode,
    LabelledWindow,
    Outcome,
)
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import decisions, episodes, signals


def decision_by_hand(
    spec: ModelSpec,
    database: Database,
    now: datetime,
    asked: Mapping[str, Any],
    span: tuple[datetime | None, datetime | None] = (None, None),
) -> Decision:
    """Store that a person wants a model trained anew, and return the decision.

    Parameters
    ----------
    asked
        `decided_by`, and what else is kept as evidence: `estimator` and `parameters` of another
        estimator than the YAML's, `run`.
    span
        Windows that begin in `[start, end)` give the rows. Without a start, those of the policy,
        since the oldest open episode began; without an episode, all.

    Raises
    ------
    RetrainingError
        No window of the span has a label, or another retraining is underway.
    """
    known = _known(spec, database, span)
    if not known:
        raise RetrainingError(
            f"model '{spec.model_id}': no complete window there has a labelled row to learn from;"
            " compute windows first (backfill), or name another span"
        )
    evidence = {
        **{name: value for name, value in asked.items() if name not in ("decided_by", "run")},
        SPAN_START: known[0].window.start.isoformat(),
        SPAN_END: known[-1].window.end.isoformat(),
        "training_windows": len(known),
        "labelled_rows": sum(one.labelled for one in known),
    }
    decision = Decision(
        model_id=spec.model_id,
        window=known[-1].window,
        decided_at=now,
        decided_by=str(asked["decided_by"]),
        outcome=Outcome.RETRAIN,
        code=DecisionCode.BY_HAND,
        reason=f"asked for by hand, over {len(known)} windows up to"
        f" {known[-1].window.partition_key}",
        evidence=evidence,
        attempt=1,
        tries=1,
        requested_at=now,
        run_id=asked.get("run"),
    )
    return replace(decision, decision_id=decisions.decide_by_hand(database, decision))


def _known(
    spec: ModelSpec, database: Database, span: tuple[datetime | None, datetime | None]
) -> Sequence[LabelledWindow]:
    found = signals.labelled_windows(database, spec.model_id, spec.windows.granularity)
    start, end = span
    found = tuple(one for one in found if end is None or one.window.start < end)
    if start is not None:
        return tuple(one for one in found if one.labelled and one.window.start >= start)
    opened = [one.first_window for one in episodes.open_episodes(database, spec.model_id)]
    first = found[0].window.start if found else None
    begun = min(opened, default=first)
    return () if begun is None else training_span(spec, begun, found)
