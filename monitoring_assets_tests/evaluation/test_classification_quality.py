"""Quality of classifiers: rows of the whole and of each class, bounds, what reasons mention."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics

from monitoring_assets.evaluation.model_quality import judge_quality
from monitoring_assets.evaluation.moving_reference import moving_quality
from monitoring_assets.evaluation.profiling import profile_quality
from monitoring_assets.evaluation.quality_scope import quality_values
from monitoring_assets.evaluation.reference import measure_reference
from monitoring_assets.metrics.quality.classification import (
    ClassificationProfile,
    profile_classification,
)
from monitoring_assets.metrics.quality.profiles import quality_profile_from_sums
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.metrics.registry import metrics_for
from monitoring_assets.records import ALL, LabelCounts, Verdict
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.evaluation.classifier_cases import (
    BINARY,
    COLOURS,
    binary_rows,
    binary_spec,
    colour_spec,
    colours,
    judged,
)

OF_CLASSES = ["precision", "recall", "f1"]
OF_PROBABLE_CLASSES = [*OF_CLASSES, "roc_auc", "calibration_error"]


def labelled(rows: pa.Table) -> pa.Table:
    """Rows as the asset hands them over: the target under its fixed name."""
    return rows.rename_columns({"minutes": "target"})


def sums_of(spec: ModelSpec, rows: pa.Table) -> ClassificationProfile:
    profile = profile_quality(spec, labelled(rows), 0.0)[ALL, "1"]
    assert isinstance(profile, ClassificationProfile)
    return profile


def by_class(**bounds: Any) -> dict[str, Any]:
    """Section `quality` with these bounds for red."""
    return {"by_class": {"red": bounds}}


def test_the_metrics_of_a_window_are_those_of_scikit_learn() -> None:
    rows = binary_rows(700, 1)
    found = judged(binary_spec(), sums_of(binary_spec(), rows))
    target: Any = rows["minutes"].to_pylist()
    answer = rows["prediction"].to_pylist()
    probability = rows["p_yes"].to_numpy()
    expected = {
        "accuracy": metrics.accuracy_score(target, answer),
        "f1": metrics.f1_score(target, answer, labels=["yes"], average="macro"),
        "log_loss": metrics.log_loss(target, probability),
        "brier_loss": metrics.brier_score_loss(target, probability, pos_label="yes"),
    }
    for metric, value in expected.items():
        assert found[metric, ""].value == pytest.approx(value, abs=1e-9)
    no = metrics.f1_score(target, answer, labels=["no"], average="macro")
    assert found["f1", "no"].value == pytest.approx(no, abs=1e-9)


@pytest.mark.parametrize(
    ("spec", "classes"), [(binary_spec(), BINARY), (colour_spec(), COLOURS)], ids=["two", "three"]
)
def test_metrics_of_the_whole_come_first_and_then_those_of_each_class(
    spec: ModelSpec, classes: tuple[str, ...]
) -> None:
    expected = [(one.name, "") for one in metrics_for(spec.task)]
    expected += [(metric, one) for one in classes for metric in OF_PROBABLE_CLASSES]
    assert [*judged(spec, None)] == expected


def test_without_probabilities_there_are_no_rows_about_them() -> None:
    spec = colour_spec(probabilities=False)
    profile = profile_classification(["red"] * 60, ["red"] * 60, {}, COLOURS, None)
    whole = ["accuracy", "balanced_accuracy", *OF_CLASSES]
    assert [m for m, one in judged(spec, profile) if not one] == whole
    assert [m for m, one in judged(spec, profile) if one == "red"] == OF_CLASSES
    assert judged(spec, profile)["accuracy", ""].value == 1.0


def test_the_main_metric_of_several_classes_may_be_a_fifth_worse_than_the_reference() -> None:
    profile = colours("rgbrg", "rgbrr", repeat=100)
    found = judged(colour_spec(), profile, {"accuracy": 0.9, "f1": 0.9})
    assert found["accuracy", ""].verdict is Verdict.OK
    assert found["f1", ""].reason == "no threshold is set for this metric"
    worse = judged(colour_spec(), colours("rgb", "grr", repeat=100), {"accuracy": 0.9})
    assert worse["accuracy", ""].verdict is Verdict.ALARM
    assert worse["accuracy", ""].reason == (
        "accuracy 0, 95 % interval 0 to 0.01264, lies beyond the threshold 0.72"
        " (20 % worse than the reference's 0.9)"
    )


def test_a_class_has_bounds_of_its_own_and_the_reference_value_of_that_class() -> None:
    spec = colour_spec(quality=by_class(recall={"absolute": 0.9}, f1={"relative": 0.1}))
    reference = {"recall/red": 0.97, "f1/red": 0.5, "f1": 0.99}
    found = judged(spec, colours("rrrb", "rrgb", repeat=60), reference)
    recall, f1 = found["recall", "red"], found["f1", "red"]
    assert recall.value == pytest.approx(2 / 3)
    assert (recall.threshold, recall.reference_value, recall.labels) == (0.9, 0.97, 180)
    assert recall.verdict is Verdict.ALARM
    assert recall.reason.startswith("recall of 'red' 0.6667, 95 % interval 0.59")
    assert (f1.threshold, f1.verdict) == (pytest.approx(0.45), Verdict.OK)
    assert found["recall", "blue"].reason == "no threshold is set for this metric"


def test_a_relative_bound_of_a_class_needs_the_references_value_of_that_class() -> None:
    spec = colour_spec(quality=by_class(recall={"relative": 0.1}))
    found = judged(spec, colours("rgb", "rgb", repeat=60), {"recall": 0.9})["recall", "red"]
    assert found.verdict is Verdict.UNDEFINED
    assert found.reason.endswith("but the reference has no recall of 'red'")


def test_a_class_without_a_label_is_undefined_and_counts_no_rows() -> None:
    found = judged(colour_spec(), colours("rg", "rg", repeat=60))
    assert (found["recall", "blue"].labels, found["recall", "red"].labels) == (0, 60)
    assert found["recall", "blue"].verdict is Verdict.UNDEFINED
    assert found["recall", "blue"].reason == "no label is 'blue'"
    assert found["recall", ""].value == 1.0
    assert (found["roc_auc", "red"].labels, found["roc_auc", ""].labels) == (60, 120)


def test_either_class_of_two_counts_its_own_labels() -> None:
    rows = binary_rows(300, 2)
    found = judged(binary_spec(), sums_of(binary_spec(), rows))
    yes = rows["minutes"].to_pylist().count("yes")
    for metric in ("recall", "roc_auc"):
        assert [found[metric, one].labels for one in BINARY] == [300 - yes, yes]


def test_a_rare_class_is_judged_by_its_wide_interval() -> None:
    spec = colour_spec(quality=by_class(recall={"absolute": 0.9}))
    few = judged(spec, colours("rrr" + "g" * 97, "rrg" + "g" * 97))["recall", "red"]
    assert (few.labels, few.verdict) == (3, Verdict.OK)
    assert "95 % interval 0.2077 to 0.9385, does not lie wholly beyond" in few.reason


def test_an_area_of_too_few_rows_of_a_class_is_not_judged() -> None:
    spec = colour_spec(quality=by_class(roc_auc={"absolute": 0.99}))
    found = judged(spec, colours("rrr" + "g" * 97, "rrg" + "g" * 97))["roc_auc", "red"]
    assert found.verdict is Verdict.INSUFFICIENT_DATA
    assert found.value is not None
    assert found.reason == (
        f"roc_auc of 'red' {found.value:.4g} has no 95 % interval to hold against the threshold"
        " 0.99: 100 rows, but too few of one kind"
    )


def test_reasons_mention_rows_that_a_metric_leaves_out() -> None:
    found = judged(colour_spec(), colours("rgbxx", "rgbry", repeat=20))
    assert found["accuracy", ""].reason == (
        "the threshold is 20 % worse than the reference's, but the reference has no accuracy;"
        " of 100 labelled rows 40 have a label that is no listed class and 20 have a prediction"
        " that is no listed class"
    )
    assert found["log_loss", ""].labels == 60
    assert found["log_loss", ""].reason == (
        "60 % of labels are of the classes that the YAML lists, 90 % are needed; of 100 labelled"
        " rows 40 have a label that is no listed class"
    )


def test_reasons_mention_invalid_probabilities() -> None:
    found = judged(colour_spec(), colours("rgb", "rgb", repeat=20) + colours("r", "r", 1.2))
    assert found["brier_loss", ""].labels == 60
    assert found["brier_loss", ""].reason.endswith(
        "; of 61 labelled rows 1 have invalid probabilities"
    )
    assert found["f1", ""].reason == "no threshold is set for this metric"


def test_too_few_valid_probabilities_are_insufficient_for_their_metrics_only() -> None:
    found = judged(colour_spec(), colours("rgb", "rgb", 1.2, repeat=20))
    assert found["log_loss", ""].verdict is Verdict.INSUFFICIENT_DATA
    assert found["log_loss", ""].reason.startswith("0 labelled rows, 50 are needed")
    assert found["f1", ""].verdict is Verdict.OK


def test_sums_over_classes_that_the_yaml_has_changed_say_what_to_do() -> None:
    other = {"classes": [*BINARY], "positive_class": "no"}
    turned = binary_spec(probabilities=False, classification=other)
    found = judged(turned, sums_of(binary_spec(), binary_rows(100)))
    assert {one.verdict for one in found.values()} == {Verdict.UNDEFINED}
    (reason,) = {one.reason for one in found.values()}
    assert reason == (
        "the window was profiled as binary 'no', 'yes' (positive: 'yes'), the YAML says binary"
        " 'no', 'yes' (positive: 'no'); materialize small/quality_profiles once more"
    )


def test_sums_of_another_task_are_undefined() -> None:
    labels = LabelCounts(labels=60, coverage=1.0, newest_knowledge_time=None)
    profile = profile_regression(np.ones(60), np.ones(60))
    rows = judge_quality(colour_spec(), {"1": profile}, {}, labels)
    assert {row.verdict for row in rows} == {Verdict.UNDEFINED}
    (reason,) = {row.reason for row in rows}
    assert reason.startswith("the window was profiled as regression, the YAML says multiclass")


def test_a_moving_reference_leaves_out_windows_of_other_classes() -> None:
    other = profile_classification(["a"] * 90, ["b"] * 90, {}, ["a", "b"], "b")
    history = [{"1": colours("rgb", "rgb", repeat=30)}, {"1": other}]
    found = moving_quality(colour_spec(), {"centre": 0.0, "metrics": {}}, history)
    assert found["accuracy"] == found["recall/red"] == 1.0


ODD: dict[str, ClassificationProfile] = {
    "no row": colours("", ""),
    "one row": colours("r", "g"),
    "one class": colours("r", "r", repeat=60),
    "never right": colours("rgb", "gbr", repeat=60),
    "certain and wrong": colours("rgb", "gbr", 1.0, repeat=60),
    "unlisted only": colours("x", "y", repeat=60),
}


@pytest.mark.parametrize("profile", ODD.values(), ids=ODD)
def test_no_window_gives_nan_infinity_or_a_verdict_without_a_reason(
    profile: ClassificationProfile,
) -> None:
    spec = colour_spec(quality={"mature_share": 0, "minimum_labels": 2})
    names = ("value", "interval_low", "interval_high", "reference_value", "threshold", "coverage")
    found = judged(spec, profile)
    numbers = [getattr(row, name) for row in found.values() for name in names]
    assert all(number is None or math.isfinite(number) for number in numbers)
    assert all(len(row.reason) > 10 for row in found.values())
    assert [*found] == [*judged(spec, None)]


def test_a_reference_keeps_the_values_of_the_whole_and_of_each_class() -> None:
    rows = binary_rows(2_000)
    quality = measure_reference(binary_spec(), rows).quality
    target, answer = rows["minutes"].to_pylist(), rows["prediction"].to_pylist()
    expected = metrics.recall_score(target, answer, labels=["no"], average="macro")
    assert quality["metrics"]["recall/no"] == pytest.approx(expected, abs=1e-9)
    assert quality["metrics"]["recall/yes"] == quality["metrics"]["recall"]
    assert quality["centre"] == 0.0
    again = quality_profile_from_sums(quality["sums"])
    assert again == sums_of(binary_spec(), rows)
    assert quality_values(again) == quality["metrics"]


def test_only_defined_metrics_are_kept_of_a_reference() -> None:
    found = quality_values(colours("rg", "rg", repeat=60))
    assert {key for key in found if key.endswith("/blue")} == {"calibration_error/blue"}
    assert {"f1", "f1/red", "roc_auc/green"} < set(found)
    assert quality_values(colours("", "")) == {}


def test_quality_is_summed_for_each_model_version_with_its_probabilities() -> None:
    rows = labelled(binary_rows(100)).drop_columns("model_version")
    versions = pa.array(["1", "2", None, "2"] * 25, pa.string())
    found = profile_quality(binary_spec(), rows.append_column("model_version", versions), 0.0)
    assert {key: one.rows for key, one in found.items()} == {
        (ALL, "1"): 25,
        (ALL, "2"): 50,
        (ALL, "unknown"): 25,
    }
    one = found[ALL, "2"]
    assert isinstance(one, ClassificationProfile)
    assert (one.positive, one.probability_rows, [*one.scores]) == ("yes", 50, ["yes"])
