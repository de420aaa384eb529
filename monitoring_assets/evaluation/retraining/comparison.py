"""Champion and challenger on the same rows, and which of them wins.

Belongs here: both models' numbers by metric and segment, the gain that decides, promote or refuse.
Stays out: predicting and choosing the rows (training), drawing resamples (bootstrap.py), formulas
(metrics.quality).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.evaluation.profiling import quality_of_rows
from monitoring_assets.evaluation.quality_scope import Asked, rows_measured
from monitoring_assets.evaluation.retraining.bootstrap import (
    Draws,
    Numbers,
    of_means,
    of_rows,
    relative_gain,
)
from monitoring_assets.evaluation.retraining.row_losses import from_mean, row_losses
from monitoring_assets.metrics.arrays import IntArray, numbers
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import LARGEST_TARGET, usual_centre
from monitoring_assets.metrics.result import Estimate, Undefined
from monitoring_assets.metrics.slices import Mask
from monitoring_assets.records import ALL, MetricComparison
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.retraining import PromotionSpec, RetrainingSpec


@dataclass(frozen=True, kw_only=True)
class HoldoutRows:
    """Rows that neither model learned from, with the answers of both.

    Parameters
    ----------
    target
        Labels, shape `(n,)`.
    champion, challenger
        Stored columns of the models' answers: the prediction, for classes also the probabilities;
        n rows each. Null or NaN where a model has no answer.
    segments
        Segment -> which of the rows belong to it, beside `all`.
    """

    target: pa.ChunkedArray | pa.Array
    champion: pa.Table
    challenger: pa.Table
    segments: Mapping[str, Mask] = field(default_factory=dict[str, Mask])


@dataclass(frozen=True)
class _Sides:
    """Both models' answers with the labels; `centre` is that of the target's moments."""

    champion: pa.Table
    challenger: pa.Table
    centre: float

    def filter(self, mask: Mask) -> "_Sides":
        wanted = pa.array(mask)
        return replace(
            self, champion=self.champion.filter(wanted), challenger=self.challenger.filter(wanted)
        )

    def profiles(self, spec: ModelSpec) -> tuple[QualityProfile, QualityProfile]:
        return (
            quality_of_rows(spec, self.champion, self.centre),
            quality_of_rows(spec, self.challenger, self.centre),
        )


def compare_models(spec: ModelSpec, rows: HoldoutRows) -> tuple[MetricComparison, ...]:
    """Return every quality metric of both models, overall and by segment.

    Rows without a label, or to which one of the two has no answer, count for neither. The deciding
    metric has an interval of its gain over all rows, each end at the policy's `confidence`.
    A model without section `retraining`, trained by hand, is compared by the usual policy.
    """
    counting = _counting(spec, rows)
    sides = _sides(spec, rows).filter(counting)
    masks = {name: mask[counting] for name, mask in rows.segments.items()}
    deciding = deciding_metric(spec)
    found: list[MetricComparison] = []
    for segment, mask in {ALL: np.ones(sides.champion.num_rows, np.bool_), **masks}.items():
        compared = _compared(spec, segment, sides if segment == ALL else sides.filter(mask))
        found += [
            _with_interval(spec, one, sides)
            if (one.segment, one.metric) == (ALL, deciding)
            else one
            for one in compared
        ]
    return tuple(found)


def judge_challenger(
    spec: ModelSpec, comparisons: tuple[MetricComparison, ...]
) -> tuple[bool, str]:
    """Say whether the challenger takes the champion's place, and why.

    It does if the lower end of its gain in the deciding metric is above the gain that the policy
    asks for, on rows enough.
    """
    policy, metric = _policy(spec).promotion, deciding_metric(spec)
    one = next((c for c in comparisons if (c.segment, c.metric) == (ALL, metric)), None)
    if one is None:
        return False, f"{metric}, which decides, was not compared: this model does not have it"
    if one.rows < policy.minimum_rows:
        return False, (
            f"{one.rows:,} rows held out have a label and an answer of both models,"
            f" {policy.minimum_rows:,} are needed"
        )
    if one.gain is None or one.gain_low is None:
        why = one.reason or "the gain has no interval"
        return False, f"{metric} cannot decide on {one.rows:,} rows held out: {why}"
    return one.gain_low > policy.gain, _in_words(one, one.gain, one.gain_low, policy)


def deciding_metric(spec: ModelSpec) -> str:
    """Return the metric that decides between champion and challenger."""
    return _policy(spec).promotion.metric or spec.main_metric


def _policy(spec: ModelSpec) -> RetrainingSpec:
    return spec.retraining or RetrainingSpec()


def _counting(spec: ModelSpec, rows: HoldoutRows) -> Mask:
    """Return which rows have a label and an answer of both models."""
    answers = [one.column(spec.prediction_column) for one in (rows.champion, rows.challenger)]
    if spec.classification is None:
        finite = [np.abs(numbers(one)) <= LARGEST_TARGET for one in (rows.target, *answers)]
    else:
        finite = [
            pc.is_valid(one).to_numpy(zero_copy_only=False) for one in (rows.target, *answers)
        ]
    return np.logical_and.reduce(finite)


def _sides(spec: ModelSpec, rows: HoldoutRows) -> _Sides:
    name, centre = str(spec.columns.target), 0.0
    if spec.classification is None:
        centre = usual_centre(rows.target)
    return _Sides(
        rows.champion.append_column(name, rows.target),
        rows.challenger.append_column(name, rows.target),
        centre,
    )


def _compared(spec: ModelSpec, segment: str, sides: _Sides) -> Iterator[MetricComparison]:
    profiles = sides.profiles(spec)
    for asked in map(Asked, spec.quality_metrics):
        champion, challenger = (asked.compute(profile) for profile in profiles)
        both = _number(champion), _number(challenger)
        gain = relative_gain(asked.entry, both)
        yield MetricComparison(
            segment=segment,
            metric=asked.metric,
            rows=rows_measured(asked, profiles[0]),
            champion=_known(both[0]),
            challenger=_known(both[1]),
            gain=_known(gain),
            reason=_reason(champion, challenger, gain),
        )


def _reason(
    champion: Estimate | Undefined, challenger: Estimate | Undefined, gain: float
) -> str | None:
    """Return why there is no gain."""
    refused = {
        who: one.reason
        for who, one in (("champion", champion), ("challenger", challenger))
        if isinstance(one, Undefined)
    }
    if len({*refused.values()}) == 1 and len(refused) == 2:
        return refused["champion"]
    if refused:
        return "; ".join(f"of the {who}, {why}" for who, why in refused.items())
    return "the champion's is 0, of which there is no share" if math.isnan(gain) else None


def _with_interval(spec: ModelSpec, one: MetricComparison, sides: _Sides) -> MetricComparison:
    if one.gain is None:
        return one
    asked, policy = Asked(one.metric), _policy(spec)
    draws = Draws(
        resamples=policy.promotion.resamples,
        confidence=policy.promotion.confidence,
        seed=policy.holdout.seed,
    )
    champion = row_losses(spec, one.metric, sides.champion)
    challenger = row_losses(spec, one.metric, sides.challenger)
    if champion is not None and challenger is not None:
        counting = ~(np.isnan(champion) | np.isnan(challenger))
        losses = champion[counting], challenger[counting]
        found = of_means(asked.entry, losses, lambda mean: from_mean(one.metric, mean), draws)
    else:
        whole = sides.champion.num_rows, one.gain
        found = of_rows(
            asked.entry, lambda drawn: _measured(spec, asked, sides, drawn), whole, draws
        )
    if isinstance(found, Undefined):
        return replace(one, reason=found.reason)
    return replace(one, gain_low=found[0], gain_high=found[1])


def _measured(spec: ModelSpec, asked: Asked, sides: _Sides, places: IntArray) -> Numbers:
    """Return both models' numbers on drawn rows, by the metric's own function."""
    drawn = replace(
        sides, champion=sides.champion.take(places), challenger=sides.challenger.take(places)
    )
    champion, challenger = (_number(asked.compute(one)) for one in drawn.profiles(spec))
    return champion, challenger


def _number(estimate: Estimate | Undefined) -> float:
    return math.nan if isinstance(estimate, Undefined) else estimate.value


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number


def _in_words(one: MetricComparison, gain: float, low: float, policy: PromotionSpec) -> str:
    found = (
        f"{one.metric} {one.challenger:.4g} instead of {one.champion:.4g} on {one.rows:,} rows held"
        f" out: {_share(abs(gain))} {'worse' if gain < 0 else 'better'}"
    )
    if gain < 0:
        end = f"at worst {_share(-low)}"
    else:
        end = f"at least {_share(low)}" if low >= 0 else f"but perhaps {_share(-low)} worse,"
    sure = f"{end} by {100 * policy.confidence:.4g} %"
    if low > policy.gain:
        return f"{found}, {sure}"
    return f"{found}, {sure}; a gain above {_share(policy.gain)} is needed"


def _share(share: float) -> str:
    """Return a share in per cent, of two digits where it is small."""
    return f"{100 * share:.0f} %" if abs(share) >= 0.1 else f"{100 * share:.2g} %"
