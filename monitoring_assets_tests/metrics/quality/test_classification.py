"""Classification profiles: counted by hand, adding up, stored, refusing what makes no sense."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from monitoring_assets.metrics.quality.classification import (
    ClassificationProfile,
    profile_classification,
)
from monitoring_assets.metrics.quality.profiles import quality_profile_from_sums, task_of
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.metrics.quality.score_bins import (
    CALIBRATION_BIN,
    SCORE_BINS,
    SCORE_EDGES,
    count_scores,
)
from monitoring_assets_tests.metrics.quality.classifiers import (
    Rows,
    binary_rows,
    messy_rows,
    multiclass_rows,
)

ABC = ("a", "b", "c")
BINARY = binary_rows(np.random.default_rng(1), 1_000)
MULTICLASS = multiclass_rows(np.random.default_rng(2), 1_000)
ALL_KINDS = [BINARY, MULTICLASS, messy_rows(5, binary=True), messy_rows(15, binary=False)]


def assert_alike(found: ClassificationProfile, expected: ClassificationProfile) -> None:
    """Counts are equal, and sums but for rounding."""
    left, right = found.to_sums(), expected.to_sums()
    for name, scores in right.pop("scores").items():
        own = left["scores"][name]
        for key in ("bins", "own", "others", "lowest", "highest", "calibration_bins"):
            assert own[key] == scores[key]
        for key in ("probability", "squared_error"):
            assert own[key] == pytest.approx(scores[key], rel=1e-12)
    left.pop("scores")
    for key in ("log_loss", "squared_log_loss", "brier", "squared_brier"):
        assert left.pop(key) == pytest.approx(right.pop(key), rel=1e-12)
    assert left == right


def test_labels_and_answers_counted_by_hand() -> None:
    target = ["a", "b", "b", "x", "x", "c", None, "a"]
    prediction = ["a", "b", "x", "x", "y", "a", "a", None]
    found = profile_classification(target, prediction, {}, ABC, None)
    assert found.confusion.tolist() == [[1, 0, 0, 0], [0, 1, 0, 1], [1, 0, 0, 0], [0, 0, 0, 2]]
    assert (found.rows, found.incomplete, found.unlisted_agreeing) == (6, 2, 1)
    assert (found.unlisted_target_rows, found.unlisted_prediction_rows) == (2, 3)
    assert (found.probability_rows, found.invalid_probability_rows, found.scores) == (0, 0, {})


def test_probabilities_of_two_classes_summed_by_hand() -> None:
    found = profile_classification(
        ["n", "y", "y"], ["n", "n", "y"], {"y": [0.2, 0.4, 1.0]}, ["n", "y"], "y"
    )
    assert (found.probability_rows, found.invalid_probability_rows) == (3, 0)
    assert found.log_loss == pytest.approx(-np.log(0.8) - np.log(0.4))
    assert found.brier == pytest.approx(0.04 + 0.36)
    assert found.squared_brier == pytest.approx(0.04**2 + 0.36**2)
    scores = found.scores["y"]
    assert [*found.scores] == ["y"]
    assert scores.probability[[2, 4, 9]].tolist() == pytest.approx([0.2, 0.4, 1.0])
    assert scores.squared_error[[2, 4, 9]].tolist() == pytest.approx([0.04, 0.36, 0.0])
    assert (scores.own.sum(), scores.others.sum(), scores.own[-1]) == (2, 1, 1)


def test_the_probability_of_either_class_tells_that_of_the_other() -> None:
    given = BINARY.probabilities["yes"]
    for probabilities in ({"no": 1 - given}, {"no": 1 - given, "yes": given}):
        found = profile_classification(
            BINARY.target, BINARY.prediction, probabilities, BINARY.classes, "yes"
        )
        assert [*found.scores] == ["yes"]
        assert found.log_loss == pytest.approx(BINARY.profile().log_loss, rel=1e-12)
        assert found.brier == pytest.approx(BINARY.profile().brier, rel=1e-12)


def test_invalid_probabilities_are_left_out_of_sums_and_counted() -> None:
    of_a = [0.5, 0.33, 0.5, np.nan, 1.2, 0.5, 0.5]
    others = [0.25, 0.33, 0.3, 0.25, -0.1, 0.25, 0.25]
    target = ["a", "a", "a", "a", "a", "unlisted", None]
    found = profile_classification(
        target, ["a"] * 7, {"a": of_a, "b": others, "c": others}, ABC, None
    )
    # A sum of 0.99 passes, 1.1 does not; a label that is not listed has no use for probabilities.
    assert (found.rows, found.probability_rows, found.invalid_probability_rows) == (6, 2, 3)
    assert found.unlisted_target_rows == 1
    assert found.log_loss == pytest.approx(-np.log(0.5) - np.log(0.33))


def test_probabilities_one_rounding_step_outside_count_as_0_and_1() -> None:
    target, answer, outside = list("nyny"), list("nynn"), [-1e-17, 1.0000000000000002, 1e-9, -1e-7]
    for name in "ny":
        given = outside if name == "y" else [1 - p for p in outside]
        found = profile_classification(target, answer, {name: given}, ["n", "y"], "y")
        assert (found.probability_rows, found.invalid_probability_rows) == (4, 0)
        assert found.log_loss == pytest.approx(36.0436533891)
        assert found.brier == pytest.approx(1.0, abs=1e-15)
        scores = found.scores["y"]
        assert (scores.own[[0, -1]].tolist(), scores.others[0]) == ([1, 1], 2)
        assert (scores.lowest[0], scores.highest[-1]) == (0.0, 1.0)


def test_a_certain_mistake_costs_the_clipped_logarithm() -> None:
    found = profile_classification(["n"], ["y"], {"y": [1.0]}, ["n", "y"], "y")
    assert found.log_loss == pytest.approx(36.0436533891)
    assert found.brier == 1.0


@pytest.mark.parametrize("rows", ALL_KINDS, ids=lambda rows: f"{len(rows.classes)} classes")
def test_profiles_add_up(rows: Rows) -> None:
    parts = [rows.profile(part) for part in np.array_split(np.arange(rows.target.size), 4)]
    assert_alike(sum(parts[1:], start=parts[0]), rows.profile())


@pytest.mark.parametrize("rows", ALL_KINDS, ids=lambda rows: f"{len(rows.classes)} classes")
def test_the_order_of_rows_does_not_matter(rows: Rows) -> None:
    order = np.random.default_rng(3).permutation(rows.target.size)
    assert_alike(rows.profile(order), rows.profile())


@pytest.mark.parametrize("rows", ALL_KINDS, ids=lambda rows: f"{len(rows.classes)} classes")
def test_a_profile_survives_json_exactly(rows: Rows) -> None:
    for profile in (rows.profile(), rows.profile(slice(0, 0))):
        sums = json.loads(json.dumps(profile.to_sums()))
        again = ClassificationProfile.from_sums(sums)
        assert again == profile == quality_profile_from_sums(sums)
        assert again.to_sums() == profile.to_sums()
        assert again != rows.profile(slice(0, 3))


def test_whole_numbers_come_back_from_a_database_as_sums() -> None:
    sums = BINARY.profile(slice(0, 0)).to_sums()
    again = ClassificationProfile.from_sums({**sums, "log_loss": 0, "brier": 0})
    assert isinstance(again.log_loss, float)
    assert isinstance(again.brier, float)


@pytest.mark.parametrize("mistake", [{"log_loss": None}, {"nonsense": 1}])
def test_a_missing_or_unknown_sum_is_a_type_error(mistake: dict[str, Any]) -> None:
    sums = {**BINARY.profile().to_sums(), **mistake}
    with pytest.raises(TypeError):
        ClassificationProfile.from_sums({k: v for k, v in sums.items() if v is not None})


def test_either_kind_of_profile_is_read_back_and_knows_its_task() -> None:
    regression = profile_regression([1.0, 2.0], [2.0, 2.0])
    assert quality_profile_from_sums(regression.to_sums()) == regression
    assert task_of(regression) == "regression"
    assert task_of(BINARY.profile()) == "binary"
    assert task_of(MULTICLASS.profile()) == "multiclass"


def test_rows_without_probabilities_add_to_rows_with_them() -> None:
    without = profile_classification(["no"], ["no"], {}, ("no", "yes"), "yes")
    for total in (without + BINARY.profile(), BINARY.profile() + without):
        assert (total.rows, total.probability_rows) == (1_001, 1_000)
        assert total.scores["yes"].to_sums() == BINARY.profile().scores["yes"].to_sums()


def test_profiles_over_different_classes_do_not_add() -> None:
    other = profile_classification(["no"], ["no"], {}, ("no", "yes"), "no")
    with pytest.raises(ValueError, match="cannot add sums"):
        _ = BINARY.profile() + other


@pytest.mark.parametrize(
    ("probabilities", "classes", "positive", "message"),
    [
        ({"a": [0.5]}, ABC, None, "probabilities of classes"),
        ({"x": [0.5]}, ("a", "b"), "b", "probabilities of classes"),
        ({}, ABC, "a", "positive one of two"),
        ({}, ("a", "b"), "x", "positive one of two"),
        ({"a": [0.5, 0.5]}, ("a", "b"), "b", "1 targets but 1 predictions"),
    ],
)
def test_what_makes_no_sense_is_refused(
    probabilities: Any, classes: Any, positive: str | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        profile_classification(["a"], ["a"], probabilities, classes, positive)


def test_counts_that_do_not_sum_to_the_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="1000 rows counted, 3 present"):
        ClassificationProfile.from_sums({**BINARY.profile().to_sums(), "rows": 3})


@pytest.mark.parametrize(
    "target",
    [
        pa.chunked_array([["1", "0"], ["0", None]]),
        pa.array(["1", "0", "0", None]).dictionary_encode(),
        pa.array([1, 0, 0, None]),
        np.array([1.0, 0.0, 0.0, np.nan]),
    ],
    ids=["chunks", "dictionary", "integers", "floats"],
)
def test_classes_are_read_from_columns_of_any_type(target: Any) -> None:
    found = profile_classification(target, ["1", "1", "0", "0"], {}, ("0", "1"), "1")
    assert found.confusion.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert found.incomplete == 1


def test_score_bins_are_fixed_and_finer_near_the_ends() -> None:
    width = np.diff(np.concatenate(([0.0], SCORE_EDGES, [1.0])))
    assert (SCORE_BINS, width.size) == (734, 734)
    assert width.min() > 0
    assert (SCORE_EDGES[0], 1 - SCORE_EDGES[-1]) == (1e-8, pytest.approx(1e-8, rel=1e-6))
    assert width[124:-124] == pytest.approx(1 / 500, rel=1e-9)
    assert width.max() < 1.001 / 500
    assert {k / 10 for k in range(1, 10)} <= set(SCORE_EDGES.tolist())


def test_every_calibration_bin_is_made_of_whole_score_bins() -> None:
    lower = np.append(0.0, SCORE_EDGES)
    assert np.array_equal(CALIBRATION_BIN, np.searchsorted(np.arange(1, 10) / 10, lower, "right"))
    assert np.array_equal(np.unique(CALIBRATION_BIN), np.arange(10))
    probability = np.random.default_rng(4).random(5_000)
    counted = count_scores(probability, probability > 0.7)
    own, others = counted.calibration_counts()
    assert np.array_equal(own + others, np.histogram(probability, np.arange(11) / 10)[0])
