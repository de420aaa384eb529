"""Which estimators a YAML may name, and the pipeline each one stands in.

Belongs here: construction of unfitted scikit-learn pipelines from a spec. Stays out: fitting
(fit.py), files (artifacts.py).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.training import TrainingSpec

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def build_pipeline(spec: ModelSpec) -> "Pipeline":
    """Return the unfitted pipeline of a model: prepared columns, then its estimator.

    Tree models take missing numbers as they are and categories as whole numbers (an unseen or a
    missing one is -1); the linear model takes medians for missing numbers and one column a
    category, where those with fewer than 20 rows, unseen ones among them, share one; for classes
    (logistic regression, at most 1,000 steps) its numbers are scaled.

    Raises
    ------
    ConfigurationError
        `model.parameters` names something the estimator does not have, or a value it refuses.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline

    training = training_of(spec)
    numerical, categorical = _transformers(spec, training)
    columns = ColumnTransformer(
        [
            ("numerical", numerical, list(spec.columns.numerical)),
            ("categorical", categorical, list(spec.columns.categorical)),
        ]
    )
    return Pipeline([("columns", columns), ("estimator", _estimator(spec, training))])


def training_of(spec: ModelSpec) -> TrainingSpec:
    """Return section `model`; a model that is only watched has none."""
    if spec.model is None:
        raise ConfigurationError(
            f"model '{spec.model_id}' has no section `model`, so there is nothing to train"
        )
    return spec.model


def _transformers(spec: ModelSpec, training: TrainingSpec) -> tuple[Any, Any]:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1
    )
    match training.estimator:
        case "hist_gradient_boosting" | "random_forest":
            return "passthrough", codes
        case "linear":
            one_each = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20)
            medians = SimpleImputer(strategy="median", keep_empty_features=True)
            if spec.task == "regression":
                return medians, one_each
            # Logistic regression finds its optimum step by step: unscaled columns keep it from it.
            return make_pipeline(medians, StandardScaler()), one_each


def _estimator(spec: ModelSpec, training: TrainingSpec) -> Any:
    classes = _regressors() if spec.task == "regression" else _classifiers()
    steps = (
        {"max_iter": 1000} if classes[training.estimator].__name__ == "LogisticRegression" else {}
    )
    parameters = {"random_state": training.seed, **steps, **training.parameters}
    estimator = classes[training.estimator]()
    unknown = sorted(set(parameters) - set(estimator.get_params()))
    if unknown:
        raise ConfigurationError(
            f"model '{spec.model_id}': {training.estimator} has no parameter {', '.join(unknown)};"
            f" it has {', '.join(sorted(estimator.get_params()))}"
        )
    return estimator.set_params(**parameters)


def _regressors() -> Mapping[str, type[Any]]:
    from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
    from sklearn.linear_model import Ridge

    return {
        "hist_gradient_boosting": HistGradientBoostingRegressor,
        "random_forest": RandomForestRegressor,
        "linear": Ridge,
    }


def _classifiers() -> Mapping[str, type[Any]]:
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    return {
        "hist_gradient_boosting": HistGradientBoostingClassifier,
        "random_forest": RandomForestClassifier,
        "linear": LogisticRegression,
    }
