"""From the profiles of a window and of the reference to drift scores and the dataset's verdict.

Belongs here: which columns are scored by which methods under a model's YAML. Stays out: the rule
of a verdict (drift_verdicts.py), scoring (rescoring.py), formulas (metrics).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from monitoring_assets.errors import ReferenceMissingError
from monitoring_assets.evaluation import drift_verdicts
from monitoring_assets.evaluation.drift_verdicts import DriftRules
from monitoring_assets.evaluation.profiling import (
    ColumnProfiles,
    answer_columns,
    profiled_columns,
)
from monitoring_assets.evaluation.rescoring import ColumnReference, rescore
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.null.drawn import null_ladders
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.records import ALL, DatasetDrift, DriftScore, Verdict
from monitoring_assets.spec.model import ModelSpec

Ladders = Mapping[tuple[str, str], NullLadder]
"""(column name, method) -> what quiet windows score."""


@dataclass(frozen=True, kw_only=True)
class DriftBaseline:
    """All that a window's columns are compared with.

    Parameters
    ----------
    version
        Version of the reference.
    profiles
        (segment, column name) -> profile of the reference; the segment `all` is looked at.
    ladders
        Null ladders made with this reference.
    unusable
        Column name -> why its bins cannot tell this reference from a window.
    """

    version: int
    profiles: ColumnProfiles
    ladders: Ladders
    unusable: Mapping[str, str] = field(default_factory=dict[str, str])


def methods_in_use(spec: ModelSpec) -> dict[str, tuple[str, ...]]:
    """Return the drift methods of every profiled column, the deciding one first."""
    return {
        entry.column_name: tuple(
            one.method for one in spec.drift.methods_for(entry.column_name, entry.kind)
        )
        for entry in profiled_columns(spec)
    }


def draw_ladders(spec: ModelSpec, profiles: ColumnProfiles, bins: Mapping[str, Bins]) -> Ladders:
    """Return what quiet windows score against a reference, for every method in use; seeded."""
    methods = methods_in_use(spec)
    counted = {name: (profiles[ALL, name], bins[name]) for name in methods}
    return null_ladders(counted, methods)


def judge_drift(
    spec: ModelSpec, window: ColumnProfiles, baseline: DriftBaseline, bins: Mapping[str, Bins]
) -> tuple[DriftScore, ...]:
    """Score every profiled column of a window, on rows that pass the filters, and judge them."""
    columns = list(_references(spec, baseline, bins))
    profiles = {name: profile for (segment, name), profile in window.items() if segment == ALL}
    (scores,) = rescore(columns, [profiles], _rules(spec, baseline.version))
    prediction = profiles[spec.prediction_column]
    if not 0 < prediction.rows == prediction.missing:
        return scores
    why = ": no model was deployed when it began" if spec.model else " in the source"
    reason = f"no row of the window has a prediction{why}"
    return tuple(
        replace(one, verdict=Verdict.UNDEFINED, score=None, reason=reason)
        if one.column_name in answer_columns(spec)
        else one
        for one in scores
    )


def judge_dataset(
    spec: ModelSpec, scores: Sequence[DriftScore], reference_version: int
) -> DatasetDrift:
    """Return the verdict over the deciding columns of a window.

    The share is alarming / decided columns; with fewer than half of the deciding columns decided
    the verdict is `insufficient_data`. What the model says, its prediction and probabilities, does
    not count; the prediction's drift is shown beside it.
    """
    prediction, answers = spec.prediction_column, answer_columns(spec)
    others = [one for one in scores if one.column_name not in answers]
    dataset = drift_verdicts.judge_dataset(
        others,
        _rules(spec, reference_version),
        prediction_drift=next((o.score for o in scores if o.column_name == prediction), None),
    )
    if any(one.deciding for one in others):
        return dataset
    reason = "no column decides: `deciding` is false for all of them"
    return replace(dataset, verdict=Verdict.UNDEFINED, reason=reason)


def worst_columns(scores: Iterable[DriftScore], most: int = 10) -> list[DriftScore]:
    """Return the columns that moved most in units of their threshold, worst first.

    How far a column moved is its score above what a quiet window of this size scores, by the first
    of its methods, which is the deciding one.
    """
    first: dict[str, DriftScore] = {}
    for one in scores:
        first.setdefault(one.column_name, one)

    def height(score: DriftScore) -> float:
        if score.score is None:
            return -1.0
        return (score.score - (score.expected or 0.0)) / score.threshold

    return sorted(first.values(), key=height, reverse=True)[:most]


def _references(
    spec: ModelSpec, baseline: DriftBaseline, bins: Mapping[str, Bins]
) -> Iterable[ColumnReference]:
    for entry in profiled_columns(spec):
        name = entry.column_name
        for chosen in spec.drift.methods_for(name, entry.kind):
            yield ColumnReference(
                column_name=name,
                method=chosen.method,
                threshold=chosen.threshold,
                deciding=chosen.deciding,
                reference=baseline.profiles[ALL, name],
                bins=bins[name],
                ladder=_ladder(spec, baseline, (name, chosen.method)),
                unusable=baseline.unusable.get(name, ""),
            )


def _ladder(spec: ModelSpec, baseline: DriftBaseline, key: tuple[str, str]) -> NullLadder:
    if key not in baseline.ladders:
        column, method = key
        raise ReferenceMissingError(
            f"model '{spec.model_id}': reference version {baseline.version} was measured before"
            f" column '{column}' was to be scored by {method}; materialize"
            f" {spec.model_id}/reference_data once more"
        )
    return baseline.ladders[key]


def _rules(spec: ModelSpec, reference_version: int) -> DriftRules:
    return DriftRules(
        reference_version=reference_version,
        minimum_rows=spec.drift.minimum_rows,
        false_alarm_rate=spec.drift.false_alarm_rate,
        dataset_share=spec.drift.dataset_share,
    )
