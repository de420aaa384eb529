"""Drift verdicts: scores as recomputed from raw rows, and an answer for every odd window."""

import math
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp

from monitoring_assets.errors import ReferenceMissingError
from monitoring_assets.evaluation.data_drift import judge_dataset, judge_drift
from monitoring_assets.records import Verdict
from monitoring_assets_tests.evaluation.cases import Case, rows, usual_rows

INFINITE = float("inf")


@pytest.fixture(scope="module")
def case() -> Case:
    return Case()


@pytest.fixture(scope="module")
def by_divergence() -> Case:
    return Case(drift={"categorical": {"method": "jensen_shannon"}})


def divergence_of_rows(reference: list[str], window: list[str]) -> float:
    """Jensen-Shannon distance from raw categories: those that expect fewer than five are pooled."""
    left, right = Counter(reference), Counter(window)
    total, smaller = len(reference) + len(window), min(len(reference), len(window))
    own = [c for c in left | right if (left[c] + right[c]) / total * smaller >= 5]
    shares = [
        [one[c] / n for c in own] + [1 - sum(one[c] for c in own) / n]
        for one, n in ((left, len(reference)), (right, len(window)))
    ]
    return float(jensenshannon(*shares, base=2))


@pytest.mark.parametrize("seed", range(5))
def test_the_kolmogorov_smirnov_score_is_that_of_the_raw_rows(case: Case, seed: int) -> None:
    window = usual_rows(300, seed=seed + 1, shift=seed / 2)
    # The reference has one bin per value; on values it knows the score is exactly that of scipy.
    reference = case.rows.column("distance").to_numpy()
    known = np.isin(window.column("distance").to_numpy(), reference)
    window = window.filter(pa.array(known))
    expected: Any = ks_2samp(reference, window.column("distance").to_numpy())
    assert case.drift(window)["distance"].score == pytest.approx(expected.statistic, abs=1e-12)


def test_the_score_of_a_continuous_column_is_at_most_one_bin_below_that_of_the_raw_rows() -> None:
    generator = np.random.default_rng(4)
    reference, window = generator.normal(0, 1, 5000), generator.normal(0.3, 1, 400)
    case = Case(rows(reference.tolist(), ["a"] * 5000))
    score = case.drift(rows(window.tolist(), ["a"] * 400))["distance"].score
    exact: Any = ks_2samp(reference, window)
    assert score is not None
    assert -1e-12 <= exact.statistic - score <= 1 / 256 + 1 / 5000


@pytest.mark.parametrize("seed", range(5))
def test_the_jensen_shannon_score_is_that_of_the_raw_rows(by_divergence: Case, seed: int) -> None:
    generator = np.random.default_rng(seed)
    zones = generator.choice(
        ["north", "south", "west", "up", "down"], 250, p=[0.4, 0.3, 0.2, 0.09, 0.01]
    )
    window = rows([5.0] * 250, zones.tolist())
    expected = divergence_of_rows(by_divergence.rows.column("zone").to_pylist(), zones.tolist())
    score = by_divergence.drift(window)["zone"].score
    assert score == pytest.approx(expected, abs=1e-12)


def test_a_quiet_window_is_ok_and_a_shifted_one_alarms(case: Case) -> None:
    quiet, shifted = (case.drift(usual_rows(500, 1, shift))["distance"] for shift in (0.0, 2.0))
    assert (quiet.verdict, shifted.verdict) == (Verdict.OK, Verdict.ALARM)
    assert "not above the threshold 0.1, and within chance" in quiet.reason
    assert "above the threshold 0.1, and too much for chance" in shifted.reason


def test_a_score_says_what_was_compared(case: Case) -> None:
    score = case.drift(usual_rows(500, 1))["distance"]
    assert (score.n_reference, score.n_window, score.reference_version) == (2000, 500, 1)
    assert (score.method, score.threshold, score.deciding) == ("kolmogorov_smirnov", 0.1, True)
    assert score.expected == pytest.approx(0.04, abs=0.005)
    assert score.p_value is not None
    assert 0.05 < score.p_value < 1


def test_an_empty_window_has_insufficient_data_in_every_column(case: Case) -> None:
    scores = case.drift(rows([], []))
    assert {one.verdict for one in scores.values()} == {Verdict.INSUFFICIENT_DATA}
    assert {one.reason for one in scores.values()} == {"0 values in the window, 100 are needed"}
    assert {one.score for one in scores.values()} == {None}


def test_a_window_of_one_row_has_insufficient_data(case: Case) -> None:
    scores = case.drift(rows([5.0], ["north"]))
    assert {one.verdict for one in scores.values()} == {Verdict.INSUFFICIENT_DATA}
    assert {one.reason for one in scores.values()} == {"1 values in the window, 100 are needed"}


def test_an_all_missing_column_has_insufficient_data_and_takes_no_other_along(case: Case) -> None:
    usual = usual_rows(200, 1)
    window = usual.set_column(0, "distance", pa.nulls(200, pa.float64()))
    scores = case.drift(window)
    assert scores["distance"].verdict is Verdict.INSUFFICIENT_DATA
    assert scores["distance"].reason == "0 values in the window, 100 are needed"
    assert scores["zone"].verdict is Verdict.OK


def test_infinite_values_do_not_count_as_values(case: Case) -> None:
    window = rows([INFINITE] * 150 + [-INFINITE] * 40 + [5.0] * 60, ["north"] * 250)
    score = case.drift(window)["distance"]
    assert (score.verdict, score.n_window) == (Verdict.INSUFFICIENT_DATA, 60)
    assert score.reason == "60 values in the window, 100 are needed"


