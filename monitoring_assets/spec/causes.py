"""Causes: what an episode is about, a decision is made for and a message tells, in a word.

Belongs here: their names. Stays out: which of them a YAML asks for (evaluation/retraining), what
windows say about them (storage/retraining/signals.py).
"""

from typing import Final

DATASET_DRIFT: Final = "dataset_drift"
PREDICTION_DRIFT: Final = "prediction_drift"
DATA_QUALITY: Final = "data_quality"


def drift_cause(column: str) -> str:
    """Return the cause that is one column's own drift.

    >>> drift_cause("fare")
    'drift/fare'
    """
    return f"drift/{column}"


def quality_cause(metric: str) -> str:
    """Return the cause that is a quality metric over all classes.

    >>> quality_cause("mae")
    'quality/mae'
    """
    return f"quality/{metric}"
