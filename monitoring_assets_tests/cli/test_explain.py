"""`monitoring-assets explain`: a planted segment is named, quiet is quiet, wrong keys help."""

import json
from pathlib import Path
from typing import Any

import pytest

from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.planted_model import BAD_DAY, QUIET_DAY, WORSE_DAY
from monitoring_assets_tests.command_line import CommandLine, command_line
from monitoring_assets_tests.dagster_runs import Runner, write_model, yaml_of


@pytest.fixture(scope="module")
def explain(planted: Runner, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    folder = tmp_path_factory.mktemp("explain")
    write_model(folder / "models", yaml_of(planted.spec), "planted")
    return command_line(
        planted.database,
        folder,
        MONITORING_MODELS=str(folder / "models"),
        MONITORING_DAGSTER_PAGES="https://dagster.example.org/",
        COLUMNS="90",
    )


def text(explain: CommandLine, *arguments: str) -> str:
    done = explain("explain", "planted", *arguments)
    assert done.code == 0, done.errors
    return done.output


def data(explain: CommandLine, *arguments: str) -> dict[str, Any]:
    return json.loads(text(explain, *arguments, "--json"))


def test_the_planted_segment_is_to_blame_first(explain: CommandLine) -> None:
    shown = text(explain, BAD_DAY)
    assert f"planted, window {BAD_DAY}: alarm" in shown
    assert "To blame first: zone=south." in shown
    assert "It begins with this window." in shown
    first = data(explain, BAD_DAY)["quality"][0]["blame"][0]
    assert (first["segment"], first["stands_out"]) == ("zone=south", True)


def test_parts_sum_to_what_is_stored(explain: CommandLine) -> None:
    found = data(explain, WORSE_DAY)
    for score in found["drift"]:
        assert sum(one["part"] for one in score["parts"]) == pytest.approx(score["score"], abs=1e-9)
        for split in score["by"]:
            assert split["mix"] + split["rate"] == pytest.approx(score["score"], abs=1e-9)
    for number in found["quality"]:
        change = number["value"] - number["reference_value"]
        for split in number["by"]:
            assert split["mix"] + split["rate"] == pytest.approx(change, abs=1e-9)
    assert {one["by"] for number in found["quality"] for one in number["by"]} == {"zone", "far"}
    alarming = {one["column_name"] for one in found["drift"]}
    assert alarming == {"distance", "zone", "predicted", "minutes"}


def test_an_alarm_that_goes_on_has_begun_on_an_earlier_day(explain: CommandLine) -> None:
    assert f"Alarming since {BAD_DAY}: 2 windows in a row." in text(explain, WORSE_DAY)
    (mae,) = data(explain, WORSE_DAY)["quality"]
    assert (mae["alarming_since"], mae["alarming_windows"]) == (BAD_DAY, 2)


def test_the_newest_complete_window_is_explained_if_none_is_named(explain: CommandLine) -> None:
    assert text(explain) == text(explain, "newest") == text(explain, WORSE_DAY)


def test_a_quiet_window_says_so_and_what_came_nearest(explain: CommandLine) -> None:
    shown = text(explain, QUIET_DAY)
    assert f"planted, window {QUIET_DAY}: quiet" in shown
    assert "Nothing alarms." in shown
    assert "nearest to an alarm" in shown
    assert data(explain, QUIET_DAY)["nearest"][0]["layer"] == "data_drift"


def test_a_segment_is_explained_by_itself(explain: CommandLine) -> None:
    shown = text(explain, BAD_DAY, "--segment", "zone=south")
    assert f"window {BAD_DAY}, segment zone=south: alarm" in shown
    found = data(explain, BAD_DAY, "--segment", "zone=south")
    assert found["quality"][0]["segment"] == "zone=south"
    assert {one["segment"] for one in found["other_segments"]} >= {"all"}


def test_a_column_is_explained_though_it_does_not_alarm(explain: CommandLine) -> None:
    shown = text(explain, QUIET_DAY, "--column", "distance")
    assert "drift of distance (miles) by kolmogorov_smirnov: ok" in shown
    assert "Where the two distributions are farthest apart:" in shown


def test_the_run_is_named_with_its_page(explain: CommandLine, planted: Runner) -> None:
    (run,) = {one["run_id"] for one in data(explain, BAD_DAY)["computed_by"]}
    assert planted.instance.get_run_by_id(run) is not None
    lines = text(explain, BAD_DAY).splitlines()
    assert f"  Run https://dagster.example.org/runs/{run}:" in " ".join(lines)


def test_the_statements_it_ends_with_give_what_it_says(
    explain: CommandLine, planted: Runner
) -> None:
    found = data(explain, BAD_DAY)
    with planted.database.connect() as connection:
        answers = [list(connection.exec_driver_sql(one)) for one in found["queries"]]
    assert all(answers)
    value = found["quality"][0]["value"]
    assert any(value in {*row} for rows in answers for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("2023-02-31",), f"(did you mean {QUIET_DAY} or {BAD_DAY} or {WORSE_DAY}?)"),
        (("2024-12-24",), f"its windows go from {QUIET_DAY} to {WORSE_DAY}"),
        (("--segment", "zone=suoth"), "did you mean zone=north or zone=south"),
        (
            ("--segment", "x"),
            "its segments are all, zone=north, zone=west, zone=south, zone=(other)",
        ),
        (("--column", "distanze"), "(did you mean distance?)"),
        (("--column", "hours"), "its columns are distance, zone, predicted, minutes"),
        (("2022-12-31",), "window '2022-12-31': the first begins on 2023-02-01; its windows"),
        (("2023-02-20",), " yet: monitoring-assets backfill planted --start 2023-02-20 --end 2023"),
        (("2023-02",), f"no window '2023-02' (did you mean {QUIET_DAY}"),
        (("'; DROP TABLE",), f"no window ''; DROP TABLE'; its windows go from {QUIET_DAY}"),
    ],
)
def test_a_wrong_key_is_answered_with_those_that_are_near(
    explain: CommandLine, arguments: tuple[str, ...], said: str
) -> None:
    done = explain("explain", "planted", *arguments)
    assert done.code == 1
    assert done.errors.startswith("error: model 'planted' has no ")
    assert said in done.errors


def test_a_model_without_windows_says_how_to_compute_them(
    database: Database, tmp_path: Path
) -> None:
    done = command_line(database, tmp_path)("explain", "green_taxi")
    assert done.code == 1
    assert "has no window yet: monitoring-assets backfill green_taxi" in done.errors


@pytest.mark.parametrize(
    "address", ["dagster.example.org", "postgresql://u:p@h/db", "https://u:p@example.org"]
)
def test_an_address_of_pages_that_is_none_is_refused_and_not_repeated(
    explain: CommandLine, address: str
) -> None:
    wrong = CommandLine({**explain.environment, "MONITORING_DAGSTER_PAGES": address})
    done = wrong("explain", "planted")
    assert done.code == 1
    assert "MONITORING_DAGSTER_PAGES is not the address of Dagster's web pages" in done.errors
    assert "u:p" not in done.errors
