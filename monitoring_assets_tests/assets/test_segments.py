"""Segments end to end: tables that add up, numbers as pandas finds them, verdicts of their own."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_absolute_error

from monitoring_assets.assets import names, quality_profiles, window_profiles
from monitoring_assets.assets.hand_over import HandOver
from monitoring_assets.records import Layer, Verdict
from monitoring_assets.storage import tables
from monitoring_assets_tests.assets.segmented_model import (
    BY_ZONE,
    DAYS,
    FAR,
    MIXED,
    QUIET,
    SHIFTED,
    WORSE,
    Segmented,
    segmented_model,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import Row, everything, rows_of

pytestmark = pytest.mark.slow

VERSIONS = ("model_version=7", "model_version=8")


@pytest.fixture(scope="module")
def days(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Segmented]:
    with segmented_model(new_database, tmp_path_factory.mktemp("segments")) as model:
        yield model


def by_segment(rows: list[Row]) -> dict[str, list[Row]]:
    return {name: [row for row in rows if row["segment"] == name] for name in _segments(rows)}


def _segments(rows: list[Row]) -> set[str]:
    return {row["segment"] for row in rows}


def added(rows: list[Row], size: int) -> list[int]:
    """Return the sum of counts over dictionaries that may have been shorter."""
    padded = [
        [*row["counts"][:-1], *[0] * (size - len(row["counts"])), row["counts"][-1]] for row in rows
    ]
    return np.sum(padded, axis=0).tolist()


@pytest.mark.parametrize(("day", "parts"), [*((day, BY_ZONE) for day in DAYS), (MIXED, VERSIONS)])
@pytest.mark.parametrize("column", ["distance", "zone", "tip", "said"])
def test_counts_of_segments_add_up_to_all_bit_for_bit(
    days: Segmented, day: str, parts: tuple[str, ...], column: str
) -> None:
    found = by_segment(days.stored("window_profile", day, column_name=column))
    (whole,), own = found["all"], [row for name in parts for row in found[name]]
    for name in ("rows", "missing", "outside"):
        assert sum(row[name] for row in own) == whole[name]
    assert added(own, len(whole["counts"])) == whole["counts"]


@pytest.mark.parametrize("day", DAYS)
def test_labels_of_segments_add_up_to_all(days: Segmented, day: str) -> None:
    rows = days.stored("quality_profile", day)
    for version in {row["model_version"] for row in rows}:
        own = {r["segment"]: r for r in rows if r["model_version"] == version}
        for name in ("labels", "scored"):
            assert sum(own[one][name] for one in BY_ZONE) == own["all"][name]


@pytest.mark.parametrize("day", DAYS)
def test_every_segment_is_counted_and_judged_in_every_window(days: Segmented, day: str) -> None:
    expected = {"all", *BY_ZONE, FAR}
    assert _segments(days.stored("model_quality", day)) == expected
    assert _segments(days.stored("quality_profile", day)) == expected
    expected |= {*VERSIONS} if day == MIXED else set()
    assert _segments(days.stored("window_profile", day)) == expected | {"unfiltered"}
    assert _segments(days.stored("drift_score", day)) == expected
    assert _segments(days.stored("dataset_drift", day)) == expected
    assert _segments(days.stored("data_quality", day)) == {"all"}


@pytest.mark.parametrize("day", DAYS)
def test_the_rows_of_a_segment_are_those_that_pandas_finds(days: Segmented, day: str) -> None:
    for segment, own in days.slices(days.frame(day)).items():
        found = {r["column_name"]: r for r in days.stored("window_profile", day, segment=segment)}
        scored = own["said"].notna().sum()  # of these alone the target counts
        expected = dict.fromkeys(found, len(own)) | {"minutes": scored}
        assert {column: found[column]["rows"] for column in found} == expected
        assert found["tip"]["missing"] == own["tip"].isna().sum()
        assert found["distance"]["maximum"] == own["distance"].max()


@pytest.mark.parametrize("day", DAYS)
def test_drift_scores_of_segments_are_found_again(days: Segmented, day: str) -> None:
    window, reference = days.slices(days.frame(day)), days.slices(days.reference)
    bins = {row["column_name"]: row for row in rows_of(days.model.database, tables.bins)}
    for row in days.stored("drift_score", day, method="kolmogorov_smirnov"):
        if row["segment"] in VERSIONS:
            continue
        edges = np.array(bins[row["column_name"]]["edges"])
        column, usual = row["column_name"], reference[row["segment"]]
        own = window[row["segment"]]
        own = own[own["said"].notna()] if column == "minutes" else own
        sides = [one[column].dropna() for one in (usual, own)]
        gap = np.subtract(*(below(side, edges) for side in sides))
        assert row["score"] == pytest.approx(np.abs(gap).max(), abs=1e-12)
        assert [row["n_reference"], row["n_window"]] == [*map(len, sides)]


def below(values: "pd.Series[float]", edges: Any) -> Any:
    """Return the share of values at or below each edge."""
    return np.searchsorted(np.sort(values), edges, side="right") / len(values)


def test_versions_are_compared_with_the_whole_reference(days: Segmented) -> None:
    rows, reference = days.frame(MIXED), days.reference["tip"].dropna()
    bins = rows_of(days.model.database, tables.bins, column_name="tip")
    edges = np.array(bins[0]["edges"])
    for version in "78":
        own = rows[rows["version"] == version]["tip"].dropna()
        (row,) = days.stored(
            "drift_score", MIXED, segment=f"model_version={version}", column_name="tip"
        )
        expected = np.abs(below(own, edges) - below(reference, edges)).max()
        assert row["score"] == pytest.approx(expected, abs=1e-12)
        assert (row["n_reference"], row["n_window"]) == (len(reference), len(own))


@pytest.mark.parametrize("day", DAYS)
def test_quality_of_segments_is_that_of_scikit_learn(days: Segmented, day: str) -> None:
    window, reference = days.slices(days.frame(day)), days.slices(days.reference)
    for row in days.stored("model_quality", day, metric="mae"):
        own, normal = (one[row["segment"]].dropna(subset=["said"]) for one in (window, reference))
        own = own[own["version"] == row["model_version"]]
        assert row["value"] == pytest.approx(mean_absolute_error(own["minutes"], own["said"]))
        assert (row["labels"], row["coverage"]) == (len(own), 1.0)
        expected = mean_absolute_error(normal["minutes"], normal["said"])
        if row["reference_value"] is not None:
            assert row["reference_value"] == pytest.approx(expected)


@pytest.mark.parametrize("day", DAYS)
def test_a_small_segment_has_no_verdict_but_a_reason(days: Segmented, day: str) -> None:
    scores = days.stored("drift_score", day, segment="zone=(missing)")
    (quality,) = days.stored(
        "model_quality", day, segment="zone=(missing)", metric="mae", model_version="7"
    )
    for row in (*scores, quality, *days.stored("dataset_drift", day, segment="zone=(missing)")):
        assert row["verdict"] == Verdict.INSUFFICIENT_DATA
        assert " needed" in row["reason"]


def test_a_shift_in_one_segment_shows_there_and_not_in_the_check(days: Segmented) -> None:
    alarms = days.stored("drift_score", SHIFTED, verdict="alarm")
    assert "zone=south" in _segments(alarms)
    assert not _segments(alarms) & {"zone=north", "zone=(other)"}
    assert days.check(SHIFTED, names.NO_DATASET_DRIFT).passed
    shown = days.metadata(SHIFTED, Layer.DATA_DRIFT)["alarming_segments"].records
    reasons = {record.data["segment"]: record.data["reason"] for record in shown}
    assert "distance" in str(reasons["zone=south"])


def test_a_segment_that_gets_worse_shows_and_does_not_fail_the_check(days: Segmented) -> None:
    found = {r["segment"]: r["verdict"] for r in days.stored("model_quality", WORSE, metric="mae")}
    assert (found["all"], found["zone=north"], found["zone=(other)"]) == ("ok", "ok", "alarm")
    assert days.check(WORSE, names.MODEL_QUALITY_HOLDS).passed
    shown = days.metadata(WORSE, Layer.MODEL_QUALITY)["alarming_segments"].records
    assert [record.data["segment"] for record in shown] == ["zone=(other)"]


def test_a_quiet_window_shows_no_segments(days: Segmented) -> None:
    for layer in (Layer.DATA_DRIFT, Layer.MODEL_QUALITY):
        assert "alarming_segments" not in days.metadata(QUIET, layer)


@pytest.mark.parametrize("day", DAYS)
def test_the_ledger_says_which_versions_scored_a_window(days: Segmented, day: str) -> None:
    (window,) = days.stored("window", day)
    scored = days.frame(day).dropna(subset=["said"])
    assert window["rows_by_version"] == scored["version"].value_counts().to_dict()
    assert window["rows_scored"] == len(scored)


def test_segments_are_the_same_counted_from_stored_rows(
    days: Segmented, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(days.model.database)
    for module in (window_profiles, quality_profiles):
        monkeypatch.setattr(module, "ROWS_AT_HAND", HandOver())
    days.model.runner.one(MIXED, [Layer.WINDOW_PROFILES, Layer.QUALITY_PROFILES])
    days.model.runner.one(MIXED, [Layer.DATA_DRIFT, Layer.DATA_QUALITY, Layer.MODEL_QUALITY])
    assert everything(days.model.database) == before


def test_the_reference_has_every_segment(days: Segmented) -> None:
    stored = [row["segment"] for row in rows_of(days.model.database, tables.segment)]
    assert stored == ["zone=north", "zone=south", "zone=(other)", "zone=(missing)", FAR]
    profiles = rows_of(days.model.database, tables.reference_profile)
    assert _segments(profiles) == {"all", "unfiltered", *stored}
    assert all(row["null_ladder"] for row in profiles if row["segment"] != "unfiltered")
    (reference,) = rows_of(days.model.database, tables.reference)
    assert {*reference["quality"]["segments"]} == {*stored}
