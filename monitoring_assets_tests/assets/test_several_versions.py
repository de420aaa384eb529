"""Rows that say which version of the model answered: quality of each, one speaks for the window."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import numpy as np
import pytest

from monitoring_assets.assets import names
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.verdicts import window_verdicts
from monitoring_assets_tests.assets.classifier_model import (
    SAID,
    Windows,
    answers,
    classifier_spec,
    computed,
    measured,
    probabilities_of,
)
from monitoring_assets_tests.assets.classifier_witness import Witness
from monitoring_assets_tests.assets.small_model import ROWS
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import Row, rows_of, stored_rows

pytestmark = pytest.mark.slow

MIXED, RARE_ONE_WRONG, FREQUENT_ONE_WRONG = "2023-02-01", "2023-02-02", "2023-02-03"
DAYS = (MIXED, RARE_ONE_WRONG, FREQUENT_ONE_WRONG)
VERSIONS = np.array(["7"] * 65 + ["8"] * 40 + [None] * 15, dtype=object)


@pytest.fixture(scope="module")
def several(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Windows]:
    """Three days scored by version 7, by version 8, and by one that nobody wrote down."""
    columns = {"prediction": SAID, "probabilities": probabilities_of("binary")}
    columns["model_version"] = "version"
    quality = {
        "minimum_labels": 10,
        "by_class": {"yes": {"recall": {"absolute": 0.4}}},
        "thresholds": {"f1": {"relative": 0.5}, "accuracy": {"relative": 0.5}},
    }
    spec = classifier_spec("binary", columns, quality=quality)
    folder = tmp_path_factory.mktemp("versions")
    with measured(new_database, folder, spec, lambda _: {"version": ["7"] * ROWS}) as model:
        model.write(MIXED, version=VERSIONS)
        model.write(RARE_ONE_WRONG, version=VERSIONS, **wrong_where(VERSIONS == "8"))
        model.write(FREQUENT_ONE_WRONG, version=VERSIONS, **wrong_where(VERSIONS == "7"))
        yield computed(model, *DAYS[::2])


def wrong_where(rows: Any) -> dict[str, Any]:
    """Return labels for which the answers of these rows are all wrong."""
    said = answers("binary", MIXED)[SAID]
    other = np.where(said == "yes", "no", "yes")
    return {SAID: said, "answer": np.where(rows, other, said)}


def numbers(several: Windows, day: str, **equal: Any) -> list[Row]:
    rows = rows_of(several.model.database, tables.model_quality, **equal)
    return [row for row in rows if f"{row['window_start']:%Y-%m-%d}" == day]


def metadata(several: Windows, day: str) -> dict[str, Any]:
    key = names.asset_key("small", Layer.MODEL_QUALITY)
    wanted = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[day])
    (record, *_) = several.model.runner.instance.fetch_materializations(wanted, limit=1).records
    assert record.asset_materialization
    return {name: one.value for name, one in record.asset_materialization.metadata.items()}


@pytest.mark.parametrize("day", DAYS)
def test_quality_of_each_version_is_that_of_its_own_rows(several: Windows, day: str) -> None:
    rows = several.model.frame(day).rename(columns={"answer": "label"})
    rows = rows.assign(yes=rows["p_yes"], no=1 - rows["p_yes"])
    grouped = rows.groupby(rows["version"].fillna("unknown"))
    found = {str(name): Witness(own, ["no", "yes"], "yes") for name, own in grouped}
    assert {name: one.labels() for name, one in found.items()} == {"7": 65, "8": 40, "unknown": 15}
    for row in numbers(several, day):
        asked, own = (row["metric"], row["class_name"]), found[row["model_version"]]
        off = 1e-9 + (own.near_pairs() if row["metric"] == "roc_auc" else 0)
        value = np.nan if row["value"] is None else row["value"]
        assert value == pytest.approx(own.value(*asked), abs=off, nan_ok=True), (row, asked)
        assert row["labels"] == own.labels(row["class_name"])
        assert row["coverage"] == 1.0


def test_stored_rows_keep_the_version_they_came_with(several: Windows) -> None:
    rows = stored_rows(several.model.database, "small", "predictions").to_pandas()
    counts = rows["model_version"].value_counts(dropna=False)
    assert {name if isinstance(name, str) else None: n for name, n in counts.items()} == {
        "7": 3 * 65,
        "8": 3 * 40,
        None: 3 * 15,
    }


def test_the_sums_of_each_version_stand_by_themselves(several: Windows) -> None:
    sums = rows_of(several.model.database, tables.quality_profile)
    assert {(row["model_version"], row["labels"]) for row in sums} == {
        ("7", 65),
        ("8", 40),
        ("unknown", 15),
    }
    assert len(sums) == 3 * 3


def test_metadata_speaks_of_the_version_with_most_labels(several: Windows) -> None:
    for day in DAYS:
        own = {r["metric"]: r for r in numbers(several, day, model_version="7", class_name="")}
        shown = metadata(several, day)
        assert shown["labels"] == 65
        assert {one: shown[one] for one in own if one in shown} == {
            one: row["value"] for one, row in own.items() if row["value"] is not None
        }
        assert (shown["verdict"], shown["reason"]) == (own["f1"]["verdict"], own["f1"]["reason"])


def test_metadata_of_classes_is_that_of_the_same_version(several: Windows) -> None:
    table = metadata(several, MIXED)["by_class"]
    shown = {(r.data["class"], r.data["metric"]): r.data["value"] for r in table.records}
    own = [row for row in numbers(several, MIXED, model_version="7") if row["class_name"]]
    assert len(own) == 2 * 5
    assert shown == {(r["class_name"], r["metric"]): round(r["value"], 6) for r in own}


@pytest.mark.parametrize(
    ("day", "passed"), [(MIXED, True), (RARE_ONE_WRONG, True), (FREQUENT_ONE_WRONG, False)]
)
def test_the_check_speaks_of_the_version_with_most_labels(
    several: Windows, day: str, passed: bool
) -> None:
    alarms = {row["model_version"] for row in numbers(several, day, verdict="alarm")}
    wrong = {MIXED: set(), RARE_ONE_WRONG: {"8"}, FREQUENT_ONE_WRONG: {"7"}}
    assert alarms == wrong[day]
    check = several.checks[names.MODEL_QUALITY_HOLDS, day]
    assert check.passed is passed, check.description


def test_every_broken_bound_of_that_version_is_a_reason(several: Windows) -> None:
    said = str(several.checks[names.MODEL_QUALITY_HOLDS, FREQUENT_ONE_WRONG].description)
    assert said.startswith("f1 0, 95 % interval")
    assert "; accuracy 0, 95 % interval" in said
    assert "; class yes: recall of 'yes' 0, 95 % interval" in said


def test_what_is_told_of_a_window_on_the_command_line_is_of_the_same_version(
    several: Windows,
) -> None:
    start = several.ledger(MIXED)["window_start"]
    told = window_verdicts(several.model.database, "small", "f1", [start])[start]
    (row,) = numbers(several, MIXED, model_version="7", metric="f1", class_name="")
    assert (told.value, told.reference_value) == (row["value"], row["reference_value"])
