"""Predictions in SQL, labels in CSV and features in Parquet, joined by id."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitoring_assets.sources.base import Places, SourceRows
from monitoring_assets.sources.build import build_source
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.sources.small_files import utc
from monitoring_assets_tests.sources.sql.tables import make_table, sql_spec
from monitoring_assets_tests.specs import small_columns

PERIOD = {"period": {"start": "2023-01-01", "end": "2023-02-01"}}
LABELS = {
    "name": "labels",
    "source": {"kind": "csv", "path": "labels/*.csv"},
    "columns": ["minutes", "known"],
    "id": "trip",
}
FEATURES = {
    "name": "features",
    "source": {"kind": "parquet", "path": "features/*.parquet", "rename": {"distance": "miles"}},
    "columns": ["distance", "zone"],
    "event_time": "computed_at",
    "within": "1 day",
}
COLUMNS = small_columns(prediction="predicted", knowledge_time="known", model_version="version")
SCORES = "id text, time timestamptz, predicted float8, version text"


def joined_spec(url: str, **changes: Any) -> ModelSpec:
    sections = {
        "columns": COLUMNS,
        "model": None,
        "reference": PERIOD,
        "joined": [LABELS, FEATURES],
    }
    return sql_spec(url, **(sections | changes))


def frames(rows: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return predictions, labels with corrections, and features; each with ids of its own too."""
    random = np.random.default_rng(seed)
    begin = pd.Timestamp("2023-02-01", tz="UTC")
    ids = np.array([f"t{number}" for number in range(rows)])
    seconds = pd.to_timedelta(random.integers(0, 3 * 86_400, rows), unit="s")
    scores = pd.DataFrame({"id": ids, "time": begin + seconds})
    scores["predicted"], scores["version"] = random.random(rows).round(6), "v1"
    of = random.integers(0, 2 * rows, 3 * rows)
    labels = pd.DataFrame({"trip": [f"t{number}" for number in of]})
    labels["minutes"] = random.random(3 * rows).round(6)
    labels["known"] = begin + pd.to_timedelta(random.permutation(3 * rows), unit="min")
    some = random.permutation(rows)[: rows // 2]
    features = scores.iloc[some][["id", "time"]].rename(columns={"time": "computed_at"})
    features["computed_at"] += pd.to_timedelta(random.integers(-36, 36, len(some)), unit="h")
    features["miles"] = random.random(len(some))
    features["zone"] = random.choice(["x", "y"], len(some))
    return scores, labels, features


@pytest.fixture
def three_sources(empty_database: Database, tmp_path: Path) -> tuple[ModelSpec, pd.DataFrame]:
    """Return a model over three sources, and what pandas makes of the same rows."""
    scores, labels, features = frames(300, seed=1)
    make_table(empty_database, SCORES, scores.astype(str).to_numpy().tolist())
    for folder in ("labels", "features"):
        (tmp_path / folder).mkdir()
    labels.to_csv(tmp_path / "labels" / "a.csv", index=False)
    pq.write_table(pa.Table.from_pandas(features), tmp_path / "features" / "a.parquet")
    newest = labels.sort_values("known").drop_duplicates("trip", keep="last")
    merged = scores.merge(newest, left_on="id", right_on="trip", how="left")
    merged = merged.merge(features, on="id", how="left")
    far = (merged["computed_at"] - merged["time"]).abs() >= pd.Timedelta("1 day 1 s")
    merged.loc[far, ["computed_at", "miles", "zone"]] = None
    return joined_spec(empty_database.url), merged.set_index("id")


def of_days(spec: ModelSpec, folder: Path, first: int, days: int) -> SourceRows:
    start = utc(2023, 2, first)
    return build_source(spec, Places(folder)).read(start, start + timedelta(days=days))


def test_three_sources_are_joined_as_pandas_merges_them(
    three_sources: tuple[ModelSpec, pd.DataFrame], tmp_path: Path
) -> None:
    spec, merged = three_sources
    rows = of_days(spec, tmp_path, 1, 3)
    ours = rows.table.to_pandas().set_index("row_id")
    theirs = merged.loc[ours.index]
    assert len(ours) == len(merged) == 300
    for our, their in {"distance": "miles", "minutes": "minutes", "predicted": "predicted"}.items():
        assert np.array_equal(ours[our], theirs[their].astype(float), equal_nan=True)
    assert (ours["zone"].fillna("") == theirs["zone"].fillna("")).all()
    assert (ours["knowledge_time"].dropna() == theirs["known"].dropna()).all()
    assert rows.adjusted == {
        "unmatched:labels": theirs["minutes"].isna().sum(),
        "unmatched:features": theirs["miles"].isna().sum(),
    }
    assert 0 < rows.adjusted["unmatched:labels"] < 300


def test_columns_stand_in_the_order_of_the_dictionary_wherever_they_come_from(
    three_sources: tuple[ModelSpec, pd.DataFrame], tmp_path: Path
) -> None:
    names = of_days(three_sources[0], tmp_path, 1, 1).table.column_names
    first = ["row_id", "event_time", "knowledge_time", "model_version", "rejected_by"]
    assert names == [*first, "distance", "zone", "predicted", "minutes"]


def test_days_together_are_the_whole(
    three_sources: tuple[ModelSpec, pd.DataFrame], tmp_path: Path
) -> None:
    spec, _ = three_sources
    days = [of_days(spec, tmp_path, day, 1) for day in (1, 2, 3)]
    whole = of_days(spec, tmp_path, 1, 3)
    assert pa.concat_tables([day.table for day in days]) == whole.table
    for name, count in whole.adjusted.items():
        assert sum(day.adjusted.get(name, 0) for day in days) == count
