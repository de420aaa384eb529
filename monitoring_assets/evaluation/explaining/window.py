"""What there is to say about one window: what alarms and what makes it up, or what came nearest.

Belongs here: which stored results are explained, in which order. Stays out: how one of them splits
(drift.py, quality.py), words (the modules of text), reading what is stored.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from monitoring_assets.evaluation.data_drift import height, reference_segment
from monitoring_assets.evaluation.explaining.drift import ScoreParts, explain_score
from monitoring_assets.evaluation.explaining.nearest import Near, name_of, nearest
from monitoring_assets.evaluation.explaining.normal import Compared
from monitoring_assets.evaluation.explaining.parts import Cut, cuts
from monitoring_assets.evaluation.explaining.quality import Asked, ChangeParts, explain_change
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.records import (
    ALL,
    DataQuality,
    DatasetDrift,
    DriftScore,
    LabelCounts,
    Layer,
    ModelQuality,
    SegmentEntry,
    Verdict,
    Window,
    WindowCounts,
)
from monitoring_assets.spec.model import ModelSpec

JUDGED = (Verdict.OK, Verdict.ALARM)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is stored about a window, and what it was compared with.

    Parameters
    ----------
    complete
        Whether every layer is up to date.
    counts, labels
        None as long as they are not known.
    drift, datasets, data_quality, model_quality
        Stored results of all segments; drift against one reference.
    entries
        The model's segments.
    compared
        Profiles of the window's columns and of what they were compared with.
    quality_before
        Segment -> sums of what its quality was compared with.
    quality_now
        (segment, model version) -> sums of the window.
    compared_with
        What the window was compared with, in words.
    versions_before
        Model versions that scored the rows it was compared with; empty where that is not known.
    """

    window: Window
    complete: bool = True
    counts: WindowCounts | None = None
    labels: LabelCounts | None = None
    drift: Sequence[DriftScore] = ()
    datasets: Sequence[DatasetDrift] = ()
    data_quality: Sequence[DataQuality] = ()
    model_quality: Sequence[ModelQuality] = ()
    entries: Sequence[SegmentEntry] = ()
    compared: Compared = field(default_factory=Compared)
    quality_before: Mapping[str, QualityProfile] = field(default_factory=dict[str, QualityProfile])
    quality_now: Mapping[tuple[str, str], QualityProfile] = field(
        default_factory=dict[tuple[str, str], QualityProfile]
    )
    compared_with: str = ""
    versions_before: Collection[str] = ()


@dataclass(frozen=True)
class Focus:
    """What is asked about: a segment, one column or everything, and of which layers."""

    segment: str = ALL
    column: str | None = None
    layers: tuple[Layer, ...] = (Layer.DATA_DRIFT, Layer.DATA_QUALITY, Layer.MODEL_QUALITY)


@dataclass(frozen=True, kw_only=True)
class QualityParts:
    """A stored quality number and what its change against the reference is made of."""

    quality: ModelQuality
    change: ChangeParts


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """What alarms in another segment: its columns by drift, and its metrics."""

    segment: str
    columns: tuple[str, ...]
    metrics: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Unjudged:
    """A layer that says neither that all is well nor that it is not."""

    layer: Layer
    reason: str


@dataclass(frozen=True, kw_only=True)
class WindowExplanation:
    """All that is said about a window.

    Parameters
    ----------
    dataset
        Verdict over all columns; None if drift was not computed.
    drift, quality, data_quality
        What alarms, or what was asked for by a column.
    elsewhere
        Alarms in other segments than the one asked about.
    nearest
        Of each layer, what came nearest to an alarm of what does not alarm.
    """

    evidence: Evidence
    focus: Focus
    dataset: DatasetDrift | None
    drift: tuple[ScoreParts, ...]
    quality: tuple[QualityParts, ...]
    data_quality: tuple[DataQuality, ...]
    elsewhere: tuple[Elsewhere, ...]
    unjudged: tuple[Unjudged, ...]
    nearest: tuple[Near, ...]

    @property
    def alarms(self) -> bool:
        """Whether anything that was asked about alarms."""
        stored = (
            *(one.score for one in self.drift),
            *(one.quality for one in self.quality),
            *self.data_quality,
        )
        return any(one.verdict is Verdict.ALARM for one in stored)

    @property
    def fails(self) -> bool:
        """Whether what alarms decides a check; columns alone, the prediction and target do not."""
        whole = self.dataset is not None and self.dataset.verdict is Verdict.ALARM
        return bool(self.quality or self.data_quality) or whole


