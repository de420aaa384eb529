from datetime import datetime

import numpy as np
import pytest

from monitoring_assets.sources.periods import AFTER, BEFORE, BETWEEN, Periods
from monitoring_assets.sources.zones import microseconds
from monitoring_assets_tests.sources.small_files import utc

JANUARY = utc(2023, 1, 1), utc(2023, 2, 1)
MARCH = utc(2023, 3, 1), utc(2023, 4, 1)


def outside(periods: list[tuple[datetime, datetime | None]], *moments: datetime) -> dict[str, int]:
    instants = np.array([microseconds(moment) for moment in moments], np.int64)
    return {k: n for k, n in Periods(periods).count_outside(instants).items() if n}


@pytest.mark.parametrize(
    ("moment", "where"),
    [
        (utc(2008, 12, 31), BEFORE),
        (utc(2023, 1, 1), None),
        (utc(2023, 1, 31, 23, 59), None),
        (utc(2023, 2, 1), BETWEEN),
        (utc(2023, 3, 1), None),
        (utc(2023, 4, 1), AFTER),
    ],
)
def test_a_row_lies_in_a_period_or_before_between_or_after(
    moment: datetime, where: str | None
) -> None:
    assert outside([MARCH, JANUARY], moment) == ({where: 1} if where else {})


def test_nothing_comes_after_a_period_without_end() -> None:
    assert outside([JANUARY, (utc(2023, 3, 1), None)], utc(2050, 1, 1)) == {}


def test_periods_that_touch_or_overlap_are_one() -> None:
    february = (utc(2023, 1, 15), utc(2023, 3, 1))
    merged = Periods([JANUARY, MARCH, february])
    edges = microseconds(JANUARY[0]), microseconds(MARCH[1])
    assert merged.cover(edges[0], edges[1] - 1)
    assert not merged.cover(*edges)


def test_a_period_inside_another_does_not_end_it() -> None:
    inner = utc(2023, 1, 10), utc(2023, 1, 15)
    assert outside([JANUARY, inner], utc(2023, 1, 20), utc(2023, 2, 1)) == {AFTER: 1}


def test_rows_on_both_sides_of_a_gap_are_not_covered() -> None:
    assert not Periods([JANUARY, MARCH]).cover(*map(microseconds, (JANUARY[0], MARCH[0])))


def test_no_period_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one period"):
        Periods([])
