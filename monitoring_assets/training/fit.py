"""Fitting a model, predicting with it, and out-of-fold predictions for the reference.

Belongs here: Arrow rows in, fitted pipeline or predictions out, one thread. Stays out: what rows to
use (assets decide), files (artifacts.py).
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitoring_assets.errors import ConfigurationError, DataError
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.training.estimators import build_pipeline

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

Vector = npt.NDArray[np.float64]


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
        Fewer rows than folds: nothing can be learned.
    ConfigurationError
        The estimator refuses its parameters.
    """
    features, target = features_frame(spec, rows), _target(spec, rows)
    return _fitting(spec, lambda: build_pipeline(spec).fit(features, target))


def out_of_fold_predictions(spec: ModelSpec, rows: pa.Table) -> Vector:
    """Predict every row by a model that was fitted without that row's fold.

    Predictions of a model on the rows it learned from look better than they are (2.84 minutes
    instead of 2.95 mean absolute error on January's taxi trips), so every later window would look
    like an alarm.
    """
    from sklearn.model_selection import KFold, cross_val_predict

    if spec.model is None:
        raise ConfigurationError(f"model '{spec.model_id}' has no section `model`")
    features, target = features_frame(spec, rows), _target(spec, rows)
    folds = KFold(spec.model.folds, shuffle=True, random_state=spec.model.seed)
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


def _target(spec: ModelSpec, rows: pa.Table) -> Vector:
    folds = spec.model.folds if spec.model else 1
    if rows.num_rows < max(folds, 2):
        raise DataError(
            f"model '{spec.model_id}': {rows.num_rows} rows with a target are too few to train on;"
            " look at model.training, at the filters and at the files of that period"
        )
    return rows.column(str(spec.columns.target)).to_numpy()


def _fitting(spec: ModelSpec, work: Any) -> Any:
    from sklearn.utils._param_validation import InvalidParameterError

    try:
        with _one_thread():
            return work()
    except InvalidParameterError as error:
        raise ConfigurationError(f"model '{spec.model_id}', model.parameters: {error}") from error


def _one_thread() -> Any:
    """Keep OpenMP at one thread: on shared cores spinning threads slow a fit 10 to 50 times."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)
