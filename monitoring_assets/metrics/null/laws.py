"""SciPy's probability laws behind typed functions; SciPy is imported when one is called.

Belongs here: a thin line around what SciPy computes. Stays out: what the laws are used for.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from monitoring_assets.metrics.arrays import FloatArray

Numbers = npt.ArrayLike


def gamma_survival(shape: Numbers, value: Numbers) -> FloatArray:
    """Return P(X >= value) of gamma laws with scale 1."""
    return _special("gammaincc")(shape, value)


def gamma_median(shape: Numbers) -> FloatArray:
    """Return the median of gamma laws with scale 1."""
    return _special("gammainccinv")(shape, 0.5)


def kolmogorov_smirnov_survival(distance: Numbers, rows: Numbers) -> FloatArray:
    """Return P(D >= distance) of the exact one-sample two-sided law at so many rows."""
    kstwo = cast("Any", import_module("scipy.stats")).kstwo
    return np.asarray(kstwo.sf(distance, rows), dtype=np.float64)


def hypergeometric_tails(
    marked_drawn: Numbers, rows: Numbers, marked: Numbers, drawn: Numbers
) -> tuple[FloatArray, FloatArray]:
    """Return P(X <= x) and P(X >= x) for x marked rows among those drawn without replacement."""
    law = cast("Any", import_module("scipy.stats")).hypergeom
    lower = law.cdf(marked_drawn, rows, marked, drawn)
    upper = law.sf(np.asarray(marked_drawn) - 1, rows, marked, drawn)
    return np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)


def student_quantile(degrees: float, share: float) -> float:
    """Return the number that Student's law with so many degrees of freedom is below with share.

    >>> round(student_quantile(9, 0.975), 4)
    2.2622
    """
    return float(_special("stdtrit")(degrees, share))


def _special(name: str) -> Callable[..., FloatArray]:
    return getattr(cast("Any", import_module("scipy.special")), name)
