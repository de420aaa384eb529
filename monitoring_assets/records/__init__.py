"""The rows and small values that layers hand to each other.

Belongs here: frozen dataclasses and enumerations without behaviour beyond their own fields, known
to storage, evaluation and assets alike. Stays out: arithmetic (metrics), meaning of the YAML
(spec), SQL (storage), anything outside the standard library.
"""

from monitoring_assets.records.models import ColumnEntry as ColumnEntry
from monitoring_assets.records.models import Deployment as Deployment
from monitoring_assets.records.models import ModelVersion as ModelVersion
from monitoring_assets.records.models import PlantedChange as PlantedChange
from monitoring_assets.records.models import Reference as Reference
from monitoring_assets.records.models import SegmentEntry as SegmentEntry
from monitoring_assets.records.names import ALL as ALL
from monitoring_assets.records.names import ANSWER_ROLES as ANSWER_ROLES
from monitoring_assets.records.names import DATASET as DATASET
from monitoring_assets.records.names import FOLLOWS as FOLLOWS
from monitoring_assets.records.names import REALISED as REALISED
from monitoring_assets.records.names import UNFILTERED as UNFILTERED
from monitoring_assets.records.names import WINDOW_LAYERS as WINDOW_LAYERS
from monitoring_assets.records.names import ColumnKind as ColumnKind
from monitoring_assets.records.names import ColumnRole as ColumnRole
from monitoring_assets.records.names import Layer as Layer
from monitoring_assets.records.names import SegmentKind as SegmentKind
from monitoring_assets.records.names import Verdict as Verdict
from monitoring_assets.records.names import WindowStatus as WindowStatus
from monitoring_assets.records.results import DataQuality as DataQuality
from monitoring_assets.records.results import DatasetDrift as DatasetDrift
from monitoring_assets.records.results import DriftScore as DriftScore
from monitoring_assets.records.results import Finding as Finding
from monitoring_assets.records.results import ModelQuality as ModelQuality
from monitoring_assets.records.results import Since as Since
from monitoring_assets.records.results import Thing as Thing
from monitoring_assets.records.retraining import Decision as Decision
from monitoring_assets.records.retraining import DecisionCode as DecisionCode
from monitoring_assets.records.retraining import Episode as Episode
from monitoring_assets.records.retraining import LabelArrivals as LabelArrivals
from monitoring_assets.records.retraining import LabelledWindow as LabelledWindow
from monitoring_assets.records.retraining import Message as Message
from monitoring_assets.records.retraining import MessageKind as MessageKind
from monitoring_assets.records.retraining import MetricComparison as MetricComparison
from monitoring_assets.records.retraining import Outcome as Outcome
from monitoring_assets.records.retraining import RetrainingResult as RetrainingResult
from monitoring_assets.records.retraining import RetrainingStep as RetrainingStep
from monitoring_assets.records.retraining import TrainingSet as TrainingSet
from monitoring_assets.records.retraining import WindowSignals as WindowSignals
from monitoring_assets.records.windows import Computation as Computation
from monitoring_assets.records.windows import LabelCounts as LabelCounts
from monitoring_assets.records.windows import Window as Window
from monitoring_assets.records.windows import WindowCounts as WindowCounts
