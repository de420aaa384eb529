"""Windows: long enough for rows enough, short enough for several, the first part as reference."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring_assets.onboarding.cutting import Cut, cut
from monitoring_assets.onboarding.origin import Spread
from monitoring_assets_tests.onboarding.data import binary_rows, loaded, proposed_for, times

DAY = 86_400_000_000
FIRST = date(2025, 1, 1)  # a Wednesday
MICROS = (FIRST - date(1970, 1, 1)).days * DAY


def evenly(rows: int, days: float, *, weight: float = 1, whole: bool = True) -> Spread:
    instants = MICROS + (np.arange(rows) * (days * DAY / rows)).astype(np.int64)
    return Spread(instants=instants, weights=np.full(rows, weight), whole=whole)


@pytest.mark.parametrize(
    ("rows", "days", "granularity"),
    [
        (200_000, 100, "day"),
        (20_000, 100, "day"),
        (3_000, 100, "week"),
        (3_000, 400, "month"),
        (600, 1000, "month"),  # nothing is enough
        (20_000, 2, "hour"),
        (600, 12, "day"),  # weeks would be two
        (50, 3, "day"),
    ],
)
def test_a_window_is_the_shortest_with_200_rows_if_there_are_four(
    rows: int, days: int, granularity: str
) -> None:
    found = cut(evenly(rows, days), trained_here=False)
    assert found.granularity == granularity
    assert found.first == FIRST
    assert days - 2 <= (found.last - FIRST).days <= days - 1


def test_a_sample_counts_for_all_the_rows_it_stands_for() -> None:
    assert cut(evenly(1_000, 100), trained_here=False).granularity == "month"
    found = cut(evenly(1_000, 100, weight=100), trained_here=False)
    assert (found.granularity, found.rows) == ("day", 1000)


def test_a_month_s_batch_makes_windows_of_months() -> None:
    firsts = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(18)]
    days = np.repeat([(day - date(1970, 1, 1)).days for day in firsts], 5000).astype(np.int64)
    spread = Spread(instants=days * DAY, weights=np.ones(len(days)), whole=True)
    found = cut(spread, trained_here=False)
    assert (found.granularity, found.rows, found.windows) == ("month", 5000, 18)
    assert found.reference == (date(2024, 1, 1), date(2024, 5, 1))


def test_a_few_rows_years_away_are_strays() -> None:
    plain = evenly(10_000, 50)
    instants = np.append(plain.instants, [0, MICROS * 2])
    spread = Spread(instants=instants, weights=np.ones(len(instants)), whole=True)
    found = cut(spread, trained_here=False)
    assert (found.first, found.last) == (FIRST, FIRST + timedelta(days=49))
    assert (found.granularity, found.rows, found.strays) == ("day", 200, 2)


def test_a_part_of_the_data_is_judged_by_its_mean() -> None:
    part = evenly(2_000, 1, whole=False)
    far = Spread(
        instants=np.append(part.instants, MICROS + 99 * DAY + part.instants % DAY),
        weights=np.full(4_000, 10.0),
        whole=False,
    )
    assert cut(far, trained_here=False).rows == 400


@pytest.mark.parametrize("trained_here", [True, False])
def test_of_one_day_s_rows_all_are_the_reference(trained_here: bool) -> None:
    found = cut(evenly(150, 0.5), trained_here=trained_here)
    assert found.reference == (FIRST, FIRST + timedelta(days=1))
    assert found.start == (FIRST + timedelta(days=1) if trained_here else FIRST)


@pytest.mark.parametrize(
    ("first", "days", "rows_a_day", "reference_ends"),
    [
        (date(2026, 3, 1), 25, 12, date(2026, 3, 9)),  # a Sunday, and the week after it
        (date(2026, 3, 2), 25, 12, date(2026, 3, 9)),  # a Monday
        (date(2026, 1, 31), 150, 1, date(2026, 4, 1)),
    ],
)
def test_a_reference_that_begins_inside_a_window_takes_one_more(
    first: date, days: int, rows_a_day: int, reference_ends: date
) -> None:
    begin = (first - date(1970, 1, 1)).days * DAY
    instants = begin + np.arange(days * rows_a_day) * (DAY // rows_a_day)
    spread = Spread(instants=instants, weights=np.ones(len(instants)), whole=True)
    found = cut(spread, trained_here=False)
    assert found.reference == (first, reference_ends)
    assert (reference_ends - first).days * rows_a_day >= found.rows


@given(
    rows=st.integers(1, 5_000),
    days=st.floats(0.01, 900),
    trained=st.booleans(),
    whole=st.booleans(),
)
def test_windows_begin_where_the_reference_ends_on_a_legal_day(
    rows: int, days: float, trained: bool, whole: bool
) -> None:
    found = cut(evenly(rows, days, whole=whole), trained_here=trained)
    start, end = found.reference
    assert start == FIRST
    assert start < end
    assert found.start == end or (not trained and found.start <= start)
    assert is_first_day(found, found.start)


def is_first_day(found: Cut, day: date) -> bool:
    if found.granularity == "week":
        return day.weekday() == 0
    return day.day == 1 if found.granularity == "month" else True


@pytest.mark.parametrize("granularity", ["hour", "day", "week", "month"])
@pytest.mark.parametrize("trained", [True, False])
def test_what_was_cut_is_a_legal_model(tmp_path: Path, granularity: str, trained: bool) -> None:
    rows, days = {
        "hour": (12_000, 2),
        "day": (4000, 16),
        "week": (4000, 100),
        "month": (4000, 500),
    }[granularity]
    columns = {"score": None} if trained else {}
    made = binary_rows(rows, scored_at=times(rows, days), **columns)
    proposal = proposed_for(made, tmp_path)
    spec = loaded(proposal, tmp_path)
    assert spec.windows.granularity == granularity
    assert (spec.model is not None) is trained


def test_zones_of_stamps_are_kept_in_mind(tmp_path: Path) -> None:
    aware = pc.assume_timezone(times(), "Asia/Kolkata")
    proposal = proposed_for(binary_rows(scored_at=aware), tmp_path)
    assert proposal.event_time.aware
    assert proposal.cut.first == date(2024, 12, 31)
