"""Every data-quality number that can alarm has words of its own."""

import re

import pytest

from monitoring_assets.records import DATASET, DataQuality
from monitoring_assets.storage.retraining.broken_columns import (
    OF_COLUMN,
    OF_WINDOW,
    Broken,
    in_words,
)
from monitoring_assets_tests.evaluation.classifier_cases import binary_rows
from monitoring_assets_tests.evaluation.test_classifier_windows import ClassifierCase


@pytest.fixture(scope="module")
def bounded() -> list[DataQuality]:
    """Return the numbers of a window that are held against something, as they are judged."""
    found = ClassifierCase().data_quality(binary_rows(200, 4))
    return [one for one in found.values() if one.expectation]


def test_every_number_with_a_bound_has_a_phrase_and_no_other_has(
    bounded: list[DataQuality],
) -> None:
    assert {one.metric for one in bounded if one.column_name == DATASET} == {*OF_WINDOW}
    assert {one.metric for one in bounded if one.column_name != DATASET} == {*OF_COLUMN}


def test_every_bound_of_a_share_is_said(bounded: list[DataQuality]) -> None:
    for one in bounded:
        told = in_words(one.column_name, one.metric, 0.4127, one.expectation)
        if one.metric == "rows":
            assert told.against == told.words == "the window has no row"
        else:
            assert "41 % of rows" in told.words
            allowed = r" \((at most \d+(\.\d+)? % is allowed|none is legal)\)"
            assert re.fullmatch(re.escape(told.words) + allowed, told.against)


def test_what_is_wrong_with_one_column_is_one_sentence() -> None:
    both = Broken(words="is a", against="is a (1)") + Broken(words="is b", against="is b (2)")
    assert both == Broken(words="is a and is b", against="is a (1); is b (2)")
