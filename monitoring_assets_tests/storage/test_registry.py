"""What is stored about models as declared."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from monitoring_assets.records import PlantedChange
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.registry import (
    mark_retired,
    planted_changes,
    register_model,
    rows_outside,
    write_planted_changes,
    write_rows_outside,
)
from monitoring_assets_tests.specs import small_columns, small_spec
from monitoring_assets_tests.storage.samples import NOW, START, rows_of

CHANGE = PlantedChange(
    name="longer trips",
    kind="covariate_shift",
    column_name="distance",
    start=START,
    end=None,
    magnitude=1.5,
    description="trips are half as long again",
)
ENDED = PlantedChange(
    name="broken meter",
    kind="broken_column",
    column_name="fare",
    start=START + timedelta(days=3),
    end=START + timedelta(days=5),
    magnitude=0.3,
    description="30 % of fares are missing",
)


LATER = NOW + timedelta(days=1)
BINARY = {"classes": ["no", "yes"], "positive_class": "no"}
SEVERAL = {"classes": ["b", "a", "c"]}


def dictionary(database: Database) -> dict[str, tuple[Any, ...]]:
    rows = sorted(rows_of(database, tables.column_dictionary), key=lambda row: row["number"])
    return {row["column_name"]: (row["kind"], row["role"], row["unit"]) for row in rows}


def test_a_model_is_stored_with_its_columns(database: Database) -> None:
    columns = small_columns(units={"distance": "miles"})
    spec = small_spec(columns=columns, owners=["team:taxi"])
    register_model(database, spec, NOW)
    row = rows_of(database, tables.model)[0]
    assert (row["start_at"], row["end_at"], row["delay"]) == (START, None, timedelta(0))
    assert (row["owners"], row["main_metric"], row["updated_at"]) == (["team:taxi"], "mae", NOW)
    assert row["spec_hash"] == spec.spec_hash
    assert dictionary(database) == {
        "distance": ("numerical", "feature", "miles"),
        "zone": ("categorical", "feature", None),
        "prediction": ("numerical", "prediction", None),
        "minutes": ("numerical", "target", None),
    }


@pytest.mark.parametrize(
    ("task", "classification", "positive"),
    [
        ("binary", BINARY, "no"),
        ("binary", {"classes": ["no", "yes"]}, "yes"),
        ("multiclass", SEVERAL, None),
    ],
)
def test_a_classifier_is_stored_with_its_classes_in_their_order(
    database: Database, task: str, classification: dict[str, Any], positive: str | None
) -> None:
    register_model(database, small_spec(task=task, classification=classification), NOW)
    row = rows_of(database, tables.model)[0]
    stored = (row["task"], row["classes"], row["positive_class"])
    assert stored == (task, classification["classes"], positive)


def test_a_number_is_no_class(database: Database) -> None:
    register_model(database, small_spec(), NOW)
    row = rows_of(database, tables.model)[0]
    assert (row["task"], row["classes"], row["positive_class"]) == ("regression", [], None)


def test_columns_of_probabilities_are_stored_as_such(database: Database) -> None:
    register_model(database, small_spec(task="binary", classification=BINARY), NOW)
    assert dictionary(database)["probability_no"] == ("numerical", "probability", None)


def test_nothing_is_written_if_nothing_has_changed(database: Database) -> None:
    register_model(database, small_spec(), NOW)
    before = row_versions(database)
    register_model(database, small_spec(), NOW + timedelta(days=1))
    assert row_versions(database) == before


def row_versions(database: Database) -> set[Any]:
    """Return what Postgres changes with every write of a row."""
    query = "SELECT xmin::text, ctid::text FROM monitoring.{}"
    with database.connect() as connection:
        return {
            (name, *row)
            for name in ("model", "column_dictionary")
            for row in connection.execute(sa.text(query.format(name)))
        }


def test_a_changed_yaml_changes_the_rows(database: Database) -> None:
    register_model(database, small_spec(), NOW)
    later = NOW + timedelta(days=1)
    spec = small_spec(description="trips", columns=small_columns(categorical=["hour", "zone"]))
    register_model(database, spec, later)
    row = rows_of(database, tables.model)[0]
    assert (row["description"], row["updated_at"]) == ("trips", later)
    assert list(dictionary(database)) == ["distance", "hour", "zone", "prediction", "minutes"]


def test_a_retired_model_that_is_declared_again_is_back(database: Database) -> None:
    register_model(database, small_spec(), NOW)
    with database.begin() as connection:
        connection.execute(sa.update(tables.model).values(retired_at=NOW))
    register_model(database, small_spec(), NOW)
    assert rows_of(database, tables.model)[0]["retired_at"] is None


def retired(database: Database) -> dict[str, tuple[Any, Any]]:
    rows = rows_of(database, tables.model)
    return {row["model_id"]: (row["retired_at"], row["updated_at"]) for row in rows}


def test_a_model_that_is_declared_no_more_is_marked_once(database: Database) -> None:
    for model_id in ("small", "other"):
        register_model(database, small_spec(model_id=model_id), NOW)
    assert mark_retired(database, ["small", "never_seen"], LATER) == {"other"}
    assert retired(database) == {"small": (None, NOW), "other": (LATER, LATER)}
    assert mark_retired(database, ["small"], LATER + timedelta(1)) == set()
    assert retired(database)["other"] == (LATER, LATER)
    assert mark_retired(database, [], LATER) == {"small"}


def test_a_model_that_is_declared_again_is_back(database: Database) -> None:
    for model_id in ("small", "other"):
        register_model(database, small_spec(model_id=model_id), NOW)
    mark_retired(database, [], NOW)
    assert mark_retired(database, {"small"}, LATER) == set()
    assert retired(database) == {"small": (None, LATER), "other": (NOW, NOW)}
    register_model(database, small_spec(model_id="other"), LATER)
    assert retired(database)["other"] == (None, LATER)


def test_models_do_not_touch_each_other(database: Database) -> None:
    register_model(database, small_spec(), NOW)
    register_model(database, small_spec(model_id="other"), NOW)
    register_model(database, small_spec(description="new"), NOW)
    found = {row["model_id"]: row["description"] for row in rows_of(database, tables.model)}
    assert found == {"small": "new", "other": ""}


@pytest.mark.parametrize("changes", [(), (CHANGE,), (ENDED, CHANGE)])
def test_planted_changes_come_back_in_order_of_time(
    database: Database, changes: tuple[PlantedChange, ...]
) -> None:
    write_planted_changes(database, "small", (ENDED,))
    write_planted_changes(database, "small", changes)
    assert planted_changes(database, "small") == tuple(sorted(changes, key=lambda one: one.start))
    assert planted_changes(database, "real") == ()


def test_rows_outside_windows_are_kept_by_reason(database: Database) -> None:
    write_rows_outside(database, "small", {"before_every_period": 3, "event_time_missing": 1})
    write_rows_outside(database, "small", {"before_every_period": 4})
    assert rows_outside(database, "small") == {"before_every_period": 4}
