"""What is stored about a window, read back as it was written."""

from dataclasses import replace

from monitoring_assets.records import Layer
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.results import (
    data_quality_write,
    dataset_drift_write,
    drift_score_write,
    model_quality_write,
)
from monitoring_assets.storage.stored_results import StoredResults, computed_layers, read_results
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import (
    a_computation,
    a_quality_number,
    a_score,
    a_window,
)
from monitoring_assets_tests.storage.test_results import DRIFT, QUALITY


def test_results_come_back_as_they_were_written(database: Database) -> None:
    scores = a_score("distance", segment="card"), a_score("zone")
    replace_window(
        database, a_computation(), [drift_score_write(scores), dataset_drift_write([DRIFT])]
    )
    number = a_quality_number("zone")
    replace_window(database, a_computation(Layer.DATA_QUALITY), [data_quality_write([number])])
    replace_window(database, a_computation(Layer.MODEL_QUALITY), [model_quality_write([QUALITY])])
    found = read_results(database, a_window())
    assert {*found.drift} == {*scores}
    assert (found.datasets, found.data_quality) == ((DRIFT,), (number,))
    assert found.model_quality == (QUALITY,)
    assert read_results(database, a_window(1)) == StoredResults()


def test_drift_is_that_against_the_newest_reference(database: Database) -> None:
    for version in (2, 1):
        score = a_score(reference_version=version)
        dataset = replace(DRIFT, reference_version=version)
        writes = [drift_score_write([score]), dataset_drift_write([dataset])]
        replace_window(database, a_computation(), writes)
    found = read_results(database, a_window())
    assert [one.reference_version for one in (*found.drift, *found.datasets)] == [2, 2]


def test_estimates_are_no_results_of_labels(database: Database) -> None:
    estimated = replace(QUALITY, kind="estimated")
    write = model_quality_write([estimated], kind="estimated")
    replace_window(database, a_computation(Layer.MODEL_QUALITY), [write])
    assert read_results(database, a_window()).model_quality == ()


def test_the_newest_run_of_each_layer_is_named(database: Database) -> None:
    for layer, run in ((Layer.PREDICTIONS, "one"), (Layer.LABELS, "one"), (Layer.LABELS, "two")):
        replace_window(database, a_computation(layer, run_id=run), [])
    found = computed_layers(database, a_window())
    assert {layer: one.run_id for layer, one in found.items()} == {
        Layer.PREDICTIONS: "one",
        Layer.LABELS: "two",
    }
    assert computed_layers(database, a_window(1)) == {}
