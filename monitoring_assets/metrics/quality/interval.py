"""The 95 % interval of a mean from its sums.

Belongs here: the normal law that several metrics share. Stays out: the metrics.
"""

import math

from monitoring_assets.metrics.result import Estimate

NORMAL_95 = 1.959963984540054
"""97.5 % point of the standard normal distribution."""

SMALLEST_SAMPLE = 30
"""With fewer rows the normal law of a mean is not relied upon and no interval is given."""


def mean_with_interval(total: float, total_of_squares: float, rows: int) -> Estimate:
    """Return `total / rows` with `+- 1.96 * s / sqrt(rows)`, s with divisor `rows - 1`.

    Parameters
    ----------
    total, total_of_squares
        Sums of the terms and of their squares.
    rows
        Number of terms, above 0.

    Examples
    --------
    >>> mean_with_interval(50.0, 50.0, 100)
    Estimate(value=0.5, interval_low=0.4015081..., interval_high=0.5984918...)
    """
    mean = total / rows
    if rows < SMALLEST_SAMPLE:
        return Estimate(mean)
    variance = max(total_of_squares - rows * mean * mean, 0.0) / (rows - 1)
    half = NORMAL_95 * math.sqrt(variance / rows)
    return Estimate(mean, mean - half, mean + half)
