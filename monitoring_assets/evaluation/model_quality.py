"""From quality profiles to quality numbers and their verdicts.

Belongs here: which number is compared with which bound, maturity of labels, reasons. Stays out:
formulas (metrics.quality).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitoring_assets.metrics.quality.regression import RegressionProfile
from monitoring_assets.metrics.registry import QUALITY_METRICS
from monitoring_assets.metrics.result import Estimate, Undefined
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
            "no row of this window was scored: it is empty, no row passed the filters,"
            " or no model was deployed"
        )
    else:
        verdict, reason = Verdict.LABELS_IMMATURE, "no label of this window is known yet"
    return _row(metric, "", labels.labels, labels, (verdict, reason))


def _judge(
    spec: ModelSpec,
    metric: str,
    version: str,
    evidence: tuple[RegressionProfile, float | None, LabelCounts],
) -> ModelQuality:
    profile, reference, labels = evidence
    estimate = QUALITY_METRICS[metric].compute(profile)
    bound = _bound(spec, metric, reference)
    conclusion = _too_few(spec, profile.rows, labels) or _conclusion(metric, estimate, bound)
    threshold = bound.threshold if isinstance(bound, _Bound) else None
    numbers = {"reference_value": reference, "threshold": threshold}
    if not isinstance(estimate, Undefined):
        numbers["value"] = estimate.value
        numbers["interval_low"] = estimate.interval_low
        numbers["interval_high"] = estimate.interval_high
    return _row(metric, version, profile.rows, labels, conclusion, **numbers)


def _bound(spec: ModelSpec, metric: str, reference: float | None) -> _Bound | Undefined | None:
    """Return the bound of a metric, None without one, or why the YAML's has no meaning."""
    limit = spec.quality_threshold(metric)
    if limit is None:
        return None
    if limit.absolute is not None:
        return _Bound(threshold=limit.absolute, words=f"{limit.absolute:.4g}")
    share = limit.relative or 0.0
    worse = f"{100 * share:.4g} % worse than the reference's"
    if reference is None:
        return Undefined(f"the threshold is {worse}, but the reference has no {metric}")
    size = abs(reference)
    match QUALITY_METRICS[metric].better:
        case "lower":
            threshold = reference + share * size
        case "higher":
            threshold = reference - share * size
        case "zero":
            threshold = size * (1 + share)
    return _Bound(threshold=threshold, words=f"{threshold:.4g} ({worse} {reference:.4g})")


def _too_few(spec: ModelSpec, measured_on: int, labels: LabelCounts) -> tuple[Verdict, str] | None:
    coverage, needed = labels.coverage or 0.0, spec.quality.mature_share
    if coverage < needed:
        reason = (
            f"{100 * coverage:.4g} % of scored rows have a label, {100 * needed:.4g} % are needed"
        )
        return Verdict.LABELS_IMMATURE, reason
    if measured_on < spec.quality.minimum_labels:
        reason = f"{measured_on} labelled rows, {spec.quality.minimum_labels} are needed"
        return Verdict.INSUFFICIENT_DATA, reason
    return None


def _conclusion(
    metric: str, estimate: Estimate | Undefined, bound: _Bound | Undefined | None
) -> tuple[Verdict, str]:
    if isinstance(estimate, Undefined):
        return Verdict.UNDEFINED, estimate.reason
    if isinstance(bound, Undefined):
        return Verdict.UNDEFINED, bound.reason
    if bound is None:
        return Verdict.OK, "no threshold is set for this metric"
    value, low, high = estimate.value, estimate.interval_low, estimate.interval_high
    if low is None or high is None:
        beyond = _beyond(metric, value, value, bound)
        words = f"{value:.4g} {'lies' if beyond else 'does not lie'} beyond"
    else:
        beyond = _beyond(metric, low, high, bound)
        relation = "lies" if beyond else "does not lie wholly"
        words = f"{value:.4g}, 95 % interval {low:.4g} to {high:.4g}, {relation} beyond"
    verdict = Verdict.ALARM if beyond else Verdict.OK
    return verdict, f"{metric} {words} the threshold {bound.words}"


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
    measured_on: int,
    labels: LabelCounts,
    conclusion: tuple[Verdict, str],
    **numbers: float | None,
) -> ModelQuality:
    names = ("value", "interval_low", "interval_high", "reference_value", "threshold")
    verdict, reason = conclusion
    return ModelQuality(
        segment=ALL,
        metric=metric,
        kind="realised",
        model_version=version,
        labels=measured_on,
        coverage=labels.coverage,
        verdict=verdict,
        reason=reason,
        **{name: numbers.get(name) for name in names},
    )
