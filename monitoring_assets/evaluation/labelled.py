"""Predictions beside their labels, in memory.

Belongs here: joining rows that are at hand already. Stays out: the same for rows in the database
(storage/row_read.py), which also chooses among several labels of a row.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.spec.model import ModelSpec


def labelled_rows(spec: ModelSpec, predictions: pa.Table, labels: pa.Table) -> pa.Table | None:
    """Return every prediction of a window beside the label of its id and event time.

    None if an id has several labels: then the newest has to be found, which the database does. None
    too if a probability has the name of another column here, which the database explains.

    Parameters
    ----------
    predictions
        Stored columns of the window's predictions, each id once.
    labels
        Columns `row_id`, `event_time`, `knowledge_time` and `target`.

    Returns
    -------
    pa.Table
        Columns `model_version`, `prediction`, `target`, `knowledge_time`, then those of
        probabilities, in the order of the predictions; target and knowledge time are null for a
        prediction without a label.
    """
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
    probabilities = {name: predictions.column(name) for name in spec.probability_columns.values()}
    if columns.keys() & probabilities.keys():
        return None
    return pa.table(columns | probabilities)


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
