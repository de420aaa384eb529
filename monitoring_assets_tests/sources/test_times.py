from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest

from monitoring_assets.sources.times import holds_times, read_times
from monitoring_assets_tests.sources.small_files import at, utc

ZONE = "America/New_York"
EXPECTED = [utc(2023, 2, 1, 8, 10), None]  # 03:10 in New York
NAIVE = [at(3, 10), None]
TEXTS = ["2023-02-01T03:10:00", None]

FORMS = {
    "seconds": pa.array(NAIVE, pa.timestamp("s")),
    "milliseconds": pa.array(NAIVE, pa.timestamp("ms")),
    "microseconds": pa.array(NAIVE, pa.timestamp("us")),
    "nanoseconds": pa.array(NAIVE, pa.timestamp("ns")),
    "with its zone": pa.array(EXPECTED, pa.timestamp("us", "Asia/Tokyo")),
    "text": pa.array(TEXTS),
    "text with a blank": pa.array(["2023-02-01 03:10", None]),
    "text with spaces": pa.array([" 2023-02-01T03:10 ", ""]),
    "large text": pa.array(TEXTS, pa.large_string()),
    "text view": pa.array(TEXTS, pa.string_view()),
    "text with Z": pa.array(["2023-02-01T08:10:00Z", None]),
    "text with an offset": pa.array(["2023-02-01T09:10:00+01:00", None]),
    "text in nanoseconds": pa.array(["2023-02-01T03:10:00.000000000", None]),
    "dictionary": pa.array(TEXTS).dictionary_encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_time_is_the_same_however_it_is_stored(form: str) -> None:
    assert holds_times(FORMS[form].type)
    assert read_times(FORMS[form], ZONE).to_arrow().to_pylist() == EXPECTED


def test_a_date_is_the_midnight_it_begins_with() -> None:
    times = read_times(pa.array([date(2023, 2, 1)], pa.date32()), ZONE)
    assert times.to_arrow().to_pylist() == [utc(2023, 2, 1, 5)]


def test_texts_with_and_without_offset_may_stand_in_one_column() -> None:
    times = read_times(pa.array(["2023-02-01T03:10", "2023-02-01T08:10Z"]), ZONE)
    assert times.to_arrow().to_pylist() == [utc(2023, 2, 1, 8, 10)] * 2


def test_a_text_that_is_no_time_is_unreadable_and_a_blank_one_is_missing() -> None:
    times = read_times(pa.array(["2023-02-01T03:10", "soon", "", None]), ZONE)
    assert times.known.tolist() == [True, False, False, False]
    assert times.unreadable.tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    "text",
    ["20260310T020000", "1773100800000", "1773100800", "2026-W11-2", "10.03.2026", "20260310"],
)
@pytest.mark.parametrize("beside", [[], ["2026-03-10T02:00"], ["2026-03-10", "2026-03-10T02:00Z"]])
def test_a_text_that_does_not_begin_with_its_day_is_unreadable(
    text: str, beside: list[str]
) -> None:
    times = read_times(pa.array([text, *beside]), ZONE)
    assert times.known.tolist() == [False, *(True for _ in beside)]
    assert times.unreadable.tolist() == [True, *(False for _ in beside)]


def test_a_column_without_any_value_is_missing_everywhere() -> None:
    assert read_times(pa.nulls(2), ZONE).to_arrow().to_pylist() == [None, None]


def test_a_time_the_clock_sprang_over_is_moved_to_the_jump() -> None:
    march = pa.array(["2023-03-12T02:30", "2023-03-12T03:00"]).cast(pa.timestamp("us"))
    times = read_times(march, ZONE)
    assert times.to_arrow().to_pylist() == [utc(2023, 3, 12, 7)] * 2
    assert times.missing_hour.tolist() == [True, False]


def test_a_time_the_clock_showed_twice_is_taken_for_the_first() -> None:
    times = read_times(pa.array(["2023-11-05T01:30", "2023-11-05T02:30"]), ZONE)
    assert times.to_arrow().to_pylist() == [utc(2023, 11, 5, 5, 30), utc(2023, 11, 5, 7, 30)]
    assert times.repeated_hour.tolist() == [True, False]


def test_a_time_with_an_offset_is_neither_missing_nor_repeated() -> None:
    times = read_times(pa.array(["2023-03-12T02:30-05:00", "2023-11-05T01:30-04:00"]), ZONE)
    assert not (times.missing_hour | times.repeated_hour).any()


def test_a_stretch_of_time_holds_its_start_but_not_its_end() -> None:
    moments = [utc(2023, 2, 1), utc(2023, 2, 2), None]
    times = read_times(pa.array(moments, pa.timestamp("us", "UTC")), ZONE)
    assert times.within(utc(2023, 2, 1), utc(2023, 2, 2)).tolist() == [True, False, False]


def test_ends_of_a_stretch_may_be_given_in_any_zone() -> None:
    tokyo = timezone(timedelta(hours=9))
    start = datetime(2023, 2, 1, 9, tzinfo=tokyo)
    times = read_times(pa.array([utc(2023, 2, 1)], pa.timestamp("us", "UTC")), ZONE)
    assert times.within(start, start.astimezone(UTC) + timedelta(seconds=1)).tolist() == [True]


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.binary(), pa.bool_()])
def test_other_types_hold_no_times(kind: pa.DataType) -> None:
    assert not holds_times(kind)
