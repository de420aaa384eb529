"""Troubles of what is predicted: predictions, probabilities, classes, labels.

Belongs here: the window's rows that pass the filters. Stays out: training (reference.py).
"""

from collections.abc import Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.onboarding.facts import shortened
from monitoring_assets.onboarding.troubles.base import Seen, Trouble

_ENOUGH: Final = 100
_ALL: Final = 0.999
_EXAMPLES: Final = 3


def answer_troubles(seen: Seen) -> Iterator[Trouble]:
    """Yield what looks wrong with predictions and labels."""
    if not seen.passing.num_rows:
        return
    if seen.has_predictions:
        yield from _predictions(seen)
        yield from _probabilities(seen)
    yield from _classes(seen)
    yield from _labels(seen)


def _predictions(seen: Seen) -> Iterator[Trouble]:
    name, rows = seen.spec.prediction_column, seen.passing
    predicted = rows[name]
    most = seen.spec.data_quality.maximum_unscored_share
    share = predicted.null_count / rows.num_rows
    if share > most:
        yield Trouble(
            column=name,
            text=f"{share:.1%} of the rows that pass the filters have no prediction, more than"
            f" data_quality.maximum_unscored_share ({most:.0%})",
        )
    if rows.num_rows >= _ENOUGH and pc.count_distinct(predicted).as_py() == 1:
        yield Trouble(column=name, text="is the same in every row")
    target = seen.spec.columns.target
    if target is None:
        return
    same = pc.drop_null(pc.equal(predicted, rows[target]))
    if len(same) >= _ENOUGH and pc.sum(same).as_py() >= _ALL * len(same):
        yield Trouble(
            column=name,
            text=f"equals the target '{target}' in {pc.sum(same).as_py():,} of {len(same):,} rows:"
            " is one of them a copy of the other?",
        )


def _probabilities(seen: Seen) -> Iterator[Trouble]:
    invalid = seen.rows.adjusted.get("invalid_probability", 0)
    if invalid:
        names = ", ".join(map(shortened, seen.spec.probability_columns.values()))
        yield Trouble(
            text=f"{invalid:,} rows have probabilities outside 0 to 1 or not summing to 1: {names}"
        )


def _classes(seen: Seen) -> Iterator[Trouble]:
    if seen.spec.classification is None:
        return
    listed, rows = seen.spec.classification.classes, seen.passing
    for name in filter(None, (seen.spec.prediction_column, seen.spec.columns.target)):
        if name in rows.column_names:
            strange = strangers(rows[name], listed)
            if strange:
                count = sum(strange.values())
                yield Trouble(
                    column=name,
                    text=f"{count:,} rows hold {examples(strange)}, which classification.classes"
                    " does not list",
                )
    if seen.has_predictions and rows.num_rows >= _ENOUGH:
        predicted = {*pc.unique(rows[seen.spec.prediction_column]).to_pylist()}
        for one in listed:
            if one not in predicted:
                yield Trouble(
                    column=seen.spec.prediction_column, text=f"class {one!r} is never predicted"
                )


def _labels(seen: Seen) -> Iterator[Trouble]:
    target, rows = seen.spec.columns.target, seen.passing
    if target is None:
        return
    known = pc.is_valid(rows[target])
    labels = pc.sum(known).as_py()
    least = seen.spec.quality.minimum_labels
    share, mature = labels / rows.num_rows, seen.spec.quality.mature_share
    if share < mature:
        yield Trouble(
            column=target,
            text=f"{share:.0%} of the rows have a label, less than quality.mature_share"
            f" ({mature:.0%}): quality will be `labels_immature` until more are known",
        )
    elif labels < least:
        yield Trouble(
            column=target,
            text=f"{labels:,} labels are fewer than quality.minimum_labels ({least}): quality will"
            " be `insufficient_data`",
        )
    if seen.has_predictions:
        alone = pc.sum(pc.and_(known, pc.is_null(rows[seen.spec.prediction_column]))).as_py()
        if alone:
            yield Trouble(column=target, text=f"{alone:,} labels belong to rows without prediction")


def strangers(values: pa.ChunkedArray, listed: tuple[str, ...]) -> dict[str, int]:
    """Return the classes that are not listed, with their rows."""
    found = pc.value_counts(pc.drop_null(values)).to_pylist()
    return {one["values"]: one["counts"] for one in found if one["values"] not in listed}


def examples(strange: dict[str, int]) -> str:
    """Return some classes for people."""
    more = ", …" if len(strange) > _EXAMPLES else ""
    return ", ".join(repr(shortened(one)) for one in [*strange][:_EXAMPLES]) + more
