"""Spans read from the tables: the sum of their complete windows, whoever scored them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from monitoring_assets.metrics.bins import Bins, CategoricalBins, numerical_bins
from monitoring_assets.metrics.profile import ColumnProfile, aligned_counts, profile
from monitoring_assets.metrics.quality.regression import RegressionProfile, profile_regression
from monitoring_assets.metrics.registry import DRIFT_METHODS
from monitoring_assets.metrics.span import SpanProfiles
from monitoring_assets.records import ALL, UNFILTERED, Layer, WindowCounts
from monitoring_assets.spec.spans import parse_span
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.profiles import (
    quality_profile_write,
    read_quality_profiles,
    read_window_profiles,
    window_profile_write,
)
from monitoring_assets.storage.references import read_bins, read_reference_profiles
from monitoring_assets.storage.roll_up import spans
from monitoring_assets.storage.roll_up.spans import read_span, read_spans
from monitoring_assets.storage.roll_up.windows import Wanted
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.main_job import MainJob
from monitoring_assets_tests.metrics.added_spans import add_spans
from monitoring_assets_tests.storage.samples import (
    START,
    a_computation,
    a_window,
    compute_all_layers,
)
from monitoring_assets_tests.stored import stored_rows

MODEL = ("small", "day")
DISTANCE = numerical_bins(np.linspace(0, 10, 30))
ZONES = ("north", "south", "west", "east")


def column_profiles(day: int, segments: Iterable[str]) -> dict[tuple[str, str], ColumnProfile]:
    """Return profiles as of a window; its dictionary of zones has grown with the days."""
    generator = np.random.default_rng(day)
    zones = CategoricalBins(categories=ZONES[: 1 + day % 4])
    columns: dict[str, Bins] = {"distance": DISTANCE, "zone": zones}
    values = {
        "distance": lambda n: np.append(generator.normal(5, 2, n), [np.nan, np.inf]),
        "zone": lambda n: generator.choice(np.array([*zones.categories, None], object), n),
    }
    return {
        (segment, name): profile(values[name](300 if segment == ALL else 20), bins)
        for segment in segments
        for name, bins in columns.items()
    }


def write_day(
    database: Database,
    day: int,
    versions: Mapping[str, int],
    segments: Sequence[str] = (ALL, UNFILTERED, "card"),
) -> None:
    """Store a complete window that these versions scored: version -> rows."""
    window = a_window(day)
    compute_all_layers(database, window)
    of_versions = [f"model_version={one}" for one in versions] if len(versions) > 1 else []
    counted = column_profiles(day, [*segments, *of_versions])
    generator = np.random.default_rng(100 + day)
    errors = {
        (segment, version): profile_regression(
            generator.normal(5, 1, rows), generator.normal(5, 1, rows), 5.0
        )
        for segment in (ALL, "card")
        for version, rows in versions.items()
    }
    counts = WindowCounts(rows_read=400, rows_scored=300, rows_by_version=versions)
    for layer, writes in {
        Layer.PREDICTIONS: [],
        Layer.LABELS: [],
        Layer.WINDOW_PROFILES: [window_profile_write(counted)],
        Layer.QUALITY_PROFILES: [quality_profile_write(errors)],
        Layer.DATA_DRIFT: [],
        Layer.DATA_QUALITY: [],
        Layer.MODEL_QUALITY: [],
    }.items():
        found = counts if layer is Layer.PREDICTIONS else None
        replace_window(database, a_computation(layer, window), writes, found)


def one_by_one(database: Database, days: Iterable[int]) -> SpanProfiles:
    """Return the sum of windows that are read each by itself."""
    return add_spans(
        SpanProfiles(
            columns=read_window_profiles(database, a_window(day)),
            quality=read_quality_profiles(database, a_window(day)),
            windows=1,
        )
        for day in days
    )


def begin(day: int) -> datetime:
    return START + timedelta(days=day)


def assert_same(found: SpanProfiles, expected: SpanProfiles) -> None:
    assert found.windows == expected.windows
    assert found.left_out == expected.left_out
    assert found.columns.keys() == expected.columns.keys()
    for key, one in expected.columns.items():
        own = found.columns[key]
        assert own.counts.tolist() == one.counts.tolist()
        plain = {"counts": None, "moment_1": None, "moment_2": None}
        assert vars(own) | plain == vars(one) | plain
        assert own.moment_2 == pytest.approx(one.moment_2, rel=1e-12)
    assert found.quality.keys() == expected.quality.keys()
    for key, sums in expected.quality.items():
        assert found.quality[key].to_sums() == pytest.approx(sums.to_sums(), rel=1e-12)


@pytest.fixture
def fortnight(database: Database) -> Database:
    """Fourteen complete windows of one version, days 0 to 13, and one that is not complete."""
    for day in range(14):
        write_day(database, day, {"1": 300})
    replace_window(database, a_computation(Layer.PREDICTIONS, a_window(14)), [])
    return database


def test_a_week_is_the_sum_of_its_days_bit_for_bit(fortnight: Database) -> None:
    week = read_span(fortnight, *MODEL, begin(0), begin(7))
    assert week.windows == 7
    assert {segment for segment, _ in week.columns} == {ALL, UNFILTERED, "card"}
    assert_same(week, one_by_one(fortnight, range(7)))
    days = [read_span(fortnight, *MODEL, begin(day), begin(day + 1)) for day in range(7)]
    assert_same(add_spans(days), week)


@pytest.mark.parametrize("at_once", [1, 3, 1000])
def test_consecutive_periods_are_read_at_once(
    fortnight: Database, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(spans, "WINDOWS_AT_ONCE", at_once)
    bounds = [begin(-3), begin(4), begin(11), begin(18), begin(25)]
    found = read_spans(fortnight, MODEL, bounds)
    assert [one.windows for one in found] == [4, 7, 3, 0]
    for span, days in zip(found, (range(4), range(4, 11), range(11, 14), ()), strict=True):
        assert_same(span, one_by_one(fortnight, days))


def test_only_what_is_wanted_is_read(fortnight: Database) -> None:
    wanted = Wanted(segments=["card"], columns=["zone"], quality=False)
    (found,) = read_spans(fortnight, MODEL, [begin(0), begin(7)], wanted)
    assert [*found.columns] == [("card", "zone")]
    assert found.quality == {}
    whole = read_span(fortnight, *MODEL, begin(0), begin(7), [ALL])
    assert {segment for segment, _ in (*whole.columns, *whole.quality)} == {ALL}
    assert found.columns["card", "zone"] == one_by_one(fortnight, range(7)).columns["card", "zone"]


def test_a_window_that_is_being_computed_again_does_not_count(fortnight: Database) -> None:
    replace_window(fortnight, a_computation(Layer.PREDICTIONS, a_window(3)), [])
    found = read_span(fortnight, *MODEL, begin(0), begin(7))
    assert_same(found, one_by_one(fortnight, [0, 1, 2, 4, 5, 6]))


def test_a_span_without_complete_windows_is_empty(fortnight: Database) -> None:
    assert read_span(fortnight, *MODEL, begin(14), begin(20)) == SpanProfiles(columns={}, windows=0)
    assert read_span(fortnight, "other", "day", begin(0), begin(7)).windows == 0
    assert read_span(fortnight, "small", "hour", begin(0), begin(7)).windows == 0


@pytest.fixture
def promoted(database: Database) -> Database:
    """Days of version 1, a day of both, days of version 2; one day does not say."""
    for day, versions in enumerate([{"1": 300}, {"1": 100, "2": 200}, {"2": 300}, {}, {"2": 300}]):
        write_day(database, day, versions)
    return database


def test_a_window_that_one_version_scored_counts_for_it_as_a_whole(promoted: Database) -> None:
    found = read_span(promoted, *MODEL, begin(0), begin(5), ["model_version=2"])
    days = {day: read_window_profiles(promoted, a_window(day)) for day in range(5)}
    parts = [
        days[1]["model_version=2", "distance"],
        days[2][ALL, "distance"],
        days[4][ALL, "distance"],
    ]
    assert {segment for segment, _ in found.columns} == {"model_version=2"}
    whole = found.columns["model_version=2", "distance"]
    assert whole.counts.tolist() == np.sum([one.counts for one in parts], axis=0).tolist()
    assert found.columns["model_version=2", "zone"].rows == 20 + 300 + 300
    assert [*found.quality] == [("model_version=2", "2")]
    assert found.quality["model_version=2", "2"].rows == 200 + 300 + 300


def test_windows_that_do_not_say_who_scored_them_are_named(promoted: Database) -> None:
    found = read_span(promoted, *MODEL, begin(0), begin(5), ["model_version=2", ALL])
    (lost,) = found.left_out
    assert (lost.segment, lost.name, lost.rows) == ("model_version=2", "all columns", 300)
    assert lost.reason.endswith("is not stored: compute their predictions again")
    assert found.columns[ALL, "distance"].rows == 5 * 302


def test_versions_are_segments_where_there_are_several(promoted: Database) -> None:
    both = read_span(promoted, *MODEL, begin(0), begin(5))
    names = {segment for segment, _ in both.columns}
    assert {one for one in names if "=" in one} == {"model_version=1", "model_version=2"}
    assert both.columns["model_version=1", "zone"].rows == 300 + 20
    one = read_span(promoted, *MODEL, begin(4), begin(5))
    assert {segment for segment, _ in one.columns} == {ALL, UNFILTERED, "card"}
    assert one.left_out == ()


def test_windows_counted_by_older_bins_are_named(database: Database) -> None:
    newer = numerical_bins(np.linspace(0, 10, 30), version=2)
    for day, bins in enumerate([DISTANCE, newer, newer]):
        compute_all_layers(database, a_window(day))
        counted = {(ALL, "distance"): profile(np.array([1.0, 2.0]), bins)}
        computation = a_computation(Layer.WINDOW_PROFILES, a_window(day))
        replace_window(database, computation, [window_profile_write(counted)])
        for layer in (Layer.DATA_DRIFT, Layer.DATA_QUALITY):
            replace_window(database, a_computation(layer, a_window(day)), [])
    found = read_span(database, *MODEL, begin(0), begin(3))
    assert found.windows == 3
    assert found.columns[ALL, "distance"].rows == 4
    assert [(one.rows, one.reason) for one in found.left_out] == [
        (2, "counted over bins version 1, not 2")
    ]


def test_a_reader_sees_all_tables_at_one_moment(
    fortnight: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is replaced between two queries of a reading does not show in half of it."""

    def replaced_meanwhile(*arguments: Any) -> Any:
        found = read_windows(*arguments)
        write_day(fortnight, 2, {"1": 7})
        return found

    before = one_by_one(fortnight, range(7))
    read_windows = spans.read_windows
    monkeypatch.setattr(spans, "read_windows", replaced_meanwhile)
    assert_same(read_span(fortnight, *MODEL, begin(0), begin(7)), before)
    sums = read_quality_profiles(fortnight, a_window(2))[ALL, "1"]
    assert isinstance(sums, RegressionProfile)
    assert sums.rows == 7


