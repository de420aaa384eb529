"""Deciding on a class, and which probabilities are valid."""

import numpy as np
import pyarrow as pa
import pytest

from monitoring_assets.metrics.decision import decide, valid_probabilities

NO_YES = ("no", "yes")


@pytest.mark.parametrize(
    ("probability", "threshold", "answer"),
    [(0.5, 0.5, "yes"), (0.499, 0.5, "no"), (0.3, 0.3, "yes"), (0.0, 0.3, "no"), (1.0, 0.9, "yes")],
)
def test_two_classes_are_decided_by_the_threshold(
    probability: float, threshold: float, answer: str
) -> None:
    assert decide(np.array([[probability]]), NO_YES, "yes", threshold).to_pylist() == [answer]


def test_the_positive_class_may_stand_first() -> None:
    matrix = np.array([[0.8, 0.2], [0.2, 0.8]])
    assert decide(matrix, ("yes", "no"), "yes", 0.5).to_pylist() == ["yes", "no"]
    assert decide(matrix, ("no", "yes"), "yes", 0.5).to_pylist() == ["no", "yes"]
    assert decide(matrix[:, :1], ("yes", "no"), "yes", 0.5).to_pylist() == ["yes", "no"]


def test_the_largest_of_several_wins_and_the_first_of_equals() -> None:
    matrix = np.array([[0.2, 0.3, 0.5], [0.4, 0.4, 0.2], [0.2, 0.4, 0.4]])
    assert decide(matrix, ("c", "b", "a"), None, 0.9).to_pylist() == ["a", "c", "b"]


def test_a_row_that_lacks_a_probability_has_no_answer() -> None:
    matrix = np.array([[np.nan, 0.9, 0.1], [0.1, 0.9, np.nan], [0.0, 0.0, 1.0]])
    assert decide(matrix, ("a", "b", "c"), None, 0.5).to_pylist() == [None, None, "c"]
    assert decide(matrix[:, :2], NO_YES, "yes", 0.5).to_pylist() == [None, "yes", "no"]


def test_answers_are_an_arrow_column_of_text_also_of_no_row() -> None:
    for positive, classes in (("yes", NO_YES), (None, ("a", "b"))):
        found = decide(np.empty((0, 2)), classes, positive, 0.5)
        assert (found.type, len(found)) == (pa.string(), 0)


def test_columns_that_are_no_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="2 columns of probabilities for 3 classes"):
        decide(np.ones((1, 2)), ("a", "b", "c"), None, 0.5)


@pytest.mark.parametrize(
    ("row", "valid"),
    [
        ([0.3, 0.3, 0.4], True),
        ([0.33, 0.33, 0.33], True),
        ([0.34, 0.34, 0.33], True),
        ([0.33, 0.33, 0.32], False),
        ([0.5, 0.5, 0.02], False),
        ([1.1, -0.1, 0.0], False),
        ([0.5, 0.5, np.nan], False),
        ([np.inf, 0.5, 0.5], False),
        ([0.2], True),
        ([1.0], True),
        ([1.0000000000000002], True),
        ([-1e-17], True),
        ([float(np.float32(1.0000001))], True),
        ([1.0000002, -1e-7, -1e-7], True),
        ([1.000002], False),
        ([-2e-6, 1.0], False),
        ([np.nan], False),
    ],
)
def test_probabilities_lie_between_0_and_1_and_sum_to_1(row: list[float], valid: bool) -> None:
    assert valid_probabilities(np.array([row])).tolist() == [valid]
