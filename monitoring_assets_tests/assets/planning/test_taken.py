"""What a layer takes from the reference: another one touches only those that look at it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from monitoring_assets.assets.planning.reasons import Reason
from monitoring_assets.assets.planning.taken import Taken, difference, taken_from
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.records import ALL, UNFILTERED, WINDOW_LAYERS, Layer

QUALITY: dict[str, Any] = {"centre": 5.0, "metrics": {"mae": 1.0}, "sums": {"rows": 3}}


def profile(counts: list[int], missing: int = 0, version: int = 1) -> ColumnProfile:
    values = sum(counts)
    return ColumnProfile(
        kind="numerical",
        rows=values + missing,
        missing=missing,
        positive_infinite=0,
        negative_infinite=0,
        minimum=0.0,
        maximum=1.0,
        moment_1=0.0,
        moment_2=0.0,
        bins_version=version,
        counts=np.array(counts),
        quantiles=None,
    )


def taken(counts: list[int], version: int = 1, quality: Any = QUALITY, **more: int) -> Taken:
    one = profile(counts, **more)
    profiles = {(ALL, "distance"): one, (UNFILTERED, "distance"): one, ("north", "distance"): one}
    return taken_from(version, profiles, quality)


def outdated(before: Taken, now: Taken) -> dict[Layer, Reason | None]:
    found = {layer: difference(layer, before, now) for layer in WINDOW_LAYERS}
    return {layer: reason for layer, reason in found.items() if reason is not None}


BEFORE = taken([2, 0, 2])


def test_the_same_reference_outdates_nothing() -> None:
    assert outdated(BEFORE, taken([2, 0, 2])) == {}


@pytest.mark.parametrize(
    ("now", "layers"),
    [
        (taken([20, 0, 3], version=2), {Layer.DATA_DRIFT}),
        (taken([2, 1, 1], version=2), {Layer.DATA_DRIFT, Layer.DATA_QUALITY}),
        (taken([2, 0, 2], missing=1, version=2), {Layer.DATA_DRIFT, Layer.DATA_QUALITY}),
        (
            taken([2, 0, 2], version=2, quality=QUALITY | {"metrics": {"mae": 2.0}}),
            {Layer.DATA_DRIFT, Layer.MODEL_QUALITY},
        ),
        (
            taken([2, 0, 2], version=2, quality=QUALITY | {"centre": 6.0}),
            {Layer.DATA_DRIFT, Layer.QUALITY_PROFILES, Layer.MODEL_QUALITY},
        ),
    ],
    ids=["other counts", "another empty bin", "missing values", "quality", "centre"],
)
def test_a_layer_is_outdated_by_what_it_looks_at(now: Taken, layers: set[Layer]) -> None:
    assert {*outdated(BEFORE, now)} == layers


def test_other_bins_outdate_counts_and_say_so() -> None:
    now = taken_from(2, {(ALL, "distance"): profile([4, 4], version=2)}, QUALITY)
    found = outdated(replace(BEFORE, segments=frozenset()), now)
    assert found[Layer.WINDOW_PROFILES] is Reason.BINS
    assert Layer.QUALITY_PROFILES not in found


def with_target(version: int, bins: int) -> Taken:
    columns = {"distance": profile([4, 4]), "minutes": profile([4, 4], version=bins)}
    profiles = {(ALL, name): one for name, one in columns.items()}
    return taken_from(version, profiles, QUALITY, "minutes")


def test_other_bins_of_the_target_outdate_the_counts_of_labelled_rows() -> None:
    found = outdated(with_target(1, bins=1), with_target(2, bins=2))
    assert found[Layer.QUALITY_PROFILES] is Reason.BINS
    assert {*found} == {Layer.QUALITY_PROFILES, Layer.DATA_DRIFT, Layer.MODEL_QUALITY}


def test_drift_of_the_target_is_judged_anew_by_each_version_of_the_reference() -> None:
    found = outdated(with_target(1, bins=1), with_target(2, bins=1))
    assert found == dict.fromkeys((Layer.DATA_DRIFT, Layer.MODEL_QUALITY), Reason.REFERENCE)


def test_a_reference_from_before_targets_were_counted_outdates_their_counts() -> None:
    before = taken_from(1, {(ALL, "distance"): profile([4, 4])}, QUALITY, "minutes")
    assert outdated(before, with_target(2, bins=1))[Layer.QUALITY_PROFILES] is Reason.BINS


def test_more_segments_outdate_both_kinds_of_counts() -> None:
    found = outdated(replace(BEFORE, segments=frozenset({"north", "south"})), BEFORE)
    assert {found[one] for one in (Layer.WINDOW_PROFILES, Layer.QUALITY_PROFILES)} == {
        Reason.SEGMENTS
    }


def test_quality_is_compared_as_it_comes_back_from_the_database() -> None:
    now = taken([2, 0, 2], quality=QUALITY | {"sums": {"rows": 3, "counts": (1, 2)}})
    stored = taken([2, 0, 2], quality=QUALITY | {"sums": {"rows": 3, "counts": [1, 2]}})
    assert outdated(now, stored) == {}
