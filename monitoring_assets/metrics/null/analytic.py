"""Laws known by formula: nothing is drawn, nothing has to be stored.

Belongs here: expected score and p value of quiet windows for Kolmogorov-Smirnov, chi-squared and
the missing share. Stays out: laws that have to be drawn (metrics/null/drawn.py).
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from monitoring_assets.metrics.arrays import FloatArray, IntArray
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.drift.comparison import (
    BoolArray,
    counts_matrix,
    expected_rows,
    grouped,
)
from monitoring_assets.metrics.null.laws import (
    gamma_median,
    gamma_survival,
    hypergeometric_tails,
    kolmogorov_smirnov_survival,
)
from monitoring_assets.metrics.profile import ColumnProfile

Law = Callable[
    [ColumnProfile, Sequence[ColumnProfile], Bins, FloatArray], tuple[FloatArray, FloatArray]
]
"""(reference, windows, bins, their scores) -> expected scores and p values, shape `(windows,)`."""

THIN_GROUP_ROWS = 4.0
"""A group expecting fewer rows is too thin for the gamma law; deciles of 50 rows expect 4.95."""

MEDIAN_OF_KOLMOGOROV = 0.8275735551899077
"""Median of the limiting law of `sqrt(N) D`."""

UPPER_QUARTILE_OF_NORMAL = 0.6744897501960817
"""Median of the absolute value of a standard normal variable."""


def kolmogorov_smirnov_law(
    reference: ColumnProfile, windows: Sequence[ColumnProfile], _: Bins, scores: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the law of the exact distance of two continuous samples.

    The one-sample law at `n m / (n + m)` rows (Simard and L'Ecuyer), as SciPy's asymptotic
    two-sample test; the median by Stephens' approximation. Ties and bins make the distance
    smaller, so for discrete columns p is too large, never too small.
    """
    rows = np.array([window.finite for window in windows])
    effective = rows * reference.finite / (rows + reference.finite)
    root = np.sqrt(effective)
    expected = MEDIAN_OF_KOLMOGOROV / (root + 0.12 + 0.11 / root)
    rounded = np.maximum(np.round(effective), 1)
    return expected, kolmogorov_smirnov_survival(scores, rounded)


def chi_squared_law(
    reference: ColumnProfile, windows: Sequence[ColumnProfile], bins: Bins, scores: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the law of Cramer's V by that of the chi-squared statistic of the two-row table."""
    left, right = grouped(*counts_matrix(reference, windows), bins)
    p_values, median = table_p_values(left, right)
    rows = np.array([window.finite for window in windows])
    noise = 1 / rows + 1 / reference.finite
    del scores  # p is that of the statistic that V is made from
    return np.sqrt(median * noise) / 2, p_values


def table_p_values(left: IntArray, right: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return p values and medians of chi-squared in tables with the two rows `left`, `right`.

    Given the margins, mean and variance of chi-squared are known exactly (Haldane 1940); a gamma
    law with both has the tail right where each group expects four rows. Groups that expect fewer
    are taken together; if they still expect fewer than four, the number of their rows in the
    window is tested by itself (hypergeometric) and the smaller p value counts twice.

    Parameters
    ----------
    left, right
        Counts by group, shape `(tables, groups)`.
    """
    expected = expected_rows(left, right)
    dense = expected >= THIN_GROUP_ROWS
    pool_left = np.where(dense, 0, left).sum(axis=-1)
    pool_right = np.where(dense, 0, right).sum(axis=-1)
    pool_expected = np.where(dense, 0.0, expected).sum(axis=-1)
    sparse = pool_expected < THIN_GROUP_ROWS
    merged_left, merged_right = _merged(left, right, dense, sparse)
    statistic, mean, variance = _moments(merged_left, merged_right)
    testable = variance > 0
    shape = np.divide(mean**2, variance, out=np.ones_like(mean), where=testable)
    scale = np.divide(variance, mean, out=np.ones_like(mean), where=testable)
    p_dense = np.where(testable, gamma_survival(shape, statistic / scale), 1.0)
    median = np.where(testable, scale * gamma_median(shape), 0.0)
    rows = left.sum(axis=-1), right.sum(axis=-1)
    alone = sparse & (pool_left + pool_right > 0)
    p_pool = np.ones_like(p_dense)
    p_pool[alone] = share_p_values(*(one[alone] for one in (pool_left, pool_right, *rows)))
    # What the thin groups add is mostly that of no row at all, and never more than one group's.
    median += np.where(alone, np.minimum(pool_expected, UPPER_QUARTILE_OF_NORMAL**2), 0.0)
    tests = testable.astype(np.int64) + alone
    return np.minimum(np.maximum(tests, 1) * np.minimum(p_dense, p_pool), 1.0), median


def missing_share_law(
    reference: ColumnProfile, windows: Sequence[ColumnProfile], _: Bins, scores: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the law of a share's change: p exact given all missing rows, the median normal."""
    missing = np.array([window.missing for window in windows])
    rows = np.array([window.rows for window in windows])
    pooled = (missing + reference.missing) / (rows + reference.rows)
    deviation = np.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / reference.rows))
    p_values = share_p_values(
        np.full_like(missing, reference.missing), missing, np.full_like(rows, reference.rows), rows
    )
    return UPPER_QUARTILE_OF_NORMAL * deviation, np.where(scores > 0, p_values, 1.0)


