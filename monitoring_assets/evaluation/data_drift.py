"""From the profiles of a window and of the reference to drift scores and the dataset's verdict.

Belongs here: which columns are scored by which methods under a model's YAML. Stays out: the rule
of a verdict (drift_verdicts.py), scoring (rescoring.py), formulas (metrics).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from monitoring_assets.errors import ReferenceMissingError
from monitoring_assets.evaluation import drift_verdicts
from monitoring_assets.evaluation.drift_verdicts import DriftRules
from monitoring_assets.evaluation.profiling import (
    ColumnProfiles,
    answer_columns,
    profiled_columns,
    watched_columns,
)
from monitoring_assets.evaluation.rescoring import ColumnReference, rescore
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.null.drawn import null_ladders
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.metrics.null.shared import many_ladders
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.records import (
    ALL,
    UNFILTERED,
    ColumnEntry,
    DatasetDrift,
    DriftScore,
    Verdict,
)
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.segments import VERSION_PREFIX

Ladders = Mapping[tuple[str, str, str], NullLadder]
"""(segment, column name, method) -> what quiet windows score."""


@dataclass(frozen=True, kw_only=True)
class DriftBaseline:
    """All that a window's columns are compared with.

    Parameters
    ----------
    version
        Version of the reference.
    profiles
        (segment, column name) -> profile of the reference.
    ladders
        Null ladders made with this reference.
    unusable
        (segment, column name) -> why its bins cannot tell this reference from a window.
    """

    version: int
    profiles: ColumnProfiles
    ladders: Ladders
    unusable: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])


def methods_in_use(spec: ModelSpec) -> dict[str, tuple[str, ...]]:
    """Return the drift methods of every watched column, the deciding one first."""
    return {
        entry.column_name: tuple(
            one.method for one in spec.drift.methods_for(entry.column_name, entry.kind)
        )
        for entry in watched_columns(spec)
    }


def draw_ladders(spec: ModelSpec, profiles: ColumnProfiles, bins: Mapping[str, Bins]) -> Ladders:
    """Return what quiet windows score against a reference, for every method in use; seeded.

    Segments of one reference share their draws: twenty take about as long as `all`.
    """
    methods = methods_in_use(spec)
    of_all = {name: (profiles[ALL, name], bins[name]) for name in methods}
    ladders = {(ALL, *key): ladder for key, ladder in null_ladders(of_all, methods).items()}
    slices = {
        (segment, name): (profiles[segment, name], bins[name])
        for segment in compared_segments(profiles)[1:]
        for name in methods
    }
    found = many_ladders(slices, {key: methods[key[1]] for key in slices})
    return ladders | {(*key, method): ladder for (key, method), ladder in found.items()}


def compared_segments(profiles: ColumnProfiles) -> tuple[str, ...]:
    """Return the segments that are compared with the reference, `all` first."""
    found = dict.fromkeys(segment for segment, _ in profiles)
    return (ALL, *(one for one in found if one not in {ALL, UNFILTERED}))


def reference_segment(segment: str) -> str:
    """Return the segment of the reference that one of a window is compared with.

    Those of model versions are compared with all of its rows.
    """
    return ALL if segment.startswith(VERSION_PREFIX) else segment


def judge_segments(
    spec: ModelSpec, window: ColumnProfiles, baseline: DriftBaseline, bins: Mapping[str, Bins]
) -> tuple[tuple[DriftScore, ...], tuple[DatasetDrift, ...]]:
    """Return the scores of every segment of a window, and its verdict; those of `all` first."""
    scores: list[DriftScore] = []
    datasets: list[DatasetDrift] = []
    for segment in compared_segments(window):
        own = judge_drift(spec, window, baseline, bins, segment)
        scores += own
        datasets.append(judge_dataset(spec, own, baseline.version, segment))
    return tuple(scores), tuple(datasets)


def judge_drift(
    spec: ModelSpec,
    window: ColumnProfiles,
    baseline: DriftBaseline,
    bins: Mapping[str, Bins],
    segment: str = ALL,
) -> tuple[DriftScore, ...]:
    """Score every profiled column of a segment of a window, and judge them."""
    scores = judge_entries(spec, profiled_columns(spec), window, baseline, bins, segment)
    prediction = window[segment, spec.prediction_column]
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


def judge_entries(
    spec: ModelSpec,
    entries: Sequence[ColumnEntry],
    window: ColumnProfiles,
    baseline: DriftBaseline,
    bins: Mapping[str, Bins],
    segment: str,
) -> tuple[DriftScore, ...]:
    """Score these columns of a segment of a window, and judge them together.

    A column that the window has no profile of has no rows.
    """
    columns = list(_references(spec, entries, baseline, bins, segment))
    profiles = {
        one.column_name: window.get((segment, one.column_name))
        or without_rows(bins[one.column_name])
        for one in entries
    }
    (scores,) = rescore(columns, [profiles], _rules(spec, baseline.version, segment))
    return scores


def judge_dataset(
    spec: ModelSpec, scores: Sequence[DriftScore], reference_version: int, segment: str = ALL
) -> DatasetDrift:
    """Return the verdict over the deciding columns of a segment of a window.

    The share is alarming / decided columns; with fewer than half of the deciding columns decided
    the verdict is `insufficient_data`. What the model says, its prediction and probabilities, does
    not count; the prediction's drift is shown beside it.
    """
    prediction, answers = spec.prediction_column, answer_columns(spec)
    others = [one for one in scores if one.column_name not in answers]
    dataset = drift_verdicts.judge_dataset(
        others,
        _rules(spec, reference_version, segment),
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
    return sorted(first.values(), key=height, reverse=True)[:most]


def height(score: DriftScore) -> float:
    """Return how far a column has moved, in thresholds above what is expected."""
    if score.score is None:
        return -1.0
    return (score.score - (score.expected or 0.0)) / score.threshold


def without_rows(bins: Bins) -> ColumnProfile:
    """Return the profile of a column of which there is no row."""
    counts = np.zeros(bins.size, dtype=np.int64)
    return ColumnProfile(
        kind=bins.kind, rows=0, missing=0, counts=counts, bins_version=bins.version
    )


def _references(
    spec: ModelSpec,
    entries: Iterable[ColumnEntry],
    baseline: DriftBaseline,
    bins: Mapping[str, Bins],
    segment: str,
) -> Iterable[ColumnReference]:
    compared_with = reference_segment(segment)
    for entry in entries:
        name = entry.column_name
        reference = baseline.profiles.get((compared_with, name))
        for chosen in spec.drift.methods_for(name, entry.kind):
            yield ColumnReference(
                column_name=name,
                method=chosen.method,
                threshold=chosen.threshold,
                deciding=chosen.deciding,
                reference=reference or without_rows(bins[name]),
                bins=bins[name],
                ladder=_ladder(spec, baseline, (segment, name, chosen.method)),
                unusable=baseline.unusable.get((compared_with, name), ""),
            )


def _ladder(spec: ModelSpec, baseline: DriftBaseline, key: tuple[str, str, str]) -> NullLadder:
    """Return the ladder of a segment's column and method, or that of what it is compared with."""
    segment, column, method = key
    compared_with = reference_segment(segment)
    for own in (segment, compared_with):
        if (own, column, method) in baseline.ladders:
            return baseline.ladders[own, column, method]
    if (compared_with, column) not in baseline.profiles and segment != ALL:
        return NullLadder(method=method, reference_rows=0)
    raise ReferenceMissingError(
        f"model '{spec.model_id}': reference version {baseline.version} was measured before"
        f" column '{column}' was to be scored by {method}; materialize"
        f" {spec.model_id}/reference_data once more"
    )


def _rules(spec: ModelSpec, reference_version: int, segment: str) -> DriftRules:
    whole = reference_segment(segment) == ALL
    return DriftRules(
        reference_version=reference_version,
        minimum_rows=spec.drift.minimum_rows,
        false_alarm_rate=spec.drift.false_alarm_rate,
        dataset_share=spec.drift.dataset_share,
        segment=segment,
        reference="the reference" if whole else "this segment of the reference",
    )
