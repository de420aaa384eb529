"""A window made by hand, with all that is stored about it: for texts compared word for word.

Belongs here: its profiles, sums and results. Stays out: assertions.

The reference has 1,000 rows, 600 of zone north with errors of 1 and 400 of zone south with errors
of 2. In the window zone south has half of 400 rows, and errors of 5.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from monitoring_assets.evaluation.data_drift import DriftBaseline, draw_ladders, judge_segments
from monitoring_assets.evaluation.explaining.normal import compared
from monitoring_assets.evaluation.explaining.said import ComputedBy, Surroundings
from monitoring_assets.evaluation.explaining.window import Evidence
from monitoring_assets.evaluation.model_quality import judge_quality
from monitoring_assets.evaluation.quality_scope import quality_values
from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.profile import profile
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.records import (
    ALL,
    LabelCounts,
    Layer,
    SegmentEntry,
    SegmentKind,
    Since,
    Thing,
    Window,
    WindowCounts,
)
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.specs import WATCHED, small_columns, small_spec
from monitoring_assets_tests.storage.samples import a_window

SPEC: ModelSpec = small_spec(
    **WATCHED,
    columns=small_columns(prediction="predicted", units={"distance": "miles"}),
    segments=[{"column": "zone"}],
    drift={
        "numerical": {"method": "kolmogorov_smirnov"},
        "columns": {"predicted": {"deciding": False}},
    },
)
ZONES = ("north", "south")
ENTRIES = tuple(
    SegmentEntry(
        segment=f"zone={zone}", number=place, kind=SegmentKind.VALUE, column_name="zone", value=zone
    )
    for place, zone in enumerate(ZONES, start=1)
)
REFERENCE = {"north": (600, 1.0), "south": (400, 2.0)}
USUAL = {"north": (240, 1.0), "south": (160, 2.0)}
BAD = {"north": (200, 1.0), "south": (200, 5.0)}
WINDOW: Window = a_window(3)

Rows = dict[str, Any]


def rows(zones: dict[str, tuple[int, float]], stretch: float = 1.0) -> Rows:
    """Return columns of so many rows of each zone, with errors of one size in either direction."""
    zone = np.repeat([*zones], [count for count, _ in zones.values()])
    error = np.concatenate([np.resize([size, -size], count) for count, size in zones.values()])
    distance = stretch * np.resize(np.arange(1.0, 11.0), zone.size)
    return {"zone": zone, "distance": distance, "error": error}


def evidence(window: Rows, labelled: int | None = None, **changes: Any) -> Evidence:
    """Return what is stored of a window with these rows, so many of which have labels."""
    reference, known = rows(REFERENCE), labelled or window["zone"].size
    bins = _bins(reference)
    before, now = (_columns(one, bins) for one in (reference, window))
    baseline = DriftBaseline(version=1, profiles=before, ladders=draw_ladders(SPEC, before, bins))
    scores, datasets = judge_segments(SPEC, now, baseline, bins)
    labels = LabelCounts(
        labels=known,
        coverage=known / window["zone"].size,
        newest_knowledge_time=datetime(2023, 2, 5, 6, tzinfo=UTC),
    )
    normal, sums = _sums(reference), _sums(window)
    quality = [
        row
        for segment, one in sums.items()
        for row in judge_quality(SPEC, {"7": one}, quality_values(normal[segment]), labels, segment)
    ]
    values: dict[str, Any] = {
        "window": WINDOW,
        "counts": WindowCounts(rows_read=410, rows_scored=400, rows_rejected={"too_long": 10}),
        "labels": labels,
        "drift": scores,
        "datasets": datasets,
        "model_quality": quality,
        "entries": ENTRIES,
        "compared": compared(before, now, bins),
        "quality_before": normal,
        "quality_now": {(segment, "7"): one for segment, one in sums.items()},
        "compared_with": "reference version 1",
    }
    return Evidence(**(values | changes))


def around(**changes: Any) -> Surroundings:
    """Return since when things alarm, and who computed them."""
    first = a_window(1)
    since = Since(start=first.start, partition_key=first.partition_key, windows=3)
    alone = Since(start=WINDOW.start, partition_key=WINDOW.partition_key, windows=1)
    done = {"run_id": "8a6c", "finished_at": datetime(2023, 2, 5, 7, 30, tzinfo=UTC)}
    values: dict[str, Any] = {
        "since": {
            Thing(Layer.MODEL_QUALITY, ALL, "", "mae"): since,
            Thing(Layer.DATA_DRIFT, ALL, "zone"): alone,
        },
        "computed": [
            ComputedBy(layer=layer, **done) for layer in (Layer.DATA_DRIFT, Layer.MODEL_QUALITY)
        ],
        "queries": ["SELECT 1;"],
    }
    return replace(Surroundings(), **(values | changes))


def _bins(reference: Rows) -> dict[str, Bins]:
    distance = numerical_bins(reference["distance"])
    return {
        "zone": categorical_bins(reference["zone"]),
        "distance": distance,
        "predicted": distance,
        "minutes": distance,
    }


def _columns(window: Rows, bins: dict[str, Bins]) -> dict[tuple[str, str], Any]:
    return {
        (segment, column): profile(window[source][mask], bins[column])
        for segment, mask in _masks(window).items()
        for column, source in (
            ("distance", "distance"),
            ("zone", "zone"),
            ("predicted", "distance"),
            ("minutes", "distance"),
        )
    }


def _sums(window: Rows) -> dict[str, QualityProfile]:
    target = np.full(window["error"].size, 10.0)
    return {
        segment: profile_regression(target[mask], (target + window["error"])[mask], 10.0)
        for segment, mask in _masks(window).items()
    }


def _masks(window: Rows) -> dict[str, Any]:
    every = np.ones(window["zone"].size, dtype=np.bool)
    return {ALL: every, **{f"zone={zone}": window["zone"] == zone for zone in ZONES}}
