"""scikit-learn-pipeline.md: three classes from Parquet files, a hold-out as the reference."""

import pytest

from monitoring_assets.records import Verdict
from monitoring_assets.storage import tables
from monitoring_assets_tests.docs.walking import Walked, days_with
from monitoring_assets_tests.stored import rows_of

PAGE = "scikit-learn-pipeline.md"
DAYS = [f"2025-03-{day:02}" for day in range(1, 22)]
REPLACED = DAYS[14:]

pytestmark = pytest.mark.slow


def class_metric(page: Walked, metric: str, class_name: str) -> list[tuple[float, float]]:
    """Return value and reference of a class's metric on the days of the new meter."""
    rows = rows_of(page.database, tables.model_quality, metric=metric, class_name=class_name)
    later = [row for row in rows if f"{row['window_start']:%Y-%m-%d}" in REPLACED]
    return [(row["value"], row["reference_value"]) for row in later]


def test_the_page_is_true_to_what_is_printed_and_written(page: Walked) -> None:
    assert not page.differences, "\n".join(page.differences)
    assert page.missing_files == []
    assert page.misfits == []


def test_all_21_windows_are_complete_and_alarm_from_the_15th_on(page: Walked) -> None:
    assert [*page.windows] == DAYS
    assert days_with(page.windows, Verdict.ALARM) == REPLACED
    assert days_with(page.windows, Verdict.OK) == DAYS[:14]


def test_one_feature_drifts_and_half_of_its_values_were_never_seen(page: Walked) -> None:
    unseen = rows_of(
        page.database, tables.data_quality, metric="unseen_share", column_name="color_intensity"
    )
    shares = [row["value"] for row in unseen if row["verdict"] == Verdict.ALARM]
    assert len(shares) == len(REPLACED)
    assert all(0.5 < share < 0.65 for share in shares)
    for day in REPLACED:
        window = page.windows[day]
        assert window.alarming_share == 1 / 5
        assert window.broken_columns == ("color_intensity",)
        assert "color_intensity" in window.drifted_columns


def test_half_of_the_grignolinos_are_recalled_and_half_of_the_barberas_are_some(
    page: Walked,
) -> None:
    recalls = class_metric(page, "recall", "grignolino")
    precisions = class_metric(page, "precision", "barbera")
    assert len(recalls) == len(precisions) == len(REPLACED)
    assert all(0.35 < value < 0.6 and round(normal, 2) == 0.88 for value, normal in recalls)
    assert all(0.35 < value < 0.6 < normal for value, normal in precisions)


def test_the_reference_is_the_hold_out(page: Walked) -> None:
    (reference,) = rows_of(page.database, tables.reference)
    assert reference["rows"] == 2000