def share_p_values(
    marked_left: IntArray, marked_right: IntArray, rows_left: IntArray, rows_right: IntArray
) -> FloatArray:
    """Return two-sided p values that two samples have the same share of marked rows.

    Twice the smaller tail of the hypergeometric law of `marked_right` given all marked rows.
    """
    tails = hypergeometric_tails(
        marked_right, rows_left + rows_right, marked_left + marked_right, rows_right
    )
    return np.minimum(2 * np.minimum(*tails), 1.0)


def _merged(
    left: IntArray, right: IntArray, dense: BoolArray, sparse: BoolArray
) -> tuple[IntArray, IntArray]:
    """Return tables without thin groups: pooled, or added to the thinnest dense group."""
    total = np.where(dense, left + right, np.iinfo(np.int64).max)
    thinnest = np.argmin(total, axis=-1, keepdims=True)
    merged: list[IntArray] = []
    for counts in (left, right):
        kept = np.where(dense, counts, 0)
        pool = counts.sum(axis=-1) - kept.sum(axis=-1)
        added = np.take_along_axis(kept, thinnest, axis=-1) + np.where(sparse, pool, 0)[..., None]
        np.put_along_axis(kept, thinnest, added, axis=-1)
        merged.append(np.concatenate((kept, np.where(sparse, 0, pool)[..., None]), axis=-1))
    return merged[0], merged[1]


def _moments(left: IntArray, right: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return chi-squared of each table, and its exact mean and variance given the margins."""
    columns = (left + right).astype(np.float64)
    n_left, n_right = left.sum(axis=-1), right.sum(axis=-1)
    total = (n_left + n_right).astype(np.float64)
    present = columns > 0
    difference = right - columns * (n_right / total)[..., None]
    squares = np.divide(difference**2, columns, out=np.zeros_like(columns), where=present)
    statistic = squares.sum(axis=-1) * total**2 / (n_left * n_right.astype(np.float64))
    groups = present.sum(axis=-1)
    inverse = np.divide(1.0, columns, out=np.zeros_like(columns), where=present).sum(axis=-1)
    mean = total / (total - 1) * (groups - 1)
    large = np.maximum(total, 4.0)
    nu = (groups - 1) * (total - groups) / (total - 1), (total - 2) / (total - 1)
    mu = (
        (total * inverse - groups**2) / (large - 2),
        (total * (1 / n_left + 1 / n_right) - 4) / (large - 2),
    )
    variance = 2 * total / (large - 3) * (nu[0] - mu[0]) * (nu[1] - mu[1])
    variance += total**2 / (total - 1) * mu[0] * mu[1]
    return statistic, mean, np.where(groups > 1, np.maximum(variance, 0.0), 0.0)


LAWS: Mapping[str, Law] = {
    "kolmogorov_smirnov": kolmogorov_smirnov_law,
    "chi_squared": chi_squared_law,
    "missing_share_change": missing_share_law,
}
"""Method name -> its law."""
