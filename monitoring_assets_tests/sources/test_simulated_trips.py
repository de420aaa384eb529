from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from monitoring_assets.errors import SourceSchemaError
from monitoring_assets.sources.base import Places, Source
from monitoring_assets.sources.build import build_source
from monitoring_assets_tests.specs import simulated_spec, small_spec

SPEC = simulated_spec()
QUIET = build_source(simulated_spec(changes=False), Places(Path()))
CHANGED = build_source(SPEC, Places(Path()))
MIDNIGHT = SPEC.windows.midnight
KINDS = {"covariate_shift", "broken_column", "concept_change"}


def days(first: date, count: int = 1) -> tuple[datetime, datetime]:
    return MIDNIGHT(first), MIDNIGHT(first + timedelta(days=count))


def window(number: int, count: int = 1, source: Source = CHANGED) -> pd.DataFrame:
    first = SPEC.windows.start + timedelta(days=number)
    return source.read(*days(first, count)).table.to_pandas()


def test_a_day_alone_is_the_same_as_inside_a_long_stretch() -> None:
    whole = CHANGED.read(*days(date(2025, 1, 25), 30)).table
    parts = [CHANGED.read(*days(date(2025, 1, 25) + timedelta(days=n))).table for n in range(30)]
    assert pa.concat_tables(parts) == whole


def test_hours_of_a_day_are_the_day() -> None:
    start, end = days(date(2025, 3, 9))
    hours = [start + timedelta(hours=n) for n in range((end - start) // timedelta(hours=1) + 1)]
    parts = [CHANGED.read(*ends).table for ends in pairwise(hours)]
    assert pa.concat_tables(parts) == CHANGED.read(start, end).table


def test_another_seed_makes_other_trips() -> None:
    other = build_source(simulated_spec(seed=2), Places(Path()))
    ours, theirs = (source.read(*days(date(2025, 2, 3))).table for source in (CHANGED, other))
    assert ours["trip_distance"] != theirs["trip_distance"]


@pytest.mark.parametrize(
    ("day", "rows"),
    [
        (date(2025, 2, 3), 1100),
        (date(2025, 2, 8), 750),
        (date(2025, 3, 9), round(750 * 23 / 24)),
        (date(2025, 11, 2), round(750 * 25 / 24)),
    ],
    ids=["weekday", "weekend", "23 hours", "25 hours"],
)
def test_a_day_has_as_many_trips_as_it_has_hours(day: date, rows: int) -> None:
    start, end = days(day)
    table = QUIET.read(start, end).table
    assert len(table) == rows
    assert start <= table["event_time"][0].as_py() <= table["event_time"][-1].as_py() < end


def test_a_week_has_seven_times_the_rows_of_an_average_day() -> None:
    assert len(window(2, 7, QUIET)) == 7000


def test_the_missing_hour_has_no_trips_and_the_repeated_one_twice_as_many() -> None:
    source = build_source(simulated_spec(rows_per_day=100_000), Places(Path()))
    spring, autumn, usual = (
        source.read(*days(day)).table.to_pandas()["hour"].value_counts(normalize=True)
        for day in (date(2025, 3, 9), date(2025, 11, 2), date(2025, 11, 9))
    )
    assert 2 not in spring.index
    assert autumn[1] == pytest.approx(2 * usual[1], rel=0.2)


def test_without_changes_only_the_weekly_swing_is_planted() -> None:
    assert [change.kind for change in QUIET.planted_changes()] == ["weekly_swing"]
    assert {change.kind for change in CHANGED.planted_changes()} == KINDS | {"weekly_swing"}


def test_days_without_a_change_are_the_same_with_and_without_changes() -> None:
    planted = [c for c in CHANGED.planted_changes() if c.kind in KINDS]
    for number in range(-31, 60):
        first = MIDNIGHT(SPEC.windows.start + timedelta(days=number))
        touched = any(c.start <= first and (c.end is None or first < c.end) for c in planted)
        alike = window(number).equals(window(number, source=QUIET))
        assert alike is not touched, number


def test_longer_trips_are_the_covariate_shift() -> None:
    changed, quiet = window(20, 7), window(20, 7, QUIET)
    assert np.allclose(changed["trip_distance"], 1.5 * quiet["trip_distance"], atol=0.02)
    assert (changed["duration_minutes"] >= quiet["duration_minutes"]).all()


def test_missing_pick_up_zones_are_the_broken_column() -> None:
    changed, quiet = window(32, 3), window(32, 3, QUIET)
    assert changed["pickup_zone"].isna().mean() == pytest.approx(0.4, abs=0.03)
    assert changed.drop(columns="pickup_zone").equals(quiet.drop(columns="pickup_zone"))


def test_longer_durations_of_the_same_trips_are_the_concept_change() -> None:
    changed, quiet = window(45, 15), window(45, 15, QUIET)
    assert np.allclose(changed["duration_minutes"], 1.3 * quiet["duration_minutes"], atol=0.02)
    features = list(SPEC.columns.features)
    assert changed[features].equals(quiet[features])


def test_most_trips_take_1_to_60_minutes_and_some_do_not() -> None:
    share = (window(0, 20)["rejected_by"] == "duration_out_of_range").mean()
    assert 0.002 < share < 0.03


@pytest.mark.slow
def test_a_model_fitted_to_quiet_days_errs_in_the_concept_change_and_nowhere_else() -> None:
    from sklearn.ensemble import HistGradientBoostingRegressor

    def inputs(rows: pd.DataFrame) -> tuple[Any, Any]:
        kept = rows.loc[rows["rejected_by"].isna()]
        columns = [*SPEC.columns.numerical, *SPEC.columns.categorical]
        codes = kept[columns].assign(
            **{name: kept[name].astype(zones[name]).cat.codes for name in zones}
        )
        return codes, kept["duration_minutes"]

    training = window(-28, 28)
    zones = {
        name: pd.CategoricalDtype(sorted(set(training[name]))) for name in SPEC.columns.categorical
    }
    model = HistGradientBoostingRegressor(max_iter=30, random_state=0).fit(*inputs(training))
    errors = {}
    for name, first in {"quiet": 0, "shift": 20, "broken": 32, "concept": 45}.items():
        features, minutes = inputs(window(first, 3))
        errors[name] = abs(model.predict(features) - minutes).mean()
    assert errors["shift"] < 1.2 * errors["quiet"]
    assert errors["concept"] > 1.8 * errors["quiet"]


def test_there_are_trips_for_any_day_anyone_asks_for() -> None:
    assert CHANGED.newest_event_time() == datetime.max.replace(tzinfo=UTC)
    assert sum(CHANGED.rows_outside([days(date(2025, 2, 1))]).values()) == 0


def test_a_description_says_how_to_get_the_same_trips_again() -> None:
    assert CHANGED.describe() == {
        "kind": "simulated_trips",
        "seed": "20250201",
        "rows_per_day": "1000",
        "changes": "true",
    }


def test_a_column_that_is_not_invented_is_missing() -> None:
    spec = small_spec(source={"kind": "simulated_trips"})
    with pytest.raises(
        SourceSchemaError, match=r"simulated_trips lacks column 'time'.*Found: trip_id"
    ):
        build_source(spec, Places(Path())).read(*days(date(2025, 2, 1)))
