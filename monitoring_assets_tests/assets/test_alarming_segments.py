"""Segments that alarm, as the UI shows them: which ones, in which order, how many."""

from dataclasses import replace
from typing import Any

from monitoring_assets.assets.metadata import drifting_segments, failing_segments
from monitoring_assets.records import ALL, DatasetDrift, ModelQuality, Verdict

DRIFT = DatasetDrift(
    segment="card",
    reference_version=1,
    columns_decided=4,
    columns_alarming=1,
    alarming_share=0.25,
    threshold=0.5,
    prediction_drift=None,
    verdict=Verdict.OK,
    reason="1 of 4 columns have drifted (distance), not more than 50 %",
)
QUALITY = ModelQuality(
    segment="card",
    metric="mae",
    kind="realised",
    model_version="1",
    value=3.0,
    interval_low=None,
    interval_high=None,
    reference_value=2.0,
    threshold=2.4,
    labels=90,
    coverage=1.0,
    verdict=Verdict.ALARM,
    reason="mae 3 lies beyond the threshold 2.4",
)


def shown(found: dict[str, Any]) -> list[tuple[str, str]]:
    records = found["alarming_segments"].records
    return [(record.data["segment"], record.data["reason"]) for record in records]


def drift(segment: str, share: float, verdict: Verdict = Verdict.OK) -> DatasetDrift:
    return replace(DRIFT, segment=segment, alarming_share=share, verdict=verdict)


def test_the_segments_that_moved_most_come_first() -> None:
    found = [drift("a", 0.25), drift("b", 0.75, Verdict.ALARM), drift("c", 0.5)]
    assert [name for name, _ in shown(drifting_segments(found))] == ["b", "c", "a"]
    assert shown(drifting_segments([DRIFT])) == [("card", DRIFT.reason)]


def test_all_and_segments_without_a_drifted_column_are_not_shown() -> None:
    quiet = replace(DRIFT, columns_alarming=0, alarming_share=0.0)
    assert drifting_segments([quiet, replace(DRIFT, segment=ALL)]) == {}
    assert drifting_segments([]) == {}


def test_more_than_twenty_are_counted_only() -> None:
    found = shown(drifting_segments([drift(f"zone={n}", 0.25) for n in range(27)]))
    assert len(found) == 21
    assert found[-1] == ("and 7 more", "")


def test_all_bounds_that_a_segment_breaks_are_named() -> None:
    rows = [
        QUALITY,
        replace(QUALITY, metric="rmse", reason="rmse 9 lies beyond the threshold 4"),
        replace(QUALITY, segment="cash", verdict=Verdict.OK),
        replace(QUALITY, segment=ALL),
    ]
    reasons = f"{QUALITY.reason}; rmse 9 lies beyond the threshold 4"
    assert shown(failing_segments(rows)) == [("card", reasons)]
    assert failing_segments(rows[2:]) == {}
