"""The dataset's verdict and the worst columns, from the scores of a window."""

from dataclasses import replace

import pyarrow as pa
import pytest

from monitoring_assets.evaluation.data_drift import judge_dataset, worst_columns
from monitoring_assets.records import DriftScore, Verdict
from monitoring_assets_tests.evaluation.cases import FIXED, Case, rows, usual_rows
from monitoring_assets_tests.specs import small_columns


@pytest.fixture(scope="module")
def case() -> Case:
    return Case()


def test_the_dataset_alarms_when_more_than_the_share_of_columns_alarms(case: Case) -> None:
    both = case.dataset(rows([50.0] * 200, ["elsewhere"] * 200))
    one = case.dataset(rows([50.0] * 200, usual_rows(200, 1).column("zone").to_pylist()))
    assert (both.verdict, both.alarming_share, both.columns_alarming) == (Verdict.ALARM, 1.0, 2)
    assert both.reason == "2 of 2 columns have drifted (distance, zone), more than 50 %"
    assert (one.verdict, one.alarming_share) == (Verdict.OK, 0.5)
    assert one.reason == "1 of 2 columns have drifted (distance), not more than 50 %"


def test_the_predictions_drift_is_shown_beside_the_dataset_and_does_not_count(case: Case) -> None:
    window = usual_rows(200, 1)
    place = window.column_names.index("prediction")
    dataset = case.dataset(window.set_column(place, "prediction", pa.array([1e6] * 200)))
    assert dataset.prediction_drift == pytest.approx(1.0)
    assert (dataset.columns_decided, dataset.columns_alarming) == (2, 0)


def test_columns_that_do_not_decide_do_not_count_in_the_dataset() -> None:
    case = Case(drift={"columns": {"distance": {"deciding": False}}})
    dataset = case.dataset(rows([50.0] * 200, usual_rows(200, 1).column("zone").to_pylist()))
    assert (dataset.columns_decided, dataset.alarming_share) == (1, 0.0)


def score(column: str, verdict: Verdict, value: float | None = 0.2) -> DriftScore:
    usual = Case().drift(rows([5.0], ["north"]))["distance"]
    return replace(usual, column_name=column, verdict=verdict, score=value, expected=0.0)


FOUR = {"columns": small_columns(numerical=["a", "b", "c", "d"], categorical=[])}


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ("ok alarm undefined undefined", Verdict.OK),
        ("alarm alarm insufficient_data insufficient_data", Verdict.ALARM),
        ("alarm undefined insufficient_data undefined", Verdict.INSUFFICIENT_DATA),
        ("undefined undefined undefined undefined", Verdict.INSUFFICIENT_DATA),
    ],
)
def test_at_least_half_of_the_deciding_columns_must_be_decided(
    verdicts: str, expected: Verdict
) -> None:
    scores = [score(n, Verdict(v)) for n, v in zip("abcd", verdicts.split(), strict=True)]
    dataset = judge_dataset(Case(**FOUR).spec, scores, 1)
    assert dataset.verdict is expected
    if expected is Verdict.INSUFFICIENT_DATA:
        assert "of 4 columns could be decided, half are needed" in dataset.reason


def test_without_any_deciding_column_the_dataset_is_undefined() -> None:
    case = Case(drift={kind: one | {"deciding": False} for kind, one in FIXED.items()})
    dataset = case.dataset(usual_rows(200))
    assert (dataset.verdict, dataset.alarming_share) == (Verdict.UNDEFINED, None)
    assert dataset.reason == "no column decides: `deciding` is false for all of them"


def test_the_worst_columns_come_first_in_units_of_their_threshold() -> None:
    far = replace(score("far", Verdict.ALARM, 0.4), threshold=0.1)
    near = replace(score("near", Verdict.ALARM, 0.5), threshold=0.4)
    usual = replace(far, column_name="usual", expected=0.39)
    none = score("none", Verdict.UNDEFINED, None)
    found = worst_columns([none, usual, near, far])
    assert [one.column_name for one in found] == ["far", "near", "usual", "none"]
    assert worst_columns([near, far], most=1) == [far]


def test_a_column_is_among_the_worst_once_by_its_first_method() -> None:
    first = score("a", Verdict.OK, 0.01)
    beside = replace(score("a", Verdict.UNDEFINED, 0.9), method="psi", deciding=False)
    other = score("b", Verdict.OK, 0.02)
    assert worst_columns([first, beside, other]) == [other, first]
