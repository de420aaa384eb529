"""`monitoring-assets roll-up`: numbers by period, and errors that say what to do."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sklearn.metrics import mean_absolute_error

from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.command_line import CommandLine, command_line
from monitoring_assets_tests.main_job import MainJob, passes
from monitoring_assets_tests.stored import rows_of, stored_rows


def lines(output: str) -> list[list[str]]:
    """Return the cells of the table, headings first."""
    return [line.split() for line in output.splitlines()[1:] if line.strip()]


def test_a_week_that_is_not_all_there_says_so(command: CommandLine, watched: Database) -> None:
    done = command("roll-up", "quick")
    scored = sum(row["rows_scored"] for row in rows_of(watched, tables.window))
    assert (done.code, done.errors) == (0, "")
    assert done.output.startswith("quick: mae by week, segment all\n")
    (headings, fifth, sixth) = lines(done.output)
    assert headings == ["week", "windows", "rows", "labels", "value", "95", "%", "change"]
    assert fifth[:4] == ["2025-W05", "2", "of", "7"]
    assert sixth[:4] == ["2025-W06", "1", "of", "7"]
    assert int(fifth[4]) + int(sixth[4]) == scored


def test_days_are_shown_with_the_change_since_the_day_before(
    command: CommandLine, watched: Database
) -> None:
    found = rows_of(watched, tables.model_quality, metric="rmse", segment="all")
    values = [row["value"] for row in sorted(found, key=lambda row: row["window_start"])]
    shown = lines(command("roll-up", "quick", "--by", "day", "--metric", "rmse").output)[1:]
    assert [line[0] for line in shown] == ["2025-02-01", "2025-02-02", "2025-02-03"]
    assert [line[4] for line in shown] == [f"{value:.4g}" for value in values]
    assert [line[-1] for line in shown[1:]] == [
        f"{values[1] - values[0]:+.4g}",
        f"{values[2] - values[1]:+.4g}",
    ]


def test_a_change_across_a_gap_is_none(command: CommandLine, watched: Database) -> None:
    middle = tables.window.c.partition_key == "2025-02-02"
    with watched.begin() as connection:
        connection.execute(sa.update(tables.window).values(status="incomplete").where(middle))
    shown = lines(command("roll-up", "quick", "--by", "day").output)[1:]
    assert [line[0] for line in shown] == ["2025-02-01", "2025-02-03"]
    assert not shown[1][-1].startswith(("+", "-"))


def test_only_periods_that_hold_the_days_asked_for_are_shown(command: CommandLine) -> None:
    days = ("--by", "day", "--start", "2025-02-02", "--end", "2025-02-02")
    assert [line[0] for line in lines(command("roll-up", "quick", *days).output)[1:]] == [
        "2025-02-02"
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--by", "hour"), "hours are not made of whole windows, which are days; legal: day, week"),
        (("--by", "decade"), "'decade' is not one of"),
        (("--metric", "f1"), "'f1' is none of mae, rmse, r2, mean_error, mape"),
        (("--column", "tip"), "'tip' is none of passenger_count, trip_distance, pickup_zone"),
        (("--segment", "card"), "has no segment 'card'; it has all"),
        (("--start", "2025-02-03", "--end", "2025-02-01"), "2025-02-01 lies before --start"),
    ],
)
def test_what_makes_no_sense_is_a_mistake_of_use(
    command: CommandLine, arguments: tuple[str, ...], said: str
) -> None:
    done = command("roll-up", "quick", *arguments)
    assert done.code == 2
    assert said in done.errors


def test_days_without_complete_windows_say_which_there_are(
    command: CommandLine, database: Database, tmp_path: Path
) -> None:
    done = command("roll-up", "quick", "--start", "2025-03-01")
    assert done.code == 1
    assert "no window of these days is complete; those that are lie from 2025-02-01" in done.errors
    nothing = command_line(database, tmp_path)("roll-up", "simulated_trips")
    assert nothing.code == 1
    assert "no window has been computed to the end yet: monitoring-assets" in nothing.errors


@pytest.mark.slow
def test_weeks_of_real_trips_are_those_of_their_rows(main_job: MainJob, tmp_path: Path) -> None:
    command = command_line(main_job.database, tmp_path)
    shown = {line[0]: line for line in lines(command("roll-up", "green_taxi").output)}
    labels, predictions = (
        stored_rows(main_job.database, "green_taxi", kind).to_pandas().set_index("row_id")
        for kind in ("labels", "predictions")
    )
    both = (
        predictions[predictions["rejected_by"].isna()]
        .join(labels["target"])
        .dropna(subset=["predicted_minutes", "target"])
    )
    weeks = both.groupby(both["event_time"].dt.tz_convert("America/New_York").dt.strftime("%G-W%V"))
    assert len(weeks) == len(shown) - 1 == 9
    for week, rows in weeks:
        value = mean_absolute_error(rows["target"], rows["predicted_minutes"])
        assert f"{len(rows):,}" in shown[str(week)]
        assert f"{value:.4g}" in shown[str(week)]


@pytest.mark.slow
def test_a_column_is_shown_with_its_mean_and_missing_values(
    main_job: MainJob, tmp_path: Path
) -> None:
    command = command_line(main_job.database, tmp_path)
    done = command("roll-up", "green_taxi", "--by", "month", "--column", "passenger_count")
    trips = main_job.trips[passes(main_job.trips)]
    for month, missing, mean in (line[0:1] + line[3:5] for line in lines(done.output)[1:]):
        own = trips[trips["day"].str.startswith(month)]["passenger_count"]
        assert missing == f"{own.isna().mean():.2%}"
        assert mean == f"{own.mean():.4g}"
