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

from monitoring_assets.evaluation.data_drift import judge_dataset, judge_drift, worst_columns
from monitoring_assets.records import DriftScore, Verdict
from monitoring_assets_tests.evaluation.cases import Case, rows, usual_rows
from monitoring_assets_tests.specs import small_columns

INFINITE = float("inf")


@pytest.fixture(scope="module")
def case() -> Case:
    return Case()


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
def test_the_jensen_shannon_score_is_that_of_the_raw_rows(case: Case, seed: int) -> None:
    generator = np.random.default_rng(seed)
    zones = generator.choice(
        ["north", "south", "west", "up", "down"], 250, p=[0.4, 0.3, 0.2, 0.09, 0.01]
    )
    window = rows([5.0] * 250, zones.tolist())
    expected = divergence_of_rows(case.rows.column("zone").to_pylist(), zones.tolist())
    assert case.drift(window)["zone"].score == pytest.approx(expected, abs=1e-12)


def test_a_quiet_window_is_ok_and_a_shifted_one_alarms(case: Case) -> None:
    quiet, shifted = (case.drift(usual_rows(500, 1, shift))["distance"] for shift in (0.0, 2.0))
    assert (quiet.verdict, shifted.verdict) == (Verdict.OK, Verdict.ALARM)
    assert "is not above the threshold 0.1" in quiet.reason
    assert shifted.reason == "kolmogorov_smirnov 0.407 is above the threshold 0.1"


def test_a_score_says_what_was_compared(case: Case) -> None:
    score = case.drift(usual_rows(500, 1))["distance"]
    assert (score.n_reference, score.n_window, score.reference_version) == (2000, 500, 1)
    assert (score.method, score.threshold, score.deciding) == ("kolmogorov_smirnov", 0.1, True)
    assert (score.expected, score.p_value) == (None, None)


def test_an_empty_window_has_insufficient_data_in_every_column(case: Case) -> None:
    scores = case.drift(rows([], []))
    assert {one.verdict for one in scores.values()} == {Verdict.INSUFFICIENT_DATA}
    assert {one.reason for one in scores.values()} == {
        "the window has no row that passes the filters"
    }


def test_a_window_of_one_row_has_insufficient_data(case: Case) -> None:
    scores = case.drift(rows([5.0], ["north"]))
    assert {one.reason for one in scores.values()} == {"1 values in the window, 100 are needed"}
    assert {one.score for one in scores.values()} == {None}


def test_an_all_missing_column_has_insufficient_data_and_takes_no_other_along(case: Case) -> None:
    usual = usual_rows(200, 1)
    window = usual.set_column(0, "distance", pa.nulls(200, pa.float64()))
    scores = case.drift(window)
    assert scores["distance"].verdict is Verdict.INSUFFICIENT_DATA
    assert (
        scores["distance"].reason == "0 values in the window (200 missing left out), 100 are needed"
    )
    assert scores["zone"].verdict is Verdict.OK


def test_infinite_values_do_not_count_as_values(case: Case) -> None:
    window = rows([INFINITE] * 150 + [-INFINITE] * 40 + [5.0] * 60, ["north"] * 250)
    score = case.drift(window)["distance"]
    assert (score.verdict, score.n_window) == (Verdict.INSUFFICIENT_DATA, 60)
    assert score.reason == "60 values in the window (190 infinite left out), 100 are needed"


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


def test_a_reference_without_values_makes_the_column_undefined() -> None:
    empty = rows([None] * 300, ["north"] * 300)
    score = Case(empty).drift(usual_rows(200))["distance"]
    assert (score.verdict, score.score) == (Verdict.UNDEFINED, None)
    assert score.reason == "the reference has no values in this column"


def test_counts_over_other_bins_are_not_compared(case: Case) -> None:
    window = usual_rows(200, 1)
    counted = {key: replace(one, bins_version=2) for key, one in case.profiles(window).items()}
    scores = judge_drift(case.spec, counted, case.reference.profiles, case.bins(window), 1)
    assert {one.verdict for one in scores} == {Verdict.UNDEFINED}
    assert all(one.reason.startswith("bins changed: ") for one in scores)


