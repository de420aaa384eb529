"""Odd windows of classifiers: each has a defined result in the tables and in the checks."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import numpy as np
import pytest

from monitoring_assets.assets import names
from monitoring_assets.records import Verdict
from monitoring_assets.storage import tables
from monitoring_assets_tests.assets.classifier_model import (
    SAID,
    Windows,
    answers,
    classifier_spec,
    computed,
    measured,
    probabilities_of,
)
from monitoring_assets_tests.assets.classifier_witness import Witness
from monitoring_assets_tests.assets.small_model import ROWS
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import rows_of

pytestmark = pytest.mark.slow

(
    GOOD,
    NOT_PROBABLE,
    NO_YES,
    ALL_NO,
    MAYBE_LABELS,
    MAYBE_SAID,
    NO_PROBABILITIES,
    EMPTY,
    LAST,
) = (f"2023-02-{day:02}" for day in range(1, 10))


def with_some(values: Any, some: list[Any]) -> list[Any]:
    """Return values of a day of which the first ones are others."""
    return [*some, *list(values)[len(some) :]]


@pytest.fixture(scope="module")
def binary(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Windows]:
    """Nine days of a model whose source says class and probability."""
    columns = {"prediction": SAID, "probabilities": probabilities_of("binary")}
    spec = classifier_spec("binary", columns)
    with measured(new_database, tmp_path_factory.mktemp("odd"), spec) as model:
        for day, spoilt in odd_days().items():
            model.write(day, **spoilt)
        yield computed(model, GOOD, LAST)


def odd_days() -> dict[str, dict[str, Any]]:
    labels, said, yes = (answers("binary", LAST)[one] for one in ("answer", SAID, "p_yes"))
    return {
        GOOD: {},
        NOT_PROBABLE: {"p_yes": with_some(yes, [1.2, -0.1, 7.0, None, None])},
        NO_YES: {"answer": ["no"] * ROWS},
        ALL_NO: {"answer": ["no"] * ROWS, SAID: ["no"] * ROWS},
        MAYBE_LABELS: {"answer": with_some(labels, ["maybe"] * 20)},
        MAYBE_SAID: {SAID: with_some(said, ["maybe"] * 40)},
        NO_PROBABILITIES: {"p_yes": [None] * ROWS},
        EMPTY: {"rows": 0},
        LAST: {},
    }


def test_every_odd_window_is_complete(binary: Windows) -> None:
    for day in odd_days():
        assert binary.ledger(day)["status"] == "complete", day
        assert binary.checks[names.WINDOW_IS_COMPLETE, day].passed, day


def test_impossible_probabilities_alarm_and_are_left_out_of_what_rests_on_them(
    binary: Windows,
) -> None:
    assert binary.ledger(NOT_PROBABLE)["rows_adjusted"] == {"invalid_probability": 3}
    share = binary.data_quality(NOT_PROBABLE, "invalid_probability_share")
    assert (share["value"], share["verdict"]) == (3 / ROWS, Verdict.ALARM)
    rows = binary.model.frame(NOT_PROBABLE)
    rows = rows.assign(
        label=rows["answer"], said=rows[SAID], yes=rows["p_yes"], no=1 - rows["p_yes"]
    )
    left = Witness(rows[rows["p_yes"].between(0, 1)], ["no", "yes"], "yes")
    for metric in ("log_loss", "brier_loss", "calibration_error", "mean_calibration_error"):
        row = binary.quality(NOT_PROBABLE, metric)
        assert row["value"] == pytest.approx(left.value(metric), rel=1e-9), metric
        assert row["labels"] == ROWS - 5
        assert row["reason"].endswith(f"of {ROWS} labelled rows 5 have invalid probabilities")
    accuracy = binary.quality(NOT_PROBABLE, "accuracy")
    assert (accuracy["labels"], accuracy["value"]) == (ROWS, (rows.answer == rows.said).mean())


def test_impossible_probabilities_fail_the_check_of_data_quality(binary: Windows) -> None:
    check = binary.checks[names.DATA_QUALITY_HOLDS, NOT_PROBABLE]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "invalid_probability_share: 2.5 %, more than the 1 % allowed" in str(check.description)
    assert binary.checks[names.DATA_QUALITY_HOLDS, GOOD].passed


def test_a_class_without_a_label_leaves_undefined_only_what_needs_one(binary: Windows) -> None:
    for metric, reason in {
        "recall": "no label is 'yes'",
        "roc_auc": "no label is 'yes' among the rows with valid probabilities",
    }.items():
        row = binary.quality(NO_YES, metric)
        assert (row["value"], row["verdict"]) == (None, Verdict.UNDEFINED)
        assert row["reason"] == reason
    rows = binary.model.frame(NO_YES)
    accuracy = binary.quality(NO_YES, "accuracy")
    assert accuracy["value"] == pytest.approx((rows[SAID] == "no").mean())
    assert binary.quality(NO_YES, "precision")["value"] == 0.0
    assert binary.quality(NO_YES, "recall", "yes")["labels"] == 0
    assert binary.quality(NO_YES, "recall", "no")["value"] == accuracy["value"]


def test_where_everything_is_one_class_all_that_is_said_is_right(binary: Windows) -> None:
    accuracy = binary.quality(ALL_NO, "accuracy")
    assert (accuracy["value"], accuracy["interval_high"], accuracy["verdict"]) == (1.0, 1.0, "ok")
    for metric in ("precision", "recall", "f1"):
        row = binary.quality(ALL_NO, metric)
        assert (row["value"], row["verdict"]) == (None, Verdict.UNDEFINED), metric
        assert "is 'yes'" in row["reason"]
    assert binary.quality(ALL_NO, "f1", "no")["value"] == 1.0
    assert binary.drift(ALL_NO, SAID)["verdict"] == Verdict.ALARM


def test_what_cannot_be_computed_is_a_warning_and_what_is_wrong_an_error(binary: Windows) -> None:
    unknown = binary.checks[names.MODEL_QUALITY_HOLDS, ALL_NO]
    assert (unknown.passed, unknown.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert unknown.metadata["verdict"].value == "undefined"
    beside = "neither a label nor a prediction is 'yes'; the target has drifted: "
    assert str(unknown.description).startswith(beside)
    assert unknown.metadata["target_drift_verdict"].value == "alarm"
    wrong = binary.checks[names.MODEL_QUALITY_HOLDS, NO_YES]
    assert (wrong.passed, wrong.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "f1 0, 95 % interval 0 to" in str(wrong.description)


def test_a_label_never_seen_before_is_wrong_and_is_left_out_of_the_known_classes(
    binary: Windows,
) -> None:
    rows = binary.model.frame(MAYBE_LABELS)
    accuracy = binary.quality(MAYBE_LABELS, "accuracy")
    assert accuracy["value"] == pytest.approx((rows["answer"] == rows[SAID]).mean())
    assert accuracy["reason"].endswith(
        f"of {ROWS} labelled rows 20 have a label that is no listed class"
    )
    yes = rows[rows["answer"] == "yes"]
    assert binary.quality(MAYBE_LABELS, "recall")["value"] == (yes[SAID] == "yes").mean()
    log_loss = binary.quality(MAYBE_LABELS, "log_loss")
    assert (log_loss["labels"], log_loss["coverage"]) == (ROWS - 20, 1.0)


def test_an_answer_never_seen_before_is_wrong_and_gets_a_place_in_the_dictionary(
    binary: Windows,
) -> None:
    rows = binary.model.frame(MAYBE_SAID)
    accuracy = binary.quality(MAYBE_SAID, "accuracy")
    assert accuracy["value"] == pytest.approx((rows["answer"] == rows[SAID]).mean())
    assert "40 have a prediction that is no listed class" in accuracy["reason"]
    (bins,) = rows_of(binary.model.database, tables.bins, column_name=SAID)
    assert sorted(bins["categories"][:2]) == ["no", "yes"]
    assert bins["categories"][2:] == ["maybe"]
    assert binary.drift(MAYBE_SAID, SAID)["verdict"] == Verdict.ALARM
    (dataset,) = (
        row
        for row in rows_of(binary.model.database, tables.dataset_drift)
        if row["window_start"].day == int(MAYBE_SAID[-2:])
    )
    assert (dataset["columns_alarming"], dataset["verdict"]) == (0, Verdict.OK)


def test_labels_without_probabilities_are_measured_by_the_classes_alone(binary: Windows) -> None:
    ledger = binary.ledger(NO_PROBABILITIES)
    assert (ledger["rows_scored"], ledger["labels"], ledger["rows_adjusted"]) == (ROWS, ROWS, {})
    rows = binary.model.frame(NO_PROBABILITIES)
    accuracy = binary.quality(NO_PROBABILITIES, "accuracy")
    assert accuracy["value"] == pytest.approx((rows["answer"] == rows[SAID]).mean())
    log_loss = binary.quality(NO_PROBABILITIES, "log_loss")
    assert (log_loss["value"], log_loss["labels"]) == (None, 0)
    assert log_loss["verdict"] == Verdict.INSUFFICIENT_DATA
    assert f"of {ROWS} labelled rows {ROWS} have invalid probabilities" in log_loss["reason"]
    drift = binary.drift(NO_PROBABILITIES, "p_yes")
    assert (drift["score"], drift["verdict"]) == (None, Verdict.INSUFFICIENT_DATA)


def test_an_empty_window_has_no_number_and_says_why(binary: Windows) -> None:
    rows = rows_of(binary.model.database, tables.model_quality, model_version="")
    assert {f"{row['window_start']:%Y-%m-%d}" for row in rows} == {EMPTY}
    assert len(rows) == 10 + 5 * 2
    assert {(row["value"], row["verdict"]) for row in rows} == {(None, "undefined")}
    assert all("no row of this window was scored" in row["reason"] for row in rows)
    share = binary.data_quality(EMPTY, "invalid_probability_share")
    assert (share["value"], share["verdict"]) == (None, "undefined")


@pytest.mark.parametrize("day", [GOOD, LAST])
def test_a_good_day_between_odd_ones_passes(binary: Windows, day: str) -> None:
    judged = (names.NO_DATASET_DRIFT, names.DATA_QUALITY_HOLDS, names.MODEL_QUALITY_HOLDS)
    found = {check: binary.checks[check, day] for check in judged}
    assert {check: one.description for check, one in found.items() if not one.passed} == {}
    assert np.isfinite(binary.quality(day, "roc_auc")["value"])
