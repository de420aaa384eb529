"""Fitting a model, predicting with it, and out-of-fold predictions for the reference.

Belongs here: Arrow rows in, fitted pipeline or predictions out, one thread. Stays out: what rows to
use (assets decide), files (artifacts.py).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitoring_assets.errors import ConfigurationError, DataError
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.training.estimators import build_pipeline, training_of

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

Vector = npt.NDArray[np.float64]
Fitted = TypeVar("Fitted")


def fit(spec: ModelSpec, rows: pa.Table) -> "Pipeline":
    """Fit the model of a YAML on rows.

    Parameters
    ----------
    spec
        Model with a section `model`.
    rows
        Feature columns (float64 or string) and the target; rows without target must be gone.

    Raises
    ------
    DataError
        Nothing can be learned from these rows: too few, a target that is no finite number, a
        feature without any value.
    ConfigurationError
        The estimator refuses its parameters.
    """
    features, target = _learnable(spec, rows)
    return _fitting(spec, lambda: build_pipeline(spec).fit(features, target))


def out_of_fold_predictions(spec: ModelSpec, rows: pa.Table) -> Vector:
    """Predict every row by a model that was fitted without that row's fold.

    Predictions of a model on the rows it learned from look better than they are (2.84 minutes
    instead of 2.95 mean absolute error on January's taxi trips), so every later window would look
    like an alarm. Raises what `fit` raises.
    """
    from sklearn.model_selection import KFold, cross_val_predict

    features, target = _learnable(spec, rows)
    training = training_of(spec)
    folds = KFold(training.folds, shuffle=True, random_state=training.seed)
    predictions = _fitting(
        spec, lambda: cross_val_predict(build_pipeline(spec), features, target, cv=folds)
    )
    return np.asarray(predictions, dtype=np.float64)


def predict(pipeline: "Pipeline", spec: ModelSpec, rows: pa.Table) -> Vector:
    """Predict rows with a fitted pipeline; an empty table gives an empty array."""
    if rows.num_rows == 0:
        return np.empty(0, dtype=np.float64)
    with _one_thread():
        return np.asarray(pipeline.predict(features_frame(spec, rows)), dtype=np.float64)


def features_frame(spec: ModelSpec, rows: pa.Table) -> "pd.DataFrame":
    """Return the feature columns as the frame that pipelines are fitted on.

    Numbers are float64 with NaN for missing and for infinite values, which no estimator takes;
    categories are objects with None for missing.
    """
    import pandas as pd

    columns: dict[str, Any] = {}
    for name in spec.columns.numerical:
        values = rows.column(name).to_numpy()
        columns[name] = np.where(np.isfinite(values), values, np.nan)
    for name in spec.columns.categorical:
        columns[name] = rows.column(name).to_pandas(strings_to_categorical=False)
    return pd.DataFrame(columns)


def _learnable(spec: ModelSpec, rows: pa.Table) -> tuple["pd.DataFrame", Vector]:
    """Return features and target, or say why nothing can be learned from them."""
    least, target = training_of(spec).folds, rows.column(str(spec.columns.target)).to_numpy()
    doing = f"model '{spec.model_id}', training on {rows.num_rows} rows"
    if rows.num_rows < least:
        raise DataError(
            f"{doing}: at least {least} are needed, one for each fold; look at model.training, at"
            " the filters and at the files of that period"
        )
    wrong = int(np.count_nonzero(~np.isfinite(target)))
    if wrong:
        raise DataError(
            f"{doing}: {wrong} of them have no finite number in the target"
            f" '{spec.columns.target}'; add a filter with minimum and maximum for it"
        )
    features = features_frame(spec, rows)
    empty = [name for name in features.columns if features[name].isna().all()]
    if empty:
        raise DataError(
            f"{doing}: no row has a value in {', '.join(map(repr, empty))}; mend the source, or"
            " take the column out of the features"
        )
    return features, target


def _fitting(spec: ModelSpec, work: Callable[[], Fitted]) -> Fitted:
    from sklearn.utils._param_validation import InvalidParameterError

    try:
        with _one_thread():
            return work()
    except InvalidParameterError as error:
        raise ConfigurationError(f"model '{spec.model_id}', model.parameters: {error}") from error
    except (TypeError, ValueError) as error:
        # Rows were looked at before; what an estimator still refuses hangs on its parameters.
        training = training_of(spec)
        raise ConfigurationError(
            f"model '{spec.model_id}': {training.estimator} cannot be fitted with model.parameters"
            f" {training.parameters}: {error}"
        ) from error


def _one_thread() -> AbstractContextManager[Any]:
    """Keep OpenMP at one thread: on shared cores spinning threads slow a fit 10 to 50 times."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)