def test_infinite_values_beside_enough_others_leave_the_score_finite(case: Case) -> None:
    usual = usual_rows(300, 1).column("distance").to_pylist()
    score = case.drift(rows([*usual, INFINITE], ["north"] * 301))["distance"]
    assert score.verdict is Verdict.OK
    assert score.n_window == 300


def test_a_column_of_unseen_categories_is_as_far_from_the_reference_as_can_be(case: Case) -> None:
    score = case.drift(rows([5.0] * 200, ["elsewhere"] * 200))["zone"]
    assert score.verdict is Verdict.ALARM
    assert score.score == pytest.approx(1.0)


def test_a_column_that_is_constant_in_both_is_ok() -> None:
    case = Case(rows([5.0] * 300, ["north"] * 300))
    scores = case.drift(rows([5.0] * 150, ["north"] * 150))
    assert {one.score for one in scores.values()} == {0.0}
    assert {one.verdict for one in scores.values()} == {Verdict.OK}


def test_a_reference_without_values_has_nothing_to_compare_with() -> None:
    empty = rows([None] * 300, ["north"] * 300)
    score = Case(empty).drift(usual_rows(200))["distance"]
    assert (score.verdict, score.score) == (Verdict.INSUFFICIENT_DATA, None)
    assert score.reason == "0 values in the reference, 50 are needed"


def test_counts_over_other_bins_are_not_compared(case: Case) -> None:
    window = usual_rows(200, 1)
    counted = {key: replace(one, bins_version=2) for key, one in case.profiles(window).items()}
    scores = judge_drift(case.spec, counted, case.baseline, case.bins(window))
    assert {one.verdict for one in scores} == {Verdict.UNDEFINED}
    assert all(one.reason.startswith("bins changed: ") for one in scores)


@pytest.mark.parametrize(("n", "verdict"), [(69, Verdict.INSUFFICIENT_DATA), (70, Verdict.OK)])
def test_as_many_values_as_the_minimum_are_enough(n: int, verdict: Verdict) -> None:
    case = Case(drift={"minimum_rows": 70})
    assert case.drift(usual_rows(n, 1))["distance"].verdict is verdict


def test_a_window_without_predictions_says_so_in_the_predictions_own_verdict(case: Case) -> None:
    window = usual_rows(200, 1)
    place = window.column_names.index("prediction")
    scores = case.drift(window.set_column(place, "prediction", pa.nulls(200, pa.float64())))
    assert scores["prediction"].verdict is Verdict.UNDEFINED
    assert "no model was deployed" in scores["prediction"].reason
    assert scores["distance"].verdict is Verdict.OK


def test_a_column_that_does_not_decide_keeps_its_score_and_has_no_verdict() -> None:
    case = Case(drift={"columns": {"distance": {"deciding": False}}})
    score = case.drift(usual_rows(200, 1, shift=5))["distance"]
    assert (score.verdict, score.deciding) == (Verdict.UNDEFINED, False)
    assert score.score is not None
    assert score.score > score.threshold
    assert score.reason.startswith("not judged: ")


def test_a_method_that_looks_at_missing_values_judges_a_column_without_any_value() -> None:
    case = Case(drift={"numerical": {"method": "missing_share_change"}})
    score = case.drift(rows([None] * 200, ["north"] * 200))["distance"]
    assert (score.score, score.n_window, score.verdict) == (1.0, 200, Verdict.ALARM)


def test_a_method_the_reference_was_not_measured_for_says_what_to_do(case: Case) -> None:
    more = Case(drift={"numerical": {"method": "kolmogorov_smirnov", "also": ["psi"]}})
    window = usual_rows(200)
    with pytest.raises(ReferenceMissingError, match="materialize small/reference_data once more"):
        judge_drift(more.spec, case.profiles(window), case.baseline, case.bins(window))


def test_other_methods_scores_are_stored_beside_the_deciding_ones() -> None:
    case = Case(drift={"columns": {"distance": {"also": ["missing_share_change"]}}})
    window = usual_rows(200)
    scores = judge_drift(case.spec, case.profiles(window), case.baseline, case.bins(window))
    found = [(one.method, one.deciding) for one in scores if one.column_name == "distance"]
    assert found == [("kolmogorov_smirnov", True), ("missing_share_change", False)]
    assert judge_dataset(case.spec, scores, 1).columns_decided == 2


ODD_WINDOWS: dict[str, Any] = {
    "empty": rows([], []),
    "one row": rows([1.0], ["north"]),
    "missing": rows([None] * 120, [None] * 120),
    "infinite": rows([INFINITE] * 120, ["north"] * 120),
    "huge": rows([1e300, -1e300] * 60, ["north"] * 120),
    "constant": rows([5.0] * 120, ["north"] * 120),
    "unseen": rows([99.0] * 120, [f"zone {i}" for i in range(120)]),
    "not a number": rows([float("nan")] * 120, [""] * 120),
}


@pytest.mark.parametrize("window", ODD_WINDOWS.values(), ids=ODD_WINDOWS)
def test_no_window_gives_nan_infinity_or_a_verdict_without_a_reason(
    case: Case, window: pa.Table
) -> None:
    scores, dataset = case.drift(window), case.dataset(window)
    numbers = [one.score for one in scores.values()]
    numbers += [dataset.alarming_share, dataset.prediction_drift]
    assert all(number is None or math.isfinite(number) for number in numbers)
    assert all(len(one.reason) > 10 for one in [*scores.values(), dataset])
    assert [*scores] == ["distance", "zone", "prediction"]
    assert all(one.score is not None for one in scores.values() if one.verdict in ("ok", "alarm"))
