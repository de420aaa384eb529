"""Change of the missing share: by hand, and its p value."""

import numpy as np
import pytest

from monitoring_assets.metrics.bins import numerical_bins
from monitoring_assets.metrics.drift.missing_share_change import missing_share_change
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.result import Undefined

BINS = numerical_bins(np.array([1.0]))


def column(present: int, missing: int) -> ColumnProfile:
    """Profile of a column with so many values."""
    return profile(np.repeat([1.0, np.nan], [present, missing]), BINS)


def test_it_worked_by_hand() -> None:
    assert missing_share_change(column(90, 10), column(60, 40), BINS) == pytest.approx(0.3)
    assert missing_share_change(column(60, 40), column(90, 10), BINS) == pytest.approx(0.3)


def test_an_all_missing_window_has_a_score() -> None:
    assert missing_share_change(column(90, 10), column(0, 50), BINS) == pytest.approx(0.9)


def test_no_rows_are_undefined() -> None:
    assert missing_share_change(column(1, 0), column(0, 0), BINS) == Undefined(
        "the window has no rows"
    )
    assert isinstance(missing_share_change(column(0, 0), column(1, 0), BINS), Undefined)


def test_its_p_value_is_that_of_the_hypergeometric_law() -> None:
    ladder = NullLadder(method="missing_share_change", reference_rows=4)
    quiet = ladder.quiet(column(4, 0), [column(0, 4), column(4, 0)], BINS, [1.0, 0.0])
    # 4 missing of 8 rows, all of them among the 4 of the window: 1 of 70 ways, twice.
    assert quiet[0].p_value == pytest.approx(2 / 70)
    assert quiet[1].p_value == 1.0
    assert quiet[1].expected == 0.0
