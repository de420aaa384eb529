"""Classifiers of two and three classes: every stored number is found again from the files.

The classes come from probabilities, from the source, from both, or from a model trained here.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from monitoring_assets.assets import names
from monitoring_assets.components.loading import load_model
from monitoring_assets.records import WINDOW_LAYERS, Layer
from monitoring_assets.storage import tables
from monitoring_assets_tests.assets.classifier_model import (
    CLASSES,
    JANUARY,
    LABEL,
    OWN_THRESHOLD,
    SAID,
    Classifier,
    Task,
    classifier_spec,
    measured,
    metadata_of,
    probabilities_of,
)
from monitoring_assets_tests.assets.classifier_witness import Witness
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import write_model, yaml_of
from monitoring_assets_tests.stored import Row, rows_of, stored_rows

pytestmark = pytest.mark.slow

FIRST, SECOND = "2023-02-01", "2023-02-02"
BROUGHT = ("probabilities", "classes", "both")
THRESHOLD = 0.6
CASES = [(task, what) for task in CLASSES for what in BROUGHT]
FROM_CLASSES = {"accuracy", "balanced_accuracy", "precision", "recall", "f1"}
FROM_PROBABILITIES = {"roc_auc", "log_loss", "brier_loss", "calibration_error"}
BY_CLASS = {"precision", "recall", "f1", "roc_auc", "calibration_error"}


@pytest.fixture(scope="module", params=CASES, ids=" ".join)
def case(
    request: pytest.FixtureRequest,
    new_database: NewDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Classifier]:
    """Two days of a classifier whose answers come with its rows."""
    task, what = request.param
    columns: dict[str, Any] = {} if what == "probabilities" else {"prediction": SAID}
    columns["probabilities"] = {} if what == "classes" else probabilities_of(task)
    sections: dict[str, Any] = {"classification": {"classes": CLASSES[task]}}
    if (task, what) == ("binary", "probabilities"):
        sections["classification"] |= {"decision_threshold": THRESHOLD}
    spec = classifier_spec(task, columns, **sections)
    with measured(new_database, tmp_path_factory.mktemp("brought"), spec) as model:
        for day in (FIRST, SECOND):
            model.write(day)
        model.runner.span(FIRST, SECOND)
        yield model


def task_of(case: Classifier) -> Task:
    return "binary" if case.spec.task == "binary" else "multiclass"


def expected(case: Classifier, *days: str) -> pd.DataFrame:
    """Return the raw rows of days as they should be stored, in the order of time."""
    rows = case.frame(*days).rename(columns={LABEL[task_of(case)]: "label"})
    if case.spec.answer_follows_from_probabilities:
        classes = CLASSES[task_of(case)]
        if len(classes) == 2:
            rows[SAID] = np.where(rows["p_yes"] >= THRESHOLD, "yes", "no")
        else:
            rows[SAID] = rows[[f"p_{one}" for one in classes]].idxmax(axis=1).str.removeprefix("p_")
    return rows


def witness(case: Classifier, *days: str) -> Witness:
    rows, classes = expected(case, *days), CLASSES[task_of(case)]
    if case.spec.probability_columns:
        if len(classes) == 2:
            rows["p_no"] = 1 - rows["p_yes"]
        rows = rows.assign(**{one: rows[f"p_{one}"] for one in classes})
    return Witness(rows, classes, "yes" if len(classes) == 2 else None)


def of_day(case: Classifier, name: str, day: str = FIRST, **equal: Any) -> list[Row]:
    rows = rows_of(case.database, tables.METADATA.tables[f"monitoring.{name}"], **equal)
    return [row for row in rows if f"{row['window_start']:%Y-%m-%d}" == day]


def close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


def test_stored_predictions_are_those_of_the_file_or_follow_from_its_probabilities(
    case: Classifier,
) -> None:
    rows = expected(case, FIRST, SECOND)
    stored = stored_rows(case.database, "small", "predictions").to_pandas()
    stored = stored.sort_values("event_time", ignore_index=True)
    assert stored[case.spec.prediction_column].tolist() == rows[SAID].tolist()
    assert set(stored[case.spec.prediction_column]) == {*CLASSES[task_of(case)]}
    for name in case.spec.probability_columns.values():
        assert stored[name].tolist() == rows[name].tolist()
    assert ("p_yes" in stored or "p_red" in stored) is bool(case.spec.probability_columns)


def test_stored_labels_are_those_of_the_file(case: Classifier) -> None:
    stored = stored_rows(case.database, "small", "labels").to_pandas()
    stored = stored.sort_values("event_time", ignore_index=True)
    assert stored["target"].tolist() == expected(case, FIRST, SECOND)["label"].tolist()


def test_the_profile_of_the_answer_counts_each_class(case: Classifier) -> None:
    column = case.spec.prediction_column
    (bins,) = rows_of(case.database, tables.bins, column_name=column)
    (profile,) = of_day(case, "window_profile", column_name=column)
    counts = expected(case, FIRST)[SAID].value_counts()
    assert profile["segment"] == "all"
    assert profile["counts"] == [counts[name] for name in bins["categories"]] + [0]


def test_profiles_of_probabilities_count_them_over_frozen_bins(case: Classifier) -> None:
    rows = expected(case, FIRST)
    for name in case.spec.probability_columns.values():
        (bins,) = rows_of(case.database, tables.bins, column_name=name)
        (profile,) = of_day(case, "window_profile", column_name=name)
        edges = [-np.inf, *bins["edges"], np.inf]
        counted = pd.cut(rows[name], edges).value_counts(sort=False)
        assert profile["counts"] == counted.tolist()
        assert profile["moment_1"] == close((rows[name] - bins["centre"]).sum())
        assert profile["quantiles"]["median"] == close(rows[name].median())


def test_quality_profiles_hold_the_confusion_of_labels_and_classes(case: Classifier) -> None:
    (profile,) = of_day(case, "quality_profile")
    rows, classes = expected(case, FIRST), CLASSES[task_of(case)]
    table = metrics.confusion_matrix(rows["label"], rows[SAID], labels=classes)
    assert profile["sums"]["confusion"] == [[*ij, table[*ij]] for ij in np.argwhere(table).tolist()]
    assert (profile["model_version"], profile["labels"]) == ("source", len(rows))
    (window,) = rows_of(case.database, tables.window, partition_key=FIRST)
    assert (window["labels"], window["label_coverage"]) == (len(rows), 1.0)


def test_metrics_are_those_of_the_task_and_of_what_there_is(case: Classifier) -> None:
    rows = of_day(case, "model_quality")
    legal = set(FROM_CLASSES)
    if case.spec.probability_columns:
        legal |= FROM_PROBABILITIES
        legal |= {"mean_calibration_error"} if case.spec.task == "binary" else set()
    asked = {(row["metric"], row["class_name"]) for row in rows}
    of_classes = {(one, name) for one in legal & BY_CLASS for name in CLASSES[task_of(case)]}
    assert asked == {(one, "") for one in legal} | of_classes


@pytest.mark.parametrize("day", [FIRST, SECOND])
def test_every_quality_number_agrees_with_scikit_learn(case: Classifier, day: str) -> None:
    found, usual = witness(case, day), witness(case, *JANUARY)
    for row in of_day(case, "model_quality", day):
        asked = row["metric"], row["class_name"]
        exact = row["metric"] != "roc_auc"
        off = 1e-9 + (0 if exact else found.near_pairs(row["class_name"]))
        assert row["value"] == pytest.approx(found.value(*asked), rel=0, abs=off), asked
        off = 1e-9 + (0 if exact else usual.near_pairs(row["class_name"]))
        assert row["reference_value"] == pytest.approx(usual.value(*asked), rel=0, abs=off), asked
        assert row["labels"] == found.labels(row["class_name"]), asked
        if row["interval_low"] is not None:
            assert row["interval_low"] <= found.value(*asked) <= row["interval_high"], asked


def test_every_number_of_a_good_day_has_an_interval(case: Classifier) -> None:
    without = [
        (row["metric"], row["class_name"])
        for row in of_day(case, "model_quality")
        if row["interval_low"] is None
    ]
    assert without == []


def test_drift_of_the_answer_is_that_of_its_classes(case: Classifier) -> None:
    (row,) = of_day(case, "drift_score", column_name=case.spec.prediction_column, deciding=True)
    window, usual = (
        expected(case, *days)[SAID].value_counts(normalize=True) for days in ([FIRST], JANUARY)
    )
    both = window + usual
    assert row["method"] == "chi_squared"
    assert row["score"] == close(np.sqrt(((window - usual) ** 2 / both).sum() / 2))
    (dataset,) = of_day(case, "dataset_drift")
    assert dataset["prediction_drift"] == row["score"]


def test_drift_of_probabilities_is_that_of_their_values_at_the_frozen_edges(
    case: Classifier,
) -> None:
    for name in case.spec.probability_columns.values():
        (row,) = of_day(case, "drift_score", column_name=name, deciding=True)
        (bins,) = rows_of(case.database, tables.bins, column_name=name)
        window, usual = (np.sort(expected(case, *days)[name]) for days in ([FIRST], JANUARY))
        below = [np.searchsorted(one, bins["edges"], "right") / len(one) for one in (window, usual)]
        assert row["method"] == "kolmogorov_smirnov"
        assert row["score"] == close(np.abs(below[0] - below[1]).max())
        assert (row["n_window"], row["n_reference"]) == (len(window), len(usual))


def test_neither_answer_nor_probabilities_count_in_the_datasets_share(case: Classifier) -> None:
    (dataset,) = of_day(case, "dataset_drift")
    assert (dataset["columns_decided"], dataset["columns_alarming"]) == (2, 0), "distance and zone"
    judged = {row["column_name"] for row in of_day(case, "drift_score", deciding=True)}
    answers = {case.spec.prediction_column, *case.spec.probability_columns.values()}
    assert judged - {case.spec.columns.target} == {"distance", "zone"} | answers


def test_the_sources_own_threshold_is_not_ours(case: Classifier) -> None:
    assert OWN_THRESHOLD < 0.5 < THRESHOLD
    rows = stored_rows(case.database, "small", "predictions").to_pandas()
    if "p_yes" in rows:
        border = rows.loc[rows[case.spec.prediction_column] == "yes", "p_yes"].min()
        decided_here = case.spec.answer_follows_from_probabilities
        assert border == pytest.approx(THRESHOLD if decided_here else OWN_THRESHOLD, abs=0.05)


def test_numbers_of_classes_are_a_table_of_the_windows_metadata(case: Classifier) -> None:
    shown = metadata_of(case, "model_quality", FIRST)["by_class"]
    stored = [row for row in of_day(case, "model_quality") if row["class_name"]]
    assert {
        (one.data["class"], one.data["metric"]): one.data["value"] for one in shown.records
    } == {(row["class_name"], row["metric"]): round(row["value"], 6) for row in stored}
    columns = [column.name for column in shown.schema.columns]
    assert columns == ["class", "metric", "value", "verdict", "reason"]


def test_a_classifier_written_as_yaml_is_the_same_model(case: Classifier, tmp_path: Path) -> None:
    read = load_model(write_model(tmp_path, yaml_of(case.spec), "small"))
    assert (read, read.spec_hash) == (case.spec, case.spec.spec_hash)
    graph = replace(case.runner, spec=read).definitions.resolve_asset_graph()
    layers = {*WINDOW_LAYERS, Layer.REFERENCE_DATA}
    assert graph.get_all_asset_keys() == {names.asset_key("small", layer) for layer in layers}
