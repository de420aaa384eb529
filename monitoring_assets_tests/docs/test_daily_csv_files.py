"""daily-csv-files.md: from a folder of CSV files to verdicts, with a YAML that was guessed."""

from datetime import timedelta

import pytest

from monitoring_assets.components.loading import load_model
from monitoring_assets.records import Verdict
from monitoring_assets.spec.sources import CsvSourceSpec
from monitoring_assets.storage import tables
from monitoring_assets_tests.docs.walking import Walked, days_with
from monitoring_assets_tests.stored import rows_of

PAGE = "daily-csv-files.md"
MARCH = [f"2025-03-{day:02}" for day in range(10, 32)]
APRIL = [f"2025-04-{day:02}" for day in range(1, 7)]
IN_METRES = ["2025-03-31", *APRIL]

pytestmark = pytest.mark.slow


def test_the_page_is_true_to_what_is_printed_and_written(page: Walked) -> None:
    assert not page.differences, "\n".join(page.differences)
    assert page.missing_files == []
    assert page.misfits == []


def test_the_guessed_yaml_reads_the_files_as_they_are_written(page: Walked) -> None:
    spec = load_model(page.folder / "models" / "deliveries" / "defs.yaml")
    source = spec.source
    assert isinstance(source, CsvSourceSpec)
    assert (source.delimiter, source.decimal_point) == (";", ",")
    assert (spec.columns.id, spec.columns.event_time) == (None, "delivered_at")
    assert spec.windows.time_zone == source.event_time_zone == "Europe/Berlin"


def test_all_28_windows_are_complete_and_alarm_from_31_march_on(page: Walked) -> None:
    assert [*page.windows] == [*MARCH, *APRIL]
    assert days_with(page.windows, Verdict.ALARM) == IN_METRES
    assert days_with(page.windows, Verdict.OK) == MARCH[:-1]


def test_these_days_alarm_thrice(page: Walked) -> None:
    for day in IN_METRES:
        window = page.windows[day]
        assert "distance_km" in window.drifted_columns
        assert window.broken_columns == ("distance_km",)
        assert window.value is not None
        assert window.value > 15
        assert round(window.reference_value or 0) == 3


def test_a_fifth_of_the_distances_was_never_seen(page: Walked) -> None:
    unseen = rows_of(
        page.database, tables.data_quality, metric="unseen_share", column_name="distance_km"
    )
    shares = [row["value"] for row in unseen if row["verdict"] == Verdict.ALARM]
    assert len(shares) == len(IN_METRES)
    assert all(0.15 < share < 0.25 for share in shares)


def test_the_day_the_clocks_went_forward_has_23_hours_and_all_its_rows(page: Walked) -> None:
    (window,) = rows_of(page.database, tables.window, partition_key="2025-03-30")
    assert window["window_end"] - window["window_start"] == timedelta(hours=23)
    lines = (page.folder / "deliveries" / "2025-03-30.csv").read_text().splitlines()
    assert window["rows_read"] == len(lines) - 1


def test_normal_is_measured_on_the_first_nine_days(page: Walked) -> None:
    (reference,) = rows_of(page.database, tables.reference)
    files = sorted((page.folder / "deliveries").glob("*.csv"))[:9]
    assert files[-1].name == "2025-03-09.csv"
    assert reference["rows"] == sum(len(file.read_text().splitlines()) - 1 for file in files)
