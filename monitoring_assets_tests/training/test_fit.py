"""Fitting and predicting: odd values, too few rows, seeds, and the real trips."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitoring_assets.errors import DataError
from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_source
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.training.fit import features_frame, fit, out_of_fold_predictions, predict
from monitoring_assets_tests.specs import green_taxi_spec, small_columns, small_spec
from monitoring_assets_tests.training.trips import ESTIMATORS, features, spec_of, trips

NAN, INFINITE = float("nan"), float("inf")
ODD = features(
    [2.0, None, NAN, INFINITE, -INFINITE, 2.0], ["north", "south", None, "west", "", "up"]
)


def error_of(predictions: np.ndarray, rows: pa.Table) -> float:
    return float(np.abs(predictions - rows.column("minutes").to_numpy()).mean())


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_an_estimator_learns_from_numbers_and_categories(estimator: str) -> None:
    spec = spec_of(estimator)
    pipeline = fit(spec, trips())
    north, south = predict(pipeline, spec, features([4.0, 4.0], ["north", "south"]))
    assert north - south == pytest.approx(4, abs=1.5)
    assert south == pytest.approx(12, abs=1.5)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_missing_infinite_and_unseen_values_get_a_prediction(estimator: str) -> None:
    spec = spec_of(estimator)
    predictions = predict(fit(spec, trips()), spec, ODD)
    assert predictions.shape == (6,)
    assert np.isfinite(predictions).all()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_missing_values_in_training_rows_are_no_obstacle(estimator: str) -> None:
    spec, rows = spec_of(estimator), trips()
    gaps = pa.array(np.arange(rows.num_rows) % 7 == 0)
    for i, name in enumerate(("distance", "zone")):
        rows = rows.set_column(i, name, pc.if_else(gaps, None, rows.column(name)))
    assert np.isfinite(predict(fit(spec, rows), spec, ODD)).all()
    assert np.isfinite(out_of_fold_predictions(spec, rows)).all()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_same_seed_gives_the_same_model(estimator: str) -> None:
    spec, rows = spec_of(estimator, seed=3), trips()
    first, second = (predict(fit(spec, rows), spec, rows) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(out_of_fold_predictions(spec, rows), out_of_fold_predictions(spec, rows))


def test_another_seed_gives_other_folds() -> None:
    rows = trips()
    first, second = (out_of_fold_predictions(spec_of("linear", seed=seed), rows) for seed in (0, 1))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("estimator", ["hist_gradient_boosting", "random_forest"])
def test_out_of_fold_predictions_are_worse_than_those_of_rows_learned_from(estimator: str) -> None:
    spec, rows = spec_of(estimator), trips()
    in_sample = error_of(predict(fit(spec, rows), spec, rows), rows)
    assert error_of(out_of_fold_predictions(spec, rows), rows) > 1.1 * in_sample


def test_a_row_has_no_part_in_its_own_out_of_fold_prediction() -> None:
    spec, rows = spec_of("linear"), trips(50)
    target = rows.column("minutes").to_pylist()
    changed = rows.set_column(2, "minutes", pa.array([1e6, *target[1:]]))
    before, after = out_of_fold_predictions(spec, rows), out_of_fold_predictions(spec, changed)
    assert before[0] == after[0]
    assert np.count_nonzero(before != after) == 40


def test_an_empty_table_has_no_predictions() -> None:
    spec = spec_of("linear")
    assert predict(fit(spec, trips()), spec, features([], [])).shape == (0,)


def test_one_row_can_be_predicted() -> None:
    spec = spec_of("hist_gradient_boosting")
    assert predict(fit(spec, trips()), spec, features([1.0], ["north"])).shape == (1,)


def test_a_model_may_have_numbers_only_or_categories_only() -> None:
    for kind, column in (("numerical", "distance"), ("categorical", "zone")):
        columns = small_columns(numerical=[], categorical=[]) | {kind: [column]}
        spec = small_spec(columns=columns)
        assert [*features_frame(spec, trips(5)).columns] == [column]
        assert np.isfinite(predict(fit(spec, trips()), spec, trips(5))).all()


def test_features_come_in_the_order_of_the_yaml_with_nan_and_none_for_what_is_missing() -> None:
    frame = features_frame(spec_of("linear"), ODD)
    assert [*frame.columns] == ["distance", "zone"]
    assert frame["distance"].isna().tolist() == [False, True, True, True, True, False]
    assert frame["zone"].tolist() == ["north", "south", None, "west", "", "up"]


LEARNING: list[Callable[[ModelSpec, pa.Table], object]] = [fit, out_of_fold_predictions]


@pytest.mark.parametrize("learn", LEARNING)
@pytest.mark.parametrize("n", [0, 1, 4])
def test_fewer_rows_than_folds_are_too_few(
    learn: Callable[[ModelSpec, pa.Table], object], n: int
) -> None:
    with pytest.raises(DataError, match=f"model 'small', training on {n} rows: at least 5"):
        learn(spec_of("linear"), trips(n))


@pytest.mark.parametrize("learn", LEARNING)
@pytest.mark.parametrize("odd", [None, NAN, INFINITE])
def test_a_target_that_is_no_finite_number_is_named(
    learn: Callable[[ModelSpec, pa.Table], object], odd: float | None
) -> None:
    rows = trips(20)
    target = [odd, odd, *rows.column("minutes").to_pylist()[2:]]
    with pytest.raises(DataError, match="2 of them have no finite number in the target 'minutes'"):
        learn(spec_of("linear"), rows.set_column(2, "minutes", pa.array(target, pa.float64())))


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(("column", "kind"), [("distance", pa.float64()), ("zone", pa.string())])
def test_a_feature_without_any_value_is_named(
    estimator: str, column: str, kind: pa.DataType
) -> None:
    rows = trips(50)
    rows = rows.set_column(rows.column_names.index(column), column, pa.nulls(50, kind))
    with pytest.raises(DataError, match=f"training on 50 rows: no row has a value in '{column}'"):
        fit(spec_of(estimator), rows)


def test_the_package_can_be_imported_without_its_heavy_libraries() -> None:
    program = (
        "import sys, monitoring_assets.training.fit, monitoring_assets.training.artifacts,"
        " monitoring_assets.training.estimators;"
        "print(*sys.modules.keys() & {'sklearn', 'skops', 'pandas', 'scipy', 'threadpoolctl'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


@pytest.mark.slow
def test_on_real_trips_out_of_fold_errors_are_larger_than_those_of_rows_learned_from(
    trips_folder: Path,
) -> None:
    spec = green_taxi_spec(trips_folder)
    assert spec.model is not None
    rows = build_source(spec, Places(trips_folder)).read(*spec.period(spec.model.training)).table
    rows = rows.filter(pc.is_null(rows.column("rejected_by")))
    target = rows.column("duration_minutes").to_numpy()
    out_of_fold = np.abs(out_of_fold_predictions(spec, rows) - target).mean()
    in_sample = np.abs(predict(fit(spec, rows), spec, rows) - target).mean()
    assert out_of_fold == pytest.approx(2.95, abs=0.02)
    assert in_sample == pytest.approx(2.84, abs=0.02)
