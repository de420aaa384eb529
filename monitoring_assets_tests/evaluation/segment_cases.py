"""A small model that is watched in segments: rows of the reference and of windows, and witnesses.

Belongs here: making rows, and counting and judging them. Stays out: assertions.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from monitoring_assets.evaluation.data_drift import DriftBaseline, judge_drift, judge_segments
from monitoring_assets.evaluation.profiling import profile_rows, window_segments
from monitoring_assets.evaluation.reference import MeasuredReference, measure_reference
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.records import DatasetDrift, DriftScore
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.evaluation.cases import FIXED, ZONES, rows
from monitoring_assets_tests.specs import WATCHED, small_columns, small_spec

SEGMENTS = [
    {"column": "zone", "most": 2},
    {"name": "far", "where": "distance >= 6"},
    {"name": "nowhere", "where": "zone = 'nowhere'"},
]
BY_ZONE = ("zone=north", "zone=south", "zone=(other)", "zone=(missing)")
"""Segments that share out any rows: the third zone is one of the others."""


def segmented_spec(**changes: Any) -> ModelSpec:
    """Return the small model with predictions and versions of its own, in segments."""
    columns = small_columns(prediction="prediction", model_version="model_version")
    drift = FIXED | changes.pop("drift", {})
    own = {"columns": columns, "segments": SEGMENTS, "drift": drift}
    return small_spec(**(WATCHED | own | changes))


def segmented_rows(
    n: int, seed: int = 0, shift: float = 0.0, shifted: Sequence[str] = ZONES, **others: Any
) -> pa.Table:
    """Return rows that differ from zone to zone; those of some zones are shifted."""
    generator = np.random.default_rng(seed)
    named = np.array([*ZONES, None], dtype=object)
    zone = generator.choice(named, n, p=[0.45, 0.3, 0.2, 0.05])
    centre = 4 + 2 * (zone == "north") + shift * np.isin(zone.astype(str), list(shifted))
    return rows(generator.normal(centre, 2).round(1).tolist(), zone.tolist(), **others)


class SegmentCase:
    """A model in segments with a measured reference."""

    def __init__(self, rows_of_reference: pa.Table | None = None, **changes: Any) -> None:
        self.spec = segmented_spec(**changes)
        self.rows = segmented_rows(3000) if rows_of_reference is None else rows_of_reference

    @cached_property
    def reference(self) -> MeasuredReference:
        return measure_reference(self.spec, self.rows)

    @cached_property
    def baseline(self) -> DriftBaseline:
        measured = self.reference
        return DriftBaseline(version=1, profiles=measured.profiles, ladders=measured.ladders)

    def profiles(self, window: pa.Table) -> dict[tuple[str, str], ColumnProfile]:
        masks = window_segments(self.spec, self.reference.segments, window)
        return profile_rows(self.spec, window, self.reference.bins, masks)

    def judged(
        self, window: pa.Table, baseline: DriftBaseline | None = None
    ) -> tuple[dict[tuple[str, str], DriftScore], dict[str, DatasetDrift]]:
        """Return scores by (segment, column), and the verdict of each segment."""
        against = baseline or self.baseline
        scores, datasets = judge_segments(
            self.spec, self.profiles(window), against, self.reference.bins
        )
        by_column = {(one.segment, one.column_name): one for one in scores}
        return by_column, {one.segment: one for one in datasets}

    def alone(self, window: pa.Table, kept: Any, kept_before: Any) -> dict[str, DriftScore]:
        """Return the scores of a model whose rows are these: same bins, laws of its own."""
        bins, spec = self.reference.bins, replace(self.spec, segments=())
        before = self.rows.filter(pa.array(kept_before))
        own = measure_reference(spec, before, bins)
        counted = profile_rows(spec, window.filter(pa.array(kept)), bins)
        baseline = DriftBaseline(version=1, profiles=own.profiles, ladders=own.ladders)
        return {one.column_name: one for one in judge_drift(spec, counted, baseline, bins)}
