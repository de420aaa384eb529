"""Model quality: numbers as scikit-learn has them, and verdicts by the interval."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from monitoring_assets.evaluation.model_quality import judge_quality
from monitoring_assets.evaluation.profiling import profile_quality
from monitoring_assets.evaluation.quality_scope import quality_values
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import RegressionProfile, profile_regression
from monitoring_assets.metrics.registry import metrics_for
from monitoring_assets.records import ALL, LabelCounts, ModelQuality, Verdict
from monitoring_assets_tests.specs import small_columns, small_spec

METRICS = [metric.name for metric in metrics_for("regression")]
REFERENCE = {"mae": 2.0, "rmse": 3.0, "r2": 0.5, "mean_error": -0.1, "mape": 0.2}


def known(labels: int, coverage: float | None = 1.0) -> LabelCounts:
    return LabelCounts(labels=labels, coverage=coverage, newest_knowledge_time=None)


def errors(*values: float) -> RegressionProfile:
    """Return the sums of rows with these errors and targets 10, 20, 10, …."""
    target = 10.0 + 10.0 * (np.arange(len(values)) % 2)
    return profile_regression(target, target + np.array(values), 15.0)


def judged(
    profiles: Mapping[str, QualityProfile],
    labels: LabelCounts,
    reference: dict[str, float] | None = None,
    **quality: Any,
) -> dict[str, ModelQuality]:
    spec = small_spec(quality=quality)
    rows = judge_quality(spec, profiles, REFERENCE if reference is None else reference, labels)
    return {row.metric: row for row in rows}


def absolute(metric: str, bound: float) -> dict[str, Any]:
    return {"thresholds": {metric: {"absolute": bound}}}


def relative(metric: str, share: float) -> dict[str, Any]:
    return {"thresholds": {metric: {"relative": share}}}


@pytest.mark.parametrize("seed", range(3))
def test_the_metrics_of_a_window_are_those_of_scikit_learn(seed: int) -> None:
    generator = np.random.default_rng(seed)
    target = generator.gamma(2, 8, 700)
    prediction = target + generator.normal(0.3, 3, 700)
    columns = {"model_version": ["1"] * 700, "prediction": prediction, "target": target}
    sums = profile_quality(small_spec(), pa.table(columns), 14.0)
    found = judged({"1": sums[ALL, "1"]}, known(700))
    expected = {
        "mae": mean_absolute_error(target, prediction),
        "rmse": root_mean_squared_error(target, prediction),
        "r2": r2_score(target, prediction),
    }
    for metric, value in expected.items():
        assert found[metric].value == pytest.approx(value, abs=1e-9)


def test_every_metric_of_the_registry_has_a_row_in_its_order() -> None:
    assert [*judged({"1": errors(*[1.0] * 60)}, known(60))] == [*METRICS]


def test_every_version_that_scored_the_window_is_judged_by_its_own_rows() -> None:
    profiles = {"1": errors(*[1.0] * 60), "2": errors(*[9.0] * 3)}
    rows = judge_quality(small_spec(), profiles, REFERENCE, known(63))
    mae = {row.model_version: row for row in rows if row.metric == "mae"}
    assert (mae["1"].value, mae["1"].labels, mae["1"].verdict) == (1.0, 60, Verdict.OK)
    assert (mae["2"].value, mae["2"].labels) == (9.0, 3)
    assert mae["2"].verdict is Verdict.INSUFFICIENT_DATA
    assert mae["2"].reason == "3 labelled rows, 50 are needed"


def test_few_labels_are_insufficient_data_with_the_number_shown() -> None:
    mae = judged({"1": errors(*[9.0] * 49)}, known(49))["mae"]
    assert (mae.value, mae.verdict) == (9.0, Verdict.INSUFFICIENT_DATA)
    assert (mae.reference_value, mae.threshold) == (2.0, pytest.approx(2.4))


def test_labels_that_have_not_come_yet_are_immature_whatever_the_number() -> None:
    mae = judged({"1": errors(*[9.0] * 60)}, known(60, coverage=0.5))["mae"]
    assert (mae.value, mae.verdict, mae.coverage) == (9.0, Verdict.LABELS_IMMATURE, 0.5)
    assert mae.reason == "50 % of scored rows have a label, 90 % are needed"


def test_a_window_without_any_label_is_immature() -> None:
    found = judged({}, known(0, coverage=0.0))
    assert {row.verdict for row in found.values()} == {Verdict.LABELS_IMMATURE}
    assert {row.reason for row in found.values()} == {"no label of this window is known yet"}
    assert {row.value for row in found.values()} == {None}


def test_a_window_in_which_nothing_was_scored_is_undefined_and_says_what_it_may_be() -> None:
    found = judged({}, known(0, coverage=None))
    assert {row.verdict for row in found.values()} == {Verdict.UNDEFINED}
    assert "no model was deployed" in found["mae"].reason
    assert [*found] == [*METRICS]


def test_a_model_without_target_has_undefined_quality() -> None:
    spec = small_spec(
        columns=small_columns(target=None),
        model=None,
        reference={"period": {"start": "2023-01-01", "end": "2023-02-01"}},
    )
    rows = judge_quality(spec, {}, {}, known(0, coverage=0.0))
    assert {(row.verdict, row.reason) for row in rows} == {
        (Verdict.UNDEFINED, "the model's YAML names no target")
    }


def test_without_a_bound_a_number_is_shown_and_fine() -> None:
    rmse = judged({"1": errors(*[50.0] * 60)}, known(60))["rmse"]
    assert (rmse.value, rmse.threshold, rmse.verdict) == (50.0, None, Verdict.OK)
    assert rmse.reason == "no threshold is set for this metric"


def test_the_main_metric_alarms_when_it_is_a_fifth_worse_than_the_reference() -> None:
    mae = judged({"1": errors(*[2.5, -2.5] * 30)}, known(60))["mae"]
    assert mae.verdict is Verdict.ALARM
    assert mae.reason == (
        "mae 2.5, 95 % interval 2.5 to 2.5, lies beyond the threshold 2.4"
        " (20 % worse than the reference's 2)"
    )


# Errors -1 and 3: the mean absolute error is 2, its 95 % interval 1.74 to 2.26 for 60 rows.
LOWER = [(1.7, Verdict.ALARM), (1.8, Verdict.OK), (2.0, Verdict.OK), (2.3, Verdict.OK)]


@pytest.mark.parametrize(("bound", "verdict"), LOWER)
def test_where_lower_is_better_the_whole_interval_has_to_lie_above_the_bound(
    bound: float, verdict: Verdict
) -> None:
    mae = judged({"1": errors(*[-1.0, 3.0] * 30)}, known(60), **absolute("mae", bound))["mae"]
    assert (mae.interval_low, mae.interval_high) == (
        pytest.approx(1.745, abs=1e-3),
        pytest.approx(2.255, abs=1e-3),
    )
    assert mae.verdict is verdict
    assert ("does not lie wholly beyond" in mae.reason) == (verdict is Verdict.OK)


# Errors -1 and 3 about targets 10 and 20: 1 - 5 / 25 = 0.8; (1 - 5) / 25 and (9 - 5) / 25 are the
# terms of its interval, 0.760 to 0.840 for 60 rows.
HIGHER = [(0.85, Verdict.ALARM), (0.83, Verdict.OK), (0.8, Verdict.OK), (0.7, Verdict.OK)]


@pytest.mark.parametrize(("bound", "verdict"), HIGHER)
def test_where_higher_is_better_the_whole_interval_has_to_lie_below_the_bound(
    bound: float, verdict: Verdict
) -> None:
    r2 = judged({"1": errors(*[-1.0, 3.0] * 30)}, known(60), **absolute("r2", bound))["r2"]
    half = 1.96 * 0.16 / math.sqrt(60)
    assert (r2.interval_low, r2.interval_high) == (
        pytest.approx(0.8 - half, abs=1e-5),
        pytest.approx(0.8 + half, abs=1e-5),
    )
    assert r2.verdict is verdict


@pytest.mark.parametrize(("bound", "verdict"), [(0.81, Verdict.ALARM), (0.8, Verdict.OK)])
def test_where_there_is_no_interval_the_number_itself_has_to_lie_beyond_the_bound(
    bound: float, verdict: Verdict
) -> None:
    profile = errors(*[-1.0, 3.0] * 10)
    limits: dict[str, Any] = absolute("r2", bound)
    r2 = judged({"1": profile}, known(20), minimum_labels=20, **limits)["r2"]
    assert r2.value == pytest.approx(0.8)
    assert (r2.interval_low, r2.interval_high) == (None, None)
    assert r2.verdict is verdict


# The mean error is 1 (or -1), its 95 % interval 0.49 to 1.51.
@pytest.mark.parametrize(("bound", "verdict"), [(0.4, Verdict.ALARM), (0.6, Verdict.OK)])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_where_zero_is_best_the_whole_interval_has_to_lie_beyond_the_bound_on_one_side(
    sign: float, bound: float, verdict: Verdict
) -> None:
    profile = errors(*[-1.0 * sign, 3.0 * sign] * 30)
    found = judged({"1": profile}, known(60), **absolute("mean_error", bound))["mean_error"]
    assert found.value == pytest.approx(sign)
    assert found.verdict is verdict


@pytest.mark.parametrize("reference", [0.8, -0.8])
@pytest.mark.parametrize(("share", "verdict"), [(0.5, Verdict.OK), (0.2, Verdict.ALARM)])
def test_where_zero_is_best_worse_than_the_reference_means_farther_from_zero(
    reference: float, share: float, verdict: Verdict
) -> None:
    profile, usual = errors(*[1.0] * 60), {"mean_error": reference}
    found = judged({"1": profile}, known(60), usual, **relative("mean_error", share))["mean_error"]
    assert found.threshold == pytest.approx(0.8 * (1 + share))
    assert found.verdict is verdict


@pytest.mark.parametrize(("reference", "threshold"), [(0.5, 0.4), (-0.5, -0.6), (0.0, 0.0)])
def test_where_higher_is_better_worse_is_lower_for_negative_references_too(
    reference: float, threshold: float
) -> None:
    profile = errors(*[-1.0, 3.0] * 30)
    r2 = judged({"1": profile}, known(60), {"r2": reference}, **relative("r2", 0.2))["r2"]
    assert r2.threshold == pytest.approx(threshold)


def test_a_relative_bound_without_a_reference_value_is_undefined_with_the_number_shown() -> None:
    mae = judged({"1": errors(*[9.0] * 60)}, known(60), {})["mae"]
    assert (mae.value, mae.threshold, mae.verdict) == (9.0, None, Verdict.UNDEFINED)
    assert mae.reason == (
        "the threshold is 20 % worse than the reference's, but the reference has no mae"
    )


def test_a_constant_target_makes_r2_undefined_and_no_other_metric() -> None:
    target = np.full(60, 4.0)
    found = judged({"1": profile_regression(target, target + 1, 4.0)}, known(60))
    assert found["r2"].verdict is Verdict.UNDEFINED
    assert found["r2"].reason == "the target is the same in all rows"
    assert (found["r2"].value, found["r2"].reference_value) == (None, 0.5)
    assert found["mae"].verdict is Verdict.OK


def test_the_smallest_minimum_judges_two_rows_without_an_interval() -> None:
    mae = judged({"1": errors(9.0, 9.0)}, known(2), minimum_labels=2)["mae"]
    assert (mae.interval_low, mae.verdict) == (None, Verdict.ALARM)
    assert mae.reason.startswith("mae 9 lies beyond the threshold 2.4")


@pytest.mark.parametrize("count", [0, 1, 2, 60])
def test_no_number_of_rows_gives_nan_infinity_or_a_verdict_without_a_reason(count: int) -> None:
    found = judged({"1": errors(*[0.0] * count)}, known(count), mature_share=0, minimum_labels=2)
    names = ("value", "interval_low", "interval_high", "reference_value", "threshold", "coverage")
    numbers = [getattr(row, name) for row in found.values() for name in names]
    assert all(number is None or math.isfinite(number) for number in numbers)
    assert all(len(row.reason) > 10 for row in found.values())
    assert [*found] == [*METRICS]


def test_only_defined_metrics_are_kept_of_a_reference() -> None:
    target = np.full(40, 4.0)
    assert {*quality_values(profile_regression(target, target + 1))} == {
        *("mae", "rmse", "mean_error", "mape")
    }
    assert quality_values(errors()) == {}
