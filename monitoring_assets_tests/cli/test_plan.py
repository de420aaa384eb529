"""`monitoring-assets plan`: what a person reads, what a program reads, and what is done."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitoring_assets.records import WINDOW_LAYERS, Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.small_model import bad_input_spec, write_day, write_january
from monitoring_assets_tests.cli.planned_model import (
    CHANGED,
    DAYS,
    Planned,
    by_window_and_layer,
    opened,
    planned_set,
)
from monitoring_assets_tests.command_line import CommandLine, command_line
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import write_model, yaml_of
from monitoring_assets_tests.stored import Row, rows_of

pytestmark = pytest.mark.slow

THRESHOLD = "method: kolmogorov_smirnov", "method: kolmogorov_smirnov, threshold: 0.3"


@pytest.fixture
def unbegun(new_database: NewDatabase, tmp_path: Path) -> Iterator[Planned]:
    """The model on a database that knows nothing of it."""
    with opened(new_database, tmp_path, None) as model:
        yield model


def computations(model: Planned) -> int:
    return len(rows_of(model.database, tables.computation))


def change_a_row(model: Planned) -> None:
    rows = model.rows(CHANGED)
    rows["distance"][3] += 2.0
    model.write(CHANGED, rows)


def test_with_nothing_to_do_it_says_so_and_does_nothing(model: Planned) -> None:
    before = computations(model)
    done = model("plan", "planned", "--apply")
    assert done.code == 0, done.errors
    assert done.output == "planned: 4 windows looked at, nothing is out of date\n"
    assert computations(model) == before


def test_it_lists_layers_with_their_reasons_windows_and_rows(model: Planned) -> None:
    model.rewrite(*THRESHOLD)
    change_a_row(model)
    lines = [" ".join(line.split()) for line in model("plan", "planned").output.splitlines()]
    assert lines[0] == "planned: 4 windows looked at, 4 of them out of date"
    assert lines[2].startswith(f"predictions rows in the source have changed {CHANGED} 1 60 ")
    assert lines[5].startswith(
        f"data_drift its part of the YAML has changed {DAYS[0]} to {DAYS[-1]} 4 "
    )
    assert lines[-1].startswith("in all 180 rows to read, about ")


def test_a_plan_for_programs_names_every_window(model: Planned) -> None:
    model.rewrite(*THRESHOLD)
    plan = json.loads(model("plan", "planned", "--json").output)
    lines = plan["out_of_date"]
    # The target is judged with quality, by the same threshold.
    assert [one["layer"] for one in lines] == ["data_drift", "model_quality"]
    said = [(one["reason"], one["windows"], one["rows"]) for one in lines]
    assert said == [("yaml", DAYS, 0)] * 2
    assert (plan["rows"], plan["windows_looked_at"]) == (0, 4)
    assert sum(one["seconds"] for one in lines) == pytest.approx(plan["seconds"])


def test_a_threshold_is_applied_while_the_source_cannot_be_read(model: Planned) -> None:
    model.rewrite(*THRESHOLD)
    (model.folder / "rows" / "refused").touch()
    done = model("plan", "planned", "--apply")
    assert done.code == 0, done.errors
    assert "the source could not be asked, only what is stored was looked at" in done.output
    assert "the rows are locked away" in done.output
    thresholds = {row["threshold"] for row in rows_of(model.database, tables.drift_score)}
    assert 0.3 in thresholds
    (model.folder / "rows" / "refused").unlink()
    assert planned_set(model) == set()


def test_without_the_source_only_what_is_stored_is_looked_at(model: Planned) -> None:
    change_a_row(model)
    (model.folder / "rows" / "refused").touch()
    done = model("plan", "planned", "--no-source")
    assert done.code == 0, done.errors
    assert "nothing is out of date" in done.output
    assert "note: the source was not asked" in done.output


def test_a_reference_that_cannot_be_looked_at_is_measured_first_all_the_same(
    model: Planned,
) -> None:
    model.rewrite("end: 2023-01-21}", "end: 2023-01-20}")
    planned = planned_set(model, "--no-source")
    judged = (Layer.DATA_DRIFT, Layer.DATA_QUALITY, Layer.MODEL_QUALITY)
    assert planned == {("", Layer.REFERENCE_DATA), *((day, one) for day in DAYS for one in judged)}
    done = model("plan", "planned", "--no-source", "--apply")
    assert done.code == 0, done.errors
    assert planned_set(model) == set()


def test_the_code_of_a_class_is_named_as_the_reason(model: Planned) -> None:
    model.rewrite_class("FACTOR = 1.0", "FACTOR = 1.609344")
    done = model("plan", "planned", "--json")
    reasons = {one["layer"]: one["reason"] for one in json.loads(done.output)["out_of_date"]}
    assert reasons["predictions"] == reasons["reference_data"] == "team_code"


def test_a_comment_in_a_class_makes_nothing_out_of_date(model: Planned) -> None:
    model.rewrite_class("FACTOR = 1.0", "FACTOR = 1.0  # miles")
    assert planned_set(model) == set()


def test_before_the_first_window_everything_is_missing(unbegun: Planned) -> None:
    done = unbegun("plan", "planned", "--apply")
    assert done.code == 0, done.errors
    missing = [line for line in done.output.splitlines() if "never computed" in line]
    assert [line.split()[0] for line in missing] == [
        "deployed_model",
        "reference_data",
        *WINDOW_LAYERS,
    ]
    assert "not counting what never ran (deployed_model, reference_data, predictions" in done.output
    assert {day for day, _ in by_window_and_layer(unbegun.database)} == {"", *DAYS}
    assert planned_set(unbegun) == set()


def test_a_window_that_cannot_be_read_is_named_and_takes_no_other_with_it(model: Planned) -> None:
    change_a_row(model)
    model.write(DAYS[3], {**model.rows(DAYS[3]), "id": ["twice"] * 60})
    model.rewrite(
        'python_class: "planned.rows:Rows"', 'python_class: "planned.rows:Rows", on_duplicate: fail'
    )
    done = model("plan", "planned", "--apply")
    assert done.code == 1
    assert f"  {DAYS[3]} (run " in done.errors
    assert "rows repeat the id of another, such as 'twice'" in done.errors
    left = {day for day, _ in planned_set(model)}
    assert left == {DAYS[3]}


def test_what_cannot_be_looked_at_is_said(model: Planned) -> None:
    (model.folder / "labels" / "cut.parquet").write_bytes(b"PAR1")
    model.rewrite(*THRESHOLD)
    done = model("plan", "planned", "--json")
    plan = json.loads(done.output)
    assert [one["layer"] for one in plan["out_of_date"]] == ["data_drift", "model_quality"]
    of_reference, of_windows = plan["notes"]
    assert "the rows of the reference could not be looked at" in of_reference
    assert (
        f"windows of which nothing is known, since their rows could not be read:\n  {DAYS[0]}: "
        in of_windows
    )
    assert of_windows.endswith("and 1 more")


def deploy(database: Database, version: str, valid_from: datetime) -> None:
    """Deploy a version that is the first one by another name."""
    (first,) = rows_of(database, tables.model_version)
    (served,) = rows_of(database, tables.deployment)
    with database.begin() as connection:
        connection.execute(
            sa.insert(tables.model_version).values(first | {"model_version": version})
        )
        row = served | {"model_version": version, "valid_from": valid_from}
        connection.execute(sa.insert(tables.deployment).values(row))


def test_predictions_of_an_earlier_version_are_kept_unless_asked_for(model: Planned) -> None:
    deploy(model.database, "2", datetime(2023, 2, 3, tzinfo=UTC))
    done = model("plan", "planned")
    assert "nothing is out of date" in done.output
    assert f"predictions of 2 windows ({DAYS[2]} to {DAYS[3]}) were made by another" in done.output
    planned = planned_set(model, "--rescore")
    assert {day for day, layer in planned if layer is Layer.PREDICTIONS} == {*DAYS[2:]}
    assert model("plan", "planned", "--rescore", "--apply").code == 0
    scored = {
        row["partition_key"]: row["rows_by_version"]
        for row in rows_of(model.database, tables.window)
    }
    assert [[*scored[day]] for day in DAYS] == [["1"], ["1"], ["2"], ["2"]]
    assert planned_set(model, "--rescore") == set()


@pytest.fixture
def files(new_database: NewDatabase, tmp_path: Path) -> Iterator[tuple[CommandLine, Database]]:
    """A model that reads files and nothing else, with two windows."""
    file = write_model(tmp_path / "models", yaml_of(bad_input_spec()), "small")
    write_january(tmp_path)
    for day in DAYS[:2]:
        write_day(tmp_path, day)
    with new_database() as database:
        command = command_line(database, tmp_path, MONITORING_MODELS=str(file.parents[1]))
        assert command("backfill", "small").code == 0
        yield command, database


def test_of_a_file_that_is_written_again_the_new_stamp_is_noted_for_the_next_time(
    files: tuple[CommandLine, Database], tmp_path: Path
) -> None:
    command, database = files
    stamps = [{row["source_stamp"] for row in read_lines(database)}]
    write_day(tmp_path, DAYS[1])
    done = command("plan", "small", "--apply")
    assert "nothing is out of date" in done.output
    stamps.append({row["source_stamp"] for row in read_lines(database)})
    first, then = stamps
    assert None not in first
    assert len(first & then) == len(first) / 2
    write_day(tmp_path, DAYS[1], distance=[2.0] * 120)
    shown = " ".join(command("plan", "small").output.split())
    assert f"predictions rows in the source have changed {DAYS[1]} 1 120 " in shown


def read_lines(database: Database) -> list[Row]:
    """Return the lines of the layers that read the source."""
    lines = rows_of(database, tables.computation)
    return [row for row in lines if row["layer"] in (Layer.PREDICTIONS, Layer.LABELS)]


def test_an_unknown_model_is_an_error_that_helps(model: Planned) -> None:
    done = model("plan", "plannned")
    assert done.code == 1
    assert "did you mean 'planned'?" in done.errors
