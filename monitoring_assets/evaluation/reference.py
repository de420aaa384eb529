"""From the rows of the reference to everything later windows are compared with.

Belongs here: freezing bins, counting the reference by them, its quality. Stays out: choosing the
rows (assets), storing the result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.evaluation.data_drift import Ladders, draw_ladders
from monitoring_assets.evaluation.profiling import (
    ColumnProfiles,
    Segments,
    freeze_bins,
    profile_rows,
    quality_of_rows,
    unseen_values,
)
from monitoring_assets.evaluation.quality_scope import quality_values
from monitoring_assets.evaluation.segments import choose_segments, segment_masks
from monitoring_assets.evaluation.target_drift import profile_target
from monitoring_assets.metrics.bins import Bins, CategoricalBins, NumericalBins
from monitoring_assets.metrics.drift.wasserstein import much_coarser
from monitoring_assets.metrics.profile import needs_renewal, profile, unseen_categories
from monitoring_assets.metrics.quality.regression import usual_centre
from monitoring_assets.records import SegmentEntry
from monitoring_assets.spec.model import ModelSpec


@dataclass(frozen=True, kw_only=True)
class MeasuredReference:
    """Everything that is stored of a reference, beside its rows.

    Parameters
    ----------
    rows
        Rows that pass the filters.
    model_version
        Versions whose predictions the rows carry, separated by commas.
    bins
        Column name -> frozen bins.
    profiles
        (segment, column name) -> profile.
    ladders
        (segment, column name, method) -> what quiet windows score, for every drift method in use.
    quality
        `centre`: frozen centre of the target's moments, 0 for classes; `metrics`: quality metric,
        or `metric/class`, -> value; `sums`: what they were computed from; `segments`, if there are
        any: segment -> its own `metrics` and `sums`.
    segments
        Segments of the model, with what this reference has added.
    """

    rows: int
    model_version: str
    bins: Mapping[str, Bins]
    profiles: ColumnProfiles
    ladders: Ladders
    quality: Mapping[str, Any]
    segments: tuple[SegmentEntry, ...] = ()


def measure_reference(
    spec: ModelSpec,
    rows: pa.Table,
    existing: Mapping[str, Bins] | None = None,
    segments: Sequence[SegmentEntry] = (),
    *,
    centre: float | None = None,
    ladders: bool = True,
) -> MeasuredReference:
    """Count the rows of a reference by frozen bins.

    Parameters
    ----------
    rows
        All rows of the period, with predictions; bins are frozen from those that pass the filters.
    existing
        Bins of the reference before, by column. They are kept, so that windows need not be counted
        anew, unless more than 5 % of a column's values lie outside them, or they blur these values
        (`much_coarser`): that column gets new ones.
    segments
        Segments that the model has already; they stay.
    centre
        Frozen centre of the target's moments; None: the mean of these rows.
    ladders
        False: without null ladders, which take nearly all of the time.
    """
    passing = rows.filter(pc.is_null(rows.column("rejected_by")))
    bins = freeze_bins(spec, passing)
    for name, before in (existing or {}).items():
        if name in bins:
            listed = name == spec.columns.target
            bins[name] = _kept_or_renewed(before, bins[name], passing.column(name), listed=listed)
    for name, unseen in unseen_values(spec, rows, bins).items():
        frozen = bins[name]
        if isinstance(frozen, CategoricalBins):
            bins[name] = frozen.extended(unseen)
    versions: list[str | None] = pc.unique(passing.column("model_version")).to_pylist()
    entries = choose_segments(spec, passing, segments)
    masks = segment_masks(spec, entries, passing)
    profiles = {
        **profile_rows(spec, rows, bins, segment_masks(spec, entries, rows)),
        **_profile_target(spec, passing, bins, masks),
    }
    return MeasuredReference(
        rows=passing.num_rows,
        model_version=",".join(sorted(filter(None, versions))),
        bins=bins,
        profiles=profiles,
        ladders=draw_ladders(spec, profiles, bins) if ladders else {},
        quality=_quality(spec, passing, masks, centre),
        segments=entries,
    )


def _profile_target(
    spec: ModelSpec, passing: pa.Table, bins: Mapping[str, Bins], segments: Segments
) -> ColumnProfiles:
    """Count the target of all rows that have one; also if none has."""
    if spec.columns.target is None:
        return {}
    values = passing.column(spec.columns.target)
    known = pc.is_valid(values)
    among_known = known.to_numpy()
    masks = {name: mask[among_known] for name, mask in segments.items()}
    return profile_target(spec, values.filter(known), bins, masks)


def _kept_or_renewed(before: Bins, fresh: Bins, values: pa.ChunkedArray, *, listed: bool) -> Bins:
    if isinstance(before, CategoricalBins) and isinstance(fresh, CategoricalBins):
        # A dictionary grows: only what finds no place in it any more counts as outside.
        new = fresh.categories if listed else unseen_categories(values, before)
        before = before.extended(new)
    if before.kind != fresh.kind or _unfit(before, fresh, values):
        return replace(fresh, version=before.version + 1)
    return before


def _unfit(before: Bins, fresh: Bins, values: pa.ChunkedArray) -> bool:
    counted = profile(values, before)
    if needs_renewal(before, counted):
        return True
    if not (isinstance(before, NumericalBins) and isinstance(fresh, NumericalBins)):
        return False
    return counted.finite > 0 and much_coarser(before, fresh, values)


def _quality(
    spec: ModelSpec, passing: pa.Table, segments: Segments, centre: float | None
) -> dict[str, Any]:
    if spec.columns.target is None:
        return {"centre": 0.0, "metrics": {}, "sums": {}}
    numerical = spec.classification is None
    if centre is None:
        centre = usual_centre(passing.column(spec.columns.target)) if numerical else 0.0
    answers = [spec.columns.target, spec.prediction_column, *spec.probability_columns.values()]
    rows = passing.select(answers)
    quality = {"centre": centre, **_quality_of(spec, rows, centre)}
    if segments:
        quality["segments"] = {
            name: _quality_of(spec, rows.filter(pa.array(mask)), centre)
            for name, mask in segments.items()
        }
    return quality


def _quality_of(spec: ModelSpec, rows: pa.Table, centre: float) -> dict[str, Any]:
    sums = quality_of_rows(spec, rows, centre)
    return {"metrics": quality_values(sums), "sums": sums.to_sums()}
