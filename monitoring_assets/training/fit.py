"""Fitting a model, predicting with it, and out-of-fold predictions for the reference.

Belongs here: Arrow rows in, fitted pipeline or predictions out, one thread. Stays out: what rows to
use (assets decide), files (artifacts.py).
"""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitoring_assets.errors import ConfigurationError, DataError
from monitoring_assets.metrics.decision import decide
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.training.estimators import build_pipeline, training_of

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

Predictions = npt.NDArray[np.float64]
"""Regression: shape `(n,)`; classes: probabilities of shape `(n, C)`, NaN where there is none."""

Target = npt.NDArray[Any]
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


def out_of_fold_predictions(spec: ModelSpec, rows: pa.Table) -> Predictions:
    """Predict every row by a model that was fitted without that row's fold.

    Predictions of a model on the rows it learned from look better than they are (2.84 minutes
    instead of 2.95 mean absolute error on January's taxi trips), so every later window would look
    like an alarm. Returns what `predict` returns; raises what `fit` raises.
    """
    from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict

    features, target = _learnable(spec, rows)
    training, classes = training_of(spec), spec.classification
    kind = KFold if classes is None else StratifiedKFold
    folds = kind(training.folds, shuffle=True, random_state=training.seed)
    method = "predict" if classes is None else "predict_proba"
    predictions = _fitting(
        spec,
        lambda: cross_val_predict(build_pipeline(spec), features, target, cv=folds, method=method),
    )
    # As a pipeline fitted on all rows has them, scikit-learn gives the classes in sorted order.
    order = None if classes is None else sorted(classes.classes)
    return _in_order_of_classes(spec, np.asarray(predictions, dtype=np.float64), order)


def predict(pipeline: "Pipeline", spec: ModelSpec, rows: pa.Table) -> Predictions:
    """Predict rows with a fitted pipeline.

    Returns
    -------
    numpy.ndarray
        Regression: shape `(n,)`. Classes: probabilities of shape `(n, C)` in the order of the
        YAML's class list. An empty table gives no rows.

    Raises
    ------
    ConfigurationError
        The YAML's task, classes or features are no longer those the pipeline was fitted for.
    """
    if rows.num_rows == 0:
        return unanswered(spec, 0)
    _require_the_same_model(pipeline, spec)
    features = features_frame(spec, rows)
    with _one_thread():
        if spec.classification is None:
            return np.asarray(pipeline.predict(features), dtype=np.float64)
        probabilities = np.asarray(pipeline.predict_proba(features), dtype=np.float64)
    return _in_order_of_classes(spec, probabilities, list(pipeline.classes_))


def unanswered(spec: ModelSpec, rows: int) -> Predictions:
    """Return predictions, as `predict` does, of rows that have none: NaN."""
    classes = spec.classification
    shape = (rows,) if classes is None else (rows, len(classes.classes))
    return np.full(shape, np.nan)


def answer_columns(spec: ModelSpec, predictions: Predictions) -> dict[str, pa.Array]:
    """Return the stored columns of predictions: the answer and, for classes, probabilities.

    Null where a prediction is NaN.
    """
    classes = spec.classification
    if classes is None:
        return {spec.prediction_column: pa.array(predictions, from_pandas=True)}
    columns = {
        name: pa.array(predictions[:, classes.classes.index(one)], from_pandas=True)
        for one, name in spec.probability_columns.items()
    }
    positive = classes.positive if spec.task == "binary" else None
    deciding = predictions
    if positive is not None:
        place = classes.classes.index(positive)
        deciding = predictions[:, place : place + 1]
    answers = decide(deciding, classes.classes, positive, classes.threshold)
    return {spec.prediction_column: answers, **columns}


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


def _learnable(spec: ModelSpec, rows: pa.Table) -> tuple["pd.DataFrame", Target]:
    """Return features and target, or say why nothing can be learned from them."""
    least = training_of(spec).folds
    doing = f"model '{spec.model_id}', training on {rows.num_rows} rows"
    if rows.num_rows < least:
        raise DataError(
            f"{doing}: at least {least} are needed, one for each fold; look at model.training, at"
            " the filters and at the files of that period"
        )
    column = rows.column(str(spec.columns.target))
    if spec.classification is None:
        target = column.to_numpy()
        _require_finite(spec, target, doing)
    else:
        target = column.to_numpy(zero_copy_only=False)
        _require_classes(spec, target, doing)
    features = features_frame(spec, rows)
    empty = [name for name in features.columns if features[name].isna().all()]
    if empty:
        raise DataError(
            f"{doing}: no row has a value in {', '.join(map(repr, empty))}; mend the source, or"
            " take the column out of the features"
        )
    return features, target


def _require_finite(spec: ModelSpec, target: Target, doing: str) -> None:
    wrong = int(np.count_nonzero(~np.isfinite(target)))
    if wrong:
        raise DataError(
            f"{doing}: {wrong} of them have no finite number in the target"
            f" '{spec.columns.target}'; add a filter with minimum and maximum for it"
        )


def _require_classes(spec: ModelSpec, target: Target, doing: str) -> None:
    """Refuse classes the YAML does not list, and listed ones that not every fold can have."""
    listed = spec.classification.classes if spec.classification else ()
    least = training_of(spec).folds
    found = Counter(target.tolist())
    strange = sorted(map(repr, found.keys() - {*listed}))
    if strange:
        raise DataError(
            f"{doing}: the target '{spec.columns.target}' holds {', '.join(strange[:5])}, which"
            f" classification.classes does not list ({', '.join(map(repr, listed))}); list it, or"
            " add a filter with `allowed`"
        )
    rare = [f"{name!r} ({found[name]})" for name in listed if found[name] < least]
    if rare:
        raise DataError(
            f"{doing}: each class needs {least} rows, one for each fold; too few of"
            f" {', '.join(rare)}. Take a longer model.training, or fewer classes"
        )


def _require_the_same_model(pipeline: "Pipeline", spec: ModelSpec) -> None:
    """Refuse a pipeline that was fitted under a YAML of other classes, or of features now gone."""
    learned = {*map(str, getattr(pipeline, "classes_", ()))}
    listed = {*spec.classification.classes} if spec.classification else set[str]()
    gone = {*map(str, pipeline.feature_names_in_)} - {*spec.columns.features}
    if learned == listed and not gone:
        return
    answers = [", ".join(map(repr, sorted(one))) or "a number" for one in (learned, listed)]
    found = [f"answers {answers[0]}, the YAML asks for {answers[1]}"] if learned != listed else []
    found += [f"needs {', '.join(map(repr, sorted(gone)))}, no features any more"] if gone else []
    raise ConfigurationError(
        f"model '{spec.model_id}': the deployed version {' and '.join(found)}; undo the change of"
        " the YAML, or give the changed model a folder of its own, under which it is trained"
    )


def _in_order_of_classes(
    spec: ModelSpec, predictions: Predictions, order: list[str] | None
) -> Predictions:
    if spec.classification is None or order is None:
        return predictions
    return predictions[:, [order.index(name) for name in spec.classification.classes]]


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
