"""A small model with a measured reference, and windows to hold against it.

Belongs here: making rows and asking the package for its verdicts on them. Stays out: assertions.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from monitoring_assets.evaluation.data_drift import DriftBaseline, judge_dataset, judge_drift
from monitoring_assets.evaluation.data_quality import judge_data_quality
from monitoring_assets.evaluation.profiling import profile_rows, unseen_values
from monitoring_assets.evaluation.reference import MeasuredReference, measure_reference
from monitoring_assets.metrics.bins import Bins, CategoricalBins
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.records import DataQuality, DatasetDrift, DriftScore, WindowCounts
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.specs import small_spec

ZONES = ("north", "south", "west")
FIXED = {
    "numerical": {"method": "kolmogorov_smirnov", "threshold": 0.1},
    "categorical": {"method": "chi_squared", "threshold": 0.1},
}
"""Methods with a null law by formula: nothing is drawn, so a case costs milliseconds."""


def rows(
    distance: Sequence[float | None],
    zone: Sequence[str | None],
    rejected_by: Sequence[str | None] | None = None,
    **others: Any,
) -> pa.Table:
    """Return rows of the small model; prediction 3 x distance, target 1 above, unless given."""
    n = len(distance)
    usual = pa.array(distance, pa.float64())
    prediction = [None if x is None else 3.0 * x for x in distance]
    columns = {
        "prediction": pa.array(prediction, pa.float64()),
        "minutes": pa.array([None if x is None else x + 1 for x in prediction], pa.float64()),
        "model_version": pa.array(["1"] * n, pa.string()),
    } | others
    return pa.table(
        {
            "distance": usual,
            "zone": pa.array(zone, pa.string()),
            "rejected_by": pa.array(rejected_by or [None] * n, pa.string()),
            **columns,
        }
    )


def usual_rows(n: int, seed: int = 0, shift: float = 0.0) -> pa.Table:
    """Return rows as the reference has them: distances about 5, three zones."""
    generator = np.random.default_rng(seed)
    distance = generator.normal(5 + shift, 2, n).round(1).tolist()
    return rows(distance, generator.choice(ZONES, n, p=[0.5, 0.3, 0.2]).tolist())


class Case:
    """A model with fixed methods and thresholds unless changed, and a reference of 2000 rows."""

    def __init__(self, rows_of_reference: pa.Table | None = None, **changes: Any) -> None:
        drift = FIXED | changes.pop("drift", {})
        self.spec: ModelSpec = small_spec(drift=drift, **changes)
        self.rows = usual_rows(2000) if rows_of_reference is None else rows_of_reference

    @cached_property
    def reference(self) -> MeasuredReference:
        return measure_reference(self.spec, self.rows)

    @cached_property
    def baseline(self) -> DriftBaseline:
        measured = self.reference
        return DriftBaseline(version=1, profiles=measured.profiles, ladders=measured.ladders)

    def bins(self, window: pa.Table) -> dict[str, Bins]:
        """Return the reference's bins, dictionaries grown by what the window has new."""
        bins = dict(self.reference.bins)
        for name, unseen in unseen_values(self.spec, window, bins).items():
            dictionary = bins[name]
            assert isinstance(dictionary, CategoricalBins)
            bins[name] = dictionary.extended(unseen)
        return bins

    def profiles(self, window: pa.Table) -> dict[tuple[str, str], ColumnProfile]:
        return profile_rows(self.spec, window, self.bins(window))

    def drift(self, window: pa.Table) -> dict[str, DriftScore]:
        """Return the scores of a window by column."""
        scores = judge_drift(self.spec, self.profiles(window), self.baseline, self.bins(window))
        return {score.column_name: score for score in scores}

    def dataset(self, window: pa.Table) -> DatasetDrift:
        return judge_dataset(self.spec, [*self.drift(window).values()], 1)

    def data_quality(
        self, window: pa.Table, adjusted: Mapping[str, int] | None = None
    ) -> dict[tuple[str, str], DataQuality]:
        """Return the numbers of a window by (column, metric)."""
        rejected = [name for name in window.column("rejected_by").to_pylist() if name]
        counts = WindowCounts(
            rows_read=window.num_rows,
            rows_scored=window.num_rows - len(rejected),
            rows_rejected={name: rejected.count(name) for name in rejected},
            rows_adjusted=adjusted or {},
        )
        found = judge_data_quality(
            self.spec,
            self.profiles(window),
            self.reference.profiles,
            self.bins(window),
            counts,
        )
        assert len(found) == len({(one.column_name, one.metric) for one in found})
        return {(one.column_name, one.metric): one for one in found}
