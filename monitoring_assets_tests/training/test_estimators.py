"""Parameters in the YAML: what scikit-learn refuses is our error, with what is legal."""

from typing import Any

import pytest

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.spec.training import EstimatorName
from monitoring_assets.training.estimators import build_pipeline, training_of
from monitoring_assets.training.fit import fit, out_of_fold_predictions
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.training.trips import ESTIMATORS, spec_of, trips

WATCHED = small_spec(model=None, reference={"period": {"start": "2023-01-01", "end": "2023-02-01"}})


def test_every_estimator_of_the_yaml_is_tested() -> None:
    assert {*ESTIMATORS} == {*EstimatorName.__args__}


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_seed_of_the_yaml_is_the_estimators(estimator: str) -> None:
    pipeline = build_pipeline(spec_of(estimator, seed=11))
    assert pipeline.named_steps["estimator"].random_state == 11


def test_a_random_state_among_the_parameters_goes_before_the_seed() -> None:
    pipeline = build_pipeline(spec_of("linear", {"random_state": 4}, seed=11))
    assert pipeline.named_steps["estimator"].random_state == 4


def test_parameters_reach_the_estimator() -> None:
    pipeline = build_pipeline(spec_of("hist_gradient_boosting", {"learning_rate": 0.3}))
    assert pipeline.named_steps["estimator"].learning_rate == 0.3


@pytest.mark.parametrize(
    ("estimator", "legal"),
    [
        ("hist_gradient_boosting", "max_iter"),
        ("random_forest", "n_estimators"),
        ("linear", "alpha"),
    ],
)
def test_a_parameter_that_does_not_exist_is_refused_with_those_that_do(
    estimator: str, legal: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        fit(spec_of(estimator, {"n_trees": 5, "depth": 2}), trips())
    assert f"model 'small': {estimator} has no parameter depth, n_trees" in str(caught.value)
    assert "it has " in str(caught.value)
    assert legal in str(caught.value)


@pytest.mark.parametrize(
    ("estimator", "parameters", "legal"),
    [
        ("hist_gradient_boosting", {"learning_rate": "fast"}, "must be a float in the range"),
        ("hist_gradient_boosting", {"loss": "mse"}, "'squared_error'"),
        ("random_forest", {"n_estimators": 0}, r"must be an int in the range \[1, inf\)"),
        ("linear", {"alpha": -1}, r"must be a float in the range \[0.0, inf\)"),
    ],
)
def test_a_value_that_is_not_legal_is_refused_with_what_is(
    estimator: str, parameters: dict[str, Any], legal: str
) -> None:
    for learn in (fit, out_of_fold_predictions):
        with pytest.raises(ConfigurationError, match=f"model 'small', model.parameters: .*{legal}"):
            learn(spec_of(estimator, parameters), trips(50))


@pytest.mark.parametrize(
    ("estimator", "parameters", "says"),
    [
        ("hist_gradient_boosting", {"loss": "quantile"}, "quantile must be"),
        ("hist_gradient_boosting", {"monotonic_cst": [1]}, "monotonic_cst has shape"),
        ("random_forest", {"monotonic_cst": [1]}, "monotonic_cst has shape"),
    ],
)
def test_values_that_do_not_fit_each_other_or_the_rows_are_named(
    estimator: str, parameters: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"{estimator} cannot be fitted .*: {says}"):
        fit(spec_of(estimator, parameters), trips(50))


def test_a_model_that_is_only_watched_cannot_be_trained() -> None:
    for ask in (training_of, build_pipeline):
        with pytest.raises(ConfigurationError, match="model 'small' has no section `model`"):
            ask(WATCHED)
    with pytest.raises(ConfigurationError, match="nothing to train"):
        fit(WATCHED, trips())
