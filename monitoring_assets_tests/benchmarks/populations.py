"""Columns drawn for the drift tables: quiet populations, and the changes that drift should find.

Belongs here: seeded random columns. Stays out: scoring them (bench_drift_*.py).
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.float64] | npt.NDArray[np.str_]
Draw = Callable[[np.random.Generator, int], Column]


def zipf(categories: int) -> Draw:
    """Return a column of so many categories, the k-th with a share proportional to 1 / k."""
    weights = 1 / np.arange(1, categories + 1)
    names = np.array([f"c{place}" for place in range(categories)])
    cumulative = np.cumsum(weights / weights.sum())

    def draw(generator: np.random.Generator, rows: int) -> Column:
        places = np.searchsorted(cumulative, generator.random(rows), side="right")
        return names[np.minimum(places, categories - 1)]

    return draw


def bimodal(generator: np.random.Generator, rows: int) -> Column:
    """Return two humps of unequal weight."""
    far = generator.random(rows) < 0.3
    return np.where(far, generator.normal(6, 1, rows), generator.normal(0, 1, rows))


QUIET: Mapping[str, Draw] = {
    "normal": lambda generator, rows: generator.normal(size=rows),
    "lognormal": lambda generator, rows: generator.lognormal(size=rows),
    "student t3": lambda generator, rows: generator.standard_t(3, rows),
    "uniform": lambda generator, rows: generator.random(rows),
    "exponential": lambda generator, rows: generator.exponential(size=rows),
    "gamma": lambda generator, rows: generator.gamma(2, 6, rows),
    "bimodal": bimodal,
    "beta": lambda generator, rows: generator.beta(0.5, 0.5, rows),
    "poisson": lambda generator, rows: generator.poisson(3, rows).astype(np.float64),
    "four values": lambda generator, rows: generator.integers(0, 4, rows).astype(np.float64),
    "2 categories": zipf(2),
    "5 categories": zipf(5),
    "12 categories": zipf(12),
    "50 categories": zipf(50),
    "248 categories": zipf(248),
}
"""Fifteen columns: eight continuous, two of few numbers, five of categories."""


def contaminated(generator: np.random.Generator, rows: int) -> Column:
    """Return normal values of which 2 % lie ten standard deviations out."""
    wild = generator.random(rows) < 0.02
    return np.where(wild, generator.normal(10, 1, rows), generator.normal(size=rows))


def ten_points_more(generator: np.random.Generator, rows: int) -> Column:
    """Return twelve categories, the third of which has ten percentage points more."""
    quiet = zipf(12)(generator, rows)
    return np.where(generator.random(rows) < 0.1 / (1 - 0.107), "c2", quiet)


CHANGES: Mapping[str, tuple[str, Draw]] = {
    "mean shift 0.5 sd": ("normal", lambda generator, rows: generator.normal(0.5, 1, rows)),
    "spread x 1.5": ("normal", lambda generator, rows: generator.normal(0, 1.5, rows)),
    "2 % tail contamination": ("normal", contaminated),
    "one category + 10 points": ("12 categories", ten_points_more),
}
"""Change -> the quiet column it happens to, and the changed one."""
