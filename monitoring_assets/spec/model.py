"""One monitored model: the whole of its YAML.

Belongs here: `ModelSpec` and small questions about a model that need nothing but its YAML. Stays
out: the rules between sections (spec/rules.py), reading YAML files (components), Dagster, data.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from monitoring_assets.metrics.registry import DEFAULT_METRIC, QUALITY_METRICS
from monitoring_assets.records import ColumnEntry
from monitoring_assets.spec import rules
from monitoring_assets.spec.base import CLOSED, Mistake, refuse
from monitoring_assets.spec.columns import ColumnName, ColumnsSpec, DerivedSpec, FilterSpec
from monitoring_assets.spec.sources import SourceSpec
from monitoring_assets.spec.training import PeriodSpec, ReferenceSpec, TrainingSpec
from monitoring_assets.spec.verdicts import (
    DataQualitySpec,
    DriftSpec,
    QualitySpec,
    QualityThresholdSpec,
)
from monitoring_assets.spec.windows import WindowsSpec

ModelId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ModelSpec:
    """Everything a team says about one model."""

    model_id: Annotated[ModelId, Field(description="Name of the model's folder.")]
    task: Annotated[Literal["regression"], Field(description="What the model predicts.")]
    windows: Annotated[WindowsSpec, Field(description="How time is cut.")]
    source: Annotated[SourceSpec, Field(description="Where rows come from.")]
    columns: Annotated[ColumnsSpec, Field(description="Columns by role.")]
    description: Annotated[str, Field(description="What the model does, in a sentence.")] = ""
    owners: Annotated[tuple[str, ...], Field(description="E-mail addresses or 'team:name'.")] = ()
    derived: Annotated[
        dict[ColumnName, DerivedSpec],
        Field(description="Columns computed from others on reading."),
    ] = Field(default_factory=dict[ColumnName, DerivedSpec])
    filters: Annotated[
        tuple[FilterSpec, ...], Field(description="Conditions a row must keep to be scored.")
    ] = ()
    model: Annotated[
        TrainingSpec | None, Field(description="A model trained here; leave out otherwise.")
    ] = None
    reference: Annotated[ReferenceSpec, Field(description='Where "normal" is measured.')] = Field(
        default_factory=ReferenceSpec
    )
    drift: Annotated[DriftSpec, Field(description="When a column has drifted.")] = Field(
        default_factory=DriftSpec
    )
    data_quality: Annotated[DataQualitySpec, Field(description="What state data must be in.")] = (
        Field(default_factory=DataQualitySpec)
    )
    quality: Annotated[QualitySpec, Field(description="How good predictions must be.")] = Field(
        default_factory=QualitySpec
    )

    def __post_init__(self) -> None:
        """Check the rules that tie sections together, all of them, and report all at once."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[Mistake]:
        columns, trained_here = self.columns, self.model is not None
        yield from rules.owner_mistakes(self.owners)
        yield from rules.role_mistakes(columns)
        yield from rules.source_mistakes(columns, self.derived, self.source)
        yield from rules.derived_mistakes(columns, self.derived, trained_here=trained_here)
        yield from rules.filter_mistakes(columns, self.filters, trained_here=trained_here)
        yield from rules.verdict_mistakes(columns, self.drift, self.data_quality)
        yield from rules.period_mistakes(columns, self.windows, self.model, self.reference)

    def column_dictionary(self) -> tuple[ColumnEntry, ...]:
        """Return every column with its kind and role, numbered from 1 in a fixed order."""
        return self.columns.dictionary()

    @property
    def reference_period(self) -> PeriodSpec:
        """The fixed period of the reference: its own, else the training period."""
        if self.reference.period is not None:
            return self.reference.period
        if self.model is not None:
            return self.model.training
        raise ValueError(f"model '{self.model_id}' has neither reference.period nor model")

    @property
    def main_metric(self) -> str:
        """The quality metric that is shown first and judged."""
        return self.quality.main_metric or DEFAULT_METRIC[self.task]

    def quality_threshold(self, metric: str) -> QualityThresholdSpec | None:
        """Return the bound of a metric; without any bound the main metric may be 20 % worse."""
        if self.quality.thresholds:
            return self.quality.thresholds.get(metric)
        return QualityThresholdSpec(relative=0.2) if metric == self.main_metric else None

    @property
    def quality_metrics(self) -> tuple[str, ...]:
        """Names of the metrics of this task, in the registry's order."""
        return tuple(name for name, one in QUALITY_METRICS.items() if one.task == self.task)

    def period(self, days: PeriodSpec) -> tuple[datetime, datetime]:
        """Return a period of days as two instants in UTC."""
        return self.windows.midnight(days.start), self.windows.midnight(days.end)

    @cached_property
    def spec_hash(self) -> str:
        """Sixteen hex digits that change when anything but description and owners does.

        Fields left at their default do not count: a new version of this application, with a new
        field, must not make years of history look out of date.
        """
        plain = TypeAdapter(ModelSpec).dump_python(self, mode="json", exclude_defaults=True)
        for cosmetic in ("description", "owners"):
            plain.pop(cosmetic, None)
        text = json.dumps(plain, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def with_source(spec: ModelSpec, source: SourceSpec) -> ModelSpec:
    """Return the same model reading from another source; for tests and what-if questions."""
    return dataclasses.replace(spec, source=source)
