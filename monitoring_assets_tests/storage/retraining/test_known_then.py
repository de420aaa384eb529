"""How many labels were known at moments of the past, against a count by pandas."""

from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from monitoring_assets.records import LabelArrivals, LabelCounts, Layer, Window, WindowCounts
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining.known_then import label_arrivals
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_window_rows
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.specs import WATCHED, small_columns, small_spec
from monitoring_assets_tests.storage.samples import (
    START,
    a_computation,
    a_window,
    compute_all_layers,
    label_rows,
    prediction_rows,
)

SPEC: Final = small_spec(columns=small_columns(knowledge_time="known_at"))
DAY: Final = timedelta(days=1)
ROWS: Final = 40
DAYS: Final = (0, 1, 2, 4, 7)
"""Windows there are; between them are gaps."""

MOMENTS: Final = [START + number * DAY / 2 for number in range(2, 20)]
NOBODY: Final = Database("postgresql://127.0.0.1:9/nobody-listens")


def store(database: Database, day: int, predictions: pa.Table, labels: pa.Table) -> None:
    """Store the rows of a window, and what the ledger says when all of them were counted."""
    window = a_window(day)
    for layer, rows in ((Layer.PREDICTIONS, predictions), (Layer.LABELS, labels)):
        table = ensure_row_table(database, SPEC, layer.value, rows.schema)
        replace_window_rows(database, a_computation(layer, window), table, rows)
    counted = joined(predictions.to_pandas(), labels.to_pandas())
    complete(database, window, len(scored(predictions.to_pandas())), counted["newest"])


def complete(database: Database, window: Window, rows: int, known: "pd.Series[Any]") -> None:
    newest = None if known.empty else known.max().to_pydatetime()
    counts = WindowCounts(rows_read=rows, rows_scored=rows)
    labels = LabelCounts(labels=len(known), coverage=None, newest_knowledge_time=newest)
    record = a_computation(Layer.PREDICTIONS, window)
    replace_window(database, record, [], counts=counts, labels=labels)
    compute_all_layers(database, window)


def scored(predictions: pd.DataFrame) -> pd.DataFrame:
    return predictions[predictions["prediction"].notna() & predictions["rejected_by"].isna()]


def joined(predictions: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return scored rows whose newest label is there, with when one first was."""
    key = ["row_id", "event_time"]
    newest = labels.sort_values("knowledge_time").groupby(key).tail(1).dropna(subset="target")
    first = labels.dropna(subset="target").groupby(key)["knowledge_time"].min().rename("since")
    known = newest.rename(columns={"knowledge_time": "newest"}).merge(first.reset_index(), on=key)
    return scored(predictions).merge(known, on=key)


def rows_of(day: int) -> tuple[pa.Table, pa.Table]:
    """Return rows, some rejected or without answer, and labels that come, change and go."""
    random = np.random.default_rng(day)
    rows = prediction_rows(a_window(day), ROWS)
    answers = pa.array(random.uniform(5, 9, ROWS), mask=random.random(ROWS) < 0.1)
    rejected = pa.array(["too_far"] * ROWS, pa.string(), mask=random.random(ROWS) > 0.1)
    rows = rows.set_column(4, "prediction", answers).append_column("rejected_by", rejected)
    labels = []
    for wave in range(3):
        ids = [f"r{one}" for one in np.flatnonzero(random.random(ROWS) < 0.5)]
        known = a_window(day).start + (1 + 2 * wave) * DAY / 2 * random.choice([1, 2, 3])
        told = label_rows(a_window(day), dict.fromkeys(ids, 1.0), known + wave * timedelta(hours=1))
        gone = pa.array(random.uniform(1, 2, len(ids)), mask=random.random(len(ids)) < 0.2)
        labels.append(told.set_column(3, "target", gone))
    stranger = label_rows(a_window(day), {f"r{ROWS + 5}": 1.0}, a_window(day).end)
    return rows, pa.concat_tables([*labels, stranger])


def known_at(found: LabelArrivals | None, moment: datetime, otherwise: int) -> int:
    if found is None:
        return otherwise
    return max(
        (n for at, n in zip(found.moments, found.labels, strict=True) if at <= moment), default=0
    )


def test_as_many_are_known_at_each_moment_as_pandas_counts(database: Database) -> None:
    counted: dict[datetime, pd.DataFrame] = {}
    for day in DAYS:
        predictions, labels = rows_of(day)
        store(database, day, predictions, labels)
        counted[a_window(day).start] = joined(predictions.to_pandas(), labels.to_pandas())
    found = label_arrivals(SPEC, database, MOMENTS)
    assert len(found) >= 3
    for start, rows in counted.items():
        looked_at = [moment for moment in MOMENTS if moment >= start + DAY]
        expected = [int((rows["since"] < moment).sum()) for moment in looked_at]
        assert [known_at(found.get(start), one, len(rows)) for one in looked_at] == expected


def test_a_label_counts_from_the_first_moment_after_it_became_known(database: Database) -> None:
    predictions, _ = rows_of(0)
    predictions = predictions.slice(0, 3).set_column(4, "prediction", pa.array([1.0, 2.0, 3.0]))
    predictions = predictions.set_column(5, "rejected_by", pa.nulls(3, pa.string()))
    known = [START + (3 + number) * DAY for number in range(3)]
    labels = [label_rows(a_window(), {f"r{i}": 1.0}, moment) for i, moment in enumerate(known)]
    store(database, 0, predictions, pa.concat_tables(labels))
    later = known[1] + timedelta(microseconds=1)
    found = label_arrivals(SPEC, database, [START + DAY, known[1], later])
    assert found == {START: LabelArrivals(scored=3, moments=(known[1], later), labels=(1, 2))}


def test_windows_whose_labels_were_all_known_by_then_are_not_among_them(database: Database) -> None:
    for day in (0, 1):
        predictions, labels = rows_of(day)
        store(database, day, predictions, labels)
    assert {*label_arrivals(SPEC, database, [START + DAY])} == {START}
    assert label_arrivals(SPEC, database, [START + 40 * DAY]) == {}


def test_windows_whose_rows_lie_elsewhere_are_not_among_them(database: Database) -> None:
    predictions, labels = rows_of(0)
    store(database, 0, predictions, labels)
    known = pd.Series([pd.Timestamp(START + 9 * DAY)])
    complete(database, a_window(1), 3, known)
    assert {*label_arrivals(SPEC, database, [START + 2 * DAY])} == {START}


def test_labels_without_times_are_not_even_asked_for() -> None:
    unlabelled = small_spec(**WATCHED, columns=small_columns(target=None, prediction="guess"))
    for spec in (small_spec(), unlabelled):
        assert label_arrivals(spec, NOBODY, MOMENTS) == {}


def test_a_model_without_windows_needs_no_row_table(database: Database) -> None:
    assert label_arrivals(SPEC, database, MOMENTS) == {}
