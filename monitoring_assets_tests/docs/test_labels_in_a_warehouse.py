"""labels-in-a-warehouse.md: the shipped model on its invented warehouse, while days go by."""

from pathlib import Path

import pytest

import monitoring_assets
from monitoring_assets.records import Verdict
from monitoring_assets.storage import tables
from monitoring_assets_tests.docs.pages import read_page
from monitoring_assets_tests.docs.walking import Walked, days_with
from monitoring_assets_tests.stored import rows_of

PAGE = "labels-in-a-warehouse.md"
DAYS = [f"2025-01-{day:02}" for day in range(1, 32)] + [f"2025-02-{day:02}" for day in range(1, 4)]
WORSE = [day for day in DAYS if day >= "2025-01-20"]
YOUNG = DAYS[-5:]


@pytest.mark.slow
def test_the_page_is_true_to_what_is_printed(page: Walked) -> None:
    assert not page.differences, "\n".join(page.differences)


def test_what_it_shows_of_the_yaml_stands_there_word_for_word() -> None:
    file = Path(monitoring_assets.__file__).parent / "defs" / "power_outages" / "defs.yaml"
    text = file.read_text(encoding="utf-8")
    fragments = read_page(PAGE).fragments
    assert len(fragments) == 3
    assert [one for one in fragments if one not in text] == []


@pytest.mark.slow
def test_all_34_windows_are_complete_and_those_of_version_4_alarm_once_they_are_old_enough(
    page: Walked,
) -> None:
    assert [*page.windows] == DAYS
    assert days_with(page.windows, Verdict.ALARM) == [day for day in WORSE if day not in YOUNG]
    assert days_with(page.windows, Verdict.LABELS_IMMATURE) == YOUNG
    assert days_with(page.windows, Verdict.OK) == [day for day in DAYS if day not in WORSE]


@pytest.mark.slow
def test_reports_that_came_later_left_predictions_and_drift_alone(page: Walked) -> None:
    computed = [
        (row["layer"], f"{row['window_start']:%Y-%m-%d}")
        for row in rows_of(page.database, tables.computation)
        if row["window_start"] is not None
    ]
    again = {one for one in computed if computed.count(one) > 1}
    days = {"2025-01-13", *[f"2025-01-{day}" for day in range(16, 27)]}
    layers = ("labels", "quality_profiles", "model_quality")
    assert again == {(layer, day) for layer in layers for day in days}


@pytest.mark.slow
def test_what_was_said_before_is_kept(page: Walked) -> None:
    (before,) = [
        row["value"]
        for row in rows_of(page.database, tables.model_quality_history, metric="mae", segment="all")
        if f"{row['window_start']:%Y-%m-%d}" == "2025-01-22"
    ]
    assert round(before, 3) == 3.456
    assert round(page.windows["2025-01-22"].value or 0, 3) == 3.42


@pytest.mark.slow
def test_the_schedule_goes_on_from_where_the_source_stood_when_windows_were_first_read(
    page: Walked,
) -> None:
    (watermark,) = rows_of(page.database, tables.label_watermark)
    assert f"{watermark['knowledge_time']:%Y-%m-%d}" == "2025-01-26"
