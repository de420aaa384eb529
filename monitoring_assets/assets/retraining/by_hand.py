"""A retraining that a person asks for: in Dagster's UI, or with the command `train`.

Belongs here: the decision of a person, over the windows that the policy would choose, or that the
person names. Stays out: carrying it out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitoring_assets.assets.retraining.rows import CHAMPION, LEFT_OUT, SPAN_END, SPAN_START
from monitoring_assets.errors import RetrainingError
from monitoring_assets.evaluation.retraining.blocking import faulty_windows
from monitoring_assets.evaluation.retraining.causes import blocking_causes
from monitoring_assets.evaluation.retraining.training_windows import training_span
from monitoring_assets.records import (
    Decision,
    DecisionCode,
    LabelledWindow,
    Outcome,
)
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.models import newest_deployment
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
        Windows that begin in `[start, end)` give the rows, also if their data are broken. Without a
        start, those of the policy, since the oldest open episode began; without an episode, all.

    Raises
    ------
    RetrainingError
        No window of the span has a label, or another retraining is underway.
    """
    known, broken = _chosen(spec, database, span)
    if not known:
        raise RetrainingError(
            f"model '{spec.model_id}': no complete window there has a labelled row to learn from;"
            " compute windows first (backfill), or name another span"
        )
    first, last = known[0].window, known[-1].window
    deployed = newest_deployment(database, spec.model_id)
    evidence = {
        **{name: value for name, value in asked.items() if name not in ("decided_by", "run")},
        SPAN_START: first.start.isoformat(),
        SPAN_END: last.end.isoformat(),
        LEFT_OUT: [one.isoformat() for one in sorted(broken) if first.start < one < last.start],
        "training_windows": len(known),
        "labelled_rows": sum(one.labelled for one in known),
        CHAMPION: deployed.model_version if deployed else None,
    }
    decision = Decision(
        model_id=spec.model_id,
        window=last,
        decided_at=now,
        decided_by=str(asked["decided_by"]),
        outcome=Outcome.RETRAIN,
        code=DecisionCode.BY_HAND,
        reason=f"asked for by hand, over {len(known)} windows up to {last.partition_key}",
        evidence=evidence,
        attempt=1,
        tries=1,
        requested_at=now,
        run_id=asked.get("run"),
    )
    return replace(decision, decision_id=decisions.decide_by_hand(database, decision))


def _chosen(
    spec: ModelSpec, database: Database, span: tuple[datetime | None, datetime | None]
) -> tuple[Sequence[LabelledWindow], Collection[datetime]]:
    """Return the windows to learn from, and the starts of those that are left out as broken."""
    model = spec.model_id, spec.windows.granularity
    start, end = span
    found = [
        one
        for one in signals.labelled_windows(database, *model)
        if end is None or one.window.start < end
    ]
    if start is not None:
        return [one for one in found if one.labelled and one.window.start >= start], ()
    broken = faulty_windows(spec, signals.read_signals(database, *model, blocking_causes(spec)))
    whole = [one for one in found if one.window.start not in broken]
    opened = [one.first_window for one in episodes.open_episodes(database, spec.model_id)]
    first = whole[0].window.start if whole else None
    begun = min(opened, default=first)
    return () if begun is None else training_span(spec, begun, whole), broken
