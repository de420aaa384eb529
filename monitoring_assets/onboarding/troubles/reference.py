"""Troubles of the reference: too few rows to measure what is normal, or to learn from.

Belongs here: the reference's rows. Stays out: the window's (rows.py, columns.py, answers.py).
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.onboarding.troubles.answers import examples, strangers
from monitoring_assets.onboarding.troubles.base import Seen, Trouble, passing
from monitoring_assets.spec.training import TrainingSpec


def reference_troubles(seen: Seen) -> Iterator[Trouble]:
    """Yield what looks wrong with the rows that normal is measured from."""
    if seen.reference is None:
        return
    read, rows = seen.reference.table.num_rows, passing(seen.reference)
    if not rows.num_rows:
        what = f"none of its {read:,} rows passes the filters" if read else "holds no row"
        yield Trouble(
            text=f"the reference {what}; look at {_section(seen)} and at the data", stops=True
        )
        return
    if seen.reference_is_whole and rows.num_rows < seen.passing.num_rows:
        yield Trouble(
            text=f"the reference has {rows.num_rows:,} rows, fewer than the window's"
            f" {seen.passing.num_rows:,}: take a longer one"
        )


def training_troubles(seen: Seen) -> Iterator[Trouble]:
    """Yield why no model can be trained here, if one is to be."""
    if seen.spec.model is not None and seen.training is not None:
        yield from _learning(seen, seen.spec.model, passing(seen.training))


def _section(seen: Seen) -> str:
    own = seen.spec.reference.period is not None or seen.spec.reference.source is not None
    return "`reference`" if own else "`model.training`"


def _learning(seen: Seen, model: TrainingSpec, rows: pa.Table) -> Iterator[Trouble]:
    """Yield why nothing can be learned from these rows."""
    target = str(seen.spec.columns.target)
    labelled = rows.filter(pc.is_valid(rows[target]))
    if labelled.num_rows < model.folds:
        yield Trouble(
            column=target,
            text=f"{labelled.num_rows} rows of `model.training` have a value, at least"
            f" {model.folds} are needed to train",
            stops=True,
        )
        return
    for name in seen.spec.columns.features:
        values = labelled[name]
        if values.null_count == len(values):
            yield Trouble(
                column=name,
                text="has no value in any row of `model.training`: take it out of the features",
                stops=True,
            )
    yield from _targets(seen, model, labelled[target])


def _targets(seen: Seen, model: TrainingSpec, values: pa.ChunkedArray) -> Iterator[Trouble]:
    target, classes = str(seen.spec.columns.target), seen.spec.classification
    if classes is None:
        infinite = int(np.isinf(values.to_numpy()).sum())
        if infinite:
            text = f"is infinite in {infinite:,} rows of `model.training`; add a filter for it"
            yield Trouble(column=target, text=text, stops=True)
        return
    strange = strangers(values, classes.classes)
    if strange:
        yield Trouble(
            column=target,
            text=f"holds {examples(strange)} in `model.training`, which classification.classes does"
            " not list",
            stops=True,
        )
    if not seen.training_is_whole:
        return
    counts: Counter[str] = Counter(values.to_pylist())
    rare = [f"{one!r} ({counts[one]})" for one in classes.classes if counts[one] < model.folds]
    if rare:
        yield Trouble(
            column=target,
            text=f"each class needs {model.folds} rows in `model.training`; too few of"
            f" {', '.join(rare)}",
            stops=True,
        )
