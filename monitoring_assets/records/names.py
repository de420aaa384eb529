"""Words with a closed list of values, and the layers of a window.

Belongs here: enumerations, names of segments that every model has. Stays out: dataclasses.
"""

from collections.abc import Mapping
from enum import StrEnum

ALL = "all"
"""Segment that holds every row which passes the model's filters."""


UNFILTERED = "unfiltered"
"""Segment of a *profile* that holds every row of the window, before the model's filters."""


DATASET = ""
"""`column_name` of a data-quality row that speaks of the whole window."""


REALISED = "realised"
"""`kind` of a quality number that is measured against labels."""


class Verdict(StrEnum):
    """What a number means; always stored with a reason."""

    OK = "ok"
    ALARM = "alarm"
    INSUFFICIENT_DATA = "insufficient_data"
    LABELS_IMMATURE = "labels_immature"
    UNDEFINED = "undefined"


class ColumnKind(StrEnum):
    """How the values of a column are read and compared."""

    NUMERICAL = "numerical"
    CATEGORICAL = "categorical"


class ColumnRole(StrEnum):
    """What a column is to the model."""

    FEATURE = "feature"
    MONITORED = "monitored"
    PREDICTION = "prediction"
    PROBABILITY = "probability"
    TARGET = "target"


ANSWER_ROLES = (ColumnRole.PREDICTION, ColumnRole.PROBABILITY)
"""Roles of the columns that a model fills; a row that the filters reject has nothing in them."""


class SegmentKind(StrEnum):
    """How the rows of a segment are told: by an expression, or by the value of a column."""

    EXPRESSION = "expression"
    VALUE = "value"
    OTHER = "other"
    MISSING = "missing"
    MODEL_VERSION = "model_version"


class Layer(StrEnum):
    """An asset of a model; the partitioned ones are materialized once for each window."""

    DEPLOYED_MODEL = "deployed_model"
    REFERENCE_DATA = "reference_data"
    PREDICTIONS = "predictions"
    LABELS = "labels"
    WINDOW_PROFILES = "window_profiles"
    QUALITY_PROFILES = "quality_profiles"
    DATA_DRIFT = "data_drift"
    DATA_QUALITY = "data_quality"
    MODEL_QUALITY = "model_quality"


WINDOW_LAYERS: Mapping[Layer, tuple[Layer, ...]] = {
    Layer.PREDICTIONS: (),
    Layer.LABELS: (),
    Layer.WINDOW_PROFILES: (Layer.PREDICTIONS,),
    Layer.QUALITY_PROFILES: (Layer.PREDICTIONS, Layer.LABELS),
    Layer.DATA_DRIFT: (Layer.WINDOW_PROFILES,),
    Layer.DATA_QUALITY: (Layer.WINDOW_PROFILES,),
    Layer.MODEL_QUALITY: (Layer.QUALITY_PROFILES,),
}
"""The layers of a window, each with the layers it is computed from. A window is complete when every
layer has been computed after all of its upstream layers."""


FOLLOWS: Mapping[Layer, Layer] = {
    Layer.DATA_DRIFT: Layer.WINDOW_PROFILES,
    Layer.MODEL_QUALITY: Layer.QUALITY_PROFILES,
}
"""Layers that compare a window with earlier ones, where the reference moves, and what of those."""


class WindowStatus(StrEnum):
    """State of a window in the ledger; readers look at complete windows only."""

    INCOMPLETE = "incomplete"
    COMPLETE = "complete"
