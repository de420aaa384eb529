"""Any two spans of windows against each other, by the scores and rules that windows are judged by.

Belongs here: one span in the place of the window, the other in that of the reference. Stays out:
adding up spans (metrics/span.py), the rules (data_drift.py, model_quality.py), choosing spans.

Week over week, or a window against the one before it, is a choice of spans. Nothing of it is
stored. What quiet spans score is drawn for the sizes at hand, as for a reference that moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitoring_assets.errors import ReferenceMissingError
from monitoring_assets.evaluation.data_drift import (
    DriftBaseline,
    judge_dataset,
    judge_drift,
    methods_in_use,
    reference_segment,
    without_rows,
)
from monitoring_assets.evaluation.model_quality import judge_quality
from monitoring_assets.evaluation.profiling import ColumnProfiles
from monitoring_assets.evaluation.quality_scope import quality_values, unfit
from monitoring_assets.evaluation.segment_quality import reference_sums
from monitoring_assets.evaluation.target_drift import judge_target_drift
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.null.drawn import DRAWS_FOR_ONE_SIZE, null_ladders
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.metrics.null.shared import SharedDraws, Side, many_ladders
from monitoring_assets.metrics.profile import ColumnProfile, needs_renewal
from monitoring_assets.metrics.result import Undefined
from monitoring_assets.metrics.span import LeftOut, SpanProfiles
from monitoring_assets.records import (
    ALL,
    DatasetDrift,
    DriftScore,
    LabelCounts,
    ModelQuality,
    Reference,
    Verdict,
)
from monitoring_assets.spec.model import ModelSpec

NO_REFERENCE = 0
"""`reference_version` of what is compared with a span."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A segment of one span against another span, which reasons call the reference.

    Parameters
    ----------
    drift, dataset
        Scores and verdict of every profiled column, and the verdict over them; then the target's.
    quality
        Every metric, over all model versions of the span together; bounds that are relative are so
        to the other span.
    left_out
        What is missing from either span, since it does not add to the rest.
    """

    segment: str
    drift: tuple[DriftScore, ...]
    dataset: DatasetDrift
    quality: tuple[ModelQuality, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def alarms(self) -> bool:
        """Whether any column, the dataset or any metric alarms."""
        verdicts = {one.verdict for one in (*self.drift, self.dataset, *self.quality)}
        return Verdict.ALARM in verdicts


def compare(
    spec: ModelSpec,
    span: SpanProfiles,
    other: SpanProfiles,
    bins: Mapping[str, Bins],
    segment: str = ALL,
    shared: SharedDraws | None = None,
) -> Comparison:
    """Compare a segment of one span with the same segment of another.

    The segment of a model version is compared with all rows of the other span, as it is with all
    rows of the reference.

    Parameters
    ----------
    span, other
        The span that is judged, and the one that stands in for the reference.
    bins
        Column name -> newest bins; a span counted by other ones is not compared in that column.
    segment
        Name of the segment.
    shared
        Draws for segments, to go on with from one to the next.

    Raises
    ------
    ReferenceMissingError
        A column has no bins yet.
    """
    compared_with = reference_segment(segment)
    baseline = _baseline(spec, span, other, bins, segment, shared)
    own = {(segment, name): _counted(spec, span, (segment, name), bins) for name in _columns(spec)}
    scores = judge_drift(spec, own, baseline, bins, segment)
    observed = _observed(spec, (span, other), (own, baseline), bins, segment)
    lost = (*span.about(segment), *other.about(compared_with))
    return Comparison(
        segment=segment,
        drift=tuple(_with_note(score, lost) for score in (*scores, *observed)),
        dataset=judge_dataset(spec, scores, NO_REFERENCE, segment),
        quality=_quality(spec, span, other, segment),
        left_out=lost,
    )


def reference_span(
    reference: Reference, profiles: Mapping[tuple[str, str], ColumnProfile]
) -> SpanProfiles:
    """Return the fixed reference as a span, without windows.

    Parameters
    ----------
    profiles
        (segment, column name) -> its profile.
    """
    sums = reference_sums(reference.quality)
    quality = {(segment, reference.model_version): one for segment, one in sums.items()}
    return SpanProfiles(columns=profiles, quality=quality, windows=0)


def _columns(spec: ModelSpec) -> tuple[str, ...]:
    return tuple(methods_in_use(spec))


def _counted(
    spec: ModelSpec, span: SpanProfiles, key: tuple[str, str], bins: Mapping[str, Bins]
) -> ColumnProfile:
    """Return the profile of a column; one without rows where the span has none."""
    if key[1] not in bins:
        raise ReferenceMissingError(
            f"model '{spec.model_id}': column '{key[1]}' has no bins yet; materialize"
            f" {spec.model_id}/reference_data once more"
        )
    return span.columns.get(key) or without_rows(bins[key[1]])


def _baseline(
    spec: ModelSpec,
    span: SpanProfiles,
    other: SpanProfiles,
    bins: Mapping[str, Bins],
    segment: str,
    shared: SharedDraws | None,
) -> DriftBaseline:
    """Return the other span as what a window is compared with."""
    compared_with = reference_segment(segment)
    profiles = {
        (compared_with, name): _counted(spec, other, (compared_with, name), bins)
        for name in _columns(spec)
    }
    # Counts by other bins are refused by every method: there is nothing to draw for them.
    fit = {
        name: (profile, bins[name])
        for (_, name), profile in profiles.items()
        if profile.bins_version == bins[name].version
    }
    sizes = {name: _counted(spec, span, (segment, name), bins).finite for name in fit}
    unusable = {
        (compared_with, name): f"{profile.outside_share:.0%} of the values compared with lie"
        " outside the bins: measure the reference anew"
        for name, (profile, own) in fit.items()
        if needs_renewal(own, profile)
    }
    ladders = _ladders(spec, fit, sizes, segment, shared)
    return DriftBaseline(
        version=NO_REFERENCE, profiles=profiles, ladders=ladders, unusable=unusable
    )


def _ladders(
    spec: ModelSpec,
    sides: Mapping[str, Side],
    sizes: Mapping[str, int],
    segment: str,
    shared: SharedDraws | None,
) -> dict[tuple[str, str, str], NullLadder]:
    """Return what quiet spans of these sizes score; without draws where nothing is compared."""
    methods = methods_in_use(spec)
    asked = {name: methods[name] for name in sides}
    if segment == ALL:
        drawn = null_ladders(sides, asked, sizes=sizes, draws=DRAWS_FOR_ONE_SIZE)
    else:
        shared = shared or SharedDraws(DRAWS_FOR_ONE_SIZE)
        drawn = many_ladders(sides, asked, sizes=sizes, shared=shared)
    none = {
        (segment, name, method): NullLadder(method=method, reference_rows=0)
        for name, of_column in methods.items()
        for method in of_column
    }
    return none | {(segment, *key): ladder for key, ladder in drawn.items()}


def _observed(
    spec: ModelSpec,
    spans: tuple[SpanProfiles, SpanProfiles],
    sides: tuple[ColumnProfiles, DriftBaseline],
    bins: Mapping[str, Bins],
    segment: str,
) -> tuple[DriftScore, ...]:
    """Return the scores of the target, which is not counted for single model versions."""
    if reference_segment(segment) != segment:
        return ()
    labels = _labels(spec, spans[0], segment)
    scores = judge_target_drift(spec, *sides, bins, labels, segment)
    unripe = _unripe(spec, spans[1], segment)
    if unripe is None:
        return scores
    withheld = {"verdict": Verdict.INSUFFICIENT_DATA, "reason": unripe}
    judged = (Verdict.OK, Verdict.ALARM)
    return tuple(replace(one, **withheld) if one.verdict in judged else one for one in scores)


def _unripe(spec: ModelSpec, other: SpanProfiles, segment: str) -> str | None:
    """Return why too few labels of the other span are known to compare with; None if enough."""
    coverage, needed = _labels(spec, other, segment).coverage or 0.0, spec.quality.mature_share
    # The fixed reference has all the labels it will ever have.
    if not other.windows or coverage >= needed:
        return None
    found = f"{100 * coverage:.4g} % of scored rows of the reference have a label"
    return f"{found}, {100 * needed:.4g} % are needed"


def _with_note(score: DriftScore, lost: tuple[LeftOut, ...]) -> DriftScore:
    notes = [str(one) for one in lost if one.name == score.column_name]
    return replace(score, reason="; ".join((score.reason, *notes)))


def _quality(
    spec: ModelSpec, span: SpanProfiles, other: SpanProfiles, segment: str
) -> tuple[ModelQuality, ...]:
    profile, lost = span.quality_of(segment)
    labels = _labels(spec, span, segment)
    version = ", ".join(span.versions_of(segment))
    rows = judge_quality(
        spec,
        {} if profile is None else {version: profile},
        _normal(spec, other, reference_segment(segment)),
        labels,
        segment,
    )
    return tuple(
        replace(row, reason="; ".join((row.reason, *map(str, lost)))) if lost else row
        for row in rows
    )


def _normal(spec: ModelSpec, other: SpanProfiles, segment: str) -> Mapping[str, float] | Undefined:
    """Return metric -> value of the other span, or why it has none to compare with."""
    profile, _ = other.quality_of(segment)
    if profile is None:
        return Undefined("no row of the reference has a label")
    if refused := unfit(spec, profile):
        return refused
    if unripe := _unripe(spec, other, segment):
        return Undefined(unripe)
    if profile.rows < spec.quality.minimum_labels:
        return Undefined(
            f"{profile.rows} labelled rows in the reference, {spec.quality.minimum_labels} are"
            " needed"
        )
    return quality_values(profile)


def _labels(spec: ModelSpec, span: SpanProfiles, segment: str) -> LabelCounts:
    """Return how many scored rows of a segment have labels."""
    profile, _ = span.quality_of(segment)
    answers = span.columns.get((segment, spec.prediction_column))
    scored = answers.rows - answers.missing if answers else 0
    labels = profile.rows + profile.incomplete if profile else 0
    coverage = min(labels / scored, 1.0) if scored else None
    return LabelCounts(labels=labels, coverage=coverage, newest_knowledge_time=None)
