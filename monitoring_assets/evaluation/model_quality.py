"""From quality profiles to quality numbers and their verdicts.

Belongs here: which number is compared with which bound, maturity of labels, reasons. Stays out:
formulas (metrics.quality).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitoring_assets.metrics.quality.regression import RegressionProfile
from monitoring_assets.metrics.registry import QUALITY_METRICS
from monitoring_assets.metrics.result import Undefined
from monitoring_assets.records import ALL, LabelCounts, ModelQuality, Verdict
from monitoring_assets.spec.model import ModelSpec


@dataclass(frozen=True, kw_only=True)
class _Bound:
    """A threshold in the metric's own unit, and how it came about in words."""

    threshold: float
    words: str


def judge_quality(
    spec: ModelSpec,
    profiles: Mapping[str, RegressionProfile],
    reference: Mapping[str, float],
    labels: LabelCounts,
) -> tuple[ModelQuality, ...]:
    """Return every quality metric of a window, for each model version that scored it.

    Parameters
    ----------
    profiles
        Model version -> sums over its labelled rows; empty if no version was deployed.
    reference
        Metric name -> value on the reference.
    labels
        How many of the window's scored rows have labels.
    """
    if not profiles:
        return tuple(_absent(spec, metric, labels) for metric in spec.quality_metrics)
    return tuple(
        _judge(spec, metric, version, (profile, reference.get(metric), labels))
        for version, profile in profiles.items()
        for metric in spec.quality_metrics
    )


def quality_values(profile: RegressionProfile) -> dict[str, float]:
    """Return the defined metrics of a profile, by name; used for the reference."""
    estimates = {name: metric.compute(profile) for name, metric in QUALITY_METRICS.items()}
    return {
        name: estimate.value
        for name, estimate in estimates.items()
        if not isinstance(estimate, Undefined)
    }


def _absent(spec: ModelSpec, metric: str, labels: LabelCounts) -> ModelQuality:
    verdict = Verdict.UNDEFINED
    if spec.columns.target is None:
        reason = "the model's YAML names no target"
    elif labels.coverage is None:
        reason = (
            "no row of this window was scored: no model was deployed, or no row passed the filters"
        )
    else:
        verdict, reason = Verdict.LABELS_IMMATURE, "no label of this window is known yet"
    return _row(metric, "", labels, verdict=verdict, reason=reason)


def _judge(
    spec: ModelSpec,
    metric: str,
    version: str,
    evidence: tuple[RegressionProfile, float | None, LabelCounts],
) -> ModelQuality:
    profile, reference, labels = evidence
    estimate = QUALITY_METRICS[metric].compute(profile)
    if isinstance(estimate, Undefined):
        return _row(metric, version, labels, verdict=Verdict.UNDEFINED, reason=estimate.reason)
    bound = _bound(spec, metric, reference)
    low, high = estimate.interval_low, estimate.interval_high
    verdict, reason = _verdict(spec, metric, labels, (estimate.value, low, high), bound)
    return _row(
        metric,
        version,
        labels,
        verdict=verdict,
        reason=reason,
        value=estimate.value,
        interval_low=low,
        interval_high=high,
        reference_value=reference,
        threshold=bound.threshold if bound else None,
    )


def _bound(spec: ModelSpec, metric: str, reference: float | None) -> _Bound | None:
    limit = spec.quality_threshold(metric)
    if limit is None:
        return None
    if limit.absolute is not None:
        return _Bound(threshold=limit.absolute, words=f"{limit.absolute:g}")
    if limit.relative is None or reference is None:
        return None
    sign = -1 if QUALITY_METRICS[metric].better == "higher" else 1
    threshold = reference + sign * limit.relative * abs(reference)
    words = f"{threshold:.4g} ({limit.relative:.0%} worse than the reference's {reference:.4g})"
    return _Bound(threshold=threshold, words=words)


def _verdict(
    spec: ModelSpec,
    metric: str,
    labels: LabelCounts,
    estimate: tuple[float, float | None, float | None],
    bound: _Bound | None,
) -> tuple[Verdict, str]:
    value, low, high = estimate
    coverage = labels.coverage or 0.0
    if coverage < spec.quality.mature_share:
        return (
            Verdict.LABELS_IMMATURE,
            f"{coverage:.0%} of scored rows have a label,"
            f" {spec.quality.mature_share:.0%} are needed",
        )
    if labels.labels < spec.quality.minimum_labels:
        return (
            Verdict.INSUFFICIENT_DATA,
            f"{labels.labels} labels, {spec.quality.minimum_labels} are needed",
        )
    if bound is None:
        return Verdict.OK, "no threshold is set for this metric"
    beyond = _beyond(metric, value if low is None else low, value if high is None else high, bound)
    interval = "" if low is None or high is None else f", 95 % interval {low:.4g} to {high:.4g}"
    relation = "lies beyond" if beyond else "does not lie wholly beyond"
    reason = f"{metric} {value:.4g}{interval}, {relation} the threshold {bound.words}"
    return (Verdict.ALARM if beyond else Verdict.OK), reason


def _beyond(metric: str, low: float, high: float, bound: _Bound) -> bool:
    """Say whether a whole interval lies on the bad side of its bound."""
    match QUALITY_METRICS[metric].better:
        case "lower":
            return low > bound.threshold
        case "higher":
            return high < bound.threshold
        case "zero":
            return low > bound.threshold or high < -bound.threshold


def _row(
    metric: str,
    version: str,
    labels: LabelCounts,
    *,
    verdict: Verdict,
    reason: str,
    **numbers: float | None,
) -> ModelQuality:
    names = ("value", "interval_low", "interval_high", "reference_value", "threshold")
    return ModelQuality(
        segment=ALL,
        metric=metric,
        kind="realised",
        model_version=version,
        labels=labels.labels,
        coverage=labels.coverage,
        verdict=verdict,
        reason=reason,
        **{name: numbers.get(name) for name in names},
    )
