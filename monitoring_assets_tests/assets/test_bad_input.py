"""Bad rows and files: a recorded verdict or an error that helps, and nothing stored is lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitoring_assets.records import Verdict
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.small_model import (
    FIRST,
    ROWS,
    SECOND,
    THIRD,
    SmallModel,
    good_rows,
    ready_model,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import failures_of
from monitoring_assets_tests.specs import small_source
from monitoring_assets_tests.stored import Row, everything, rows_of

GOOD = good_rows(FIRST)


def computed(small: SmallModel, day: str, rows: int = ROWS, **columns: Any) -> Row:
    """Compute a day on which these columns are different; return its row of the ledger."""
    small.write(day, rows, **columns)
    small.runner.one(day)
    (row,) = rows_of(small.database, tables.window, partition_key=day)
    assert row["status"] == "complete"
    return row


def quality(small: SmallModel, column: str, metric: str) -> Row:
    key = {"column_name": column, "metric": metric}
    (row,) = rows_of(small.database, tables.data_quality, **key)
    return row


def drift(small: SmallModel, column: str) -> Row:
    key = {"column_name": column, "deciding": True}
    (row,) = rows_of(small.database, tables.drift_score, **key)
    return row


def cut_short(small: SmallModel, day: str) -> None:
    path = small.write(day)
    path.write_bytes(path.read_bytes()[:-100])


OF_PREDICTIONS_ALONE = {"missing column", "a list where a number should be"}
"""Labels are read without the features."""

SPOILT: dict[str, tuple[Callable[[SmallModel, str], Any], tuple[str, ...]]] = {
    "missing column": (
        lambda small, day: small.write(day, distance=None),
        ("lacks column 'distance'", "source.rename"),
    ),
    "a list where a number should be": (
        lambda small, day: small.write(day, distance=[[1.0]] * ROWS),
        ("'distance'", "list<", "a number"),
    ),
    "row without id": (
        lambda small, day: small.write(day, id=[None, *GOOD["id"][1:]]),
        ("1 rows without a value in 'id'", "columns.id"),
    ),
    "truncated file": (cut_short, (".parquet", "cut short")),
}


@pytest.mark.parametrize("spoil", SPOILT)
def test_an_error_names_model_window_what_was_found_and_what_to_do(
    small: SmallModel, spoil: str
) -> None:
    spoil_day, words = SPOILT[spoil]
    spoil_day(small, SECOND)
    small.write(FIRST)
    small.write(THIRD)  # a file that nobody can read does not say how far the source has come
    failures = failures_of(small.runner.one(SECOND, raises=False))
    assert len(failures) == (1 if spoil in OF_PREDICTIONS_ALONE else 2)
    for said in failures:
        assert [word for word in ("'small'", SECOND, *words) if word not in said] == [], said


@pytest.mark.parametrize("spoil", SPOILT)
def test_an_error_loses_nothing_that_was_stored(small: SmallModel, spoil: str) -> None:
    small.write(FIRST)
    small.write(SECOND)
    small.runner.span(FIRST, SECOND)
    before = everything(small.database)
    spoil_day, _ = SPOILT[spoil]
    spoil_day(small, SECOND)
    assert not small.runner.span(FIRST, SECOND, raises=False).success
    assert not small.runner.one(SECOND, raises=False).success
    after = everything(small.database)
    lasting = {*before} - {"window"}  # the first day's later layers wait to be computed again
    assert {name: after[name] for name in lasting} == {name: before[name] for name in lasting}


def test_text_in_a_number_is_a_missing_value_and_an_alarm(small: SmallModel) -> None:
    texts = [str(value) for value in GOOD["distance"][3:]]
    row = computed(small, FIRST, distance=["far", "1_000", "?", *texts])
    assert row["rows_adjusted"] == {"invalid:distance": 3}
    found = quality(small, "distance", "invalid_share")
    assert (found["value"], found["verdict"]) == (3 / ROWS, Verdict.ALARM)
    assert row["rows_scored"] == ROWS


def test_an_all_missing_column_is_an_alarm_and_has_no_drift_score(small: SmallModel) -> None:
    row = computed(small, FIRST, distance=np.full(ROWS, np.nan))
    missing = quality(small, "distance", "missing_share")
    assert (missing["value"], missing["verdict"]) == (1.0, Verdict.ALARM)
    mean = quality(small, "distance", "mean")
    assert (mean["value"], mean["verdict"]) == (None, Verdict.UNDEFINED)
    assert drift(small, "distance")["score"] is None
    assert drift(small, "distance")["reason"]
    assert row["rows_scored"] == ROWS


def test_infinite_values_are_counted_and_kept_out_of_every_number(small: SmallModel) -> None:
    infinite = np.concatenate(([np.inf, -np.inf], GOOD["distance"][2:]))
    computed(small, FIRST, distance=infinite)
    share = quality(small, "distance", "infinite_share")
    assert (share["value"], share["verdict"]) == (2 / ROWS, Verdict.ALARM)
    assert quality(small, "distance", "maximum")["value"] == GOOD["distance"][2:].max()
    assert drift(small, "distance")["n_window"] == ROWS - 2


def test_an_infinite_label_is_left_out_of_the_quality(small: SmallModel) -> None:
    computed(small, FIRST, minutes=np.concatenate(([np.inf], GOOD["minutes"][1:])))
    (row,) = rows_of(small.database, tables.model_quality, metric="mae")
    assert row["value"] < 100
    assert row["verdict"] == Verdict.OK


def test_an_unseen_category_is_an_alarm_and_gets_a_place_of_its_own(small: SmallModel) -> None:
    computed(small, FIRST, zone=["moon"] * 30 + ["north"] * (ROWS - 30))
    unseen = quality(small, "zone", "unseen_share")
    assert (unseen["value"], unseen["verdict"]) == (30 / ROWS, Verdict.ALARM)
    (bins,) = rows_of(small.database, tables.bins, column_name="zone")
    assert bins["categories"][-1] == "moon"
    (profile,) = rows_of(small.database, tables.window_profile, column_name="zone", segment="all")
    assert profile["counts"][bins["categories"].index("moon")] == 30


def test_of_a_double_id_the_last_row_is_kept_and_counted(small: SmallModel) -> None:
    row = computed(small, FIRST, id=[GOOD["id"][1], *GOOD["id"][1:]])
    assert row["rows_read"] == ROWS - 1
    assert row["rows_adjusted"] == {"duplicate_id": 1}
    assert quality(small, "", "duplicate_id_rows")["value"] == 1.0


def test_a_double_id_is_an_error_where_the_yaml_says_fail(
    new_database: NewDatabase, small_template: Database, tmp_path: Path
) -> None:
    source = small_source(on_duplicate="fail")
    with ready_model(new_database, small_template, tmp_path, source=source) as small:
        small.write(FIRST, id=[GOOD["id"][1], *GOOD["id"][1:]])
        for said in failures_of(small.runner.one(FIRST, raises=False)):
            words = ("'small'", FIRST, "1 rows repeat the id", GOOD["id"][1], "keep_last")
            assert [word for word in words if word not in said] == [], said
        assert rows_of(small.database, tables.window) == []


def test_an_empty_window_is_complete_and_says_that_it_is_empty(small: SmallModel) -> None:
    small.write(THIRD)
    row = computed(small, SECOND, rows=0)
    assert (row["rows_read"], row["rows_scored"], row["labels"]) == (0, 0, 0)
    rows = quality(small, "", "rows")
    assert (rows["value"], rows["verdict"]) == (0.0, Verdict.ALARM)
    (dataset,) = rows_of(small.database, tables.dataset_drift)
    assert dataset["verdict"] == Verdict.INSUFFICIENT_DATA
    (mae,) = rows_of(small.database, tables.model_quality, metric="mae")
    assert (mae["value"], mae["verdict"]) == (None, Verdict.UNDEFINED)
    assert "no row of this window was scored" in mae["reason"]


def test_a_window_of_one_row_is_complete_and_has_too_few_rows_for_a_verdict(
    small: SmallModel,
) -> None:
    row = computed(small, FIRST, rows=1)
    assert (row["rows_read"], row["labels"], row["label_coverage"]) == (1, 1, 1.0)
    (dataset,) = rows_of(small.database, tables.dataset_drift)
    assert dataset["verdict"] == Verdict.INSUFFICIENT_DATA
    numbers = {one["metric"]: one for one in rows_of(small.database, tables.model_quality)}
    assert numbers["mae"]["value"] is not None
    assert {one["verdict"] for one in numbers.values()} <= {"insufficient_data", "undefined"}
    deviation = quality(small, "distance", "standard_deviation")
    assert (deviation["value"], deviation["verdict"]) == (None, Verdict.UNDEFINED)
