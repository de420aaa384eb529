"""How near to an alarm things came that do not alarm.

Belongs here: the way to a threshold, of which a number has gone a share. Stays out: verdicts
(evaluation/drift_verdicts.py, evaluation/model_quality.py), words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitoring_assets.evaluation.data_drift import height
from monitoring_assets.metrics.registry import quality_metric
from monitoring_assets.records import DriftScore, Layer, ModelQuality, Verdict


@dataclass(frozen=True, kw_only=True)
class Near:
    """What came nearest to an alarm.

    Parameters
    ----------
    what
        Column or metric.
    share
        How much of the way to its threshold it has gone.
    reason
        As it is stored.
    """

    layer: Layer
    what: str
    share: float
    reason: str


def nearest(drift: Sequence[DriftScore], quality: Sequence[ModelQuality]) -> Iterator[Near]:
    """Yield the column, and the metric, that came nearest to an alarm without being one."""
    fine = [one for one in drift if one.deciding and one.verdict is Verdict.OK]
    if fine:
        score = max(fine, key=height)
        yield Near(
            layer=Layer.DATA_DRIFT,
            what=score.column_name,
            share=height(score),
            reason=score.reason,
        )
    held = [
        (_way_gone(one), one)
        for one in quality
        if one.verdict is Verdict.OK and one.value is not None and one.threshold is not None
    ]
    if held:
        share, row = max(held, key=lambda both: both[0])
        yield Near(layer=Layer.MODEL_QUALITY, what=name_of(row), share=share, reason=row.reason)


def name_of(quality: ModelQuality) -> str:
    """Return what a quality number is called: its metric, and its class if it has one."""
    named = f" of {quality.class_name!r}" if quality.class_name else ""
    return quality.metric + named


def _way_gone(row: ModelQuality) -> float:
    """Return how much of the way from the reference to the threshold the interval has gone."""
    value, threshold = row.value or 0.0, row.threshold or 0.0
    low = value if row.interval_low is None else row.interval_low
    high = value if row.interval_high is None else row.interval_high
    start = row.reference_value or 0.0
    match quality_metric(row.metric).better:
        case "lower":
            gone, way = low - start, threshold - start
        case "higher":
            gone, way = start - high, start - threshold
        case "zero":
            gone, way = max(low, -high), threshold
    return gone / way if way > 0 else 0.0
