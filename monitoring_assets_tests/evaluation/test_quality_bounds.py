"""Quality of classifiers: bounds next to guessing and to 0, unlisted labels, few rows of a kind."""

from typing import Any

import numpy as np
import pytest

from monitoring_assets.metrics.quality.classification import (
    ClassificationProfile,
    profile_classification,
)
from monitoring_assets.records import ModelQuality, Verdict
from monitoring_assets_tests.evaluation.classifier_cases import (
    BINARY,
    binary_spec,
    colour_spec,
    colours,
    judged,
)


def quality(metric: str, **bound: float) -> dict[str, Any]:
    return {"thresholds": {metric: bound}}


def yes_or_no(labels: list[str], probability: Any) -> ClassificationProfile:
    answers = np.where(np.asarray(probability) >= 0.5, "yes", "no")
    return profile_classification(labels, answers, {"yes": probability}, BINARY, "yes")


def guessed(share: float, reference: float | None) -> ModelQuality:
    """Return the area of a constant model against one relative to the reference's."""
    spec = binary_spec(quality=quality("roc_auc", relative=share))
    values = {} if reference is None else {"roc_auc": reference}
    return judged(spec, yes_or_no(["yes", "no"] * 100, [0.5] * 200), values)["roc_auc", ""]


@pytest.mark.parametrize(
    ("reference", "share", "threshold"), [(0.6, 0.2, 0.58), (0.9, 0.5, 0.7), (1.0, 0.1, 0.95)]
)
def test_an_area_is_worse_by_a_share_of_its_distance_to_guessing(
    reference: float, share: float, threshold: float
) -> None:
    found = guessed(share, reference)
    assert found.threshold == pytest.approx(threshold)
    assert found.verdict is Verdict.ALARM
    assert found.reason == (
        "roc_auc 0.5, 95 % interval 0.5 to 0.5, lies beyond the threshold"
        f" {threshold:.4g} ({100 * share:.4g} % nearer to guessing (0.5) than the reference's"
        f" {reference:.4g})"
    )


@pytest.mark.parametrize("reference", [0.5, 0.45, 0.0])
def test_no_share_of_an_area_is_worse_than_guessing(reference: float) -> None:
    found = guessed(0.2, reference)
    assert (found.verdict, found.threshold, found.value) == (Verdict.UNDEFINED, None, 0.5)
    assert found.reason == (
        "the threshold is 20 % nearer to guessing (0.5) than the reference's, but the reference's"
        f" is {reference:.4g}, no better than guessing"
    )


def test_an_area_without_a_reference_value_is_undefined() -> None:
    found = guessed(0.2, None)
    assert found.verdict is Verdict.UNDEFINED
    assert found.reason.endswith("than the reference's, but the reference has no roc_auc")


def test_nothing_is_worse_than_a_reference_of_0_where_higher_is_better() -> None:
    spec = colour_spec(quality=quality("f1", relative=0.2))
    found = judged(spec, colours("rgb", "gbr", repeat=60), {"f1": 0.0})["f1", ""]
    assert (found.value, found.threshold, found.verdict) == (0.0, None, Verdict.UNDEFINED)
    assert found.reason == (
        "the threshold is 20 % worse than the reference's, but the reference's is 0:"
        " nothing is below that"
    )


MAYBE = yes_or_no(["yes", "no"] * 50 + ["maybe"] * 900, [0.9, 0.1] * 50 + [0.1] * 900)


@pytest.mark.parametrize("metric", ["recall", "balanced_accuracy", "f1", "roc_auc", "log_loss"])
def test_a_tenth_of_the_labels_says_nothing_where_the_others_are_unlisted(metric: str) -> None:
    spec = binary_spec(quality=quality(metric, absolute=0.5))
    found = judged(spec, MAYBE)[metric, ""]
    assert (found.verdict, found.labels) == (Verdict.INSUFFICIENT_DATA, 100)
    assert found.reason.startswith(
        "10 % of labels are of the classes that the YAML lists, 90 % are needed;"
        " of 1000 labelled rows 900 have a label that is no listed class"
    )


@pytest.mark.parametrize("metric", ["accuracy", "precision"])
def test_an_unlisted_label_is_a_wrong_answer_to_metrics_that_count_it(metric: str) -> None:
    profile = yes_or_no(["yes"] * 100 + ["maybe"] * 900, [0.9] * 1_000)
    found = judged(binary_spec(quality=quality(metric, absolute=0.5)), profile)[metric, ""]
    assert (found.value, found.labels, found.verdict) == (0.1, 1_000, Verdict.ALARM)


@pytest.mark.parametrize(
    ("unlisted", "verdict"), [(100, Verdict.OK), (101, Verdict.INSUFFICIENT_DATA)]
)
def test_as_many_labels_may_be_unlisted_as_may_be_missing(unlisted: int, verdict: Verdict) -> None:
    listed = (1_000 - unlisted + 1) // 2
    labels = (["yes", "no"] * listed)[: 1_000 - unlisted] + ["maybe"] * unlisted
    found = judged(binary_spec(), yes_or_no(labels, [0.9, 0.1] * 500))
    assert found["recall", ""].verdict is verdict
    assert found["recall", "no"].verdict is verdict


def test_only_listed_labels_count_towards_the_minimum() -> None:
    profile = yes_or_no(["yes", "no"] * 24 + ["maybe"] * 3, [0.9, 0.1] * 24 + [0.1] * 3)
    found = judged(binary_spec(), profile)
    assert found["recall", ""].verdict is Verdict.INSUFFICIENT_DATA
    assert found["recall", ""].reason.startswith("48 labelled rows, 50 are needed")
    assert found["accuracy", ""].labels == 51


def test_an_area_of_few_rows_is_not_judged_even_where_the_yaml_lets_few_labels_count() -> None:
    bounds = quality("roc_auc", absolute=0.99) | {"minimum_labels": 2}
    profile = yes_or_no(["yes"] * 3 + ["no"] * 20, [0.1] * 3 + [0.2] * 20)
    found = judged(binary_spec(quality=bounds), profile)["roc_auc", ""]
    assert (found.value, found.verdict) == (0.0, Verdict.INSUFFICIENT_DATA)
    assert found.reason.endswith("0.99: 23 rows, but too few of one kind")


def test_other_metrics_of_few_rows_are_still_held_by_the_number_itself() -> None:
    bounds = quality("log_loss", absolute=0.5) | {"minimum_labels": 2}
    profile = yes_or_no(["yes"] * 3 + ["no"] * 20, [0.1] * 3 + [0.9] * 20)
    found = judged(binary_spec(quality=bounds), profile)["log_loss", ""]
    assert (found.interval_low, found.verdict) == (None, Verdict.ALARM)
