"""Drift of the target: what was observed is held against the reference, once it is known."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import ks_2samp

from monitoring_assets.evaluation.profiling import freeze_bins, profile_quality
from monitoring_assets.evaluation.reference import measure_reference
from monitoring_assets.evaluation.target_drift import judge_target_drift, profile_labelled
from monitoring_assets.metrics.bins import CategoricalBins
from monitoring_assets.metrics.profile import ColumnProfile, merge
from monitoring_assets.records import ALL, DriftScore, LabelCounts, Verdict
from monitoring_assets_tests.evaluation.cases import FIXED, Case, rows, usual_rows
from monitoring_assets_tests.evaluation.classifier_cases import binary_rows, binary_spec
from monitoring_assets_tests.specs import WATCHED, small_columns, small_spec


def replaced(table: pa.Table, **columns: pa.Array) -> pa.Table:
    """Return the rows with these columns instead."""
    for name, values in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, values)
    return table


def labelled(table: pa.Table) -> pa.Table:
    """Return the rows of a window as they are joined with their labels."""
    names = {"model_version": "model_version", "prediction": "prediction", "target": "minutes"}
    return pa.table({ours: table.column(theirs) for ours, theirs in names.items()})


def labels(known: int, scored: int) -> LabelCounts:
    coverage = known / scored if scored else None
    return LabelCounts(labels=known, coverage=coverage, newest_knowledge_time=None)


def counted(case: Case, table: pa.Table) -> dict[Any, ColumnProfile]:
    return profile_labelled(case.spec, labelled(table), case.reference.bins, {})


def judged(case: Case, table: pa.Table, known: LabelCounts | None = None) -> DriftScore:
    """Return the deciding score of a window."""
    found = counted(case, table)
    whole = known or labels(table.num_rows, table.num_rows)
    scores = judge_target_drift(case.spec, found, case.baseline, case.reference.bins, whole)
    return scores[0]


@pytest.fixture(scope="module")
def case() -> Case:
    return Case()


def moved(table: pa.Table, factor: float) -> pa.Table:
    """Return rows of which everything but what was observed is as it was."""
    minutes = table.column("minutes").to_numpy() * factor
    return replaced(table, minutes=pa.array(minutes))


def test_a_quiet_window_is_fine_and_twice_the_values_alarm_while_no_input_does(case: Case) -> None:
    window = usual_rows(600, seed=5)
    assert judged(case, window).verdict is Verdict.OK
    alarm = judged(case, moved(window, 2.0))
    assert (alarm.column_name, alarm.verdict, alarm.segment) == ("minutes", Verdict.ALARM, ALL)
    assert {one.verdict for one in case.drift(moved(window, 2.0)).values()} == {Verdict.OK}


def test_the_score_is_scipys_of_the_labelled_rows(case: Case) -> None:
    window = moved(usual_rows(600, seed=6), 1.2)
    by_scipy: Any = ks_2samp(case.rows["minutes"].to_numpy(), window["minutes"].to_numpy())
    score = judged(case, window)
    assert score.score == pytest.approx(by_scipy.statistic, abs=1 / 256)
    assert (score.n_reference, score.n_window) == (2000, 600)


def test_it_is_judged_alone_and_does_not_count_in_the_datasets_verdict(case: Case) -> None:
    window = moved(usual_rows(600, seed=5), 2.0)
    dataset = case.dataset(window)
    assert (dataset.columns_decided, dataset.columns_alarming) == (2, 0)
    assert "minutes" not in case.drift(window)


def test_exactly_the_rows_are_counted_that_quality_is_about(case: Case) -> None:
    table = rows(
        [1.0, 2.0, None, 4.0],
        ["north"] * 4,
        minutes=pa.array([4.0, None, 10.0, 13.0]),
        model_version=pa.array(["1", "1", "1", None]),
    )
    (profile,) = counted(case, table).values()
    sums = profile_quality(case.spec, labelled(table), 0.0)
    assert profile.rows == sum(one.rows for one in sums.values()) == 2
    assert (profile.minimum, profile.maximum) == (4.0, 13.0)


def test_too_few_labels_are_immature_and_the_score_is_kept(case: Case) -> None:
    half = moved(usual_rows(300, seed=7), 2.0)
    score = judged(case, half, labels(300, 600))
    assert score.verdict is Verdict.LABELS_IMMATURE
    assert score.reason == "50 % of scored rows have a label, 90 % are needed"
    assert score.score is not None
    assert score.score > score.threshold


def test_without_any_label_there_are_no_counts_but_a_verdict(case: Case) -> None:
    none = replaced(usual_rows(200), minutes=pa.nulls(200, pa.float64()))
    assert counted(case, none) == {}
    score = judged(case, none, labels(0, 200))
    assert (score.verdict, score.score) == (Verdict.LABELS_IMMATURE, None)
    assert score.reason == "no label of this window is known yet"


def test_an_empty_window_is_undefined_as_its_quality_is(case: Case) -> None:
    score = judged(case, usual_rows(200).slice(0, 0), labels(0, 0))
    assert (score.verdict, score.score) == (Verdict.UNDEFINED, None)
    assert score.reason.startswith("no row of this window was scored")


def test_few_rows_are_insufficient(case: Case) -> None:
    score = judged(case, usual_rows(60))
    assert score.verdict is Verdict.INSUFFICIENT_DATA
    assert score.reason == "60 values in the window, 100 are needed"


def test_the_target_need_not_decide() -> None:
    case = Case(drift={"columns": {"minutes": {"deciding": False}}})
    score = judged(case, moved(usual_rows(600, seed=5), 2.0))
    assert (score.deciding, score.verdict) == (False, Verdict.UNDEFINED)
    assert score.reason.startswith("not judged: ")


def test_a_week_is_the_sum_of_its_days_and_segments_sum_to_all(case: Case) -> None:
    days = [usual_rows(90 + day, seed=day) for day in range(7)]
    week = counted(case, pa.concat_tables(days))[ALL, "minutes"]
    by_day = merge(counted(case, day)[ALL, "minutes"] for day in days)
    zone = days[0].column("zone").to_numpy(zero_copy_only=False)
    masks = {name: zone == name for name in ("north", "south", "west")}
    cut = profile_labelled(case.spec, labelled(days[0]), case.reference.bins, masks)
    assert (week.counts == by_day.counts).all()
    assert merge(cut[name, "minutes"] for name in masks).counts.tolist() == (
        cut[ALL, "minutes"].counts.tolist()
    )


def test_a_model_without_a_target_has_nothing_of_it() -> None:
    spec = small_spec(**WATCHED, columns=small_columns(target=None), drift=FIXED)
    measured = measure_reference(spec, usual_rows(500))
    assert {*measured.bins} == {"distance", "zone", "prediction"}
    assert {column for _, column in measured.profiles} == {*measured.bins}
    assert profile_labelled(spec, labelled(usual_rows(50)), measured.bins, {}) == {}


def test_a_reference_without_labels_gives_no_verdict() -> None:
    case = Case(replaced(usual_rows(500), minutes=pa.nulls(500, pa.float64())))
    score = judged(case, usual_rows(300))
    assert score.verdict is Verdict.INSUFFICIENT_DATA
    assert score.reason == "0 values in the reference, 50 are needed"


class BinaryCase(Case):
    """A classifier of no and yes with a reference of these rows."""

    def __init__(self, reference: pa.Table) -> None:
        super().__init__(reference)
        self.spec = binary_spec(drift=FIXED)


def answers(yes: int, no: int, other: int = 0) -> pa.Table:
    values = ["yes"] * yes + ["no"] * no + ["maybe"] * other
    return replaced(binary_rows(len(values)), minutes=pa.array(values))


@pytest.mark.parametrize(
    ("window", "verdict"),
    [
        (answers(200, 200), Verdict.OK),
        (answers(340, 60), Verdict.ALARM),
        (answers(400, 0), Verdict.ALARM),
        (answers(160, 160, 80), Verdict.ALARM),
    ],
    ids=["as ever", "many more", "one class only", "a class never seen"],
)
def test_the_shares_of_classes_are_judged(window: pa.Table, verdict: Verdict) -> None:
    score = judged(BinaryCase(answers(500, 500)), window)
    assert (score.column_name, score.method, score.verdict) == ("minutes", "chi_squared", verdict)


def test_a_class_that_the_reference_lacks_has_its_place_and_an_unlisted_one_is_overflow() -> None:
    found = counted(BinaryCase(answers(0, 800)), answers(30, 60, 10))
    assert found[ALL, "minutes"].counts.tolist() == [60, 30, 10]


def test_the_places_of_classes_are_those_of_the_yaml_whatever_the_reference_holds() -> None:
    first = freeze_bins(binary_spec(), answers(5, 1, 20))["minutes"]
    assert first == CategoricalBins(categories=("no", "yes"))
    again = measure_reference(binary_spec(), answers(50, 50, 1), {"minutes": first})
    assert again.bins["minutes"] == first


def test_counts_do_not_depend_on_the_order_of_labels(case: Case) -> None:
    window = usual_rows(400, seed=3).append_column("place", pa.array(np.arange(400)))
    mixed = window.take(np.random.default_rng(1).permutation(400))
    one, other = counted(case, window), counted(case, mixed.sort_by("place"))
    assert one == other
