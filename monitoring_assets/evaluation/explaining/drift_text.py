"""What is said about a drift score: sentences, its ranges or categories, its segments.

Belongs here: words around the parts of one score. Stays out: arithmetic (drift.py), quality
(quality_text.py), the whole text (text.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from monitoring_assets.evaluation.explaining.document import Block, Heading, Sentences, Table
from monitoring_assets.evaluation.explaining.drift import ScoreParts
from monitoring_assets.evaluation.explaining.figures import (
    first,
    number,
    percent,
    sentence,
    share_of,
    since,
)
from monitoring_assets.evaluation.explaining.parts import MixAndRate, Split
from monitoring_assets.evaluation.explaining.said import thing_of
from monitoring_assets.metrics.drift.explanation import Part
from monitoring_assets.metrics.registry import drift_method
from monitoring_assets.records import Since, Thing

MOST_PARTS: Final = 6
"""Ranges or categories that are listed; the others are summed."""

MOST_SEGMENTS: Final = 3
"""Segments of a cut that are named."""

SAME: Final = 1e-9
"""A score and its recomputation differ by less where nothing was counted anew."""

_PARTS_OF: Final = {
    "wasserstein": "How far values moved through each range, in robust standard deviations:",
    "kolmogorov_smirnov": "Where the two distributions are farthest apart:",
    "jensen_shannon": "Parts of the divergence, whose root is the distance, scaled to sum to it:",
    "chi_squared": "Parts of the square of Cramer's V, scaled to sum to V:",
}
_PARTS: Final = "What makes the score:"


def drift_section(
    found: ScoreParts, unit: str | None, runs: Mapping[Thing, Since]
) -> Iterator[Block]:
    """Yield what is said about one score of one column.

    Parameters
    ----------
    unit
        Unit of the column's values.
    """
    score = found.score
    named = f"{score.column_name} ({unit})" if unit else score.column_name
    verdict = score.verdict.value if score.deciding else "not judged"
    yield Heading(f"drift of {named} by {score.method}: {verdict}")
    sentences = [_height(found), *since(runs.get(thing_of(score)))]
    if found.why_not:
        sentences.append(f"What makes it cannot be told: {found.why_not}.")
    stored, whole = score.score, found.whole
    if stored is not None and whole is not None and abs(whole - stored) > SAME:
        sentences.append(
            f"What is stored by now gives {number(whole)}: something was counted or measured anew"
            " since the window was judged. The parts are of that number."
        )
    if found.parts:
        sentences.append(_PARTS_OF.get(score.method, _PARTS))
    yield Sentences(tuple(sentences))
    if found.parts and whole:
        yield _part_table(found.parts, whole, unit)
        yield from _by_segments(found.splits, whole)


def _height(found: ScoreParts) -> str:
    score = found.score
    if score.deciding or score.score is None:
        return sentence(score.reason)
    expected = "" if score.expected is None else f" where {number(score.expected)} is expected"
    return (
        f"{drift_method(score.method).label} {number(score.score)}{expected}; it decides nothing."
    )


def _part_table(parts: Sequence[Part], whole: float, unit: str | None) -> Table:
    listed, others = first(parts, MOST_PARTS)
    rows = [_row(_label(part, unit), [part], whole) for part in listed]
    if others:
        rows.append(_row(f"{len(others)} others", others, whole))
    return Table(("", "reference", "window", "part", "of it"), tuple(rows))


def _row(label: str, parts: Sequence[Part], whole: float) -> tuple[str, ...]:
    added = sum(part.part for part in parts)
    before = sum(part.reference_share for part in parts)
    now = sum(part.window_share for part in parts)
    return label, percent(before), percent(now), share_of(added, whole), percent(added / whole)


def _label(part: Part, unit: str | None) -> str:
    is_range = part.low is not None or part.high is not None
    # A category may be an empty text or blanks.
    label = part.label if part.label.strip() else repr(part.label)
    return f"{label} {unit}" if unit and is_range else label


def _by_segments(splits: Sequence[Split[MixAndRate]], whole: float) -> Iterator[Block]:
    sentences = [_by_segment(split, whole) for split in splits if split.why_not or split.tells]
    if sentences:
        yield Sentences(tuple(sentences))


def _by_segment(split: Split[MixAndRate], whole: float) -> str:
    if split.why_not:
        return f"By {split.name} it cannot be told: {split.why_not}."
    parts = sorted(split.parts, key=lambda part: -abs(part.total))
    most = ", ".join(
        f"{part.segment} {percent(part.total / whole)}"
        f" ({percent(part.weight_before)} of rows, now {percent(part.weight_now)})"
        for part in parts[:MOST_SEGMENTS]
    )
    mix, rate = percent(split.mix / whole), percent(split.rate / whole)
    return f"By {split.name}: {mix} from a changed mix, {rate} within segments; most: {most}."
