"""Names of drift methods and quality metrics, as the registry has them.

Belongs here: the two types of fields. Stays out: which column or task a name fits (verdicts.py,
class_rules.py).
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from monitoring_assets.metrics.registry import DRIFT_METHODS, QUALITY_METRICS


def _known_method(name: str) -> str:
    if name not in DRIFT_METHODS:
        raise ValueError(
            f"{name!r} is not a drift method; legal: {', '.join(sorted(DRIFT_METHODS))}"
        )
    return name


def _known_metric(name: str) -> str:
    if name not in QUALITY_METRICS:
        raise ValueError(
            f"{name!r} is not a quality metric; legal: {', '.join(sorted(QUALITY_METRICS))}"
        )
    return name


MethodName = Annotated[
    str,
    AfterValidator(_known_method),
    Field(json_schema_extra={"enum": [*sorted(DRIFT_METHODS)]}),
]
MetricName = Annotated[
    str,
    AfterValidator(_known_metric),
    Field(json_schema_extra={"enum": [*sorted(QUALITY_METRICS)]}),
]
