"""What is said about a quality number: sentences, who is to blame, mix and rate.

Belongs here: words around the parts of one change. Stays out: arithmetic (quality.py, blame.py),
drift (drift_text.py), the whole text (text.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from monitoring_assets.evaluation.explaining.change import SlicePart
from monitoring_assets.evaluation.explaining.document import Block, Heading, Sentences, Table
from monitoring_assets.evaluation.explaining.figures import (
    change,
    first,
    number,
    percent,
    sentence,
    share_of,
    signed,
    since,
    words,
)
from monitoring_assets.evaluation.explaining.nearest import name_of
from monitoring_assets.evaluation.explaining.parts import Split
from monitoring_assets.evaluation.explaining.quality import ChangeParts
from monitoring_assets.evaluation.explaining.said import thing_of
from monitoring_assets.evaluation.explaining.window import QualityParts
from monitoring_assets.records import ALL, DataQuality, Since, Thing

MOST_SEGMENTS: Final = 6
"""Segments of a cut that are listed; the others are summed."""

MOST_TABLES: Final = 2
"""Cuts that have a table; the others have a sentence."""

MOST_SUSPECTS: Final = 4


def quality_section(
    found: QualityParts, runs: Mapping[Thing, Since], *, tables: int = MOST_TABLES
) -> Iterator[Block]:
    """Yield what is said about one quality number.

    Parameters
    ----------
    tables
        Cuts that have a table: those whose segments are to blame first.
    """
    row, parts = found.quality, found.change
    yield Heading(f"quality, {name_of(row)}: {row.verdict.value}")
    version = f", model version {row.model_version}" if row.model_version else ""
    yield Sentences(
        (
            sentence(row.reason),
            f"Measured on {row.labels:,} labels{version}.",
            *since(runs.get(thing_of(row))),
            *_changed(parts),
            *_unsplit(found),
        )
    )
    order = list(dict.fromkeys(suspect.cut for suspect in parts.suspects))
    places = {name: place for place, name in enumerate(order)}
    splits = sorted(parts.splits, key=lambda split: places.get(split.name, len(order)))
    told = [split for split in splits if split.tells]
    for split in told[:tables]:
        yield Sentences((_mix_and_rate(split, parts.change) + ":",))
        yield _split_table(split, parts, row.metric)
    others = [_mix_and_rate(split, parts.change) + "." for split in told[tables:]]
    others += [f"By {one.name} it cannot be told: {one.why_not}." for one in splits if one.why_not]
    if others:
        yield Sentences(tuple(others))


def data_quality_section(
    rows: Sequence[DataQuality], runs: Mapping[Thing, Since]
) -> Iterator[Block]:
    """Yield what is said about broken bounds."""
    if rows:
        yield Heading(f"data quality: {len(rows)} alarm{'s' if len(rows) > 1 else ''}")
        yield Sentences(tuple(" ".join(_broken(row, runs)) for row in rows))


def _broken(row: DataQuality, runs: Mapping[Thing, Since]) -> Iterator[str]:
    yield f"{row.column_name or 'the window'}, {row.metric}: {sentence(row.reason)}"
    yield from since(runs.get(thing_of(row)))


def _changed(parts: ChangeParts) -> Iterator[str]:
    if parts.before is None or parts.now is None:
        yield f"It is not split over segments: {parts.why_not}."
        return
    before, now = number(parts.before), number(parts.now)
    yield f"{before} on the reference, {now} here: a change of {signed(parts.change)}."
    yield from _blame(parts)


def _unsplit(found: QualityParts) -> Iterator[str]:
    if found.quality.segment == ALL and not found.change.splits and not found.change.why_not:
        yield "The YAML declares no segments by which it could be split."


def _blame(parts: ChangeParts) -> Iterator[str]:
    suspects, whole = parts.suspects, _with_all_rows(parts)
    guilty = [one for one in suspects if one.stands_out]
    if whole:
        yield f"All rows lie in {words(whole, MOST_SUSPECTS)}: no others are left to compare with."
    if guilty:
        worst = guilty[0]
        labels = f"{worst.part.rows_now:,} labels" if worst.part.rows_now else "rows being gone"
        yield (
            f"To blame first: {worst.part.segment}. Without its {labels} the change would be"
            f" {percent(worst.share)} smaller: {worst.standing:.3g} standard errors of chance"
            f" besides what one row can have done; from {worst.needed:.2g} on a segment stands out."
        )
        others = [f"{one.part.segment} ({percent(one.share)})" for one in guilty[1:]]
        if others:
            yield f"These stand out too: {words(others, MOST_SUSPECTS)}."
    elif suspects and not whole:
        nearest = suspects[0]
        yield (
            f"No segment stands out; most is done by {nearest.part.segment}:"
            f" {percent(nearest.share)} of the change, {nearest.standing:.2g} standard errors"
            f" besides what one row can have done, where {nearest.needed:.2g} are needed."
        )


def _with_all_rows(parts: ChangeParts) -> list[str]:
    """Return the segments that hold all rows now and did not before."""
    return [
        part.segment
        for split in parts.splits
        if split.tells
        for part in split.parts
        if part.excess is None and part.rows_now == sum(one.rows_now for one in split.parts)
    ]


def _mix_and_rate(split: Split[SlicePart], whole: float) -> str:
    mix, rate = (share_of(one, whole, sign=True) for one in (split.mix, split.rate))
    if not whole:
        return f"By {split.name}: mix {mix}, rate {rate}"
    shares = percent(split.mix / whole), percent(split.rate / whole)
    return f"By {split.name}: mix {mix} ({shares[0]}), rate {rate} ({shares[1]})"


def _split_table(split: Split[SlicePart], parts: ChangeParts, metric: str) -> Table:
    there = [part for part in split.parts if part.rows_before or part.rows_now]
    ordered = sorted(there, key=lambda part: -abs(part.total))
    listed, others = first(ordered, MOST_SEGMENTS)
    rows = [
        _row(part.segment, [part], parts, change(number(part.value_before), number(part.value_now)))
        for part in listed
    ]
    if others:
        rows.append(_row(f"{len(others)} others", others, parts, ""))
    whole = change(number(parts.before), number(parts.now))
    rows.append(_row("all", ordered, parts, whole))
    return Table(("segment", "labels", "weight", metric, "mix", "rate", "of it"), tuple(rows))


def _row(
    label: str, listed: Sequence[SlicePart], parts: ChangeParts, value: str
) -> tuple[str, ...]:
    mix, rate = sum(part.mix for part in listed), sum(part.rate for part in listed)
    before = percent(sum(part.weight_before for part in listed))
    now = percent(sum(part.weight_now for part in listed))
    share = percent((mix + rate) / parts.change) if parts.change else ""
    labels = f"{sum(part.rows_now for part in listed):,}"
    mixed, rated = (share_of(one, parts.change, sign=True) for one in (mix, rate))
    return label, labels, change(before, now), value, mixed, rated, share
