"""From quality profiles to quality numbers and their verdicts.

Belongs here: which number is compared with which bound, maturity of labels, reasons. Stays out:
which numbers there are and from which rows (quality_scope.py), formulas (metrics.quality).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitoring_assets.evaluation.quality_scope import (
    Asked,
    asked_of,
    left_out,
    rows_measured,
    rows_named,
    rows_unlisted,
    unfit,
)
from monitoring_assets.metrics.quality.interval import SMALLEST_SAMPLE
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.result import Estimate, Undefined
from monitoring_assets.records import ALL, REALISED, LabelCounts, ModelQuality, Verdict
from monitoring_assets.spec.model import ModelSpec


@dataclass(frozen=True, kw_only=True)
class _Bound:
    """A threshold in the metric's own unit, and how it came about in words."""

    threshold: float
    words: str


def judge_quality(
    spec: ModelSpec,
    profiles: Mapping[str, QualityProfile],
    reference: Mapping[str, float] | Undefined,
    labels: LabelCounts,
    segment: str = ALL,
) -> tuple[ModelQuality, ...]:
    """Return every quality metric of a segment of a window, for each model version that scored it.

    Of a classifier the metrics of the whole come first, then those of each class, whose `labels`
    are the rows with that label. A class is judged where the window has labels enough, however few
    of them are its own: that shows in its interval. Labels of classes that the YAML does not list
    are no labels to a metric that leaves them out.

    Parameters
    ----------
    profiles
        Model version -> sums over its labelled rows; empty if no version was deployed.
    reference
        Metric name, or `metric/class`, -> value on the reference, in this segment of it; or why
        nothing can be compared with it.
    labels
        How many of the scored rows have labels, those of the segment.
    """
    asked = asked_of(spec)
    if not profiles or (segment != ALL and labels.coverage is None):
        rows = (_absent(spec, one, labels, segment) for one in asked)
    else:
        rows = (
            _judge(spec, one, version, (profile, reference, labels))
            for version, profile in profiles.items()
            for one in asked
        )
    return tuple(replace(row, segment=segment) for row in rows)


def without_labels(spec: ModelSpec, labels: LabelCounts, segment: str) -> tuple[Verdict, str]:
    """Return what is said of a segment of a window that has no label, and why."""
    if segment != ALL and labels.coverage is None:
        return Verdict.INSUFFICIENT_DATA, "no row of this segment was scored in the window"
    if spec.columns.target is None:
        return Verdict.UNDEFINED, "the model's YAML names no target"
    if labels.coverage is None:
        why = "no model was deployed" if spec.model else "none of its rows came with a prediction"
        reason = (
            f"no row of this window was scored: it is empty, no row passed the filters, or {why}"
        )
        return Verdict.UNDEFINED, reason
    return Verdict.LABELS_IMMATURE, "no label of this window is known yet"


def immature(spec: ModelSpec, labels: LabelCounts) -> tuple[Verdict, str] | None:
    """Return why nothing is judged by so few of the labels; None if they are enough."""
    coverage, needed = labels.coverage or 0.0, spec.quality.mature_share
    if coverage >= needed:
        return None
    reason = f"{100 * coverage:.4g} % of scored rows have a label, {100 * needed:.4g} % are needed"
    return Verdict.LABELS_IMMATURE, reason


def _absent(spec: ModelSpec, asked: Asked, labels: LabelCounts, segment: str) -> ModelQuality:
    conclusion = without_labels(spec, labels, segment)
    return _row(asked, ("", labels.labels), labels, conclusion)


def _judge(
    spec: ModelSpec,
    asked: Asked,
    version: str,
    evidence: tuple[QualityProfile, Mapping[str, float] | Undefined, LabelCounts],
) -> ModelQuality:
    profile, normal, labels = evidence
    reference = None if isinstance(normal, Undefined) else normal.get(asked.key)
    refused = unfit(spec, profile)
    estimate = refused or asked.compute(profile)
    bound = _bound(spec, asked, reference)
    measured_on = rows_measured(asked, profile)
    verdict, reason = (
        _too_few(spec, measured_on, labels)
        or _too_few_listed(spec, asked, profile)
        or _too_few_normal(spec, asked, normal)
        or _too_rare(asked, measured_on, estimate, bound)
        or _conclusion(asked, estimate, bound)
    )
    if refused is None:
        reason += left_out(asked, profile)
    threshold = bound.threshold if isinstance(bound, _Bound) else None
    numbers = {"reference_value": reference, "threshold": threshold}
    if not isinstance(estimate, Undefined):
        numbers["value"] = estimate.value
        numbers["interval_low"] = estimate.interval_low
        numbers["interval_high"] = estimate.interval_high
    counted = version, rows_named(asked, profile)
    return _row(asked, counted, labels, (verdict, reason), **numbers)


def _bound(spec: ModelSpec, asked: Asked, reference: float | None) -> _Bound | Undefined | None:
    """Return the bound of a metric, None without one, or why the YAML's has no meaning."""
    limit = spec.quality_threshold(asked.metric, asked.class_name)
    if limit is None:
        return None
    if limit.absolute is not None:
        return _Bound(threshold=limit.absolute, words=f"{limit.absolute:.4g}")
    return _relative_bound(asked, limit.relative or 0.0, reference)


