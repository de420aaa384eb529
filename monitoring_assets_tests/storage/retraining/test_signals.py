"""What complete windows say to the loop, from results written by hand."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from monitoring_assets.records import (
    ColumnRole,
    Finding,
    LabelCounts,
    Layer,
    ModelQuality,
    Verdict,
    WindowSignals,
)
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.results import (
    data_quality_write,
    dataset_drift_write,
    drift_score_write,
    model_quality_write,
)
from monitoring_assets.storage.retraining import signals
from monitoring_assets.storage.window_write import SliceWrite, replace_window
from monitoring_assets_tests.storage.samples import (
    a_computation,
    a_quality_number,
    a_score,
    a_window,
    compute_all_layers,
)
from monitoring_assets_tests.storage.test_results import DRIFT, QUALITY

OK, ALARM = Verdict.OK, Verdict.ALARM


def say(database: Database, layer: Layer, writes: Sequence[SliceWrite], day: int = 0) -> None:
    replace_window(database, a_computation(layer, a_window(day)), writes)


def drift(database: Database, verdict: Verdict, reason: str, reference: int, day: int = 0) -> None:
    found = replace(DRIFT, reference_version=reference, verdict=verdict, reason=reason)
    write = dataset_drift_write([found])
    say(database, Layer.DATA_DRIFT, [write], day)


def score_columns(database: Database, **verdicts: Verdict) -> None:
    scores = [
        a_score(column, verdict=verdict, reason=f"{column} says {verdict}", score=0.2)
        for column, verdict in verdicts.items()
    ]
    say(database, Layer.DATA_DRIFT, [drift_score_write(scores)])


def quality(**changes: Any) -> ModelQuality:
    return replace(QUALITY, **changes)


def have_columns(database: Database, **roles: ColumnRole) -> None:
    rows = [
        {"model_id": "small", "column_name": name, "number": n, "kind": "numerical", "role": role}
        for n, (name, role) in enumerate(roles.items(), 1)
    ]
    with database.begin() as connection:
        connection.execute(sa.insert(tables.column_dictionary), rows)


def heard(database: Database, *causes: str, most: int = 400) -> tuple[WindowSignals, ...]:
    compute_all_layers(database, a_window())
    return signals.read_signals(database, "small", "day", causes, most)


def finding(database: Database, cause: str) -> Finding | None:
    (found,) = heard(database, cause)
    return found.findings.get(cause)


def days(found: Collection[WindowSignals]) -> list[int]:
    return [one.window.start.day for one in found]


def test_only_complete_windows_speak_and_others_leave_gaps(database: Database) -> None:
    for day in (0, 1, 3):
        compute_all_layers(database, a_window(day))
    replace_window(database, a_computation(Layer.PREDICTIONS, a_window(2)), [])
    found = heard(database)
    assert [one.window for one in found] == [a_window(0), a_window(1), a_window(3)]


def test_the_newest_windows_speak_oldest_first(database: Database) -> None:
    for day in range(5):
        compute_all_layers(database, a_window(day))
    assert days(heard(database, most=2)) == [4, 5]


def test_a_model_without_windows_says_nothing(database: Database) -> None:
    assert signals.read_signals(database, "small", "day", ["dataset_drift"]) == ()
    assert signals.labelled_windows(database, "small", "day") == ()


def test_windows_of_another_model_or_granularity_are_not_heard(database: Database) -> None:
    compute_all_layers(database, a_window(0, "other"))
    compute_all_layers(database, replace(a_window(), granularity="week"))
    assert signals.read_signals(database, "small", "day", []) == ()


def test_the_newest_reference_speaks_for_the_drift_of_a_window(database: Database) -> None:
    drift(database, ALARM, "against the old one", reference=9)
    drift(database, OK, "against the new one", reference=10)
    assert finding(database, "dataset_drift") == Finding(verdict=OK, reason="against the new one")


def test_drift_of_a_segment_is_not_that_of_the_window(database: Database) -> None:
    other = replace(DRIFT, segment="card", reference_version=2, verdict=ALARM)
    say(database, Layer.DATA_DRIFT, [dataset_drift_write([other])])
    assert finding(database, "dataset_drift") is None


def test_the_deciding_method_speaks_for_a_column(database: Database) -> None:
    scores = [
        a_score(deciding=True, reason="decides", verdict=OK),
        a_score(method="psi", deciding=False),
        a_score("zone", deciding=True),
    ]
    say(database, Layer.DATA_DRIFT, [drift_score_write(scores)])
    assert finding(database, "drift/distance") == Finding(verdict=OK, reason="decides")


def test_the_newest_reference_speaks_for_a_column(database: Database) -> None:
    for reference, verdict in ((9, ALARM), (10, OK)):
        score = a_score(reference_version=reference, verdict=verdict, reason=f"{reference}")
        say(database, Layer.DATA_DRIFT, [drift_score_write([score])])
    assert finding(database, "drift/distance") == Finding(verdict=OK, reason="10")


def test_any_probability_that_alarms_is_prediction_drift(database: Database) -> None:
    roles = [ColumnRole.PREDICTION, ColumnRole.PROBABILITY, ColumnRole.PROBABILITY]
    names = ("prediction", "p_no", "p_yes")
    have_columns(database, **dict(zip(names, roles, strict=True)), distance=ColumnRole.FEATURE)
    score_columns(database, prediction=OK, p_no=ALARM, p_yes=OK, distance=ALARM)
    expected = Finding(verdict=ALARM, reason="p_no: p_no says alarm")
    assert finding(database, "prediction_drift") == expected


def test_a_feature_that_alarms_is_no_prediction_drift(database: Database) -> None:
    have_columns(database, prediction=ColumnRole.PREDICTION, distance=ColumnRole.FEATURE)
    score_columns(database, prediction=OK, distance=ALARM)
    found = finding(database, "prediction_drift")
    assert found == Finding(verdict=OK, reason="prediction: prediction says ok")


def test_a_probability_that_was_judged_speaks_for_one_that_was_not(database: Database) -> None:
    have_columns(database, p_no=ColumnRole.PROBABILITY, p_yes=ColumnRole.PROBABILITY)
    score_columns(database, p_no=Verdict.INSUFFICIENT_DATA, p_yes=OK)
    found = finding(database, "prediction_drift")
    assert found is not None
    assert found.verdict is OK


def test_quality_is_that_of_the_version_with_most_labels_over_all_classes(
    database: Database,
) -> None:
    numbers = [
        quality(model_version="1", labels=10, verdict=ALARM, reason="few"),
        quality(model_version="2", labels=900, verdict=OK, reason="many"),
        quality(model_version="2", class_name="yes", labels=950, verdict=ALARM),
        quality(model_version="2", segment="card", labels=990, verdict=ALARM),
    ]
    say(database, Layer.MODEL_QUALITY, [model_quality_write(numbers)])
    assert finding(database, "quality/mae") == Finding(verdict=OK, reason="many")


def test_quality_that_is_only_estimated_does_not_count(database: Database) -> None:
    number = quality(kind="estimated", labels=999, verdict=ALARM)
    say(database, Layer.MODEL_QUALITY, [model_quality_write([number], "estimated")])
    assert finding(database, "quality/mae") is None


def test_only_the_metrics_asked_for_are_told(database: Database) -> None:
    numbers = [quality(), quality(metric="rmse", verdict=ALARM, reason="bad")]
    say(database, Layer.MODEL_QUALITY, [model_quality_write(numbers)])
    (found,) = heard(database, "quality/rmse", "quality/r2_score")
    assert found.findings == {"quality/rmse": Finding(verdict=ALARM, reason="bad")}


def test_broken_columns_are_told_in_words_that_go_on_after_their_names(database: Database) -> None:
    numbers = [
        a_quality_number("zone", value=0.4127, expectation="at most 0.05"),
        a_quality_number("zone", metric="unseen_share", value=0.09, expectation="at most 0.05"),
        a_quality_number("distance", metric="infinite_share", value=0.12, expectation="at most 0"),
        a_quality_number("fare", verdict=OK, reason="fine"),
        a_quality_number("", metric="rows", value=0.0, expectation="at least 1"),
    ]
    say(database, Layer.DATA_QUALITY, [data_quality_write(numbers)])
    (found,) = heard(database, "data_quality")
    unseen = "has values that the reference never had in 9 % of rows"
    assert found.broken == {
        "": "the window has no row",
        "distance": "is infinite in 12 % of rows",
        "zone": f"is missing in 41 % of rows and {unseen}",
    }


def test_the_verdict_on_the_data_says_what_is_allowed(database: Database) -> None:
    numbers = [
        a_quality_number("zone", value=0.4127, expectation="at most 0.05"),
        a_quality_number("distance", metric="invalid_share", value=0.002, expectation="at most 0"),
        a_quality_number("", metric="rejected_share"),
    ]
    say(database, Layer.DATA_QUALITY, [data_quality_write(numbers)])
    (found,) = heard(database, "data_quality")
    assert found.findings["data_quality"] == Finding(
        verdict=ALARM,
        reason="filters reject 50 % of rows (at most 10 % is allowed);"
        " distance is no number in 0.2 % of rows (none is legal);"
        " zone is missing in 41 % of rows (at most 5 % is allowed)",
    )


def test_a_number_that_a_later_version_has_written_is_told_by_its_reason(
    database: Database,
) -> None:
    number = a_quality_number("zone", metric="odd_share", reason="9 %, more than the 5 % allowed")
    say(database, Layer.DATA_QUALITY, [data_quality_write([number])])
    (found,) = heard(database, "data_quality")
    assert found.broken == {"zone": "odd_share: 9 %, more than the 5 % allowed"}


def test_data_of_which_no_number_alarms_are_fine(database: Database) -> None:
    number = a_quality_number(verdict=OK, reason="fine")
    say(database, Layer.DATA_QUALITY, [data_quality_write([number])])
    (found,) = heard(database, "data_quality")
    assert (found.findings["data_quality"].verdict, found.broken) == (OK, {})


def test_data_that_nobody_has_judged_are_not_called_fine(database: Database) -> None:
    assert finding(database, "data_quality") is None


def test_broken_columns_are_told_even_if_they_are_not_asked_for(database: Database) -> None:
    say(database, Layer.DATA_QUALITY, [data_quality_write([a_quality_number("zone")])])
    (found,) = heard(database, "dataset_drift")
    assert (list(found.broken), found.findings) == (["zone"], {})


def test_labels_of_windows_are_counted(database: Database) -> None:
    for day, labels in ((1, 7), (2, 0)):
        record = a_computation(Layer.LABELS, a_window(day))
        counts = LabelCounts(labels=labels, coverage=1.0, newest_knowledge_time=None)
        replace_window(database, record, [], labels=counts)
        compute_all_layers(database, a_window(day))
    assert [one.labelled for one in heard(database)] == [0, 7, 0]
    known = signals.labelled_windows(database, "small", "day")
    assert [(one.window.start.day, one.labelled) for one in known] == [(1, 0), (2, 7), (3, 0)]


def test_a_window_that_is_written_while_it_is_read_counts_as_missing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(3):
        compute_all_layers(database, a_window(day))
        drift(database, ALARM, "as it was", reference=1, day=day)

    def read_while_another_writes(*given: Any) -> Any:
        drift(database, OK, "as it became", reference=1, day=1)
        return read(*given)

    read = signals.broken_columns
    monkeypatch.setattr(signals, "broken_columns", read_while_another_writes)
    assert days(signals.read_signals(database, "small", "day", ["dataset_drift"])) == [1, 3]
