"""Evidently as witness: where definitions coincide, our numbers are its numbers.

Formulas: Evidently 0.7.23, section 1.6 of its catalogue of tests: Jensen-Shannon with the natural
logarithm, Wasserstein divided by the reference's standard deviation, both over the values
themselves where a numerical column has at most 20 of them.
"""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitoring_assets.metrics.bins import categorical_bins, numerical_bins
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.metrics.profile import profile
from monitoring_assets.metrics.registry import drift_method

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

GENERATOR = np.random.default_rng(9)
NUMBERS = GENERATOR.integers(0, 8, 2_000).astype(float), GENERATOR.binomial(7, 0.6, 900) * 1.0
TEXTS = GENERATOR.choice(list("abcdef"), 2_000), GENERATOR.choice(list("aabcdef"), 900)


def evidently(method: str, reference: Any, window: Any) -> float:
    """Score by Evidently's own report."""
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift

    numeric = reference.dtype.kind == "f"
    definition = DataDefinition(
        numerical_columns=["x"] if numeric else [], categorical_columns=[] if numeric else ["x"]
    )
    now, before = (
        Dataset.from_pandas(pd.DataFrame({"x": one}), definition) for one in (window, reference)
    )
    run = Report([ValueDrift(column="x", method=method)]).run(now, before)
    found: Any = run.dict()["metrics"][0]["value"]
    return float(found)


def ours(method: str, reference: Any, window: Any) -> float:
    """Score by our registry."""
    bins = numerical_bins(reference) if reference.dtype.kind == "f" else categorical_bins(reference)
    found: Any = drift_method(method).compute(profile(reference, bins), profile(window, bins), bins)
    return float(found)


@pytest.mark.parametrize("pair", [NUMBERS, TEXTS], ids=["numbers", "texts"])
def test_divergences_are_evidentlys(pair: tuple[Any, Any]) -> None:
    expected = evidently("jensenshannon", *pair)
    assert ours("jensen_shannon", *pair) * np.sqrt(np.log(2)) == pytest.approx(expected, abs=1e-9)
    assert ours("psi", *pair) == pytest.approx(evidently("psi", *pair), abs=1e-9)


def test_wasserstein_is_evidentlys_but_for_the_scale() -> None:
    factor = numerical_bins(NUMBERS[0]).scale / NUMBERS[0].std()
    expected = evidently("wasserstein", *NUMBERS)
    assert ours("wasserstein", *NUMBERS) * factor == pytest.approx(expected, abs=1e-9)


def test_the_kolmogorov_smirnov_p_value_of_many_rows_is_evidentlys() -> None:
    generator = np.random.default_rng(3)
    reference, window = (generator.integers(0, 8, rows).astype(float) for rows in (20_000, 1_500))
    bins = numerical_bins(reference)
    sides = profile(reference, bins), profile(window, bins)
    score: Any = drift_method("kolmogorov_smirnov").compute(*sides, bins)
    ladder = NullLadder(method="kolmogorov_smirnov", reference_rows=reference.size)
    quiet = ladder.quiet(sides[0], [sides[1]], bins, [score])
    assert 0.001 < quiet[0].p_value < 1
    assert quiet[0].p_value == pytest.approx(evidently("ks", reference, window), abs=1e-9)
