"""From the profiles of all rows of a window to numbers about the state of the data.

Belongs here: missing, infinite, unreadable and unseen values, rejected and doubled rows, and which
of these has a bound. Stays out: drift (data_drift.py), counting (metrics.profile).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitoring_assets.evaluation.profiling import ColumnProfiles, profiled_columns
from monitoring_assets.metrics.bins import Bins, NumericalBins
from monitoring_assets.metrics.profile import ColumnProfile, aligned_counts
from monitoring_assets.records import (
    ALL,
    DATASET,
    UNFILTERED,
    ColumnRole,
    DataQuality,
    Verdict,
    WindowCounts,
)
from monitoring_assets.spec.model import ModelSpec


@dataclass(frozen=True)
class _Bound:
    """Largest value that is fine, and why that one."""

    maximum: float
    why: str


def judge_data_quality(
    spec: ModelSpec,
    window: ColumnProfiles,
    reference: ColumnProfiles,
    bins: Mapping[str, Bins],
    counts: WindowCounts,
) -> tuple[DataQuality, ...]:
    """Return every data-quality number of a window, measured on all its rows before any filter.

    Parameters
    ----------
    window, reference
        Profiles by (segment, column); the segment `unfiltered` is looked at.
    bins
        Column name -> the bins these profiles were counted by.
    counts
        What reading the window found.
    """
    rows = list(_dataset_rows(spec, window, counts))
    for entry in profiled_columns(spec):
        if entry.role is ColumnRole.PREDICTION:
            continue
        name = entry.column_name
        pair = (window[UNFILTERED, name], reference[UNFILTERED, name])
        rows.extend(_column_rows(spec, name, pair, counts))
        rows.extend(
            _described(name, metric, value)
            for metric, value in _descriptions(pair[0], bins[name]).items()
        )
    return tuple(rows)


def missing_share(profiles: ColumnProfiles) -> float | None:
    """Return the share of missing cells over all columns of a window; None for an empty window."""
    cells = [p for (segment, _), p in profiles.items() if segment == UNFILTERED]
    total = sum(profile.rows for profile in cells)
    return sum(profile.missing for profile in cells) / total if total else None


def _dataset_rows(
    spec: ModelSpec, window: ColumnProfiles, counts: WindowCounts
) -> Iterator[DataQuality]:
    read = counts.rows_read
    empty = read == 0
    yield DataQuality(
        segment=ALL,
        column_name=DATASET,
        metric="rows",
        value=float(read),
        expectation="at least 1",
        verdict=Verdict.ALARM if empty else Verdict.OK,
        reason="the window holds no row at all" if empty else f"{read} rows read",
    )
    rejected = sum(counts.rows_rejected.values())
    bound = _Bound(spec.data_quality.maximum_rejected_share, "maximum_rejected_share")
    yield _bounded(DATASET, "rejected_share", rejected / read if read else None, bound)
    yield _described(DATASET, "missing_share", missing_share(window))
    for what in ("duplicate_id", "missing_hour", "repeated_hour"):
        yield _described(DATASET, f"{what}_rows", float(counts.rows_adjusted.get(what, 0)))


def _column_rows(
    spec: ModelSpec,
    name: str,
    pair: tuple[ColumnProfile, ColumnProfile],
    counts: WindowCounts,
) -> Iterator[DataQuality]:
    profile, reference = pair
    rows = profile.rows
    invalid = counts.rows_adjusted.get(f"invalid:{name}", 0)
    infinite = profile.positive_infinite + profile.negative_infinite
    yield _bounded(
        name, "missing_share", _share(profile.missing, rows), _missing(spec, name, reference)
    )
    yield _bounded(name, "invalid_share", _share(invalid, rows), _Bound(0.0, "none is legal"))
    if profile.kind == "numerical":
        yield _bounded(name, "infinite_share", _share(infinite, rows), _Bound(0.0, "none is legal"))
    yield _bounded(name, "unseen_share", _unseen_share(profile, reference), _unseen(spec, name))


def _unseen_share(profile: ColumnProfile, reference: ColumnProfile) -> float | None:
    """Return the share of values in bins or categories in which the reference has no row."""
    if profile.bins_version != reference.bins_version:
        return None
    counts, usual = aligned_counts(profile, reference)
    return _share(int(counts[usual == 0].sum()), profile.finite)


def _descriptions(profile: ColumnProfile, bins: Bins) -> Mapping[str, float | None]:
    if not isinstance(bins, NumericalBins):
        return {}
    quantiles = dict(profile.quantiles or {})
    median = quantiles.pop("quantile_0.5", None)
    return {
        "minimum": profile.minimum,
        "maximum": profile.maximum,
        "mean": profile.mean(bins),
        "standard_deviation": None if profile.variance is None else profile.variance**0.5,
        "median": median,
        **quantiles,
    }


def _missing(spec: ModelSpec, name: str, reference: ColumnProfile) -> _Bound:
    own = spec.data_quality.columns.get(name)
    if own is not None and own.maximum_missing_share is not None:
        return _Bound(own.maximum_missing_share, "maximum_missing_share")
    usual = _share(reference.missing, reference.rows) or 0.0
    margin = spec.data_quality.missing_share_margin
    return _Bound(min(1.0, usual + margin), f"the reference has {usual:.1%}, margin {margin:.1%}")


def _unseen(spec: ModelSpec, name: str) -> _Bound:
    own = spec.data_quality.columns.get(name)
    if own is not None and own.maximum_unseen_share is not None:
        return _Bound(own.maximum_unseen_share, "maximum_unseen_share of the column")
    return _Bound(spec.data_quality.maximum_unseen_share, "maximum_unseen_share")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _bounded(column: str, metric: str, value: float | None, bound: _Bound) -> DataQuality:
    if value is None:
        return _undefined(column, metric, f"at most {bound.maximum:.4g}")
    alarm = value > bound.maximum
    relation = "more than" if alarm else "at most"
    return DataQuality(
        segment=ALL,
        column_name=column,
        metric=metric,
        value=value,
        expectation=f"at most {bound.maximum:.4g}",
        verdict=Verdict.ALARM if alarm else Verdict.OK,
        reason=f"{value:.2%}, {relation} the {bound.maximum:.2%} allowed ({bound.why})",
    )


def _described(column: str, metric: str, value: float | None) -> DataQuality:
    if value is None:
        return _undefined(column, metric, "")
    return DataQuality(
        segment=ALL,
        column_name=column,
        metric=metric,
        value=value,
        expectation="",
        verdict=Verdict.OK,
        reason="described, no bound is set",
    )


def _undefined(column: str, metric: str, expectation: str) -> DataQuality:
    where = f"column '{column}'" if column else "the window"
    return DataQuality(
        segment=ALL,
        column_name=column,
        metric=metric,
        value=None,
        expectation=expectation,
        verdict=Verdict.UNDEFINED,
        reason=f"{where} has no value to measure",
    )
