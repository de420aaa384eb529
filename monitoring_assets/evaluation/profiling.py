"""From the rows of a window to its profiles.

Belongs here: which columns and segments are counted. Stays out: how a column is counted
(metrics.profile), reading the rows.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.metrics.bins import (
    Bins,
    CategoricalBins,
    categorical_bins,
    numerical_bins,
)
from monitoring_assets.metrics.columns import profile_columns
from monitoring_assets.metrics.profile import ColumnProfile, unseen_categories
from monitoring_assets.metrics.quality.classification import profile_classification
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.records import ALL, UNFILTERED, ColumnEntry, ColumnKind, ColumnRole
from monitoring_assets.spec.model import ModelSpec

ColumnProfiles = Mapping[tuple[str, str], ColumnProfile]
"""(segment, column name) -> profile."""

ANSWER_ROLES: Final = frozenset({ColumnRole.PREDICTION, ColumnRole.PROBABILITY})
"""Roles of what the model says, which a row that the filters reject does not have."""

UNKNOWN_VERSION: Final = "unknown"
"""Model version of predictions whose source leaves it empty."""


def freeze_bins(spec: ModelSpec, reference: pa.Table) -> dict[str, Bins]:
    """Return the bins of every profiled column, frozen from the rows of the reference."""
    return {
        entry.column_name: _freeze(entry, reference.column(entry.column_name))
        for entry in profiled_columns(spec)
    }


def profiled_columns(spec: ModelSpec) -> tuple[ColumnEntry, ...]:
    """Return the columns of a window profile: all but the target, whose labels come later."""
    return tuple(e for e in spec.column_dictionary() if e.role is not ColumnRole.TARGET)


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


def profile_rows(
    spec: ModelSpec, rows: pa.Table, bins: Mapping[str, Bins]
) -> dict[tuple[str, str], ColumnProfile]:
    """Count the rows of a window.

    Parameters
    ----------
    rows
        Every profiled column, and `rejected_by` (null for a row that passes the filters).
    bins
        Column name -> frozen bins; a category no dictionary holds is counted as overflow.

    Returns
    -------
    dict
        Segment `all` for the rows that pass the filters, `unfiltered` for all rows; of the model's
        answers the former only.
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
    return {
        **{(ALL, name): _as_short_as_can_be(of_passing[name]) for name in names},
        **{(UNFILTERED, name): _as_short_as_can_be(of_all[name]) for name in delivered},
    }


def _as_short_as_can_be(profile: ColumnProfile) -> ColumnProfile:
    """Leave out the last categories, as far as the profile has no row of them.

    A dictionary grows: what is stored of a window must not depend on when it was counted.
    """
    if profile.kind == "numerical":
        return profile
    occupied = np.flatnonzero(profile.counts[:-1])
    size = int(occupied[-1]) + 1 if occupied.size else 0
    return replace(profile, counts=np.append(profile.counts[:size], profile.counts[-1]))


def profile_quality(
    spec: ModelSpec, labelled: pa.Table, centre: float
) -> dict[str, QualityProfile]:
    """Return, for each model version in the rows, the sums its quality is computed from.

    Parameters
    ----------
    labelled
        Columns `model_version`, `prediction`, `target`, and the model's probabilities by the names
        of their columns; rows without prediction or label are left out. A row whose source does not
        say its version counts under `unknown`.
    centre
        Frozen centre of the target's moments; classes have none.
    """
    known = pc.and_(
        pc.is_valid(labelled.column("prediction")), pc.is_valid(labelled.column("target"))
    )
    rows = labelled.filter(known)
    version_of_row = pc.fill_null(rows.column("model_version"), UNKNOWN_VERSION)
    versions: list[str] = sorted(pc.unique(version_of_row).to_pylist())
    profiles: dict[str, QualityProfile] = {}
    for version in versions:
        own = rows.filter(pc.equal(version_of_row, version))
        answers = own.column("prediction"), _probabilities(spec, own)
        profiles[version] = _quality_sums(spec, own.column("target"), *answers, centre)
    return profiles


def quality_of_rows(spec: ModelSpec, rows: pa.Table, centre: float) -> QualityProfile:
    """Return the sums of rows with all columns of the model, the target among them."""
    target = rows.column(str(spec.columns.target))
    answers = rows.column(spec.prediction_column), _probabilities(spec, rows)
    return _quality_sums(spec, target, *answers, centre)


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