@pytest.mark.slow
def test_a_week_of_real_trips_scores_as_its_raw_rows_do(main_job: MainJob) -> None:
    spec, database = main_job.spec, main_job.database
    span = parse_span(spec.windows, "2023-W07")
    week = read_span(database, spec.model_id, "day", span.start, span.end, [ALL])
    rows = stored_rows(database, spec.model_id, "predictions")
    times = rows["event_time"]
    inside = pc.and_(pc.greater_equal(times, span.start), pc.less(times, span.end))
    passing = rows.filter(pc.and_(inside, pc.is_null(rows["rejected_by"])))
    bins = read_bins(database, spec.model_id)
    reference = read_reference_profiles(database, spec.model_id, 1)
    assert week.windows == 7
    target = str(spec.columns.target)  # comes with labels, not with these rows
    for (_, name), summed in ((k, v) for k, v in week.columns.items() if k[1] != target):
        raw = profile(passing[name], bins[name])
        assert padded(summed, raw) == raw.counts.tolist()
        for method in (one for one in DRIFT_METHODS.values() if bins[name].kind in one.kinds):
            of_rows = method.compute(reference[ALL, name], raw, bins[name])
            of_days = method.compute(reference[ALL, name], summed, bins[name])
            assert of_days == pytest.approx(of_rows, rel=1e-12), (name, method.name)


def padded(summed: ColumnProfile, raw: ColumnProfile) -> list[int]:
    """Return the counts of both over the longer dictionary, which is that of the raw rows."""
    return aligned_counts(summed, raw)[0].tolist()
