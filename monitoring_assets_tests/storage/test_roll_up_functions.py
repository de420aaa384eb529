"""Roll-ups in the database equal those of Python; differences are those of the rows."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import sqlalchemy as sa
from psycopg import sql

from monitoring_assets.evaluation.quality_scope import Asked
from monitoring_assets.metrics.bins import Bins, CategoricalBins, NumericalBins, numerical_bins
from monitoring_assets.metrics.profile import profile
from monitoring_assets.metrics.quality.classification import profile_classification
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.metrics.result import Estimate
from monitoring_assets.metrics.span import SpanProfiles
from monitoring_assets.records import ALL, WINDOW_LAYERS, Layer, Window
from monitoring_assets.spec.calendar import window_holding
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.spans import PERIODS, Period, period_bounds
from monitoring_assets.spec.windows import Granularity
from monitoring_assets.storage.bins import write_bins
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.profiles import quality_profile_write, window_profile_write
from monitoring_assets.storage.registry import register_model
from monitoring_assets.storage.rolled_up import read_spans
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.samples import NOW, a_computation
from monitoring_assets_tests.test_grafana import signed_in

ZONE = "America/New_York"
DISTANCE, ZONES = numerical_bins(np.arange(10.0)), CategoricalBins(categories=("north", "south"))
BINS: dict[str, Bins] = {"distance": DISTANCE, "zone": ZONES}
FIRST = {
    "hour": datetime(2023, 3, 10, tzinfo=UTC),
    "day": datetime(2022, 12, 20, tzinfo=UTC),
    "week": datetime(2022, 12, 20, tzinfo=UTC),
    "month": datetime(2022, 11, 20, tzinfo=UTC),
}
"""Hours around the change of the clocks, days over the turn of the year."""
START = {"hour": "2023-03-06", "day": "2022-12-05", "week": "2022-12-05", "month": "2022-10-01"}


def a_model(granularity: str) -> ModelSpec:
    windows = {"granularity": granularity, "start": START[granularity], "time_zone": ZONE}
    training = {"start": "2022-01-01", "end": "2022-02-01"}
    return small_spec(windows=windows, model={"estimator": "linear", "training": training})


def windows_of(spec: ModelSpec, number: int) -> Iterable[Window]:
    end = FIRST[spec.windows.granularity]
    for _ in range(number):
        start, end = window_holding(spec.windows, end)
        yield Window(
            model_id=spec.model_id,
            granularity=spec.windows.granularity,
            start=start,
            end=end,
            partition_key=f"{start.astimezone(ZoneInfo(ZONE)):%Y-%m-%d-%H:%M}",
        )


def write(
    database: Database, window: Window, errors: Mapping[tuple[str, str], QualityProfile], seed: int
) -> None:
    generator = np.random.default_rng(seed)
    values = {
        "distance": np.append(generator.normal(5, 3, 30), [np.nan, np.inf]),
        "zone": generator.choice(np.array(["north", "south", "moon", None], object), 30),
    }
    counted = {
        (segment, name): profile(values[name][:rows], BINS[name])
        for segment, rows in ((ALL, 32), ("card", 9))
        for name in values
    }
    writes = {
        Layer.WINDOW_PROFILES: [window_profile_write(counted)],
        Layer.QUALITY_PROFILES: [quality_profile_write(errors)],
    }
    for layer in WINDOW_LAYERS:
        replace_window(database, a_computation(layer, window), writes.get(layer, []))


def errors_of(seed: int) -> dict[tuple[str, str], QualityProfile]:
    generator = np.random.default_rng(seed)
    return {
        (ALL, version): profile_regression(
            generator.normal(9, 2, n), generator.normal(9, 2, n), 9.0
        )
        for version, n in (("1", 20), ("2", seed % 5))
    }


def classes_of(seed: int) -> dict[tuple[str, str], QualityProfile]:
    generator = np.random.default_rng(seed)
    truth, answer = (generator.choice(["a", "b", "new"], 40) for _ in range(2))
    return {(ALL, "1"): profile_classification(truth, answer, {}, ["a", "b"], "b")}


def filled(database: Database, granularity: str, number: int = 24) -> ModelSpec:
    spec = a_model(granularity)
    register_model(database, spec, NOW)
    with database.begin() as connection:
        write_bins(connection, spec.model_id, BINS)
    for seed, window in enumerate(windows_of(spec, number)):
        write(database, window, errors_of(seed), seed)
    return spec


def called(database: Database, name: str, period: str) -> list[dict[str, Any]]:
    query = sql.SQL("SELECT * FROM {}({})").format(sql.Identifier("grafana", name), period)
    with database.connect() as connection:
        return [dict(row) for row in connection.exec_driver_sql(query.as_string()).mappings()]


def of_python(
    database: Database, spec: ModelSpec, period: Period
) -> dict[tuple[datetime, datetime], SpanProfiles]:
    granularity = spec.windows.granularity
    start = FIRST[granularity]
    bounds = period_bounds(spec.windows, period, start, start + timedelta(days=800))
    spans = read_spans(database, (spec.model_id, granularity), bounds)
    ends = zip(bounds, bounds[1:], spans, strict=False)
    return {(begin, end): span for begin, end, span in ends if span.windows}


def longer(granularity: Granularity) -> list[Period]:
    return [period for period in PERIODS[granularity] if period != "hour"]


@pytest.mark.parametrize("granularity", ["hour", "day", "week", "month"])
def test_columns_roll_up_as_in_python(database: Database, granularity: Granularity) -> None:
    spec = filled(database, granularity)
    for period in longer(granularity):
        expected = of_python(database, spec, period)
        rows = called(database, "roll_up_columns", period)
        assert {(row["period_start"], row["period_end"]) for row in rows} == expected.keys()
        assert len(rows) == 4 * len(expected)
        for row in rows:
            span = expected[row["period_start"], row["period_end"]]
            assert row["windows"] == span.windows
            one = span.columns[row["segment"], row["column_name"]]
            found = [row[n] for n in ("rows", "missing_share", "outside_share")]
            assert found == [one.rows, one.missing_share, one.outside_share]
            assert (row["minimum"], row["maximum"]) == (one.minimum, one.maximum)
            bins = BINS[row["column_name"]]
            mean = one.mean(bins) if isinstance(bins, NumericalBins) else None
            assert row["mean"] == (None if mean is None else pytest.approx(mean, rel=1e-12))


@pytest.mark.parametrize("granularity", ["hour", "day", "week", "month"])
def test_quality_rolls_up_as_in_python(database: Database, granularity: Granularity) -> None:
    spec = filled(database, granularity)
    for period in longer(granularity):
        expected = of_python(database, spec, period)
        rows = called(database, "roll_up_quality", period)
        assert len(rows) == 3 * len(expected)
        for row in rows:
            span = expected[row["period_start"], row["period_end"]]
            assert_equal_quality(row, span)


def assert_equal_quality(row: Mapping[str, Any], span: SpanProfiles) -> None:
    total, _ = span.quality_of(row["segment"])
    assert total is not None
    value = Asked(row["metric"]).compute(total)
    assert isinstance(value, Estimate)
    assert (row["windows"], row["labels"]) == (span.windows, total.rows)
    assert row["value"] == pytest.approx(value.value, rel=1e-9)


def test_accuracy_rolls_up_with_classes_that_are_not_listed(database: Database) -> None:
    spec = a_model("day")
    register_model(database, spec, NOW)
    for seed, window in enumerate(windows_of(spec, 9)):
        write(database, window, classes_of(seed), seed)
    expected = of_python(database, spec, "week")
    rows = called(database, "roll_up_quality", "week")
    assert [row["metric"] for row in rows] == ["accuracy"] * len(expected)
    for row in rows:
        assert_equal_quality(row, expected[row["period_start"], row["period_end"]])


def test_periods_that_are_not_made_of_whole_windows_have_no_rows(database: Database) -> None:
    filled(database, "week", 6)
    for name in ("roll_up_columns", "roll_up_quality"):
        assert called(database, name, "month") == called(database, name, "day") == []
        assert called(database, name, "week")


def test_windows_that_are_being_computed_again_do_not_count(database: Database) -> None:
    spec = filled(database, "day", 3)
    (first, *_) = windows_of(spec, 3)
    replace_window(database, a_computation(Layer.PREDICTIONS, first), [])
    rows = called(database, "roll_up_columns", "year")
    assert {row["windows"] for row in rows} == {2}


def test_windows_of_another_length_do_not_count_twice(database: Database) -> None:
    filled(database, "day", 3)
    before = [called(database, name, "year") for name in ("roll_up_columns", "roll_up_quality")]
    for seed, window in enumerate(windows_of(a_model("hour"), 3)):
        write(database, window, errors_of(seed), seed)
    after = [called(database, name, "year") for name in ("roll_up_columns", "roll_up_quality")]
    assert after == before


def test_what_is_asked_of_a_roll_up_is_asked_of_an_index(database: Database) -> None:
    """A dashboard asks for one column of one model among many."""
    filled(database, "day", 3)
    query = """EXPLAIN SELECT mean FROM grafana.roll_up_columns('week')
        WHERE model_id = 'small' AND segment = 'all' AND column_name = 'zone'"""
    with database.connect() as connection:
        connection.execute(sa.text("SET enable_seqscan = off"))
        plan = list(connection.exec_driver_sql(query).scalars())
    assert not [line for line in plan if "Function Scan" in line]
    asked = ("(model_id = 'small'", "(segment = 'all'", "(column_name = 'zone'")
    assert [line for line in plan if "Index Cond" in line and all(one in line for one in asked)]


def test_the_role_of_dashboards_may_ask_for_roll_ups(database: Database) -> None:
    filled(database, "day", 3)
    with signed_in(database) as reader:
        for asked in ("roll_up_columns('year')", "roll_up_quality('year')", "week_over_week"):
            query = sql.SQL("SELECT count(*) > 0 FROM grafana.{}").format(sql.SQL(asked))
            assert reader.execute(query).fetchone() == (asked != "week_over_week",)
