"""Areas of hard, coarse and constant scores: ties are known, whatever was added in which order."""

import json
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from monitoring_assets.metrics.quality.classification import (
    ClassificationProfile,
    profile_classification,
)
from monitoring_assets.metrics.quality.roc_auc import roc_auc, roc_auc_bound
from monitoring_assets.metrics.quality.score_bins import SCORE_BINS, ClassScores, count_scores
from monitoring_assets.metrics.result import Estimate

ROWS = 600
GENERATOR = np.random.default_rng(20)
POSITIVE = GENERATOR.random(ROWS) < 0.4
HARD = np.where(GENERATOR.random(ROWS) < 0.6, POSITIVE, ~POSITIVE).astype(float)
SCORES: dict[str, Any] = {
    "constant": np.full(ROWS, 0.5),
    "hard": HARD,
    "coarse": np.round(0.3 * HARD + 0.7 * GENERATOR.random(ROWS), 2),
    "float32": np.float32(0.1) + np.float32(0.7) * HARD.astype(np.float32),
}


def profile_of(score: Any, own: Any = POSITIVE, name: str = "y") -> ClassificationProfile:
    texts = np.where(own, "y", "n")
    return profile_classification(texts, texts, {name: score}, ("n", "y"), "y")


def estimate(profile: ClassificationProfile) -> tuple[float, float, float]:
    found = roc_auc(profile)
    assert isinstance(found, Estimate)
    assert found.interval_low is not None
    assert found.interval_high is not None
    return found.value, found.interval_low, found.interval_high


def without_extremes(profile: ClassificationProfile) -> ClassificationProfile:
    """Return the profile as it was stored before it had the extremes of its bins."""
    sums = json.loads(json.dumps(profile.to_sums()))
    for scores in sums["scores"].values():
        del scores["lowest"], scores["highest"]
    return ClassificationProfile.from_sums(sums)


@pytest.mark.parametrize("name", SCORES)
def test_ties_leave_no_doubt_about_the_area(name: str) -> None:
    score = SCORES[name]
    profile = profile_of(score)
    value, low, high = estimate(profile)
    assert roc_auc_bound(profile) == 0.0
    assert value == pytest.approx(metrics.roc_auc_score(POSITIVE, score), abs=1e-12)
    assert low <= value <= high
    assert high - low < 0.1


def test_a_constant_score_is_guessing_for_certain() -> None:
    assert estimate(profile_of(SCORES["constant"])) == (0.5, 0.5, 0.5)


def test_ties_of_the_other_class_are_ties_too() -> None:
    profile = profile_of(1 - SCORES["coarse"], name="n")
    assert roc_auc_bound(profile) == 0.0
    assert estimate(profile) == pytest.approx(estimate(profile_of(SCORES["coarse"])))


def test_only_bins_with_different_probabilities_leave_pairs_open() -> None:
    own = np.array([True, False, True, False, False])
    counted = count_scores(np.array([0.3, 0.301, 0.7, 0.7, 0.7]), own)
    assert counted.undecided_pairs() == 1.0


def test_a_tie_within_each_part_is_none_within_both() -> None:
    ends = np.array([True, False])
    tied, other = count_scores(np.array([0.3, 0.3]), ends), count_scores(np.full(2, 0.301), ends)
    assert (tied.undecided_pairs(), other.undecided_pairs()) == (0.0, 0.0)
    assert (tied + other).undecided_pairs() == (other + tied).undecided_pairs() == 4.0
    assert (tied + tied).undecided_pairs() == 0.0


def test_extremes_add_up_in_any_order_and_survive_json() -> None:
    score, own = GENERATOR.random(5_000), GENERATOR.random(5_000) < 0.5
    whole, order = count_scores(score, own), GENERATOR.permutation(5_000)
    parts = [count_scores(score[one], own[one]) for one in np.array_split(order, 7)]
    added = sum(parts[1:], start=parts[0])
    again = ClassScores.from_sums(json.loads(json.dumps(added.to_sums(), allow_nan=False)))
    for one in (added, again):
        assert np.array_equal(one.lowest, whole.lowest)
        assert np.array_equal(one.highest, whole.highest)


def test_extremes_are_those_of_sorted_rows() -> None:
    score = GENERATOR.beta(0.2, 0.2, 3_000)
    counted = count_scores(score, score > 0.5)
    found = np.flatnonzero(counted.own + counted.others)
    first = np.append(0, np.cumsum((counted.own + counted.others)[found])[:-1])
    assert np.array_equal(counted.lowest[found], np.minimum.reduceat(np.sort(score), first))
    assert np.array_equal(counted.highest[found], np.maximum.reduceat(np.sort(score), first))


@pytest.mark.parametrize("name", SCORES)
def test_sums_stored_without_extremes_keep_the_bound_they_had(name: str) -> None:
    profile = profile_of(SCORES[name])
    scores = profile.scores["y"]
    pairs = float(scores.own @ scores.others)
    before = without_extremes(profile)
    expected = pairs / (2 * float(scores.own.sum()) * float(scores.others.sum()))
    assert roc_auc_bound(before) == pytest.approx(expected)
    assert roc_auc_bound(before + profile) == roc_auc_bound(profile + before)
    assert roc_auc_bound(before + profile) == pytest.approx(expected)
    sums = before.to_sums()
    assert ClassificationProfile.from_sums(json.loads(json.dumps(sums))).to_sums() == sums


def test_four_billion_rows_in_a_bin_do_not_overflow() -> None:
    one = count_scores(np.array([0.3, 0.301]), np.array([True, False])).to_sums()
    many = ClassScores.from_sums({**one, "own": [4_000_000_000], "others": [4_000_000_000]})
    assert many.undecided_pairs() == 1.6e19
    assert many.own.shape == (SCORE_BINS,)
