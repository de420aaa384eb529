"""Drift of the target: what was observed, held against what was observed in the reference.

Belongs here: counting the labels of a window over frozen bins, and when too few of them are known
for a verdict. Stays out: scores and the rule of a verdict, which are those of any column
(data_drift.py), quality (model_quality.py).

The target is counted with its labels, by the layers that follow them, and judged alone: neither
does it count in the dataset's verdict nor share the false-alarm rate with other columns.
"""

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from monitoring_assets.evaluation.data_drift import DriftBaseline, judge_entries
from monitoring_assets.evaluation.model_quality import immature, without_labels
from monitoring_assets.evaluation.profiling import (
    ColumnProfiles,
    Segments,
    as_short_as_can_be,
    known_rows,
    target_column,
)
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.slices import Slices, profile_slices
from monitoring_assets.records import ALL, DriftScore, LabelCounts, Verdict
from monitoring_assets.spec.model import ModelSpec


def profile_labelled(
    spec: ModelSpec, labelled: pa.Table, bins: Mapping[str, Bins], segments: Segments
) -> dict[tuple[str, str], ColumnProfile]:
    """Count the target of a window: exactly the rows that its quality is about.

    Parameters
    ----------
    labelled
        Columns `prediction` and `target`.
    bins
        Column name -> frozen bins. A class that is not listed is counted as overflow: a place of
        its own would depend on which label came first.
    segments
        Further segments, over all of these rows.

    Returns
    -------
    dict
        Segment `all` and the further ones, all model versions together; nothing without a target,
        or as long as no label is known.
    """
    known = known_rows(labelled)
    if spec.columns.target is None or not known.any():
        return {}
    masks = {name: mask[known] for name, mask in segments.items()}
    return profile_target(spec, labelled.column("target").filter(pa.array(known)), bins, masks)


def profile_target(
    spec: ModelSpec, values: pa.ChunkedArray, bins: Mapping[str, Bins], segments: Segments
) -> dict[tuple[str, str], ColumnProfile]:
    """Count values of the target, of `all` and of these segments, the latter without quantiles."""
    name = str(spec.columns.target)
    counted = {
        ALL: profile(values, bins[name]),
        **profile_slices(values, bins[name], Slices.of(segments)),
    }
    return {(segment, name): as_short_as_can_be(one) for segment, one in counted.items()}


def without_target(spec: ModelSpec, profiles: ColumnProfiles) -> ColumnProfiles:
    """Return the profiles of all other columns: what a window says without any label."""
    return {key: one for key, one in profiles.items() if key[1] != spec.columns.target}


def judge_target_drift(
    spec: ModelSpec,
    window: ColumnProfiles,
    baseline: DriftBaseline,
    bins: Mapping[str, Bins],
    labels: LabelCounts,
    segment: str = ALL,
) -> tuple[DriftScore, ...]:
    """Score the target of a segment of a window, and judge it once enough labels are known.

    Parameters
    ----------
    window
        (segment, target) -> profile; without one, no label is known.
    labels
        How many of the scored rows have labels, those of the segment.

    Returns
    -------
    tuple
        One score for each of the target's methods, the deciding one first; nothing without a
        target.
    """
    target = target_column(spec)
    if target is None:
        return ()
    scores = judge_entries(spec, (target,), window, baseline, bins, segment)
    known = (segment, target.column_name) in window
    withheld = _withheld(spec, labels, segment, known=known)
    if withheld is None:
        return scores
    verdict, reason = withheld
    return tuple(replace(one, verdict=verdict, reason=reason) for one in scores)


def _withheld(
    spec: ModelSpec, labels: LabelCounts, segment: str, *, known: bool
) -> tuple[Verdict, str] | None:
    """Return why nothing is said yet; None if enough labels are known."""
    if labels.coverage is None or not known:
        return without_labels(spec, labels, segment)
    return immature(spec, labels)
