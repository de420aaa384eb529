"""Troubles of single columns: no value, always the same one, of the wrong kind, too telling.

Belongs here: features and other columns that are watched. Stays out: what is predicted
(answers.py).
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.onboarding.facts import Facts, number_text, shortened
from monitoring_assets.onboarding.troubles.base import Seen, Trouble, is_feature, is_input
from monitoring_assets.records import ColumnEntry, ColumnKind

_MISSING: Final = 0.05
_FEW_NUMBERS: Final = 5
_ENOUGH: Final = 100
"""Rows from which a column's few or many different values say something."""

_TELLING: Final = 0.999


def column_troubles(seen: Seen) -> Iterator[Trouble]:
    """Yield what looks wrong with the columns that are watched."""
    if not seen.rows.table.num_rows:
        return
    for entry, facts in seen.columns:
        if is_input(entry):
            for text in _of_values(entry, facts):
                yield Trouble(column=entry.column_name, text=text)
    yield from _telling(seen)


def _of_values(entry: ColumnEntry, facts: Facts) -> Iterator[str]:
    if facts.distinct == 0:
        yield "has no value in any row"
    elif facts.distinct == 1 and facts.rows > 1:
        yield f"is always {_only(facts)}: only another value can show drift in it"
    if _MISSING < facts.missing_share < 1:
        yield f"{facts.missing_share:.1%} of the rows have no value"
    if facts.infinite:
        yield f"{facts.infinite:,} values are infinite"
    if facts.filled < _ENOUGH:
        return
    if entry.kind is ColumnKind.CATEGORICAL and facts.distinct == facts.filled:
        yield "every row has a category of its own: an id is no feature"
    if _looks_categorical(facts):
        yield f"holds only {facts.distinct} different whole numbers: is it categorical?"


def _looks_categorical(facts: Facts) -> bool:
    whole = facts.numbers is not None and facts.numbers.whole
    return whole and 1 < facts.distinct <= _FEW_NUMBERS


def _only(facts: Facts) -> str:
    if facts.numbers is not None:
        return number_text(facts.numbers.median)
    return repr(shortened(facts.top[0][0])) if facts.top else "infinite"


def _telling(seen: Seen) -> Iterator[Trouble]:
    """Yield features that are the target, or nearly."""
    target = seen.spec.columns.target
    entries = {entry.column_name: entry for entry, _ in seen.columns}
    if target is None or target not in entries:
        return
    rows = seen.rows.table
    rows = rows.filter(pc.is_valid(rows[target]))
    if rows.num_rows < _ENOUGH:
        return
    truth = rows[target]
    for name, entry in entries.items():
        if is_feature(entry):
            text = _likeness(rows[name], entry, truth, entries[target])
            if text is not None:
                yield Trouble(
                    column=name,
                    text=f"{text} the target '{target}': does the model know the answer?",
                )


def _likeness(
    values: pa.ChunkedArray, entry: ColumnEntry, truth: pa.ChunkedArray, target: ColumnEntry
) -> str | None:
    numbers = ColumnKind.NUMERICAL
    if entry.kind is target.kind and pc.all(pc.equal(values, truth)).as_py():
        return "equals"
    if entry.kind is not numbers:
        return None
    if target.kind is not numbers:
        truth = _as_number(truth)
        if truth is None:
            return None
    correlation = _correlation(values, truth)
    return f"has a correlation of {correlation:.4f} with" if abs(correlation) > _TELLING else None


def _as_number(classes: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return two classes as 0 and 1; of more, none is larger than another."""
    names = pc.unique(classes).sort()
    return pc.equal(classes, names[0]).cast(pa.float64()) if len(names) == 2 else None


def _correlation(one: pa.ChunkedArray, other: pa.ChunkedArray) -> float:
    """Return Pearson's correlation where both are finite; 0 where one of them is constant."""
    pair = np.array([pc.fill_null(column, np.nan).to_numpy() for column in (one, other)])
    pair = pair[:, np.isfinite(pair).all(axis=0)]
    if pair.shape[1] < _ENOUGH or (np.ptp(pair, axis=1) == 0).any():
        return 0.0
    return float(np.corrcoef(pair)[0, 1])
