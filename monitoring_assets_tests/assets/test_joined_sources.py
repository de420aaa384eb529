"""Rows whose labels and one feature come from other files: stored as pandas merges them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from sklearn import metrics

from monitoring_assets.assets import names
from monitoring_assets_tests.assets.classifier_model import (
    JANUARY,
    SAID,
    Classifier,
    Windows,
    classifier_spec,
    computed,
    probabilities_of,
    write_answers,
)
from monitoring_assets_tests.assets.small_model import ROWS
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.stored import everything, stored_rows

pytestmark = pytest.mark.slow

FIRST, SECOND = "2023-02-01", "2023-02-02"
DAYS = (*JANUARY, FIRST, SECOND)

SPEC = classifier_spec(
    "binary",
    {"prediction": SAID, "probabilities": probabilities_of("binary"), "knowledge_time": "known"},
    joined=[
        {
            "name": "labels",
            "source": {"kind": "csv", "path": "labels/*.csv", "missing": ["?"]},
            "columns": ["answer", "known"],
            "id": "number",
        },
        {
            "name": "zones",
            "source": {"kind": "parquet", "path": "zones/*.parquet", "rename": {"zone": "place"}},
            "columns": ["zone"],
            "id": "key",
        },
    ],
    filters=[{"name": "from_the_west", "column": "zone", "allowed": ["north", "south"]}],
    quality={"mature_share": 0.8},
)


@pytest.fixture(scope="module")
def joined(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Windows]:
    with opened(new_database, tmp_path_factory.mktemp("joined")) as windows:
        yield windows


@contextmanager
def opened(new_database: NewDatabase, folder: Path) -> Iterator[Windows]:
    """Compute two days of a model with three sources."""
    with new_database() as database, Runner(SPEC, database, folder) as runner:
        write(folder)
        runner.set_up()
        yield computed(Classifier(folder, runner), FIRST, SECOND)


def write(folder: Path) -> None:
    """Write predictions of each day, and one file of labels and of zones for all days."""
    rows: list[pd.DataFrame] = []
    for day in DAYS:
        rows.append(pd.read_parquet(write_answers(folder, "binary", day)))
        write_answers(folder, "binary", day, answer=None, zone=None)
    every = pd.concat(rows, ignore_index=True)
    for name in ("labels", "zones"):
        (folder / name).mkdir()
    zones = every[~every["id"].str.endswith("-11")].sample(frac=1, random_state=1)
    zones = zones.rename(columns={"id": "key", "zone": "place"})[["key", "place"]]
    zones.to_parquet(folder / "zones" / "all.parquet")
    labels_of(every).to_csv(folder / "labels" / "all.csv", index=False)


def labels_of(every: pd.DataFrame) -> pd.DataFrame:
    """Return labels without some, with corrections before and after what they correct."""
    labels = every[["id", "answer", "time"]].rename(columns={"id": "number"})
    labels = labels[~labels["number"].str.endswith("7")]
    labels["known"] = labels.pop("time") + pd.Timedelta(hours=30)
    wrong = labels[labels["number"].str.endswith("3")]
    wrong = wrong.assign(answer="no", known=wrong["known"] - pd.Timedelta(hours=5))
    early, late = wrong.iloc[::2], wrong.iloc[1::2]
    unknown = labels[labels["number"].str.endswith("5")].assign(answer="?")
    unknown["known"] = pd.NaT
    return pd.concat([early, unknown, labels, late], ignore_index=True)


def merged(joined: Windows, *days: str) -> pd.DataFrame:
    """Merge the files with pandas; of several labels of a row, the one that was known last."""
    folder = joined.model.folder
    labels = pd.read_csv(folder / "labels" / "all.csv", na_values=["?"], parse_dates=["known"])
    labels = labels.sort_values("known", na_position="first", kind="stable")
    labels = labels.drop_duplicates("number", keep="last")
    zones = pd.read_parquet(folder / "zones" / "all.parquet").rename(columns={"place": "zone"})
    rows = joined.model.frame(*days).merge(labels, how="left", left_on="id", right_on="number")
    return rows.merge(zones, how="left", left_on="id", right_on="key")


def passing(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["zone"].isin(["north", "south"])]


def stored(joined: Windows, kind: str) -> pd.DataFrame:
    rows = stored_rows(joined.model.database, "small", kind).to_pandas()
    return rows.sort_values("event_time", ignore_index=True)


def test_stored_rows_are_those_that_pandas_merges(joined: Windows) -> None:
    rows, found = merged(joined, FIRST, SECOND), stored(joined, "predictions")
    assert found["row_id"].tolist() == rows["id"].tolist()
    assert found["zone"].fillna("?").tolist() == rows["zone"].fillna("?").tolist()
    assert found["distance"].tolist() == rows["distance"].tolist()
    rejected = found.loc[found["rejected_by"].notna(), "row_id"]
    assert {*rejected} == {*rows["id"]} - {*passing(rows)["id"]}


def test_stored_labels_are_the_ones_known_last(joined: Windows) -> None:
    rows = passing(merged(joined, FIRST, SECOND)).dropna(subset=["answer"])
    every = stored(joined, "labels").sort_values(["event_time", "knowledge_time"], kind="stable")
    found = every.drop_duplicates("row_id", keep="last").dropna(subset=["target"])
    assert len(every) > len(found)
    assert found["row_id"].tolist() == rows["id"].tolist()
    assert found["target"].tolist() == rows["answer"].tolist()
    assert found["knowledge_time"].tolist() == rows["known"].dt.tz_localize("UTC").tolist()
    assert {*rows.loc[rows["id"].str.endswith("3"), "answer"]} == {"no", "yes"}


def test_what_found_no_match_is_counted(joined: Windows) -> None:
    rows, ledger = merged(joined, FIRST), joined.ledger(FIRST)
    assert ledger["rows_adjusted"] == {"unmatched:labels": 12, "unmatched:zones": 1}
    assert ledger["rows_rejected"] == {"from_the_west": ROWS - len(passing(rows))}
    assert ledger["rows_scored"] == len(passing(rows))
    assert ledger["labels"] == passing(rows)["answer"].notna().sum()
    share = passing(rows)["answer"].notna().mean()
    assert ledger["label_coverage"] == pytest.approx(share)
    newest = passing(rows).dropna(subset=["answer"])["known"].max()
    assert ledger["newest_knowledge_time"] == newest.tz_localize("UTC")


@pytest.mark.parametrize("days", [(FIRST,), tuple(JANUARY)])
def test_quality_is_that_of_the_merged_rows(joined: Windows, days: tuple[str, ...]) -> None:
    rows = passing(merged(joined, *days)).dropna(subset=["answer"])
    column = "value" if days == (FIRST,) else "reference_value"
    truth, said = rows["answer"] == "yes", rows[SAID] == "yes"
    for metric, value in {
        "accuracy": metrics.accuracy_score(truth, said),
        "f1": metrics.f1_score(truth, said),
        "brier_loss": metrics.brier_score_loss(truth, rows["p_yes"]),
    }.items():
        assert joined.quality(FIRST, metric)[column] == pytest.approx(value, rel=1e-9), metric


def test_a_joined_feature_drifts_and_is_missing_like_any_other(joined: Windows) -> None:
    rows, usual = (passing(merged(joined, *days))["zone"] for days in ((FIRST,), JANUARY))
    one, other = (column.value_counts(normalize=True) for column in (rows, usual))
    score = (((one - other) ** 2 / (one + other)).sum() / 2) ** 0.5
    assert joined.drift(FIRST, "zone")["score"] == pytest.approx(score, rel=1e-9)
    missing = joined.data_quality(FIRST, "missing_share", "zone")
    assert missing["value"] == merged(joined, FIRST)["zone"].isna().mean() == 1 / ROWS
    assert joined.checks[names.WINDOW_IS_COMPLETE, FIRST].passed


def test_windows_computed_again_one_by_one_are_the_same(joined: Windows) -> None:
    before = everything(joined.model.database)
    for day in (FIRST, SECOND):
        joined.model.runner.one(day)
    assert everything(joined.model.database) == before


def test_a_correction_shows_as_soon_as_the_window_is_computed_again(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    with opened(new_database, tmp_path) as corrected:
        with (tmp_path / "labels" / "all.csv").open("a", encoding="utf-8") as file:
            file.writelines(f"{FIRST}-{n},yes,2023-02-20 00:00:00\n" for n in (7, 17, 20))
        corrected.model.runner.one(FIRST)
        rows, labels = passing(merged(corrected, FIRST)), stored(corrected, "labels")
        targets = dict(zip(labels["row_id"], labels["target"], strict=True))
        late = rows.loc[rows["known"] == pd.Timestamp("2023-02-20"), "id"]
        assert len(late) > 0
        assert {targets[one] for one in late} == {"yes"}
        assert corrected.ledger(FIRST)["labels"] == rows["answer"].notna().sum()
