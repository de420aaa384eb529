"""The rows of a retraining: what a challenger learns from and what it is judged on.

Belongs here: from a decision to rows, read from the stored predictions and labels. Stays out: the
split (training/holdout.py), which windows (evaluation/retraining/training_windows.py).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.errors import DataError
from monitoring_assets.records import ANSWER_ROLES, ColumnRole, Decision, TrainingSet, Window
from monitoring_assets.sources.fingerprint import fingerprint
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.retraining import RetrainingSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import signals, training_sets, versions
from monitoring_assets.storage.row_read import read_labelled
from monitoring_assets.storage.row_tables import row_table
from monitoring_assets.training import holdout

_OWN: Final = "own:"
"""What comes before a column's name on reading: one may be called as a label or prediction is."""

SPAN_START: Final = "training_start"
SPAN_END: Final = "training_end"
"""Where the evidence of a decision says which windows are learned from."""

LEFT_OUT: Final = "left_out"
"""Where it says which windows between are not, because their data are broken."""

CHAMPION: Final = "model_version"
"""Where it says which version served then, and is to be replaced."""


@dataclass(frozen=True)
class GatheredRows:
    """Labelled rows of a retraining, those to learn from and those held out."""

    training: pa.Table
    holdout: pa.Table
    windows: tuple[Window, ...]

    def as_set(self, decision: Decision) -> TrainingSet:
        """Return what is stored about them."""
        return TrainingSet(
            decision_id=decision.number,
            model_id=decision.model_id,
            start=self.windows[0].start,
            end=self.windows[-1].end,
            windows=tuple(one.start for one in self.windows),
            training_rows=self.training.num_rows,
            holdout_rows=self.holdout.num_rows,
            data_hash=data_hash(self.training, self.holdout),
        )


def data_hash(training: pa.Table, kept: pa.Table) -> str:
    """Return 32 hex digits that change with any value, and with the part that a row is in."""
    both = f"{fingerprint(training)} {fingerprint(kept)}"
    return hashlib.sha256(both.encode()).hexdigest()[:32]


def gather(spec: ModelSpec, database: Database, decision: Decision, now: datetime) -> GatheredRows:
    """Return the labelled rows that a retraining uses.

    Labels that were not known by `now` do not count: in a past that is replayed they may be stored
    already. A retraining that is tried again uses the labels that are known by then. Once it has
    trained a version, only windows of its training set count: rows held out stay rows not learned
    from.

    Raises
    ------
    DataError
        There is no labelled row.
    """
    start, end = (datetime.fromisoformat(decision.evidence[one]) for one in (SPAN_START, SPAN_END))
    left_out = {*map(datetime.fromisoformat, decision.evidence.get(LEFT_OUT, ()))}
    known = signals.labelled_windows(database, spec.model_id, spec.windows.granularity)
    trained_on = _trained_on(database, decision)
    windows = tuple(
        one.window
        for one in known
        if one.labelled
        and one.window.start not in left_out
        and (trained_on is None or one.window.start in trained_on)
        and start <= one.window.start
        and one.window.end <= end
    )
    rows = _read(spec, database, decision, (start, end), now) if windows else None
    if rows is None or not rows.num_rows:
        raise DataError(
            f"model '{spec.model_id}', retraining number {decision.decision_id}: no row of"
            f" {start:%Y-%m-%d} to {end:%Y-%m-%d} has a label; wait for labels, or train over"
            " another span"
        )
    inside = holdout.within(rows.column("event_time"), windows)
    policy = policy_of(spec).holdout
    training, kept = holdout.split(rows.filter(pa.array(inside)), policy, windows)
    return GatheredRows(training, kept, windows)


def _trained_on(database: Database, decision: Decision) -> tuple[datetime, ...] | None:
    """Return the windows that the version of a decision learned from; None before there is one."""
    if versions.version_of_decision(database, decision.number) is None:
        return None
    used = training_sets.read_training_set(database, decision.number)
    return None if used is None else used.windows


def policy_of(spec: ModelSpec) -> RetrainingSpec:
    """Return a model's policy; one without section `retraining` is trained by hand, as usual."""
    return spec.retraining or RetrainingSpec()


def _read(
    spec: ModelSpec,
    database: Database,
    decision: Decision,
    span: tuple[datetime, datetime],
    now: datetime,
) -> pa.Table:
    entries = spec.column_dictionary()
    made = (ColumnRole.TARGET, *ANSWER_ROLES)
    own = ["row_id", "event_time", *(e.column_name for e in entries if e.role not in made)]
    predictions = row_table(database, spec.model_id, "predictions")
    new = [name for name in own if name not in predictions.shape]
    if new:
        raise DataError(
            f"model '{spec.model_id}', retraining number {decision.number}: the stored rows have no"
            f" {', '.join(map(repr, new))}, which came to the YAML after they were computed;"
            f" compute them again (monitoring-assets plan {spec.model_id} --apply), then retrain"
        )
    found = read_labelled(
        database,
        predictions,
        row_table(database, spec.model_id, "labels"),
        *span,
        columns={_OWN + name: name for name in own},
    )
    if spec.labels_have_times:
        # One that was corrected since is left out, too: what it was is not read.
        found = found.filter(pc.less(found.column("knowledge_time"), now))
    columns: Mapping[str, Any] = {name: found.column(_OWN + name) for name in own}
    rows = pa.table({**columns, str(spec.columns.target): found.column("target")})
    return rows.filter(_labelled(rows.column(str(spec.columns.target))))


def _labelled(target: pa.ChunkedArray) -> pa.ChunkedArray:
    known = pc.is_valid(target)
    if pa.types.is_floating(target.type):
        known = pc.and_(known, pc.fill_null(pc.is_finite(target), fill_value=False))
    return known
