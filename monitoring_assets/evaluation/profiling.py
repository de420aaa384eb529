"""From the rows of a window to its profiles.

Belongs here: which columns and segments are counted. Stays out: how a column is counted
(metrics.profile), reading the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.evaluation.segments import segment_masks, version_masks
from monitoring_assets.metrics.bins import (
    Bins,
    CategoricalBins,
    categorical_bins,
    numerical_bins,
)
from monitoring_assets.metrics.columns import profile_columns, profile_slices_of_columns
from monitoring_assets.metrics.profile import ColumnProfile, unseen_categories
from monitoring_assets.metrics.quality.classification import profile_classification
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.metrics.slices import Mask, Slices
from monitoring_assets.records import (
    ALL,
    ANSWER_ROLES,
    UNFILTERED,
    ColumnEntry,
    ColumnKind,
    ColumnRole,
    SegmentEntry,
)
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.segments import UNKNOWN_VERSION

ColumnProfiles = Mapping[tuple[str, str], ColumnProfile]
"""(segment, column name) -> profile."""

QualityProfiles = Mapping[tuple[str, str], QualityProfile]
"""(segment, model version) -> sums."""

Segments = Mapping[str, Mask]
"""Segment -> which of the rows belong to it."""


def freeze_bins(spec: ModelSpec, reference: pa.Table) -> dict[str, Bins]:
    """Return the bins of every watched column, frozen from the rows of the reference.

    Those of a target of classes are the ones that the YAML lists, whether the reference has them
    or not; all others are overflow.
    """
    frozen = {
        entry.column_name: _freeze(entry, reference.column(entry.column_name))
        for entry in watched_columns(spec)
    }
    if spec.classification is not None and spec.columns.target is not None:
        frozen[spec.columns.target] = CategoricalBins(categories=spec.classification.classes)
    return frozen


def profiled_columns(spec: ModelSpec) -> tuple[ColumnEntry, ...]:
    """Return the columns that are counted with a window's rows: all but the target.

    Its labels come later; `target_drift.py` counts it with them.
    """
    return tuple(e for e in spec.column_dictionary() if e.role is not ColumnRole.TARGET)


def watched_columns(spec: ModelSpec) -> tuple[ColumnEntry, ...]:
    """Return the columns that have bins, profiles and drift: the profiled ones, then the target."""
    target = target_column(spec)
    return profiled_columns(spec) if target is None else (*profiled_columns(spec), target)


def target_column(spec: ModelSpec) -> ColumnEntry | None:
    """Return the target; None if the YAML names none."""
    entries = spec.column_dictionary()
    return next((one for one in entries if one.role is ColumnRole.TARGET), None)


def answer_columns(spec: ModelSpec) -> frozenset[str]:
    """Return the columns that hold what the model says: its prediction and probabilities."""
    entries = spec.column_dictionary()
    return frozenset(entry.column_name for entry in entries if entry.role in ANSWER_ROLES)


def unseen_values(
    spec: ModelSpec, rows: pa.Table, bins: Mapping[str, Bins]
) -> dict[str, tuple[str, ...]]:
    """Return the categories that no dictionary holds yet, by column, in alphabetical order.

    Dictionaries have to grow before rows are counted: two runs that count first and append later
    would give one place to two categories.
    """
    found: dict[str, tuple[str, ...]] = {}
    for entry in profiled_columns(spec):
        counted_by = bins[entry.column_name]
        if isinstance(counted_by, CategoricalBins):
            unseen = unseen_categories(rows.column(entry.column_name), counted_by)
            if unseen:
                found[entry.column_name] = tuple(sorted(unseen))
    return found


def scored_by_version(spec: ModelSpec, rows: pa.Table) -> dict[str, int]:
    """Return how many rows each model version scored, in alphabetical order.

    Parameters
    ----------
    rows
        The prediction, `model_version` and `rejected_by`; a row that passes the filters and has a
        prediction was scored, by `unknown` if its source does not say which version did.
    """
    answered = pc.is_valid(rows.column(spec.prediction_column))
    scored = pc.and_(pc.is_null(rows.column("rejected_by")), answered)
    versions = pc.fill_null(rows.column("model_version").filter(scored), UNKNOWN_VERSION)
    counted: list[dict[str, Any]] = pc.value_counts(versions).to_pylist()
    return {one["values"]: one["counts"] for one in sorted(counted, key=lambda one: one["values"])}


def window_segments(
    spec: ModelSpec, entries: Sequence[SegmentEntry], rows: pa.Table
) -> dict[str, Mask]:
    """Return the segments of a window's rows, with those of model versions if there are several.

    Parameters
    ----------
    entries
        Segments of the model.
    rows
        What segments look at; if rows say which version scored them, all of `scored_by_version`.
    """
    masks = segment_masks(spec, entries, rows)
    if spec.columns.model_version is None or len(scored_by_version(spec, rows)) < 2:
        return masks
    passing = _passing(rows)
    of_passing = version_masks(rows.select(["model_version"]).filter(pa.array(passing)))
    for name, mask in of_passing.items():
        masks[name] = np.zeros(rows.num_rows, dtype=np.bool_)
        masks[name][passing] = mask
    return masks


def profile_rows(
    spec: ModelSpec,
    rows: pa.Table,
    bins: Mapping[str, Bins],
    segments: Segments | None = None,
) -> dict[tuple[str, str], ColumnProfile]:
    """Count the rows of a window.

    Parameters
    ----------
    rows
        Every profiled column, and `rejected_by` (null for a row that passes the filters).
    bins
        Column name -> frozen bins; a category no dictionary holds is counted as overflow.
    segments
        Further segments, over all of these rows; those that pass the filters are counted.

    Returns
    -------
    dict
        Segment `all` for the rows that pass the filters, `unfiltered` for all rows, of the model's
        answers the former only; then the further segments, without quantiles.
    """
    passing = rows.filter(pc.is_null(rows.column("rejected_by")))
    names = [entry.column_name for entry in profiled_columns(spec)]
    of_passing = profile_columns({name: (passing.column(name), bins[name]) for name in names})
    answers = answer_columns(spec)
    delivered = [name for name in names if name not in answers]
    of_all = (
        of_passing
        if passing.num_rows == rows.num_rows
        else profile_columns({name: (rows.column(name), bins[name]) for name in delivered})
    )
    slices = Slices.of(segments or {}, within=_passing(rows))
    columns = {name: (rows.column(name), bins[name]) for name in names if segments}
    counted = {
        **{(ALL, name): of_passing[name] for name in names},
        **{(UNFILTERED, name): of_all[name] for name in delivered},
        **profile_slices_of_columns(columns, slices),
    }
    return {key: as_short_as_can_be(profile) for key, profile in counted.items()}


def _passing(rows: pa.Table) -> Mask:
    """Return which rows pass the filters."""
    return pc.is_null(rows.column("rejected_by")).to_numpy()


def as_short_as_can_be(profile: ColumnProfile) -> ColumnProfile:
    """Return the profile without the last categories, as far as it has no row of them.

    A dictionary grows: what is stored of a window must not depend on when it was counted.
    """
    if profile.kind == "numerical":
        return profile
    occupied = np.flatnonzero(profile.counts[:-1])
    size = int(occupied[-1]) + 1 if occupied.size else 0
    return replace(profile, counts=np.append(profile.counts[:size], profile.counts[-1]))


def profile_quality(
    spec: ModelSpec, labelled: pa.Table, centre: float, segments: Segments | None = None
) -> dict[tuple[str, str], QualityProfile]:
    """Return the sums quality is computed from, for each model version in the rows.

    Parameters
    ----------
    labelled
        Columns `model_version`, `prediction`, `target`, and the model's probabilities by the names
        of their columns; rows without prediction or label are left out. A row whose source does not
        say its version counts under `unknown`.
    centre
        Frozen centre of the target's moments; classes have none.
    segments
        Further segments beside `all`, over all of these rows. Each has sums for every version that
        `all` has, also of no rows.
    """
    among_known = known_rows(labelled)
    needed = ["model_version", "prediction", "target", *spec.probability_columns.values()]
    rows = labelled.select(needed).filter(pa.array(among_known))
    masks = {name: mask[among_known] for name, mask in (segments or {}).items()}
    version_of_row = pc.fill_null(rows.column("model_version"), UNKNOWN_VERSION)
    profiles: dict[tuple[str, str], QualityProfile] = {}
    for version in sorted(pc.unique(version_of_row).to_pylist()):
        own = pc.equal(version_of_row, version)
        profiles[ALL, version] = _quality_of(spec, rows.filter(own), centre)
        of_version = own.to_numpy()
        for name, mask in masks.items():
            part = rows.filter(pa.array(mask & of_version))
            profiles[name, version] = _quality_of(spec, part, centre)
    return profiles


def known_rows(labelled: pa.Table) -> Mask:
    """Return which rows have a prediction and a label: those that quality is about."""
    target = pc.is_valid(labelled.column("target"))
    return pc.and_(pc.is_valid(labelled.column("prediction")), target).to_numpy()


def scored_rows(labelled: pa.Table, segments: Segments) -> dict[str, int]:
    """Return how many rows of each segment, and of `all`, have a prediction."""
    answered = pc.is_valid(labelled.column("prediction")).to_numpy()
    return {
        name: int(np.count_nonzero(answered & mask))
        for name, mask in {ALL: answered, **segments}.items()
    }


def quality_of_rows(spec: ModelSpec, rows: pa.Table, centre: float) -> QualityProfile:
    """Return the sums of rows with all columns of the model, the target among them."""
    target = rows.column(str(spec.columns.target))
    answers = rows.column(spec.prediction_column), _probabilities(spec, rows)
    return _quality_sums(spec, target, *answers, centre)


def _quality_of(spec: ModelSpec, labelled: pa.Table, centre: float) -> QualityProfile:
    answers = labelled.column("prediction"), _probabilities(spec, labelled)
    return _quality_sums(spec, labelled.column("target"), *answers, centre)


def _quality_sums(
    spec: ModelSpec,
    target: pa.ChunkedArray,
    prediction: pa.ChunkedArray,
    probabilities: Mapping[str, pa.ChunkedArray],
    centre: float,
) -> QualityProfile:
    """Return the sums of a model's task; `probabilities` by class, `centre` for numbers."""
    if spec.classification is None:
        return profile_regression(target, prediction, centre)
    classes, positive = spec.classification.classes, positive_class(spec)
    return profile_classification(target, prediction, probabilities, classes, positive)


def positive_class(spec: ModelSpec) -> str | None:
    """Return the positive class of a binary model; None for every other."""
    if spec.classification is None or spec.task != "binary":
        return None
    return spec.classification.positive


def _probabilities(spec: ModelSpec, rows: pa.Table) -> dict[str, pa.ChunkedArray]:
    return {name: rows.column(column) for name, column in spec.probability_columns.items()}


def _freeze(entry: ColumnEntry, values: pa.ChunkedArray) -> Bins:
    if entry.kind is ColumnKind.NUMERICAL:
        return numerical_bins(values)
    return categorical_bins(values)
