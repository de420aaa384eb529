"""Predictions beside their labels, in memory.

Belongs here: joining rows that are at hand already, and what segments are told by. Stays out: the
same for rows in the database (storage/row_read.py), which also chooses among several labels of a
row.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.evaluation.segments import segment_columns, segment_masks
from monitoring_assets.metrics.slices import Mask
from monitoring_assets.records import SegmentEntry
from monitoring_assets.spec.model import ModelSpec

_TOLD_BY: Final = "segment_by:"
"""What comes before a column's name where it stands for segments: `target` may be a feature."""


def labelled_columns(spec: ModelSpec) -> dict[str, str]:
    """Return the columns that labelled rows have beside the usual ones: their name -> ours.

    Probabilities under their own names, and whatever segments are told by.
    """
    probabilities = {name: name for name in spec.probability_columns.values()}
    return probabilities | {_TOLD_BY + name: name for name in segment_columns(spec)}


def labelled_segments(
    spec: ModelSpec, entries: Sequence[SegmentEntry], labelled: pa.Table
) -> dict[str, Mask]:
    """Return which of the labelled rows belong to each segment."""
    told_by = {name: labelled.column(_TOLD_BY + name) for name in segment_columns(spec)}
    return segment_masks(spec, entries, pa.table(told_by))


def labelled_rows(spec: ModelSpec, predictions: pa.Table, labels: pa.Table) -> pa.Table | None:
    """Return every prediction of a window that counts beside the label of its id and event time.

    None if an id has several labels: then the newest has to be found, which the database does. None
    too if a probability has the name of another column here, which the database explains.

    Parameters
    ----------
    predictions
        Stored columns of the window's predictions, each id once; those that the filters reject do
        not count.
    labels
        Columns `row_id`, `event_time`, `knowledge_time` and `target`.

    Returns
    -------
    pa.Table
        Columns `model_version`, `prediction`, `target`, `knowledge_time`, then `labelled_columns`,
        in the order of the predictions; target and knowledge time are null for a prediction without
        a label.
    """
    told = labelled_columns(spec)
    passing = pc.is_null(predictions.column("rejected_by"))
    if not pc.all(passing).as_py():
        own = ("row_id", "event_time", "model_version", spec.prediction_column)
        predictions = predictions.select([*dict.fromkeys((*own, *told.values()))]).filter(passing)
    places = _places(predictions.column("row_id"), labels.column("row_id"))
    if places is None:
        return None
    times = labels.column("event_time").combine_chunks().take(places)
    same = pc.equal(times, predictions.column("event_time"))
    places = pc.if_else(same, places, None)
    columns = {
        "model_version": predictions.column("model_version"),
        "prediction": predictions.column(spec.prediction_column),
        "target": labels.column("target").combine_chunks().take(places),
        "knowledge_time": labels.column("knowledge_time").combine_chunks().take(places),
    }
    more = {name: predictions.column(ours) for name, ours in told.items()}
    if columns.keys() & more.keys():
        return None
    return pa.table(columns | more)


def _places(wanted: pa.ChunkedArray, ids: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray | None:
    """Return where each of the wanted ids lies, null if nowhere; None if an id lies twice."""
    if wanted.equals(ids):
        # Every row has a label, and as no id is wanted twice, none lies twice. Looking up 1,000,000
        # ids takes 0.8 s.
        return pa.array(np.arange(len(ids), dtype=np.int32))
    found = ids.combine_chunks()
    if pc.count_distinct(found).as_py() < len(found):
        return None
    return pc.index_in(wanted, value_set=found)
