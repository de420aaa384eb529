"""The invented year: the same for the same seed, and what is planted in it can be found there."""

from datetime import date, timedelta

import pandas as pd
import pytest

from monitoring_assets.defs.power_outages.planted import (
    NEW_VERSION,
    PLANTED,
    STORMS,
    WORSE_DISTRICT,
    WORSE_SEGMENT,
    WORSE_VERSION,
    is_on,
)
from monitoring_assets.defs.power_outages.simulation import ROWS_PER_DAY, draw_day
from monitoring_assets.records import PlantedChange
from monitoring_assets_tests.defs.power_outages.warehouse import DEFINITION, drawn, joined

DECEMBER = date(2024, 12, 4)
QUIET = date(2025, 2, 17)


def week_of(change: PlantedChange) -> pd.DataFrame:
    """Return the first week of a change."""
    return joined(*drawn(change.start.date(), 7))


@pytest.fixture(scope="module")
def quiet() -> pd.DataFrame:
    return joined(*drawn(QUIET, 7))


@pytest.fixture(scope="module")
def reports() -> pd.DataFrame:
    """Each prediction of four weeks with its first report and the correction, if there is one."""
    predictions, observations = drawn(DECEMBER, 28)
    in_order = observations.sort_values("reported_at")
    first = in_order.drop_duplicates("prediction_id")
    again = in_order[in_order.duplicated("prediction_id")]
    both = predictions.merge(first, on="prediction_id", how="left")
    both["hour_ends"] = both["forecast_for"] + timedelta(hours=1)
    return both.merge(again, on="prediction_id", how="left", suffixes=("", "_corrected"))


def mae(rows: pd.DataFrame) -> float:
    return float(rows["error"].abs().mean())


def test_a_day_has_a_row_for_each_hour_of_thirty_substations() -> None:
    predictions, _ = drawn(QUIET, 1)
    assert len(predictions) == ROWS_PER_DAY == 6 * 5 * 24
    assert predictions["prediction_id"].is_unique
    assert predictions.groupby("substation")["forecast_for"].nunique().tolist() == [24] * 30
    assert {str(one) for one in predictions["forecast_for"].dt.date} == {str(QUIET)}


def test_the_same_seed_gives_the_same_day_and_another_seed_another_one() -> None:
    assert draw_day(3, QUIET) == draw_day(3, QUIET)
    assert draw_day(3, QUIET) != draw_day(4, QUIET)
    assert draw_day(3, QUIET) != draw_day(3, QUIET + timedelta(days=1))


def test_reports_come_half_a_day_to_eight_days_late_and_most_within_five(
    reports: pd.DataFrame,
) -> None:
    late = (reports["reported_at"] - reports["hour_ends"]).dropna().dt.total_seconds() / 86400
    assert 0.5 <= late.min() < 0.8
    assert late.median() == pytest.approx(2.4, abs=0.05)
    assert 7 < late.max() <= 8
    day_ends = reports["forecast_for"].dt.normalize() + pd.Timedelta(days=1)
    in_time = (reports["reported_at"] - day_ends).dropna() <= pd.Timedelta(days=5)
    assert 0.95 < in_time.mean() < 0.99


def test_some_are_never_reported_and_five_to_ten_percent_are_corrected(
    reports: pd.DataFrame,
) -> None:
    assert reports["reported_at"].isna().mean() == pytest.approx(0.005, abs=0.002)
    assert 0.05 < reports["reported_at_corrected"].notna().mean() < 0.1


def test_a_correction_comes_later_and_says_something_else(reports: pd.DataFrame) -> None:
    corrected = reports[reports["reported_at_corrected"].notna()]
    later = corrected["reported_at_corrected"] - corrected["reported_at"]
    assert pd.Timedelta(hours=12) <= later.min()
    assert later.max() <= pd.Timedelta(days=10)
    assert (corrected["outages"] != corrected["outages_corrected"]).all()


def test_what_the_yaml_joins_reaches_as_far_as_the_latest_correction(
    reports: pd.DataFrame,
) -> None:
    times = reports[["reported_at", "reported_at_corrected"]].max(axis=1)
    assert (times - reports["forecast_for"]).max() < pd.Timedelta(days=20)
    assert "within: 20 days" in DEFINITION.read_text(encoding="utf-8")


def test_storms_are_stronger_and_the_model_foresees_what_they_do(quiet: pd.DataFrame) -> None:
    storms = week_of(STORMS)
    stronger = storms["wind_gust"].mean() / quiet["wind_gust"].mean()
    assert stronger == pytest.approx(STORMS.magnitude, abs=0.03)
    for column in ("predicted_outages", "outages"):
        assert storms[column].mean() / quiet[column].mean() == pytest.approx(1.32, abs=0.08)
    assert mae(storms) / mae(quiet) < 1.3


def test_a_worse_version_predicts_too_little_of_the_same_weather(quiet: pd.DataFrame) -> None:
    worse = week_of(WORSE_VERSION)
    assert set(worse["model_version"]) == {"4"}
    share = worse["predicted_outages"].mean() / worse["outages"].mean()
    assert share == pytest.approx(WORSE_VERSION.magnitude, abs=0.02)
    assert mae(worse) / mae(quiet) > 1.45
    for column in ("wind_gust", "load_share", "outages"):
        assert worse[column].mean() == pytest.approx(quiet[column].mean(), rel=0.03)


def test_one_district_is_worse_and_the_others_are_as_ever(quiet: pd.DataFrame) -> None:
    rows = week_of(WORSE_SEGMENT)
    is_worse = rows["district"] == WORSE_DISTRICT
    assert mae(rows[is_worse]) / mae(quiet[quiet["district"] == WORSE_DISTRICT]) > 1.8
    assert mae(rows[~is_worse]) == pytest.approx(
        mae(quiet[quiet["district"] != WORSE_DISTRICT]), rel=0.04
    )
    assert mae(rows) / mae(quiet) < 1.25


def test_storms_alone_move_what_is_observed_over_all_districts(quiet: pd.DataFrame) -> None:
    usual = quiet["outages"].mean()
    moved = {one.name: week_of(one)["outages"].mean() / usual for one in PLANTED}
    assert moved[STORMS.name] > 1.2
    assert all(share < 1.2 for name, share in moved.items() if name != STORMS.name)


def test_a_new_version_serves_half_then_all() -> None:
    first = NEW_VERSION.start.date()
    versions = [
        set(drawn(first + timedelta(days=days), 1)[0]["model_version"]) for days in (-1, 0, 6, 7)
    ]
    assert versions == [{"3"}, {"3", "5"}, {"3", "5"}, {"5"}]


def test_what_is_planted_is_told_apart_by_its_days() -> None:
    assert len({change.name for change in PLANTED}) == len(PLANTED)
    for change in PLANTED:
        assert change.end is not None
        first, end = change.start.date(), change.end.date()
        held = [is_on(change, day) for day in (first - timedelta(days=1), first, end)]
        assert held == [False, True, False]
        assert first.weekday() == end.weekday() == 0
