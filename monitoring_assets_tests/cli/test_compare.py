"""`monitoring-assets compare`: the tables, and errors that say what to do."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.command_line import CommandLine, command_line
from monitoring_assets_tests.main_job import MainJob, passes
from monitoring_assets_tests.stored import rows_of

COLUMNS = ("passenger_count", "trip_distance", "pickup_zone", "prediction")
METRICS = ("mae", "rmse", "r2", "mean_error", "mape")


def line_of(output: str, name: str) -> list[str]:
    """Return the cells of the one line that begins so."""
    (line,) = [line for line in output.splitlines() if line.startswith(f"{name} ")]
    return line.split()


def test_a_window_is_compared_with_the_one_before_it(command: CommandLine) -> None:
    done = command("compare", "quick", "--span", "2025-02-03")
    assert (done.code, done.errors) == (0, "")
    first, second, *_ = done.output.splitlines()
    assert first.startswith(
        "quick: 2025-02-03, 2025-02-03 05:00 to 2025-02-04 05:00 UTC, 1 window,"
    )
    assert second.startswith("compared with the windows before 2025-02-03, 2025-02-02 05:00 to")
    for name in (*COLUMNS, *METRICS):
        assert "ok" in line_of(done.output, name)
    assert "\ndataset: ok, 0 of 3 columns have drifted, not more than 25 %" in done.output


def test_why_begins_with_what_the_other_columns_do_not_say(command: CommandLine) -> None:
    done = command("compare", "quick", "--span", "2025-02-03")
    lines = [" ".join(line_of(done.output, name)) for name in COLUMNS]
    why = [line.partition(" ok ")[2] for line in lines]
    assert all("above the threshold, " in one and " chance (p = " in one for one in why)
    assert all(one.startswith(("not above", "above")) for one in why)


def test_the_numbers_are_those_of_the_windows(command: CommandLine, watched: Database) -> None:
    found = rows_of(watched, tables.model_quality, metric="mae", segment="all")
    value = {f"{row['window_start']:%Y-%m-%d}": row["value"] for row in found}
    done = command("compare", "quick", "--span", "2025-02-03", "--with", "2025-02-01")
    cells = line_of(done.output, "mae")
    assert cells[2] == f"{value['2025-02-03']:.4g}"
    assert cells[6] == f"{value['2025-02-01']:.4g}"


def test_the_fixed_reference_may_be_compared_with(command: CommandLine, watched: Database) -> None:
    done = command("compare", "quick", "--span", "2025-02-01..2025-02-03", "--with", "reference")
    assert done.code == 0
    assert "compared with the reference, " in done.output
    (mae,) = rows_of(watched, tables.model_quality, metric="mae", labels=labels_of(watched))
    assert line_of(done.output, "mae")[6] == f"{mae['reference_value']:.4g}"


def test_a_span_is_compared_with_the_reference_of_the_version_that_served_it(
    command: CommandLine, watched: Database
) -> None:
    asked = ("compare", "quick", "--span", "2025-02-01..2025-02-03", "--with", "reference")
    before = command(*asked).output
    (reference,) = rows_of(watched, tables.reference)
    promoted = {**reference, "reference_version": 2, "for_model_version": "2"}
    with watched.begin() as connection:
        connection.execute(sa.insert(tables.reference).values(promoted))
    assert command(*asked).output == before


def labels_of(database: Database) -> int:
    """Labels of the newest window."""
    with database.connect() as connection:
        newest = sa.select(tables.window.c.labels).order_by(tables.window.c.window_start.desc())
        return connection.execute(newest.limit(1)).scalar_one()


def test_a_segment_has_tables_of_its_own(command: CommandLine) -> None:
    segments = ("--segment", "all", "--segment", "model_version=1")
    done = command("compare", "quick", "--span", "2025-02-03", *segments)
    assert (done.code, done.errors) == (0, "")
    whole, version = done.output.partition("\nsegment all\n")[2].split(
        "\nsegment model_version=1\n"
    )
    for name in (*COLUMNS[:2], *METRICS):
        # Version 1 scored every row: the numbers are the same, what is drawn is not.
        assert line_of(version, name)[:4] == line_of(whole, name)[:4]


def test_a_version_that_scored_nothing_is_insufficient_data(command: CommandLine) -> None:
    done = command("compare", "quick", "--span", "2025-02-03", "--segment", "model_version=7")
    assert done.code == 0
    assert "insufficient data" in done.output.splitlines()[-1]


def test_a_span_that_is_not_all_there_says_so(command: CommandLine) -> None:
    done = command("compare", "quick", "--span", "2025-02-02..2025-02-08", "--with", "2025-02-01")
    assert done.code == 0
    assert "2 of 7 windows are complete" in done.output


def test_spans_that_overlap_are_pointed_out(command: CommandLine) -> None:
    done = command("compare", "quick", "--span", "2025-02-03", "--with", "2025-02")
    assert "Both hold the same windows in part" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--span", "2024-W06"), "no window of 2024-W06 is complete; those that are lie from"),
        (("--span", "2025-02-01"), "no window of the windows before 2025-02-01 is complete"),
        (("--span", "2025-02-03", "--with", "week-before"), "no window of the week before"),
    ],
)
def test_a_span_without_complete_windows_says_which_there_are(
    command: CommandLine, arguments: tuple[str, ...], said: str
) -> None:
    done = command("compare", "quick", *arguments)
    assert done.code == 1
    assert said in done.errors
    assert "2025-02-01 05:00 to 2025-02-04 05:00 UTC: monitoring-assets backfill" in done.errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Missing option '--span'"),
        (("--span", "yesterday"), "--span: 'yesterday' is not a day (2023-02-06), days"),
        (("--span", "2025-02-03", "--with", "never"), "--with: 'never' is not a day"),
        (("--span", "2025-02-03", "--segment", "card"), "has no segment 'card'; it has all"),
    ],
)
def test_what_names_nothing_is_a_mistake_of_use(
    command: CommandLine, arguments: tuple[str, ...], said: str
) -> None:
    done = command("compare", "quick", *arguments)
    assert done.code == 2
    assert said in done.errors


def test_a_database_without_windows_says_what_computes_them(
    database: Database, tmp_path: Path
) -> None:
    done = command_line(database, tmp_path)("compare", "simulated_trips", "--span", "2025-02-03")
    assert done.code == 1
    assert "no window has been computed to the end yet: monitoring-assets backfill" in done.errors


@pytest.mark.slow
def test_a_week_of_real_trips_is_that_of_its_rows(main_job: MainJob, tmp_path: Path) -> None:
    command = command_line(main_job.database, tmp_path, COLUMNS="120")
    done = command("compare", "green_taxi", "--span", "2023-W07", "--with", "week-before")
    trips = main_job.trips[passes(main_job.trips)]
    week = trips[trips["day"].between("2023-02-13", "2023-02-19")]
    before = trips[trips["day"].between("2023-02-06", "2023-02-12")]
    span = f"2023-W07, 2023-02-13 05:00 to 2023-02-20 05:00 UTC, 7 windows, {len(week):,} rows"
    assert done.code == 0
    assert span in done.output
    cells = line_of(done.output, "trip_distance")
    assert cells[1:3] == [f"{len(week):,}", f"{len(before):,}"]


@pytest.mark.slow
@pytest.mark.parametrize("width", [80, 120])
def test_tables_fit_the_terminal(main_job: MainJob, tmp_path: Path, width: int) -> None:
    command = command_line(main_job.database, tmp_path, COLUMNS=str(width))
    lines = command("compare", "green_taxi", "--span", "2023-W07").output.splitlines()
    names = {"column", "metric", *METRICS, *main_job.spec.columns.features}
    shown = [line.rstrip() for line in lines if line.partition(" ")[0] in names]
    assert len(shown) == len(names)
    assert max(map(len, shown)) <= width
