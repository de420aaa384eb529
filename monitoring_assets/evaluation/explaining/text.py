"""The whole text about a window: what alarms, since when, what makes it up, where to look further.

Belongs here: the order of sections, and the ends of the text. Stays out: what is said about one
number (drift_text.py, quality_text.py), how blocks are written out (document.py).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from monitoring_assets.evaluation.explaining.document import (
    Block,
    Heading,
    Sentences,
    Statements,
    markdown,
    plain,
)
from monitoring_assets.evaluation.explaining.drift_text import drift_section
from monitoring_assets.evaluation.explaining.figures import percent, sentence, words
from monitoring_assets.evaluation.explaining.nearest import name_of
from monitoring_assets.evaluation.explaining.quality_text import (
    MOST_TABLES,
    data_quality_section,
    quality_section,
)
from monitoring_assets.evaluation.explaining.said import Surroundings
from monitoring_assets.evaluation.explaining.window import Elsewhere, Evidence, WindowExplanation
from monitoring_assets.evaluation.segment_quality import versions_of
from monitoring_assets.records import ALL, LabelCounts, Layer, Verdict, WindowCounts
from monitoring_assets.spec.model import ModelSpec

LONGEST: Final = 6000
"""Characters of the text in the metadata of an asset."""

MOST_NAMES: Final = 8
"""Columns, metrics or segments that are named in one line."""

MOST_NUMBERS: Final = 3
"""Quality numbers whose segments stand in tables."""

MOST_SCORES: Final = 6
"""Drift scores that are taken apart."""

_LAYERS: Final = {
    Layer.DATA_DRIFT: "data drift",
    Layer.DATA_QUALITY: "data quality",
    Layer.MODEL_QUALITY: "model quality",
}


def terminal_text(
    spec: ModelSpec, found: WindowExplanation, around: Surroundings, width: int
) -> str:
    """Return the text for a terminal of so many columns."""
    return plain(blocks(spec, found, around), width)


def explanation_text(
    spec: ModelSpec, found: WindowExplanation, around: Surroundings, most: int = LONGEST
) -> str:
    """Return the text as Markdown of at most so many characters, for the metadata of an asset."""
    return markdown(blocks(spec, found, around), most)


def blocks(spec: ModelSpec, found: WindowExplanation, around: Surroundings) -> Iterator[Block]:
    """Yield all that is said about a window, from the most urgent on."""
    units = {entry.column_name: entry.unit for entry in spec.column_dictionary()}
    yield from _head(spec, found)
    for place, one in enumerate(found.quality):
        tables = MOST_TABLES if place < MOST_NUMBERS else 0
        yield from quality_section(one, around.since, tables=tables)
    for score in found.drift[:MOST_SCORES]:
        yield from drift_section(score, units.get(score.score.column_name), around.since)
    others = [one.score.column_name for one in found.drift[MOST_SCORES:]]
    if others:
        yield Heading(f"drift of {len(others)} more columns")
        yield Sentences((f"{words(others, MOST_NAMES)}; option --column explains one of them.",))
    yield from data_quality_section(found.data_quality, around.since)
    yield from _elsewhere(found.elsewhere)
    yield from _nearest(found)
    yield from _origin(around)
    if around.queries:
        yield Heading("to look further")
        yield Statements(tuple(around.queries))


def _head(spec: ModelSpec, found: WindowExplanation) -> Iterator[Block]:
    evidence, window, focus = found.evidence, found.evidence.window, found.focus
    segment = "" if focus.segment == ALL else f", segment {focus.segment}"
    column = f", column {focus.column}" if focus.column else ""
    asked = f"{window.model_id}, window {window.partition_key}{segment}{column}"
    yield Heading(f"{asked}: {_verdict(found)}")
    sentences = [*_alarms(spec, found)]
    sentences += [
        f"Not judged: {_LAYERS[one.layer]}, since {sentence(one.reason)}" for one in found.unjudged
    ]
    sentences.append(f"Window: {_moment(window.start)} to {_moment(window.end)} UTC.")
    if not evidence.complete:
        sentences.append("It is not complete: a layer is missing or out of date.")
    sentences += _counts(spec, found)
    if evidence.compared_with:
        sentences.append(f"Compared with {evidence.compared_with}.")
    sentences += _versions(evidence)
    yield Sentences(tuple(sentences))


def _verdict(found: WindowExplanation) -> str:
    if found.alarms and (found.fails or found.focus.column):
        return Verdict.ALARM.value
    if found.alarms:
        return "drift of single columns, which fails no check"
    if found.elsewhere:
        return "quiet, but for other segments"
    evidence = found.evidence
    if not (evidence.datasets or evidence.data_quality or evidence.model_quality):
        return "not judged yet"
    return "quiet, as far as it is judged" if found.unjudged else "quiet"


def _alarms(spec: ModelSpec, found: WindowExplanation) -> Iterator[str]:
    """Yield a sentence for each layer that alarms; or that nothing does."""
    drifted = [one.score for one in found.drift if one.score.verdict is Verdict.ALARM]
    quality = list(dict.fromkeys(name_of(one.quality) for one in found.quality))
    broken = list(dict.fromkeys(one.column_name or "the window" for one in found.data_quality))
    if quality:
        yield f"Model quality alarms: {words(quality, MOST_NAMES)}."
    if drifted:
        names = list(dict.fromkeys(one.column_name for one in drifted))
        yield f"Data drift alarms: {words(names, MOST_NAMES)}."
        alone = [one for one in names if one in (spec.prediction_column, spec.columns.target)]
        if alone:
            yield f"Drift of {words(alone, MOST_NAMES)} is judged by itself: it fails no check."
    if broken:
        yield f"Data quality alarms: {words(broken, MOST_NAMES)}."
    if not found.alarms:
        asked = f" about column {found.focus.column}" if found.focus.column else ""
        yield f"Nothing{asked} alarms."
    if found.dataset is not None and found.dataset.verdict in (Verdict.OK, Verdict.ALARM):
        yield f"All columns together: {sentence(found.dataset.reason)}"


def _counts(spec: ModelSpec, found: WindowExplanation) -> Iterator[str]:
    """Yield how many rows and labels there are of what is asked about."""
    evidence, segment = found.evidence, found.focus.segment
    rows = evidence.compared.now.get((segment, spec.prediction_column))
    if segment == ALL or rows is None or evidence.counts is None:
        yield from _rows(evidence.counts)
        yield from _labels(evidence.labels)
        return
    yield f"Rows: {rows.rows:,} of the window's {evidence.counts.rows_scored:,} scored."
    sums = versions_of(evidence.quality_now, segment).values()
    if evidence.labels is not None and sums:
        labels = sum(one.rows + one.incomplete for one in sums)
        yield f"Labels: {labels:,} of the window's {evidence.labels.labels:,}."


def _rows(counts: WindowCounts | None) -> Iterator[str]:
    if counts is None:
        return
    rejected = "".join(
        f", {rows:,} rejected by {name}" for name, rows in counts.rows_rejected.items() if rows
    )
    yield f"Rows: {counts.rows_read:,} read, {counts.rows_scored:,} scored{rejected}."


def _versions(evidence: Evidence) -> Iterator[str]:
    """Yield who scored the window, if there are several, or others than before."""
    counts = evidence.counts
    scored = dict[str, int]() if counts is None else dict(counts.rows_by_version)
    if len(scored) > 1:
        named = [f"{name} ({rows:,})" for name, rows in scored.items()]
        yield f"Scored by model versions {words(named, MOST_NAMES)}."
    if scored and evidence.versions_before and not {*scored} & {*evidence.versions_before}:
        now, before = words([*scored], MOST_NAMES), words([*evidence.versions_before], MOST_NAMES)
        yield (
            f"Another model version: {now} scored this window, {before} what it is compared with."
        )


def _labels(labels: LabelCounts | None) -> Iterator[str]:
    if labels is None:
        return
    share = "" if labels.coverage is None else f", {percent(labels.coverage)} of the scored rows"
    newest = labels.newest_knowledge_time
    known = "" if newest is None else f", the newest known since {_moment(newest)} UTC"
    yield f"Labels: {labels.labels:,}{share}{known}."


def _elsewhere(found: tuple[Elsewhere, ...]) -> Iterator[Block]:
    if found:
        yield Heading(f"alarms in other segments: {len(found)}")
        texts = [_alarming(one) for one in found[:MOST_NAMES]]
        if len(found) > MOST_NAMES:
            texts.append(f"{len(found) - MOST_NAMES} more segments.")
        yield Sentences((*texts, "Option --segment explains one of them."))


def _alarming(one: Elsewhere) -> str:
    drift = [f"drift of {words(one.columns, MOST_NAMES)}"] if one.columns else []
    quality = [words(one.metrics, MOST_NAMES)] if one.metrics else []
    return f"{one.segment}: {'; '.join((*quality, *drift))}."


def _nearest(found: WindowExplanation) -> Iterator[Block]:
    """Yield what came nearest, where nothing alarms and so nothing else is said."""
    if found.alarms or found.drift or not found.nearest:
        return
    yield Heading("nearest to an alarm")
    yield Sentences(
        tuple(
            f"{_LAYERS[one.layer]}, {one.what}: {percent(max(one.share, 0.0))} of the way to its"
            f" threshold. {sentence(one.reason)}"
            for one in found.nearest
        )
    )


def _origin(around: Surroundings) -> Iterator[Block]:
    """Yield which run computed what: often one has computed all."""
    sentences = list[str]()
    for run_id in dict.fromkeys(one.run_id for one in around.computed):
        own = [one for one in around.computed if one.run_id == run_id]
        layers = ", ".join(one.layer.value for one in own)
        finished = _moment(max(one.finished_at for one in own))
        sentences.append(f"Run {own[0].link or run_id}: {layers}; finished {finished} UTC.")
    if sentences:
        yield Heading("computed by")
        yield Sentences(tuple(sentences))
    if around.command:
        yield Sentences((f"All there is to say: {around.command}",))


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
