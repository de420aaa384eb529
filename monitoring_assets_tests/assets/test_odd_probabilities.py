"""Odd windows of three classes: sums that are not 1, rows without an answer, bounds of a class.

And classes that are stored as flags or whole numbers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest

from monitoring_assets.assets import names
from monitoring_assets.records import Verdict
from monitoring_assets.storage import tables
from monitoring_assets_tests.assets.classifier_model import (
    CLASSES,
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
from monitoring_assets_tests.dagster_runs import failures_of
from monitoring_assets_tests.stored import rows_of, stored_rows

pytestmark = pytest.mark.slow

GOOD, NOT_ONE, UNSCORED, SOME_UNSCORED, NO_GREEN, BLUE_MISSED = (
    f"2023-02-{day:02}" for day in range(1, 7)
)
COLOURS = CLASSES["multiclass"]
PROBABILITIES = probabilities_of("multiclass")
BOUND = {"blue": {"recall": {"absolute": 0.3}}}


@pytest.fixture(scope="module")
def colours(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Windows]:
    """Six days of a model whose classes follow from its probabilities."""
    # The threshold of accuracy is so low that blue alone can break a bound.
    quality = {"by_class": BOUND, "thresholds": {"accuracy": {"absolute": 0.1}}}
    spec = classifier_spec("multiclass", {"probabilities": PROBABILITIES}, quality=quality)
    with measured(new_database, tmp_path_factory.mktemp("colours"), spec) as model:
        for day, spoilt in odd_days().items():
            model.write(day, **spoilt)
        yield computed(model, GOOD, BLUE_MISSED)


def odd_days() -> dict[str, dict[str, Any]]:
    usual = answers("multiclass", BLUE_MISSED)
    never = dict.fromkeys(PROBABILITIES.values())
    some = {p: [*[None] * 12, *usual[p][12:]] for p in PROBABILITIES.values()}
    other = np.where(usual["colour"] == "green", "red", usual["colour"])
    return {
        GOOD: {},
        NOT_ONE: {"p_red": usual["p_red"] + np.where(np.arange(ROWS) < 12, 0.5, 0.0)}
        | {p: usual[p] for p in ("p_green", "p_blue")},
        UNSCORED: {p: [None] * ROWS for p in never},
        SOME_UNSCORED: some,
        NO_GREEN: {"colour": other},
        # Every row with a blue label is taken for red.
        BLUE_MISSED: _certain(np.where(usual["colour"] == "blue", "red", usual["colour"])),
    }


def _certain(said: Any) -> dict[str, Any]:
    return {f"p_{one}": np.where(said == one, 0.8, 0.1) for one in COLOURS}


def witness(colours: Windows, day: str) -> Witness:
    rows = colours.model.frame(day)
    rows = rows.assign(label=rows["colour"], **{one: rows[f"p_{one}"] for one in COLOURS})
    rows = rows[rows["p_red"].notna()]
    return Witness(rows.assign(said=rows[COLOURS].idxmax(axis=1)), COLOURS, None)


def test_probabilities_that_do_not_sum_to_one_alarm_and_are_left_out(colours: Windows) -> None:
    share = colours.data_quality(NOT_ONE, "invalid_probability_share")
    assert (share["value"], share["verdict"]) == (12 / ROWS, Verdict.ALARM)
    assert "invalid_probability_share" in str(
        colours.checks[names.DATA_QUALITY_HOLDS, NOT_ONE].description
    )
    every = witness(colours, NOT_ONE)
    left = Witness(every.rows[12:], COLOURS, None)
    for metric in ("log_loss", "brier_loss", "calibration_error"):
        row = colours.quality(NOT_ONE, metric)
        assert row["value"] == pytest.approx(left.value(metric), rel=1e-9), metric
        assert row["reason"].endswith(f"of {ROWS} labelled rows 12 have invalid probabilities")
    assert colours.quality(NOT_ONE, "accuracy")["value"] == every.value("accuracy")


def test_rows_without_probabilities_have_no_answer_and_their_share_alarms(
    colours: Windows,
) -> None:
    ledger = colours.ledger(SOME_UNSCORED)
    assert (ledger["rows_scored"], ledger["labels"]) == (ROWS - 12, ROWS - 12)
    share = colours.data_quality(SOME_UNSCORED, "unscored_share")
    assert (share["value"], share["verdict"]) == (12 / ROWS, Verdict.ALARM)
    assert colours.data_quality(SOME_UNSCORED, "invalid_probability_share")["value"] == 0.0
    left = witness(colours, SOME_UNSCORED)
    assert len(left.rows) == ROWS - 12
    assert colours.quality(SOME_UNSCORED, "f1")["value"] == pytest.approx(left.value("f1"))


def test_a_window_without_any_answer_says_so_everywhere(colours: Windows) -> None:
    ledger = colours.ledger(UNSCORED)
    assert (ledger["rows_read"], ledger["rows_scored"], ledger["labels"]) == (ROWS, 0, 0)
    assert (ledger["label_coverage"], ledger["status"]) == (None, "complete")
    for column in ("prediction", *PROBABILITIES.values()):
        row = colours.drift(UNSCORED, column)
        assert (row["score"], row["verdict"]) == (None, Verdict.UNDEFINED)
        assert row["reason"] == "no row of the window has a prediction in the source"
    quality = colours.quality(UNSCORED, "accuracy")
    assert (quality["value"], quality["verdict"]) == (None, Verdict.UNDEFINED)
    assert "none of its rows came with a prediction" in quality["reason"]
    assert colours.data_quality(UNSCORED, "unscored_share")["verdict"] == Verdict.ALARM
    assert not colours.checks[names.DATA_QUALITY_HOLDS, UNSCORED].passed


def test_a_class_without_a_label_is_left_out_of_averages(colours: Windows) -> None:
    found = witness(colours, NO_GREEN)
    for metric in ("recall", "roc_auc"):
        green = colours.quality(NO_GREEN, metric, "green")
        assert (green["value"], green["verdict"], green["labels"]) == (None, "undefined", 0)
    for metric in ("recall", "balanced_accuracy", "precision", "f1"):
        row = colours.quality(NO_GREEN, metric)
        assert row["value"] == pytest.approx(found.value(metric), rel=1e-9), metric
    area = colours.quality(NO_GREEN, "roc_auc")
    off = found.near_pairs() + 1e-9
    assert area["value"] == pytest.approx(found.value("roc_auc"), abs=off)
    assert colours.quality(NO_GREEN, "precision", "green")["value"] == 0.0


def test_a_broken_bound_of_one_class_fails_the_check_and_names_the_class(
    colours: Windows,
) -> None:
    row = colours.quality(BLUE_MISSED, "recall", "blue")
    assert (row["value"], row["threshold"], row["verdict"]) == (0.0, 0.3, Verdict.ALARM)
    check = colours.checks[names.MODEL_QUALITY_HOLDS, BLUE_MISSED]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert str(check.description).startswith("class blue: recall of 'blue' 0, 95 % interval 0 to")
    assert colours.quality(BLUE_MISSED, "accuracy")["verdict"] == Verdict.OK
    judged = rows_of(colours.model.database, tables.model_quality, verdict="alarm")
    assert {(one["metric"], one["class_name"]) for one in judged} == {("recall", "blue")}


def test_where_every_class_keeps_its_bound_the_check_passes(colours: Windows) -> None:
    assert colours.checks[names.MODEL_QUALITY_HOLDS, GOOD].passed


NOT_TEXT: dict[str, tuple[list[str], Any]] = {
    "flags": (["false", "true"], np.bool_),
    "whole numbers": (["0", "1"], np.int8),
    "fractions": (["0", "1"], np.float64),
}


@contextmanager
def of_kind(new_database: NewDatabase, folder: Path, kind: str) -> Iterator[Windows]:
    """Compute a day of a model whose labels and answers are of this kind."""
    classes, stored_as = NOT_TEXT[kind]
    columns = {"prediction": SAID, "probabilities": {classes[1]: "p_yes"}}
    spec = classifier_spec("binary", columns, classification={"classes": classes})

    def flags(day: str) -> dict[str, Any]:
        usual = answers("binary", day)
        return {name: (usual[name] == "yes").astype(stored_as) for name in ("answer", SAID)}

    with measured(new_database, folder, spec, flags) as model:
        model.write(GOOD, **flags(GOOD))
        yield computed(model, GOOD, GOOD)


@pytest.mark.parametrize("kind", NOT_TEXT)
def test_classes_may_be_stored_as_flags_or_numbers(
    new_database: NewDatabase, tmp_path: Path, kind: str
) -> None:
    classes, _ = NOT_TEXT[kind]
    with of_kind(new_database, tmp_path, kind) as found:
        rows = found.model.frame(GOOD)
        label, said = (
            rows[one].astype(int).map(dict(enumerate(classes))) for one in ("answer", SAID)
        )
        again = Witness(rows.assign(label=label, said=said), classes, classes[1])
        for metric in ("accuracy", "f1", "recall", "precision"):
            value = found.quality(GOOD, metric)["value"]
            assert value == pytest.approx(again.value(metric), rel=1e-9), metric
        stored = stored_rows(found.model.database, "small", "predictions")
        assert sorted(stored[SAID].to_pylist()) == sorted(said)


def test_a_probability_called_prediction_is_refused_and_not_taken_for_one(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    spec = classifier_spec("binary", {"prediction": SAID, "probabilities": {"yes": "prediction"}})

    def renamed(day: str) -> dict[str, Any]:
        return {"prediction": answers("binary", day)["p_yes"], "p_yes": None}

    with measured(new_database, tmp_path, spec, renamed) as model:
        model.write(GOOD, **renamed(GOOD))
        (said,) = failures_of(model.runner.one(GOOD, raises=False))
    assert "'prediction' is what a label or a prediction is called" in said
    assert "source.rename" in said
