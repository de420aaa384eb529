"""One monitored model: the whole of its YAML, with the rules that tie sections together.

Belongs here: `ModelSpec`, cross-section rules, and small questions about a model that need nothing
but its YAML. Stays out: reading YAML files (components), Dagster, data.
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

from monitoring_assets.metrics.registry import QUALITY_METRICS
from monitoring_assets.records import ColumnEntry, ColumnKind, ColumnRole
from monitoring_assets.spec.base import CLOSED
from monitoring_assets.spec.columns import (
    Columns,
    ColumnsSpec,
    DerivedSpec,
    FilterSpec,
    MinutesBetween,
)
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

_DEFAULT_METRIC = {"regression": "mae"}


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ModelSpec:
    """Everything a team says about one model."""

    model_id: Annotated[ModelId, Field(description="Name of the model's folder.")]
    task: Annotated[Literal["regression"], Field(description="What the model predicts.")]
    windows: Annotated[WindowsSpec, Field(description="How time is cut.")]
    source: Annotated[SourceSpec, Field(description="Where rows come from.")]
    columns: Annotated[ColumnsSpec, Field(description="Which column plays which role.")]
    description: Annotated[str, Field(description="What the model does, in a sentence.")] = ""
    owners: Annotated[tuple[str, ...], Field(description="E-mail addresses or 'team:name'.")] = ()
    derived: Annotated[
        dict[str, DerivedSpec], Field(description="Columns computed from others on reading.")
    ] = Field(default_factory=dict[str, DerivedSpec])
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
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))

    def _problems(self) -> Iterator[str]:
        columns = self.columns
        features = (*columns.features, *columns.monitored.numerical, *columns.monitored.categorical)
        named = (*features, *filter(None, (columns.target, columns.prediction)))
        doubled = sorted({name for name in named if named.count(name) > 1})
        if doubled:
            yield f"columns with more than one role: {', '.join(doubled)}"
        if not columns.features:
            yield "columns: name at least one numerical or categorical feature"
        yield from self._unknown_columns(named)
        yield from self._period_problems()
        for owner in self.owners:
            if "@" not in owner and not owner.startswith("team:"):
                yield f"owners: {owner!r} is neither an e-mail address nor 'team:name'"

    def _unknown_columns(self, named: Columns) -> Iterator[str]:
        for name, derived in self.derived.items():
            if name not in named:
                yield f"derived: {name!r} is used by no column role"
            if isinstance(derived, MinutesBetween) and name in (derived.start, derived.end):
                yield f"derived: {name!r} is computed from itself"
        judged = {entry.column_name for entry in self.column_dictionary()}
        for section, names in (
            ("filters", [f.column for f in self.filters]),
            ("drift.columns", self.drift.columns),
            ("data_quality.columns", self.data_quality.columns),
            ("columns.units", self.columns.units),
        ):
            for name in names:
                if name not in judged:
                    yield f"{section}: {name!r} is not a column of this model; {sorted(judged)} are"

    def _period_problems(self) -> Iterator[str]:
        if self.model is not None:
            if self.columns.target is None:
                yield "columns.target: a model that is trained here needs a target"
            if self.columns.model_version is not None:
                yield "columns.model_version: versions are ours when the model is trained here"
            if self.model.training.end > self.windows.start:
                yield (
                    f"model.training.end {self.model.training.end} lies after windows.start"
                    f" {self.windows.start}: windows would be scored by a model that saw them"
                )
        elif self.reference.period is None:
            yield "reference.period: needed when predictions come from the source (no `model`)"

    def column_dictionary(self) -> tuple[ColumnEntry, ...]:
        """Return every column with its kind and role, numbered from 1 in a fixed order."""
        columns, number, category = self.columns, ColumnKind.NUMERICAL, ColumnKind.CATEGORICAL
        rows = [
            *((name, number, ColumnRole.FEATURE) for name in columns.numerical),
            *((name, category, ColumnRole.FEATURE) for name in columns.categorical),
            *((name, number, ColumnRole.MONITORED) for name in columns.monitored.numerical),
            *((name, category, ColumnRole.MONITORED) for name in columns.monitored.categorical),
            (columns.prediction, number, ColumnRole.PREDICTION),
        ]
        if columns.target is not None:
            rows.append((columns.target, number, ColumnRole.TARGET))
        return tuple(
            ColumnEntry(
                column_name=name, number=i, kind=kind, role=role, unit=columns.units.get(name)
            )
            for i, (name, kind, role) in enumerate(rows, start=1)
        )

    @property
    def reference_period(self) -> PeriodSpec:
        """The fixed period of the reference: its own, else the training period."""
        period = self.reference.period or (self.model and self.model.training)
        if period is None:
            raise ValueError(f"model '{self.model_id}' has neither reference.period nor model")
        return period

    @property
    def main_metric(self) -> str:
        """The quality metric that is shown first and judged."""
        return self.quality.main_metric or _DEFAULT_METRIC[self.task]

    def quality_threshold(self, metric: str) -> QualityThresholdSpec | None:
        """Return the bound of a metric; without any bound the main metric may be 20 % worse."""
        if self.quality.thresholds:
            return self.quality.thresholds.get(metric)
        return QualityThresholdSpec(relative=0.2) if metric == self.main_metric else None

    @property
    def quality_metrics(self) -> tuple[str, ...]:
        """Names of the metrics of this task, in the registry's order."""
        return tuple(QUALITY_METRICS)

    def period(self, days: PeriodSpec) -> tuple[datetime, datetime]:
        """Return a period of days as two instants in UTC."""
        return self.windows.midnight(days.start), self.windows.midnight(days.end)

    @cached_property
    def spec_hash(self) -> str:
        """Sixteen hex digits that change when anything in the YAML that matters to numbers does."""
        plain = TypeAdapter(ModelSpec).dump_python(self, mode="json")
        for cosmetic in ("description", "owners"):
            del plain[cosmetic]
        text = json.dumps(plain, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def with_source(spec: ModelSpec, source: SourceSpec) -> ModelSpec:
    """Return the same model reading from another source; for tests and what-if questions."""
    return dataclasses.replace(spec, source=source)
