"""From the profiles of all rows of a window to numbers about the state of the data.

Belongs here: missing, infinite, unreadable and unseen values, rejected and doubled rows, and which
of these has a bound. Stays out: drift (data_drift.py), counting (metrics.profile).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from monitoring_assets.evaluation.profiling import ColumnProfiles, profiled_columns
from monitoring_assets.metrics.bins import Bins, NumericalBins
from monitoring_assets.metrics.profile import QUANTILE_LEVELS, ColumnProfile, aligned_counts
from monitoring_assets.metrics.result import Undefined
from monitoring_assets.records import (
    ALL,
    ANSWER_ROLES,
    DATASET,
    UNFILTERED,
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


_NONE_IS_LEGAL: Final = _Bound(0.0, "none is legal")
_EMPTY: Final = Undefined("the window holds no row")
_NONE_PASSES: Final = Undefined("no row of the window passes the filters")


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
        if entry.role in ANSWER_ROLES:
            continue
        name = entry.column_name
        pair = (window[UNFILTERED, name], reference[UNFILTERED, name])
        rows.extend(_column_rows(spec, name, pair, counts))
        rows.extend(_descriptions(name, pair[0], bins[name]))
    if spec.columns.target is not None:
        rows.append(_invalid(spec.columns.target, counts, counts.rows_read))
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
        reason="the window holds no row at all" if empty else f"rows read: {read}",
    )
    rejected = sum(counts.rows_rejected.values())
    bound = _Bound(spec.data_quality.maximum_rejected_share, "maximum_rejected_share")
    yield _bounded(DATASET, "rejected_share", _share(rejected, read, _EMPTY), bound)
    passing = read - rejected
    bound = _Bound(spec.data_quality.maximum_unscored_share, "maximum_unscored_share")
    unscored = _share(passing - counts.rows_scored, passing, _NONE_PASSES)
    yield _bounded(DATASET, "unscored_share", unscored, bound)
    if spec.probability_columns:
        invalid = counts.rows_adjusted.get("invalid_probability", 0)
        share = spec.data_quality.maximum_invalid_probability_share
        bound = _Bound(share, "maximum_invalid_probability_share")
        yield _bounded(DATASET, "invalid_probability_share", _share(invalid, read, _EMPTY), bound)
    missing = missing_share(window)
    yield _described(DATASET, "missing_share", _EMPTY if missing is None else missing)
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
    infinite = profile.positive_infinite + profile.negative_infinite
    missing = _share(profile.missing, rows, _EMPTY)
    yield _bounded(name, "missing_share", missing, _missing_bound(spec, name, reference))
    yield _invalid(name, counts, rows)
    if profile.kind == "numerical":
        yield _bounded(name, "infinite_share", _share(infinite, rows, _EMPTY), _NONE_IS_LEGAL)
    unseen = _unseen_share(profile, reference)
    yield _bounded(name, "unseen_share", unseen, _unseen_bound(spec, name))


def _invalid(name: str, counts: WindowCounts, rows: int) -> DataQuality:
    """Return the share of values that could not be read as a number and became missing."""
    invalid = counts.rows_adjusted.get(f"invalid:{name}", 0)
    return _bounded(name, "invalid_share", _share(invalid, rows, _EMPTY), _NONE_IS_LEGAL)


def _unseen_share(profile: ColumnProfile, reference: ColumnProfile) -> float | Undefined:
    """Return the share of values in bins or categories in which the reference has no row."""
    if profile.bins_version != reference.bins_version:
        return Undefined(
            f"bins changed: the reference was counted over version {reference.bins_version},"
            f" the window over version {profile.bins_version}"
        )
    counts, usual = aligned_counts(profile, reference)
    return _share(int(counts[usual == 0].sum()), profile.finite, _no_values(profile))


def _descriptions(name: str, profile: ColumnProfile, bins: Bins) -> Iterator[DataQuality]:
    """Describe a column of numbers; what has no value has a row that says why."""
    if not isinstance(bins, NumericalBins):
        return
    none = _no_values(profile)
    variance = profile.variance
    spread = Undefined("a standard deviation needs two values") if profile.finite == 1 else none
    numbers: Mapping[str, float | None] = {
        "minimum": profile.minimum,
        "maximum": profile.maximum,
        "mean": profile.mean(bins),
        **{level: (profile.quantiles or {}).get(level) for level in QUANTILE_LEVELS},
    }
    for metric, value in numbers.items():
        yield _described(name, metric, none if value is None else value)
    yield _described(name, "standard_deviation", spread if variance is None else variance**0.5)


def _no_values(profile: ColumnProfile) -> Undefined:
    return Undefined("every value of the column is missing or infinite") if profile.rows else _EMPTY


def _missing_bound(spec: ModelSpec, name: str, reference: ColumnProfile) -> _Bound:
    own = spec.data_quality.columns.get(name)
    if own is not None and own.maximum_missing_share is not None:
        return _Bound(own.maximum_missing_share, "maximum_missing_share of the column")
    usual = reference.missing_share or 0.0
    margin = spec.data_quality.missing_share_margin
    why = f"the reference has {_percent(usual)}, margin {_percent(margin)}"
    return _Bound(min(1.0, usual + margin), why)


def _unseen_bound(spec: ModelSpec, name: str) -> _Bound:
    own = spec.data_quality.columns.get(name)
    if own is not None and own.maximum_unseen_share is not None:
        return _Bound(own.maximum_unseen_share, "maximum_unseen_share of the column")
    return _Bound(spec.data_quality.maximum_unseen_share, "maximum_unseen_share")


def _share(part: int, whole: int, otherwise: Undefined) -> float | Undefined:
    return part / whole if whole else otherwise


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _bounded(column: str, metric: str, value: float | Undefined, bound: _Bound) -> DataQuality:
    expectation = f"at most {bound.maximum:.4g}"
    if isinstance(value, Undefined):
        return _row(column, metric, None, expectation, (Verdict.UNDEFINED, value.reason))
    alarm = value > bound.maximum
    relation = "more than" if alarm else "not more than"
    reason = f"{_percent(value)}, {relation} the {_percent(bound.maximum)} allowed ({bound.why})"
    verdict = Verdict.ALARM if alarm else Verdict.OK
    return _row(column, metric, value, expectation, (verdict, reason))


def _described(column: str, metric: str, value: float | Undefined) -> DataQuality:
    if isinstance(value, Undefined):
        return _row(column, metric, None, "", (Verdict.UNDEFINED, value.reason))
    return _row(column, metric, value, "", (Verdict.OK, "described, no bound is set"))


def _row(
    column: str,
    metric: str,
    value: float | None,
    expectation: str,
    conclusion: tuple[Verdict, str],
) -> DataQuality:
    verdict, reason = conclusion
    return DataQuality(
        segment=ALL,
        column_name=column,
        metric=metric,
        value=value,
        expectation=expectation,
        verdict=verdict,
        reason=reason,
    )
