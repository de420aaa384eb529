"""The quality of segments: what each is compared with, and how many of its rows have labels.

Belongs here: from what is stored of a window and of the reference to what one segment needs. Stays
out: verdicts (model_quality.py), which earlier windows count (moving_reference.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from monitoring_assets.evaluation.moving_reference import moving_quality
from monitoring_assets.evaluation.profiling import QualityProfiles
from monitoring_assets.metrics.quality.profiles import QualityProfile, quality_profile_from_sums
from monitoring_assets.metrics.result import Undefined
from monitoring_assets.records import ALL, LabelCounts, SegmentEntry
from monitoring_assets.spec.model import ModelSpec


def declared_segments(spec: ModelSpec, entries: Sequence[SegmentEntry]) -> tuple[str, ...]:
    """Return the segments whose quality is asked about, `all` first; that alone without a target.

    Parameters
    ----------
    entries
        Segments of the model, also those that the YAML does not declare any more.
    """
    if spec.columns.target is None:
        return (ALL,)
    cut = {one.column for one in spec.segments if one.column}
    named = {one.name for one in spec.segments if one.name}
    declared = (one.segment for one in entries if one.segment in named or one.column_name in cut)
    return (ALL, *declared)


def versions_of(profiles: QualityProfiles, segment: str) -> dict[str, QualityProfile]:
    """Return the sums of one segment by model version."""
    return {version: one for (own, version), one in profiles.items() if own == segment}


def reference_sums(quality: Mapping[str, Any]) -> dict[str, QualityProfile]:
    """Return segment -> sums of the fixed reference, `all` first; nothing without a target.

    Parameters
    ----------
    quality
        Its quality, as it is stored.
    """
    measured = {ALL: quality, **quality.get("segments", {})}
    return {
        segment: quality_profile_from_sums(one["sums"])
        for segment, one in measured.items()
        if one["sums"]
    }


def segment_labels(
    profiles: QualityProfiles, scored: Mapping[str, int], whole: LabelCounts, segment: str
) -> LabelCounts:
    """Return how many of a segment's scored rows have labels.

    Labels of one segment may come later than those of others: it is mature by its own coverage.

    Parameters
    ----------
    scored
        Segment -> its rows with a prediction; empty if no row of the window has a label.
    whole
        The counts of the window, which are those of `all`.
    """
    if segment == ALL:
        return whole
    labels = sum(one.rows + one.incomplete for one in versions_of(profiles, segment).values())
    rows = scored.get(segment)
    coverage = whole.coverage
    if rows is not None:
        coverage = labels / rows if rows else None
    return replace(whole, labels=labels, coverage=coverage)


def segment_normal(
    spec: ModelSpec,
    quality: Mapping[str, Any],
    segment: str,
    history: Sequence[QualityProfiles] | None = None,
) -> Mapping[str, float] | Undefined:
    """Return metric -> the value that a segment is compared with, or why there is none.

    Parameters
    ----------
    quality
        Quality of the fixed reference, as it is stored.
    history
        Sums of the windows before, if the reference is those; the fixed one's values stay where
        they have few labels.
    """
    fixed = _fixed(spec, quality, segment)
    if history is None:
        return fixed
    metrics: Mapping[str, float] = {} if isinstance(fixed, Undefined) else fixed
    before = [versions_of(window, segment) for window in history]
    moved = moving_quality(spec, {"centre": quality["centre"], "metrics": metrics}, before)
    return fixed if moved is metrics else moved


def _fixed(
    spec: ModelSpec, quality: Mapping[str, Any], segment: str
) -> Mapping[str, float] | Undefined:
    if segment == ALL:
        return quality["metrics"]
    found = quality.get("segments", {}).get(segment, {"metrics": {}, "sums": {}})
    rows, needed = found["sums"].get("rows", 0), spec.quality.minimum_labels
    if rows < needed:
        return Undefined(
            f"{rows} labelled rows in this segment of the reference, {needed} are needed"
        )
    return found["metrics"]
