"""From the profiles of a window and of the reference to drift scores and the dataset's verdict.

Belongs here: which method decides a column, what makes a verdict, and the reason in words. Stays
out: formulas (metrics.drift), counting (metrics.profile).
"""

from collections.abc import Mapping, Sequence

from monitoring_assets.evaluation.profiling import ColumnProfiles, profiled_columns
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.registry import DRIFT_METHODS
from monitoring_assets.metrics.result import Undefined
from monitoring_assets.records import (
    ALL,
    ColumnEntry,
    ColumnRole,
    DatasetDrift,
    DriftScore,
    Verdict,
)
from monitoring_assets.spec.model import ModelSpec


def judge_drift(
    spec: ModelSpec,
    window: ColumnProfiles,
    reference: ColumnProfiles,
    bins: Mapping[str, Bins],
    reference_version: int,
) -> tuple[DriftScore, ...]:
    """Score every profiled column of a window, on rows that pass the filters."""
    return tuple(
        _score(
            spec,
            entry,
            (window[ALL, entry.column_name], reference[ALL, entry.column_name]),
            bins[entry.column_name],
            reference_version,
        )
        for entry in profiled_columns(spec)
    )


def judge_dataset(
    spec: ModelSpec, scores: Sequence[DriftScore], reference_version: int
) -> DatasetDrift:
    """Return the verdict over the deciding columns of a window.

    The share is alarming / decided columns; with fewer than half of the deciding columns decided
    the verdict is `insufficient_data`. The prediction's drift is shown beside it and does not
    count.
    """
    roles = {entry.column_name: entry.role for entry in profiled_columns(spec)}
    deciding = [
        s for s in scores if s.deciding and roles[s.column_name] is not ColumnRole.PREDICTION
    ]
    decided = [s for s in deciding if s.verdict in (Verdict.OK, Verdict.ALARM)]
    alarming = [s.column_name for s in decided if s.verdict is Verdict.ALARM]
    share = len(alarming) / len(decided) if decided else None
    verdict, reason = _dataset_verdict(spec, share, alarming, (len(decided), len(deciding)))
    prediction = [s.score for s in scores if roles[s.column_name] is ColumnRole.PREDICTION]
    return DatasetDrift(
        segment=ALL,
        reference_version=reference_version,
        columns_decided=len(decided),
        columns_alarming=len(alarming),
        alarming_share=share,
        threshold=spec.drift.dataset_share,
        prediction_drift=next(iter(prediction), None),
        verdict=verdict,
        reason=reason,
    )


def worst_columns(scores: Sequence[DriftScore], most: int = 10) -> list[DriftScore]:
    """Return the columns whose score is highest in units of its threshold, worst first."""

    def height(score: DriftScore) -> float:
        return -1.0 if score.score is None else score.score / score.threshold

    return sorted(scores, key=height, reverse=True)[:most]


def _dataset_verdict(
    spec: ModelSpec, share: float | None, alarming: Sequence[str], counts: tuple[int, int]
) -> tuple[Verdict, str]:
    decided, deciding = counts
    if deciding == 0:
        return Verdict.UNDEFINED, "no column decides: `deciding` is false for all of them"
    if share is None or decided * 2 < deciding:
        reason = f"only {decided} of {deciding} columns could be decided, half are needed"
        return Verdict.INSUFFICIENT_DATA, reason
    alarm = share > spec.drift.dataset_share
    names = f" ({', '.join(alarming)})" if alarming else ""
    relation = "more than" if alarm else "not more than"
    reason = (
        f"{len(alarming)} of {decided} columns have drifted{names},"
        f" {relation} {100 * spec.drift.dataset_share:.4g} %"
    )
    return (Verdict.ALARM if alarm else Verdict.OK), reason


def _score(
    spec: ModelSpec,
    entry: ColumnEntry,
    profiles: tuple[ColumnProfile, ColumnProfile],
    bins: Bins,
    reference_version: int,
) -> DriftScore:
    window, reference = profiles
    method, threshold, deciding = spec.drift.for_column(entry.column_name, entry.kind)
    compared = _compared(method, window)
    score: float | None = None
    if entry.role is ColumnRole.PREDICTION and 0 < window.rows == window.missing:
        verdict, reason = Verdict.UNDEFINED, _without_prediction(spec)
    elif compared < spec.drift.minimum_rows:
        verdict, reason = Verdict.INSUFFICIENT_DATA, _too_few(window, compared, spec)
    else:
        computed = DRIFT_METHODS[method].compute(reference, window, bins)
        if isinstance(computed, Undefined):
            verdict, reason = Verdict.UNDEFINED, computed.reason
        else:
            score = computed
            verdict, reason = _verdict(method, score, threshold, deciding=deciding)
    return DriftScore(
        segment=ALL,
        column_name=entry.column_name,
        method=method,
        reference_version=reference_version,
        score=score,
        expected=None,
        p_value=None,
        threshold=threshold,
        n_reference=_compared(method, reference),
        n_window=compared,
        deciding=deciding,
        verdict=verdict,
        reason=reason,
    )


def _compared(method: str, profile: ColumnProfile) -> int:
    """Return how many rows a method looks at: finite values, or all where missing ones count."""
    return profile.rows if DRIFT_METHODS[method].grouping == "none" else profile.finite


def _without_prediction(spec: ModelSpec) -> str:
    here = ": no model was deployed when it began" if spec.model else " in the source"
    return f"no row of the window has a prediction{here}"


def _too_few(window: ColumnProfile, compared: int, spec: ModelSpec) -> str:
    if window.rows == 0:
        return "the window has no row that passes the filters"
    infinite = window.positive_infinite + window.negative_infinite
    left_out = [
        f"{count} {what}"
        for count, what in ((window.missing, "missing"), (infinite, "infinite"))
        if count and compared < window.rows
    ]
    detail = f" ({' and '.join(left_out)} left out)" if left_out else ""
    return f"{compared} values in the window{detail}, {spec.drift.minimum_rows} are needed"


def _verdict(method: str, score: float, threshold: float, *, deciding: bool) -> tuple[Verdict, str]:
    if not deciding:
        return Verdict.UNDEFINED, "not judged: `deciding` is false for this column"
    if score > threshold:
        return Verdict.ALARM, f"{method} {score:.4g} is above the threshold {threshold:.4g}"
    return Verdict.OK, f"{method} {score:.4g} is not above the threshold {threshold:.4g}"