def explain_window(
    spec: ModelSpec, evidence: Evidence, focus: Focus | None = None
) -> WindowExplanation:
    """Return what there is to say about a window.

    Parameters
    ----------
    focus
        Without it, the segment `all` and everything that alarms.
    """
    asked = focus or Focus()
    evidence = _of_layers(spec, evidence, asked.layers)
    slices = cuts(spec, evidence.entries)
    drift = [one for one in evidence.drift if one.segment == asked.segment]
    quality = [one for one in evidence.model_quality if one.segment == asked.segment]
    has_quality = (
        spec.columns.target is not None and reference_segment(asked.segment) == asked.segment
    )
    quality = quality if has_quality else []
    dataset = next((one for one in evidence.datasets if one.segment == asked.segment), None)
    scores = [one for one in drift if _is_asked(one, asked)]
    scores.sort(key=lambda one: -height(one))
    numbers = [
        one
        for one in evidence.data_quality
        if one.segment == asked.segment
        and one.verdict is Verdict.ALARM
        and asked.column in (None, one.column_name)
    ]
    return WindowExplanation(
        evidence=evidence,
        focus=asked,
        dataset=dataset,
        drift=tuple(explain_score(one, evidence.compared, slices) for one in scores),
        quality=tuple(_quality(spec, evidence, quality, slices)) if asked.column is None else (),
        data_quality=tuple(numbers),
        elsewhere=tuple(_elsewhere(spec, evidence, asked)),
        unjudged=tuple(
            one
            for one in _unjudged(spec, dataset, quality if has_quality else None)
            if one.layer in asked.layers
        ),
        nearest=tuple(nearest(drift, quality)),
    )


def layer_of(spec: ModelSpec, result: DriftScore | ModelQuality) -> Layer:
    """Return the layer that says it: drift of the target is judged with its labels."""
    if isinstance(result, ModelQuality) or result.column_name == spec.columns.target:
        return Layer.MODEL_QUALITY
    return Layer.DATA_DRIFT


def _of_layers(spec: ModelSpec, evidence: Evidence, layers: Collection[Layer]) -> Evidence:
    """Leave out the results of other layers."""
    drift, quality = (one in layers for one in (Layer.DATA_DRIFT, Layer.MODEL_QUALITY))
    return replace(
        evidence,
        drift=[one for one in evidence.drift if layer_of(spec, one) in layers],
        datasets=evidence.datasets if drift else (),
        model_quality=evidence.model_quality if quality else (),
        data_quality=evidence.data_quality if Layer.DATA_QUALITY in layers else (),
    )


def _is_asked(score: DriftScore, focus: Focus) -> bool:
    if focus.column is not None:
        return score.column_name == focus.column
    return score.deciding and score.verdict is Verdict.ALARM


def _quality(
    spec: ModelSpec, evidence: Evidence, rows: Sequence[ModelQuality], slices: Sequence[Cut]
) -> Iterator[QualityParts]:
    """Yield what alarms, the main metric first."""
    alarming = [one for one in rows if one.verdict is Verdict.ALARM]
    alarming.sort(key=lambda one: (one.metric != spec.main_metric, one.class_name != ""))
    for row in alarming:
        now = {
            segment: profile
            for (segment, version), profile in evidence.quality_now.items()
            if version == row.model_version
        }
        asked = Asked(metric=row.metric, class_name=row.class_name, segment=row.segment)
        change = explain_change(asked, evidence.quality_before, now, slices)
        yield QualityParts(quality=row, change=change)


def _elsewhere(spec: ModelSpec, evidence: Evidence, focus: Focus) -> Iterator[Elsewhere]:
    drift = [one for one in evidence.drift if one.deciding and one.verdict is Verdict.ALARM]
    quality = [one for one in evidence.model_quality if one.verdict is Verdict.ALARM]
    if spec.columns.target is None or focus.column is not None:
        quality = []
    if focus.column is not None:
        drift = [one for one in drift if one.column_name == focus.column]
    for segment in dict.fromkeys(one.segment for one in (*drift, *quality)):
        if segment != focus.segment:
            yield Elsewhere(
                segment=segment,
                columns=tuple(one.column_name for one in drift if one.segment == segment),
                metrics=tuple(
                    dict.fromkeys(name_of(one) for one in quality if one.segment == segment)
                ),
            )


def _unjudged(
    spec: ModelSpec, dataset: DatasetDrift | None, quality: Sequence[ModelQuality] | None
) -> Iterator[Unjudged]:
    """Yield what says neither; `quality` is None where there is none to speak of."""
    if dataset is None:
        yield Unjudged(layer=Layer.DATA_DRIFT, reason="it has not been computed for the window")
    elif dataset.verdict not in JUDGED:
        yield Unjudged(layer=Layer.DATA_DRIFT, reason=dataset.reason)
    if quality is None:
        return
    main = [one for one in quality if one.metric == spec.main_metric and not one.class_name]
    if not main:
        yield Unjudged(layer=Layer.MODEL_QUALITY, reason="it has not been computed for the window")
    elif not any(one.verdict in JUDGED for one in main):
        most = max(main, key=lambda one: one.labels)
        yield Unjudged(layer=Layer.MODEL_QUALITY, reason=most.reason)