def _relative_bound(asked: Asked, share: float, reference: float | None) -> _Bound | Undefined:
    """Return the bound that is so much worse than the reference's value.

    Where guessing has a value, worse is nearer to that: 20 % off an area of 0.6 is 0.58, while 0.48
    would be worse than guessing.
    """
    guessing, worse = asked.guessing, f"{100 * share:.4g} % worse than the reference's"
    if guessing is not None:
        worse = f"{100 * share:.4g} % nearer to guessing ({guessing:.4g}) than the reference's"
    if reference is None:
        return Undefined(f"the threshold is {worse}, but the reference has no {asked.words}")
    found = f"the threshold is {worse}, but the reference's is {reference:.4g}"
    if guessing is not None and reference <= guessing:
        return Undefined(f"{found}, no better than guessing")
    size = abs(reference) if guessing is None else reference - guessing
    match asked.entry.better:
        case "lower":
            threshold = reference + share * size
        case "higher":
            if reference == asked.entry.low:
                return Undefined(f"{found}: nothing is below that")
            threshold = reference - share * size
        case "zero":
            threshold = size * (1 + share)
    return _Bound(threshold=threshold, words=f"{threshold:.4g} ({worse} {reference:.4g})")


def _too_few(spec: ModelSpec, measured_on: int, labels: LabelCounts) -> tuple[Verdict, str] | None:
    if found := immature(spec, labels):
        return found
    if measured_on < spec.quality.minimum_labels:
        reason = f"{measured_on} labelled rows, {spec.quality.minimum_labels} are needed"
        return Verdict.INSUFFICIENT_DATA, reason
    return None


def _too_few_listed(
    spec: ModelSpec, asked: Asked, profile: QualityProfile
) -> tuple[Verdict, str] | None:
    """Refuse to judge a window by the few of its labels that the YAML lists."""
    unlisted, needed = rows_unlisted(asked, profile), spec.quality.mature_share
    if not unlisted or (profile.rows - unlisted) / profile.rows >= needed:
        return None
    reason = (
        f"{100 * (profile.rows - unlisted) / profile.rows:.4g} % of labels are of the classes that"
        f" the YAML lists, {100 * needed:.4g} % are needed"
    )
    return Verdict.INSUFFICIENT_DATA, reason


def _too_few_normal(
    spec: ModelSpec, asked: Asked, normal: Mapping[str, float] | Undefined
) -> tuple[Verdict, str] | None:
    """Refuse to hold a number against a share of one that the reference cannot give."""
    limit = spec.quality_threshold(asked.metric, asked.class_name)
    if isinstance(normal, Undefined) and limit is not None and limit.absolute is None:
        return Verdict.INSUFFICIENT_DATA, normal.reason
    return None


def _too_rare(
    asked: Asked,
    measured_on: int,
    estimate: Estimate | Undefined,
    bound: _Bound | Undefined | None,
) -> tuple[Verdict, str] | None:
    """Refuse to hold a classifier's number against its bound that has no interval for all its rows.

    An area under the curve of 3 positives among 1,000 rows is no ground for an alarm, nor is it
    among 29. Other metrics of fewer than 30 rows are held by the number itself, as the YAML's
    `minimum_labels` allows.
    """
    if isinstance(estimate, Undefined) or not isinstance(bound, _Bound):
        return None
    if "regression" in asked.entry.tasks:
        return None
    few = measured_on < SMALLEST_SAMPLE and asked.guessing is None
    if estimate.interval_low is not None or few:
        return None
    reason = (
        f"{asked.words} {estimate.value:.4g} has no 95 % interval to hold against the threshold"
        f" {bound.words}: {measured_on} rows, but too few of one kind"
    )
    return Verdict.INSUFFICIENT_DATA, reason


def _conclusion(
    asked: Asked, estimate: Estimate | Undefined, bound: _Bound | Undefined | None
) -> tuple[Verdict, str]:
    if isinstance(estimate, Undefined):
        return Verdict.UNDEFINED, estimate.reason
    if isinstance(bound, Undefined):
        return Verdict.UNDEFINED, bound.reason
    if bound is None:
        return Verdict.OK, "no threshold is set for this metric"
    value, low, high = estimate.value, estimate.interval_low, estimate.interval_high
    if low is None or high is None:
        beyond = _beyond(asked, value, value, bound)
        words = f"{value:.4g} {'lies' if beyond else 'does not lie'} beyond"
    else:
        beyond = _beyond(asked, low, high, bound)
        relation = "lies" if beyond else "does not lie wholly"
        words = f"{value:.4g}, 95 % interval {low:.4g} to {high:.4g}, {relation} beyond"
    verdict = Verdict.ALARM if beyond else Verdict.OK
    return verdict, f"{asked.words} {words} the threshold {bound.words}"


def _beyond(asked: Asked, low: float, high: float, bound: _Bound) -> bool:
    """Say whether a whole interval lies on the bad side of its bound."""
    match asked.entry.better:
        case "lower":
            return low > bound.threshold
        case "higher":
            return high < bound.threshold
        case "zero":
            return low > bound.threshold or high < -bound.threshold


def _row(
    asked: Asked,
    counted: tuple[str, int],
    labels: LabelCounts,
    conclusion: tuple[Verdict, str],
    **numbers: float | None,
) -> ModelQuality:
    names = ("value", "interval_low", "interval_high", "reference_value", "threshold")
    (version, rows), (verdict, reason) = counted, conclusion
    return ModelQuality(
        segment=ALL,
        metric=asked.metric,
        class_name=asked.class_name,
        kind=REALISED,
        model_version=version,
        labels=rows,
        coverage=labels.coverage,
        verdict=verdict,
        reason=reason,
        **{name: numbers.get(name) for name in names},
    )
