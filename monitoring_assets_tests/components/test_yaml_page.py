"""`docs/model-yaml.md` names every field, every metric and only messages that are really given."""

import dataclasses
import re
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from monitoring_assets.metrics.registry import QUALITY_METRICS
from monitoring_assets.spec.classification import ClassificationSpec
from monitoring_assets.spec.columns import (
    ColumnsSpec,
    DayOfWeek,
    FilterSpec,
    HourOfDay,
    MinutesBetween,
    MonitoredOnlySpec,
)
from monitoring_assets.spec.expressions import columns_of
from monitoring_assets.spec.joined import JoinedSpec
from monitoring_assets.spec.labels import LabelsSpec
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.notifications import NotificationsSpec
from monitoring_assets.spec.periods import PeriodSpec
from monitoring_assets.spec.reference import ReferenceSpec
from monitoring_assets.spec.retraining import HoldoutSpec, PromotionSpec, RetrainingSpec
from monitoring_assets.spec.segments import SegmentSpec
from monitoring_assets.spec.training import TrainingSpec
from monitoring_assets.spec.verdicts import (
    ColumnDataQualitySpec,
    ColumnDriftSpec,
    DataQualitySpec,
    DriftSpec,
    QualitySpec,
    QualityThresholdSpec,
)
from monitoring_assets.spec.windows import WindowsSpec
from monitoring_assets_tests.components.mistake_list import MISTAKES
from monitoring_assets_tests.spec.field_table import SMALLEST

PAGE = (Path(__file__).parents[2] / "docs" / "model-yaml.md").read_text(encoding="utf-8")
CHAPTERS = {
    chapter.partition("\n")[0].strip("`"): chapter
    for chapter in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
}
# Section of the spec -> chapter in which its fields are named; the kinds of sources share one.
CHAPTER_OF: dict[type, str] = {
    ModelSpec: "The model",
    WindowsSpec: "windows",
    JoinedSpec: "joined",
    ColumnsSpec: "columns",
    MonitoredOnlySpec: "columns",
    ClassificationSpec: "classification",
    MinutesBetween: "derived",
    HourOfDay: "derived",
    DayOfWeek: "derived",
    FilterSpec: "filters",
    SegmentSpec: "segments",
    LabelsSpec: "labels",
    TrainingSpec: "model",
    PeriodSpec: "reference",
    ReferenceSpec: "reference",
    ColumnDriftSpec: "drift",
    DriftSpec: "drift",
    ColumnDataQualitySpec: "data_quality",
    DataQualitySpec: "data_quality",
    QualityThresholdSpec: "quality",
    QualitySpec: "quality",
    RetrainingSpec: "retraining",
    HoldoutSpec: "retraining",
    PromotionSpec: "retraining",
    NotificationsSpec: "notifications",
}
NOT_WRITTEN = {"model_id"}


@pytest.mark.parametrize("section", SMALLEST, ids=lambda section: section.__name__)
def test_the_page_names_every_field(section: type) -> None:
    chapter = CHAPTERS[CHAPTER_OF.get(section, "source")]
    names = {field.name for field in dataclasses.fields(section)} - NOT_WRITTEN
    in_backticks = {word for code in re.findall(r"`([^`]+)`", chapter) for word in words(code)}
    assert names - in_backticks == set()


@pytest.mark.parametrize("section", SMALLEST, ids=lambda section: section.__name__)
def test_the_page_names_every_choice(section: type) -> None:
    chapter = CHAPTERS[CHAPTER_OF.get(section, "source")]
    choices = {
        word
        for field in dataclasses.fields(section)
        for literal in re.findall(r"Literal\[([^\]]+)\]", str(field.type))
        for word in re.findall(r"'(\w+)'", literal)
    }
    assert {word for word in choices if f"`{word}`" not in chapter} == set()


def test_the_page_names_every_metric() -> None:
    assert [name for name in QUALITY_METRICS if f"`{name}`" not in CHAPTERS["quality"]] == []


def test_the_page_quotes_messages_that_are_listed() -> None:
    listed = {mistake.message.partition(": ")[2] for mistake in MISTAKES}
    rows = re.findall(r"^\| .* \| `(.*)` \|$", PAGE, flags=re.MULTILINE)
    quoted = [row.replace("\\|", "|") for row in rows if ": " in row]
    assert len(quoted) >= 12
    assert [one for one in quoted if one not in listed] == []


def test_the_segments_on_the_page_are_legal() -> None:
    [example] = re.findall(r"^```yaml\n(.*?)^```", CHAPTERS["segments"], re.DOTALL | re.MULTILINE)
    segments = TypeAdapter(list[SegmentSpec]).validate_python(yaml.safe_load(example)["segments"])
    named = {name for one in segments if one.condition for name in columns_of(one.condition)}
    assert named == {"payment_type", "hour", "weekday", "zone", "fare", "tip", "Rate Code"}


def words(code: str) -> list[str]:
    return re.findall(r"\w+", code)
