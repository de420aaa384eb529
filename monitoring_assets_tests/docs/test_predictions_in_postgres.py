"""predictions-in-postgres.md: two tables of a database of one's own, labels that come late."""

from pathlib import Path

import pytest

from monitoring_assets.records import Verdict
from monitoring_assets.storage import tables
from monitoring_assets_tests.docs.walking import Walked, days_with
from monitoring_assets_tests.stored import everything, rows_of

PAGE = "predictions-in-postgres.md"
DAYS = [f"2025-03-{day:02}" for day in range(1, 22)]
GANG = DAYS[12:]

pytestmark = pytest.mark.slow


def test_the_page_is_true_to_what_is_printed_and_written(page: Walked) -> None:
    assert not page.differences, "\n".join(page.differences)
    assert page.missing_files == []
    assert page.misfits == []


def test_all_21_windows_are_complete_and_alarm_from_the_gangs_first_day_on(page: Walked) -> None:
    assert [*page.windows] == DAYS
    assert days_with(page.windows, Verdict.ALARM) == GANG
    assert days_with(page.windows, Verdict.OK) == DAYS[:12]


def test_drift_is_seen_from_the_first_day_on(page: Walked) -> None:
    assert all("channel" in page.windows[day].drifted_columns for day in GANG)
    assert not any(page.windows[day].drifted_columns for day in DAYS[:12])


def test_once_all_outcomes_are_known_every_one_of_these_days_is_worse(page: Walked) -> None:
    for day in GANG:
        window = page.windows[day]
        assert window.quality is not None
        assert window.quality.verdict is Verdict.ALARM
        assert window.value is not None
        assert 0.5 < window.value < 0.7
    assert all(row["label_coverage"] == 1 for row in rows_of(page.database, tables.window))


def test_before_that_only_the_first_four_of_them_were_judged(page: Walked) -> None:
    (first,) = [one for one in page.done if one.command.text.endswith("status --last 10")]
    worse = [line.split()[1] for line in first.printed.splitlines() if "roc_auc is w" in line]
    assert sorted(worse) == GANG[:4]


def test_the_url_of_the_warehouse_stands_in_no_file_and_no_output(page: Walked) -> None:
    url = page.given["WAREHOUSE_URL"]
    written = [file for file in page.folder.rglob("*") if file.is_file() and url in text_of(file)]
    assert written == []
    assert not any(url in one.printed for one in page.done)
    assert url not in str(everything(page.database))


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
