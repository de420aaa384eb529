"""One monitored model: the whole of its YAML.

Belongs here: `ModelSpec` and small questions about a model that need nothing but its YAML. Stays
out: the rules between sections (spec/rules.py), reading YAML files (components), Dagster, data.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from monitoring_assets.metrics.entries import Task
from monitoring_assets.metrics.registry import DEFAULT_METRIC, metrics_for
from monitoring_assets.records import ANSWER_ROLES, ColumnEntry, ColumnKind, ColumnRole
from monitoring_assets.spec import (
    class_rules,
    joined_rules,
    retraining_rules,
    rules,
    segment_rules,
    source_rules,
)
from monitoring_assets.spec.base import CLOSED, Mistake, refuse
from monitoring_assets.spec.classification import ClassificationSpec
from monitoring_assets.spec.columns import (
    DEFAULT_PREDICTION,
    ColumnName,
    ColumnsSpec,
    DerivedSpec,
    FilterSpec,
)
from monitoring_assets.spec.joined import JoinedSpec
from monitoring_assets.spec.labels import LabelsSpec
from monitoring_assets.spec.notifications import NotificationsSpec
from monitoring_assets.spec.periods import PeriodSpec
from monitoring_assets.spec.reference import ReferenceSpec
from monitoring_assets.spec.retraining import RetrainingSpec
from monitoring_assets.spec.segments import SegmentSpec
from monitoring_assets.spec.sources import SourceSpec
from monitoring_assets.spec.training import TrainingSpec
from monitoring_assets.spec.verdicts import (
    DataQualitySpec,
    DriftSpec,
    QualitySpec,
    QualityThresholdSpec,
)
from monitoring_assets.spec.windows import WindowsSpec

ModelId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

Owner = Annotated[str, Field(json_schema_extra={"pattern": f"^({rules.EMAIL.pattern}|team:.+)$"})]


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ModelSpec:
    """Everything a team says about one model."""

    model_id: Annotated[ModelId, Field(description="Name of the model's folder.")]
    task: Annotated[
        Task, Field(description="What the model predicts: a number, or one of two or more classes.")
    ]
    windows: Annotated[WindowsSpec, Field(description="How time is cut.")]
    source: Annotated[SourceSpec, Field(description="Where rows come from.")]
    columns: Annotated[ColumnsSpec, Field(description="Columns by role.")]
    description: Annotated[str, Field(description="What the model does, in a sentence.")] = ""
    owners: Annotated[tuple[Owner, ...], Field(description="E-mail addresses or 'team:name'.")] = ()
    classification: Annotated[
        ClassificationSpec | None,
        Field(description="The classes of a `binary` or `multiclass` model."),
    ] = None
    joined: Annotated[
        tuple[JoinedSpec, ...], Field(description="Other sources, joined to the rows by id.")
    ] = ()
    derived: Annotated[
        dict[ColumnName, DerivedSpec],
        Field(description="Columns computed from others on reading."),
    ] = Field(default_factory=dict[ColumnName, DerivedSpec])
    filters: Annotated[
        tuple[FilterSpec, ...], Field(description="Conditions a row must keep to be scored.")
    ] = ()
    segments: Annotated[
        tuple[SegmentSpec, ...],
        Field(description="Slices of the rows that are watched for themselves."),
    ] = ()
    labels: Annotated[LabelsSpec, Field(description="When true values become known.")] = Field(
        default_factory=LabelsSpec
    )
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

    retraining: Annotated[
        RetrainingSpec | None,
        Field(description="When the model is trained anew; without it, never by itself."),
    ] = None
    notifications: Annotated[
        NotificationsSpec | None, Field(description="Who hears of alarms and retrainings.")
    ] = None

    def __post_init__(self) -> None:
        """Check the rules that tie sections together, all of them, and report all at once."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[Mistake]:
        columns, trained_here = self.columns, self.model is not None
        entries, delivered = self.column_dictionary(), self.delivered_columns
        yield from rules.owner_mistakes(self.owners)
        yield from class_rules.classification_mistakes(self.task, self.classification, columns)
        yield from class_rules.metric_mistakes(
            self.task,
            self.classification,
            self.quality,
            probabilities=bool(self.probability_columns),
        )
        yield from class_rules.threshold_mistakes(
            self.classification, columns, decided_here=self.answer_follows_from_probabilities
        )
        yield from rules.role_mistakes(columns, entries)
        yield from rules.target_mistakes(columns, self.quality, self.labels)
        yield from source_rules.source_mistakes(
            (self.source, self.joined, self.reference), columns, delivered, self.derived
        )
        yield from joined_rules.joined_mistakes(self.joined, columns, delivered, self.derived)
        yield from rules.derived_mistakes(entries, self.derived, self.made_here)
        yield from rules.filter_mistakes(entries, self.filters, trained_here=trained_here)
        yield from segment_rules.segment_mistakes(self.segments, entries)
        yield from rules.verdict_mistakes(entries, self.drift, self.data_quality)
        yield from rules.period_mistakes(columns, self.windows, self.model, self.reference)
        yield from retraining_rules.retraining_mistakes(
            self.retraining, entries, self.drift, self._metrics, trained_here=trained_here
        )

    def column_dictionary(self) -> tuple[ColumnEntry, ...]:
        """Return every column with its kind and role, numbered from 1 in a fixed order."""
        return self.columns.dictionary(self.answer_kind, self.probability_columns)

    @property
    def answer_kind(self) -> ColumnKind:
        """Kind of prediction and target."""
        return ColumnKind.NUMERICAL if self.task == "regression" else ColumnKind.CATEGORICAL

    @property
    def prediction_column(self) -> str:
        """Name of the stored column that holds the model's answer."""
        return self.columns.prediction or DEFAULT_PREDICTION

    @cached_property
    def probability_columns(self) -> dict[str, str]:
        """Class -> stored column of its probability, in the order of the classes.

        Empty without probabilities. A classifier that is trained here has them whether the YAML
        names them or not: `probability_<class>`, for a binary one the positive class's.
        """
        if self.classification is None:
            return {}
        named, classes = self.columns.probabilities, self.classification.classes
        if named or self.model is None:
            return {one: named[one] for one in classes if one in named}
        wanted = (self.classification.positive,) if self.task == "binary" else classes
        return {one: f"probability_{one}" for one in wanted}

    @property
    def answer_follows_from_probabilities(self) -> bool:
        """Whether the predicted class is decided here, rather than delivered by the source."""
        return bool(self.probability_columns) and (
            self.model is not None or self.columns.prediction is None
        )

    @property
    def made_here(self) -> frozenset[ColumnRole]:
        """Roles whose columns no source delivers: what is predicted or decided here."""
        if self.model is not None:
            return frozenset(ANSWER_ROLES)
        decided = self.answer_follows_from_probabilities
        return frozenset({ColumnRole.PREDICTION} if decided else ())

    @property
    def delivered_columns(self) -> tuple[ColumnEntry, ...]:
        """The columns that come from sources, or are computed from such."""
        made = self.made_here
        return tuple(entry for entry in self.column_dictionary() if entry.role not in made)

    @property
    def labels_have_times(self) -> bool:
        """Whether labels say since when they are known, so that they may come late and change."""
        return self.columns.target is not None and self.columns.knowledge_time is not None

    @property
    def reference_period(self) -> PeriodSpec | None:
        """The days of the fixed reference: its own, else the training period.

        None when a table or file of its own is the reference, whole.
        """
        if self.reference.period is not None or self.reference.source is not None:
            return self.reference.period
        return self.model.training if self.model is not None else None

    @property
    def main_metric(self) -> str:
        """The quality metric that is shown first and judged."""
        return self.quality.main_metric or DEFAULT_METRIC[self.task]

    def quality_threshold(self, metric: str, class_name: str = "") -> QualityThresholdSpec | None:
        """Return the bound of a metric; without any bound the main metric may be 20 % worse.

        Parameters
        ----------
        class_name
            A class, for its own bound; '' for the metric over all classes.
        """
        if class_name:
            return self.quality.by_class.get(class_name, {}).get(metric)
        if self.quality.thresholds:
            return self.quality.thresholds.get(metric)
        return QualityThresholdSpec(relative=0.2) if metric == self.main_metric else None

    @property
    def quality_metrics(self) -> tuple[str, ...]:
        """Names of the metrics of this task that can be computed, in the registry's order."""
        with_probabilities = bool(self.probability_columns)
        return tuple(
            one.name
            for one in metrics_for(self.task)
            if with_probabilities or not one.needs_probabilities
        )

    @property
    def _metrics(self) -> retraining_rules.Metrics:
        names = self.quality_metrics
        return retraining_rules.Metrics(
            task=self.task,
            main=self.main_metric,
            computable=names,
            bounded=[one for one in names if self.quality_threshold(one) is not None],
        )

    def period(self, days: PeriodSpec) -> tuple[datetime, datetime]:
        """Return a period of days as two instants in UTC."""
        return self.windows.midnight(days.start), self.windows.midnight(days.end)

    @cached_property
    def spec_hash(self) -> str:
        """Sixteen hex digits that change when anything but description and owners does.

        Fields left at their default do not count: a new version of this application, with a new
        field, must not make years of history look out of date.
        """
        counted = {k: v for k, v in self.plain.items() if k not in ("description", "owners")}
        text = json.dumps(counted, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def plain(self) -> Mapping[str, Any]:
        """The sections as YAML has them, without what is left at its default; secrets as stars."""
        return TypeAdapter(ModelSpec).dump_python(self, mode="json", exclude_defaults=True)
