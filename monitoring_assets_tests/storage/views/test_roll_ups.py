"""Roll-ups in the database equal those of Python; differences are those of the rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import sqlalchemy as sa
from psycopg import sql

from monitoring_assets.evaluation.quality_scope import quality_values
from monitoring_assets.metrics.bins import Bins, CategoricalBins, NumericalBins, numerical_bins
from monitoring_assets.metrics.profile import profile
from monitoring_assets.metrics.quality.classification import profile_classification
from monitoring_assets.metrics.quality.profiles import QualityProfile, task_of
from monitoring_assets.metrics.quality.regression import profile_regression
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
from monitoring_assets.storage.roll_up.spans import read_spans
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.samples import NOW, a_computation
from monitoring_assets_tests.test_grafana import signed_in

ZONE = "America/New_York"
DISTANCE, ZONES = numerical_bins(np.arange(10.0)), CategoricalBins(categories=("north", "south"))
Errors = dict[tuple[str, str], QualityProfile]
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


def errors_of(seed: int, centre: float = 9.0) -> Errors:
    generator = np.random.default_rng(seed)
    return {
        (ALL, version): profile_regression(
            generator.normal(9, 2, n).round(), generator.normal(9, 2, n), centre
        )
        for version, n in (("1", 20), ("2", seed % 5))
    }


def classes_of(seed: int, classes: str, positive: str | None) -> Errors:
    """Return sums of one window: with a class that is not listed, one that is rare, and one that
    neither a label nor an answer ever names."""
    generator = np.random.default_rng(seed)
    listed = [*classes, "never"] if positive is None else [*classes]
    occurring = [*classes, "new"]
    share = np.array([0.9, *([0.05] * (len(occurring) - 1))])
    truth, answer = (generator.choice(occurring, 40, p=share / share.sum()) for _ in range(2))
    given = generator.dirichlet(np.ones(len(listed)), 40)
    probabilities = {name: given[:, place] for place, name in enumerate(listed)}
    return {(ALL, "1"): profile_classification(truth, answer, probabilities, listed, positive)}


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


EXACT = {
    "regression": {"mae", "rmse", "mape", "mean_error", "r2"},
    "binary": {"accuracy", "balanced_accuracy", "precision", "recall", "f1", "log_loss"}
    | {"brier_loss"},
}
EXACT["multiclass"] = EXACT["binary"]


def of_sums(profile: QualityProfile) -> dict[str, float]:
    """Return the metrics of Python that a few sums give exactly."""
    exact = EXACT[task_of(profile)]
    found = quality_values(profile)
    return {key: value for key, value in found.items() if key.partition("/")[0] in exact}


def by_period(rows: list[dict[str, Any]]) -> dict[tuple[datetime, datetime], dict[str, float]]:
    found: dict[tuple[datetime, datetime], dict[str, float]] = defaultdict(dict)
    for row in rows:
        key = f"{row['metric']}/{row['class_name']}" if row["class_name"] else row["metric"]
        found[row["period_start"], row["period_end"]][key] = row["value"]
    return found


def assert_as_in_python(database: Database, spec: ModelSpec, period: Period) -> None:
    expected = of_python(database, spec, period)
    rows = called(database, "roll_up_quality", period)
    found = by_period(rows)
    assert found.keys() == expected.keys()
    for span, values in found.items():
        total, _ = expected[span].quality_of(ALL)
        assert total is not None
        assert values == pytest.approx(of_sums(total), rel=1e-12, abs=1e-12)
        of_span = [row for row in rows if (row["period_start"], row["period_end"]) == span]
        assert {row["labels"] for row in of_span if not row["class_name"]} == {total.rows}
    assert len(rows) == sum(map(len, found.values()))


@pytest.mark.parametrize("granularity", ["hour", "day", "week", "month"])
def test_quality_rolls_up_as_in_python(database: Database, granularity: Granularity) -> None:
    spec = filled(database, granularity)
    for period in longer(granularity):
        assert_as_in_python(database, spec, period)
        expected = of_python(database, spec, period)
        for row in called(database, "roll_up_quality", period):
            assert row["windows"] == expected[row["period_start"], row["period_end"]].windows


@pytest.mark.parametrize(("classes", "positive"), [("ab", "b"), ("abcd", None)])
def test_classes_roll_up_as_in_python(
    database: Database, classes: str, positive: str | None
) -> None:
    spec = a_model("day")
    register_model(database, spec, NOW)
    for seed, window in enumerate(windows_of(spec, 24)):
        write(database, window, classes_of(seed, classes, positive), seed)
    for period in longer("day"):
        assert_as_in_python(database, spec, period)


def test_labels_of_a_class_are_those_that_name_it(database: Database) -> None:
    spec = a_model("day")
    register_model(database, spec, NOW)
    answers = profile_classification([*"aabc"], [*"abbb"], {}, [*"abc"], None)
    write(database, next(iter(windows_of(spec, 1))), {(ALL, "1"): answers}, 1)
    rows = called(database, "roll_up_quality", "week")
    assert {(row["class_name"], row["labels"]) for row in rows} == {
        ("", 4), ("a", 2), ("b", 1), ("c", 1)
    }  # fmt: skip
    recall = {row["class_name"]: row["value"] for row in rows if row["metric"] == "recall"}
    assert recall == {"a": 0.5, "b": 1.0, "c": 0.0, "": 0.5}


def test_a_constant_target_has_no_share_of_explained_variation(database: Database) -> None:
    spec = a_model("day")
    register_model(database, spec, NOW)
    constant = {(ALL, "1"): profile_regression([0.1] * 9, np.arange(9.0), 7.3)}
    for seed, window in enumerate(windows_of(spec, 3)):
        write(database, window, constant, seed)
    assert_as_in_python(database, spec, "year")
    assert "r2" not in {row["metric"] for row in called(database, "roll_up_quality", "year")}


def test_sums_about_another_centre_than_the_newest_do_not_count(database: Database) -> None:
    spec = a_model("day")
    register_model(database, spec, NOW)
    for seed, window in enumerate(windows_of(spec, 6)):
        write(database, window, errors_of(seed, 9.0 if seed < 4 else 11.0), seed)
    assert_as_in_python(database, spec, "month")
    assert {row["windows"] for row in called(database, "roll_up_quality", "year")} == {2}


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
