"""Windows of classifiers: which of their columns are profiled, drift and count in the dataset."""

import pyarrow as pa
import pytest

from monitoring_assets.evaluation.profiling import answer_columns, freeze_bins, profiled_columns
from monitoring_assets.records import ALL, DATASET, UNFILTERED, Verdict
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.evaluation.cases import Case
from monitoring_assets_tests.evaluation.classifier_cases import (
    binary_rows,
    binary_spec,
    colour_spec,
)


class ClassifierCase(Case):
    """A binary model with a reference of 2000 rows."""

    def __init__(self, spec: ModelSpec | None = None) -> None:
        super().__init__(binary_rows(2_000))
        self.spec = spec or binary_spec()


@pytest.fixture(scope="module")
def case() -> ClassifierCase:
    return ClassifierCase()


def replaced(rows: pa.Table, **columns: pa.Array) -> pa.Table:
    for name, values in columns.items():
        rows = rows.set_column(rows.column_names.index(name), name, values)
    return rows


def test_the_answer_is_a_category_and_its_probabilities_are_numbers() -> None:
    bins = freeze_bins(binary_spec(), binary_rows(200))
    kinds = {name: one.kind for name, one in bins.items()}
    assert kinds == {
        "distance": "numerical",
        "zone": "categorical",
        "prediction": "categorical",
        "p_yes": "numerical",
        "minutes": "categorical",
    }
    assert answer_columns(colour_spec()) == {"prediction", "p_red", "p_green", "p_blue"}
    assert "minutes" not in {entry.column_name for entry in profiled_columns(binary_spec())}


def test_answers_are_profiled_for_passing_rows_only(case: ClassifierCase) -> None:
    rejected = pa.array([None, "too_short"] * 50, pa.string())
    profiles = case.profiles(replaced(binary_rows(100), rejected_by=rejected))
    assert {name for segment, name in profiles if segment == UNFILTERED} == {"distance", "zone"}
    assert (profiles[ALL, "p_yes"].rows, profiles[ALL, "prediction"].rows) == (50, 50)
    assert profiles[UNFILTERED, "distance"].rows == 100


def test_drifted_probabilities_are_judged_but_do_not_count_in_the_dataset(
    case: ClassifierCase,
) -> None:
    window = binary_rows(500, 1, shift=0.3)
    scores, dataset = case.drift(window), case.dataset(window)
    assert scores["p_yes"].verdict is Verdict.ALARM
    assert scores["prediction"].verdict is Verdict.ALARM
    assert (dataset.columns_decided, dataset.columns_alarming) == (2, 0)
    assert dataset.prediction_drift == scores["prediction"].score
    assert dataset.prediction_drift is not None
    assert dataset.prediction_drift > 0.2


def test_a_quiet_window_of_a_classifier_is_ok(case: ClassifierCase) -> None:
    scores = case.drift(binary_rows(500, 2))
    assert [*scores] == ["distance", "zone", "prediction", "p_yes"]
    assert {one.verdict for one in scores.values()} == {Verdict.OK}


def test_a_window_without_predictions_says_so_for_the_answer_and_its_probabilities(
    case: ClassifierCase,
) -> None:
    nothing = {"prediction": pa.nulls(200, pa.string()), "p_yes": pa.nulls(200, pa.float64())}
    scores = case.drift(replaced(binary_rows(200, 3), **nothing))
    for name in ("prediction", "p_yes"):
        assert scores[name].verdict is Verdict.UNDEFINED
        assert scores[name].reason == "no row of the window has a prediction in the source"
    assert scores["distance"].verdict is Verdict.OK


def test_probabilities_have_no_data_quality_of_their_own(case: ClassifierCase) -> None:
    found = case.data_quality(binary_rows(200, 4))
    assert {column for column, _ in found} == {DATASET, "distance", "zone", "minutes"}


@pytest.mark.parametrize(("invalid", "verdict"), [(2, Verdict.OK), (3, Verdict.ALARM)])
def test_a_hundredth_of_the_rows_may_have_invalid_probabilities(
    case: ClassifierCase, invalid: int, verdict: Verdict
) -> None:
    found = case.data_quality(binary_rows(200, 4), {"invalid_probability": invalid})
    share = found[DATASET, "invalid_probability_share"]
    assert (share.value, share.verdict) == (invalid / 200, verdict)
    assert share.reason.endswith("allowed (maximum_invalid_probability_share)")


def test_an_empty_window_has_no_share_of_invalid_probabilities(case: ClassifierCase) -> None:
    found = case.data_quality(binary_rows(0))
    assert found[DATASET, "invalid_probability_share"].verdict is Verdict.UNDEFINED


def test_a_model_without_probabilities_has_no_row_about_them() -> None:
    case = ClassifierCase(binary_spec(probabilities=False))
    found = case.data_quality(binary_rows(200, 5))
    assert (DATASET, "invalid_probability_share") not in found
