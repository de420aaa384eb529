"""Which of the stored results are explained, and what came nearest where none alarms."""

from dataclasses import replace
from typing import Any

import pytest

from monitoring_assets.evaluation.explaining.nearest import nearest
from monitoring_assets.evaluation.explaining.plain_data import as_data
from monitoring_assets.evaluation.explaining.window import (
    Evidence,
    Focus,
    WindowExplanation,
    explain_window,
)
from monitoring_assets.records import Layer, ModelQuality, Verdict
from monitoring_assets_tests.evaluation.explaining.evidence import (
    BAD,
    SPEC,
    USUAL,
    around,
    evidence,
    rows,
)
from monitoring_assets_tests.storage.samples import a_quality_number, a_score
from monitoring_assets_tests.storage.test_results import QUALITY


@pytest.fixture(scope="module")
def bad() -> Evidence:
    return evidence(rows(BAD))


def explained(given: Evidence, **focus: Any) -> WindowExplanation:
    return explain_window(SPEC, given, Focus(**focus))


def test_what_alarms_is_explained_with_its_whole(bad: Evidence) -> None:
    found = explained(bad)
    assert found.alarms
    (quality,) = found.quality
    assert quality.change.change == pytest.approx(1.6)
    assert quality.quality.value == pytest.approx(quality.change.now)
    assert quality.quality.reference_value == pytest.approx(quality.change.before)
    (score,) = found.drift
    assert score.whole == pytest.approx(score.score.score, abs=1e-12)


def test_a_segment_is_explained_by_itself(bad: Evidence) -> None:
    found = explained(bad, segment="zone=south")
    (quality,) = found.quality
    assert (quality.quality.segment, quality.change.splits) == ("zone=south", ())
    assert quality.change.change == pytest.approx(3.0)
    assert [one.segment for one in found.elsewhere] == ["all"]


def test_a_column_is_explained_by_every_method_whether_it_alarms_or_not(bad: Evidence) -> None:
    found = explained(bad, column="predicted")
    assert [one.score.method for one in found.drift] == ["kolmogorov_smirnov"]
    assert (found.quality, found.alarms) == ((), False)


def test_one_layer_alone_can_be_asked_about() -> None:
    found = explained(evidence(rows(BAD)), layers=(Layer.DATA_DRIFT,))
    assert (len(found.drift), found.quality, found.elsewhere, found.unjudged) == (1, (), (), ())
    both = explained(replace(evidence(rows(USUAL)), model_quality=(), datasets=()))
    assert [one.layer for one in both.unjudged] == [Layer.DATA_DRIFT, Layer.MODEL_QUALITY]
    assert {one.reason for one in both.unjudged} == {"it has not been computed for the window"}


def test_a_model_without_target_has_no_quality_to_judge() -> None:
    spec = replace(SPEC, columns=replace(SPEC.columns, target=None))
    found = explain_window(spec, evidence(rows(BAD)))
    assert (found.quality, found.unjudged) == ((), ())


def test_a_model_version_has_drift_of_its_own_but_no_quality(bad: Evidence) -> None:
    scores = [replace(one, segment="model_version=7") for one in bad.drift if one.segment == "all"]
    dataset = replace(bad.datasets[0], segment="model_version=7")
    given = replace(bad, drift=(*bad.drift, *scores), datasets=(*bad.datasets, dataset))
    found = explained(given, segment="model_version=7")
    assert [one.score.column_name for one in found.drift] == ["zone"]
    assert (found.quality, found.unjudged) == ((), ())


def test_broken_bounds_are_those_of_the_window_or_the_column(bad: Evidence) -> None:
    broken = a_quality_number("zone"), a_quality_number("distance"), a_quality_number("")
    fine = a_quality_number("tip", verdict=Verdict.OK)
    given = replace(bad, data_quality=(*broken, fine))
    assert explained(given).data_quality == broken
    assert explained(given, column="zone").data_quality == broken[:1]
    assert explained(given, segment="zone=south").data_quality == ()


def test_the_main_metric_comes_before_others_and_classes(bad: Evidence) -> None:
    alarm = {"verdict": Verdict.ALARM, "segment": "all"}
    numbers = [
        replace(QUALITY, metric="rmse", **alarm),
        replace(QUALITY, class_name="yes", **alarm),
        replace(QUALITY, **alarm),
    ]
    found = explained(replace(bad, model_quality=numbers))
    named = [(one.quality.metric, one.quality.class_name) for one in found.quality]
    assert named == [("mae", ""), ("mae", "yes"), ("rmse", "")]


def test_alarms_in_other_segments_are_listed(bad: Evidence) -> None:
    (south,) = explained(bad).elsewhere
    assert (south.segment, south.metrics, south.columns) == ("zone=south", ("mae",), ())
    drifted = a_score("zone", segment="zone=north")
    given = replace(bad, drift=(*bad.drift, drifted))
    assert [one.segment for one in explained(given).elsewhere] == ["zone=north", "zone=south"]
    (only,) = explained(given, column="zone").elsewhere
    assert (only.segment, only.columns, only.metrics) == ("zone=north", ("zone",), ())


@pytest.mark.parametrize(
    ("metric", "numbers", "share"),
    [
        ("mae", {"reference_value": 2.0, "threshold": 4.0, "interval_low": 3.0}, 0.5),
        ("f1", {"reference_value": 0.8, "threshold": 0.6, "interval_high": 0.65}, 0.75),
        ("mean_error", {"threshold": 2.0, "interval_low": -1.9, "interval_high": -1.5}, 0.75),
        ("mae", {"reference_value": None, "threshold": 4.0, "interval_low": 1.0}, 0.25),
        ("mae", {"reference_value": 5.0, "threshold": 4.0, "interval_low": 3.9}, 0.0),
    ],
)
def test_nearness_is_the_share_of_the_way_to_the_threshold(
    metric: str, numbers: dict[str, float | None], share: float
) -> None:
    values: dict[str, Any] = {"value": 3.5, "interval_low": 3.0, "interval_high": 4.0} | numbers
    row: ModelQuality = replace(QUALITY, metric=metric, verdict=Verdict.OK, **values)
    (found,) = nearest([], [row])
    assert found.share == pytest.approx(share)


def test_the_column_nearest_to_its_threshold_is_named() -> None:
    scores = [
        a_score("far", score=0.05, expected=0.01, threshold=0.1, verdict=Verdict.OK),
        a_score("near", score=0.09, expected=0.01, threshold=0.1, verdict=Verdict.OK),
        a_score("alarms", score=0.5, threshold=0.1),
        a_score("shown", score=0.4, threshold=0.1, deciding=False, verdict=Verdict.UNDEFINED),
    ]
    (found,) = nearest(scores, [])
    assert (found.what, found.share) == ("near", pytest.approx(0.8))


def test_plain_data_holds_every_part_unrounded(bad: Evidence) -> None:
    found = explained(bad)
    data = as_data(found, around())
    (quality,) = data["quality"]
    assert quality["change"] == found.quality[0].change.change
    assert sum(part["mix"] + part["rate"] for part in quality["by"][0]["parts"]) == pytest.approx(
        quality["change"], abs=1e-12
    )
    assert (quality["alarming_since"], quality["alarming_windows"]) == ("2023-02-02", 3)
    assert quality["blame"][0]["segment"] == "zone=south"
    (score,) = data["drift"]
    assert sum(part["part"] for part in score["parts"]) == pytest.approx(score["recomputed"])
    assert data["computed_by"][0]["run_id"] == "8a6c"