@pytest.mark.parametrize(("n", "verdict"), [(29, Verdict.INSUFFICIENT_DATA), (30, Verdict.OK)])
def test_as_many_values_as_the_minimum_are_enough(n: int, verdict: Verdict) -> None:
    case = Case(drift={"minimum_rows": 30, "numerical": {"threshold": 0.9}})
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
    assert score.reason == "not judged: `deciding` is false for this column"


def test_a_method_that_looks_at_missing_values_judges_a_column_without_any_value() -> None:
    case = Case(drift={"numerical": {"method": "missing_share_change"}})
    score = case.drift(rows([None] * 200, ["north"] * 200))["distance"]
    assert (score.score, score.n_window, score.verdict) == (1.0, 200, Verdict.ALARM)


def test_the_dataset_alarms_when_more_than_the_share_of_columns_alarms(case: Case) -> None:
    both = case.dataset(rows([50.0] * 200, ["elsewhere"] * 200))
    one = case.dataset(rows([50.0] * 200, usual_rows(200, 1).column("zone").to_pylist()))
    assert (both.verdict, both.alarming_share, both.columns_alarming) == (Verdict.ALARM, 1.0, 2)
    assert both.reason == "2 of 2 columns have drifted (distance, zone), more than 50 %"
    assert (one.verdict, one.alarming_share) == (Verdict.OK, 0.5)
    assert one.reason == "1 of 2 columns have drifted (distance), not more than 50 %"


def test_the_predictions_drift_is_shown_beside_the_dataset_and_does_not_count(case: Case) -> None:
    window = usual_rows(200, 1)
    place = window.column_names.index("prediction")
    dataset = case.dataset(window.set_column(place, "prediction", pa.array([1e6] * 200)))
    assert dataset.prediction_drift == pytest.approx(1.0)
    assert (dataset.columns_decided, dataset.columns_alarming) == (2, 0)


def test_columns_that_do_not_decide_do_not_count_in_the_dataset() -> None:
    case = Case(drift={"columns": {"distance": {"deciding": False}}})
    dataset = case.dataset(rows([50.0] * 200, usual_rows(200, 1).column("zone").to_pylist()))
    assert (dataset.columns_decided, dataset.alarming_share) == (1, 0.0)


def score(column: str, verdict: Verdict, value: float | None = 0.2) -> DriftScore:
    usual = Case(drift={"minimum_rows": 1}).drift(rows([5.0], ["north"]))["distance"]
    return replace(usual, column_name=column, verdict=verdict, score=value)


FOUR = {"columns": small_columns(numerical=["a", "b", "c", "d"], categorical=[])}


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ("ok alarm undefined undefined", Verdict.OK),
        ("alarm alarm insufficient_data insufficient_data", Verdict.ALARM),
        ("alarm undefined insufficient_data undefined", Verdict.INSUFFICIENT_DATA),
        ("undefined undefined undefined undefined", Verdict.INSUFFICIENT_DATA),
    ],
)
def test_at_least_half_of_the_deciding_columns_must_be_decided(
    verdicts: str, expected: Verdict
) -> None:
    scores = [score(n, Verdict(v)) for n, v in zip("abcd", verdicts.split(), strict=True)]
    dataset = judge_dataset(Case(**FOUR).spec, scores, 1)
    assert dataset.verdict is expected
    if expected is Verdict.INSUFFICIENT_DATA:
        assert "of 4 columns could be decided, half are needed" in dataset.reason


def test_without_any_deciding_column_the_dataset_is_undefined() -> None:
    case = Case(drift={"numerical": {"deciding": False}, "categorical": {"deciding": False}})
    dataset = case.dataset(usual_rows(200))
    assert (dataset.verdict, dataset.alarming_share) == (Verdict.UNDEFINED, None)
    assert dataset.reason == "no column decides: `deciding` is false for all of them"


def test_the_worst_columns_come_first_in_units_of_their_threshold() -> None:
    far = replace(score("far", Verdict.ALARM, 0.4), threshold=0.1)
    near = replace(score("near", Verdict.ALARM, 0.5), threshold=0.4)
    none = score("none", Verdict.UNDEFINED, None)
    assert [s.column_name for s in worst_columns([none, near, far])] == ["far", "near", "none"]
    assert worst_columns([near, far], most=1) == [far]


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
