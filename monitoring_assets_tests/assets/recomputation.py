"""The numbers of a window computed a second time: from the files, by pandas, scipy, scikit-learn.

Belongs here: an independent path from raw trips to every stored number. It shares no code with the
package; of what is stored it takes the frozen bins, the model's file and the reference's
out-of-fold predictions, which only training again would give. Stays out: assertions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import skops.io
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance
from sklearn import metrics
from threadpoolctl import threadpool_limits

from monitoring_assets.storage import tables
from monitoring_assets_tests.main_job import MainJob, passes
from monitoring_assets_tests.stored import Row, rows_of, stored_rows

NUMBERS = ["passenger_count", "trip_distance", "hour", "fare_amount", "total_amount"]
CATEGORIES = ["pickup_zone", "dropoff_zone", "weekday"]
FEATURES = ["passenger_count", "trip_distance", "hour", *CATEGORIES]
TARGET, PREDICTION = "duration_minutes", "predicted_minutes"

_QUANTILES = {
    "quantile_0.05": 0.05,
    "quantile_0.25": 0.25,
    "median": 0.5,
    "quantile_0.75": 0.75,
    "quantile_0.95": 0.95,
}

_QUALITY: Mapping[str, Callable[..., float]] = {
    "mae": metrics.mean_absolute_error,
    "rmse": metrics.root_mean_squared_error,
    "r2": metrics.r2_score,
    "mape": metrics.mean_absolute_percentage_error,
    "mean_error": lambda target, prediction: float(np.mean(prediction - target)),
}


@dataclass(frozen=True, eq=False)
class Recomputation:
    """Everything that is known about the windows of the main job, found a second time."""

    job: MainJob

    @cached_property
    def pipeline(self) -> Any:
        """The trained model, opened from its stored file."""
        (file,) = rows_of(self.job.database, tables.artifact)
        content = bytes(file["content"])
        return skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))

    @cached_property
    def _scored(self) -> dict[str, pd.DataFrame]:
        return {}

    @cached_property
    def reference(self) -> pd.DataFrame:
        """Trips of January that pass the filter, with their out-of-fold predictions."""
        stored = stored_rows(self.job.database, self.job.spec.model_id, "reference").to_pandas()
        return stored[stored[PREDICTION].notna()]

    @cached_property
    def bins(self) -> Mapping[str, Row]:
        """Column -> its frozen bins."""
        return {row["column_name"]: row for row in rows_of(self.job.database, tables.bins)}

    def scored(self, day: str) -> pd.DataFrame:
        """Trips of a day that pass the filter, with predictions."""
        if day not in self._scored:
            trips = self.job.day(day)
            trips = trips[passes(trips)]
            with threadpool_limits(1):  # spinning threads make it slow on shared cores
                predicted = self.pipeline.predict(trips[FEATURES])
            self._scored[day] = trips.assign(**{PREDICTION: predicted})
        return self._scored[day]

    def drift(self, day: str, column: str, method: str) -> float:
        """Return the drift score of a column, over the frozen bins."""
        window, reference = self._samples(day, column)
        return self._score(method, column, reference, window)

    def unbinned(self, day: str, column: str) -> tuple[float, float]:
        """Return the Wasserstein distance of the values themselves, and how far bins may be off.

        In scales of the reference, over its 0.1-99.9 % range: values beyond count as its ends.
        """
        window, reference = self._samples(day, column)
        bins = self.bins[column]
        edges = np.array(bins["edges"])
        inside = edges[_trimmed(_below(reference, edges))]
        ends = inside[0], inside[-1]
        distance = wasserstein_distance(reference.clip(*ends), window.clip(*ends))
        shares = [np.diff(_below(sample, inside)) for sample in (reference, window)]
        off = 0.0 if bins["is_discrete"] else (np.diff(inside) * np.minimum(*shares)).sum()
        beyond = sum(_beyond(reference, window, edges))
        return float(distance) / bins["scale"] + beyond, float(off) / bins["scale"]

    def quiet(self, column: str, method: str, size: int, windows: int = 400) -> Any:
        """Draw reference and window anew from one population; return what the windows score."""
        random = np.random.default_rng(7)
        values = self.reference[column].dropna().to_numpy()
        drawn = ((random.choice(values, n) for n in (len(values), size)) for _ in range(windows))
        return np.array([self._score(method, column, *map(pd.Series, pair)) for pair in drawn])

    def data_quality(self, day: str, column: str, metric: str) -> float:
        """Return a data-quality number, measured on all trips of the day."""
        trips = self.job.day(day)
        return self._of_column(trips, column, metric) if column else _of_rows(trips, metric)

    def quality(self, day: str, metric: str) -> float:
        """Return a quality metric of a day, by scikit-learn."""
        scored = self.scored(day)
        return float(_QUALITY[metric](scored[TARGET], scored[PREDICTION]))

    def reference_quality(self, metric: str) -> float:
        """Return a quality metric of the reference, by scikit-learn."""
        return float(_QUALITY[metric](self.reference[TARGET], self.reference[PREDICTION]))

    def _score(
        self, method: str, column: str, reference: "pd.Series[Any]", window: "pd.Series[Any]"
    ) -> float:
        if method == "jensen_shannon" and column in CATEGORIES:
            return _jensen_shannon(reference, window)
        if method == "chi_squared" and column in CATEGORIES:
            return _cramers_v(reference, window)
        if method == "wasserstein":
            # What is trimmed was settled by the reference, also where another one is drawn.
            settled = _below(self.reference[column].dropna(), np.array(self.bins[column]["edges"]))
            return _wasserstein(reference, window, self.bins[column], _trimmed(settled))
        if method == "kolmogorov_smirnov":
            edges = np.array(self.bins[column]["edges"])
            return float(np.abs(_below(reference, edges) - _below(window, edges)).max())
        raise KeyError(f"{method} of {column}: teach this module how to recompute it")

    def _samples(self, day: str, column: str) -> "tuple[pd.Series[Any], pd.Series[Any]]":
        return self.scored(day)[column].dropna(), self.reference[column].dropna()

    def _of_column(self, trips: pd.DataFrame, column: str, metric: str) -> float:
        values, present = trips[column], trips[column].dropna()
        if metric in _QUANTILES:
            return float(present.quantile(_QUANTILES[metric]))
        numbers: Mapping[str, Callable[[], float]] = {
            "missing_share": lambda: float(values.isna().mean()),
            "invalid_share": lambda: 0.0,
            "infinite_share": lambda: float(np.isinf(values).mean()),
            "unseen_share": lambda: self._unseen(column, present),
            "minimum": lambda: float(present.min()),
            "maximum": lambda: float(present.max()),
            "mean": lambda: float(present.mean()),
            "standard_deviation": lambda: float(present.std()),
        }
        return numbers[metric]()

    def _unseen(self, column: str, present: "pd.Series[Any]") -> float:
        usual = self.job.january[column].dropna()
        if column in CATEGORIES:
            return float((~present.isin(usual)).mean())
        edges = np.array(self.bins[column]["edges"])
        seen = np.unique(np.searchsorted(edges, usual))
        return float((~np.isin(np.searchsorted(edges, present), seen)).mean())


def _below(values: "pd.Series[float]", edges: Any) -> Any:
    """Return the share of values at or below each edge."""
    return np.searchsorted(np.sort(values), edges, side="right") / len(values)


def _wasserstein(
    reference: "pd.Series[float]", window: "pd.Series[float]", bins: Row, span: slice
) -> float:
    """Integrate the gap of the two distributions over 99.8 % of the reference, in its scales."""
    edges = np.array(bins["edges"])
    gap = np.abs(_below(reference, edges) - _below(window, edges))
    if bins["is_discrete"]:
        area = float((gap[span][:-1] * np.diff(edges[span])).sum())
    else:
        area = float(np.trapezoid(gap[span], edges[span]))
    return area / bins["scale"] + sum(_beyond(reference, window, edges))


def _trimmed(usual: Any) -> slice:
    """Return the edges that span 99.8 % of the reference."""
    inside = (usual > 0.001) & (np.append(0.0, usual[:-1]) < 0.999)
    first, last = np.flatnonzero(inside)[[0, -1]]
    return slice(max(first - 1, 0), last + 1)


def _beyond(reference: "pd.Series[float]", window: "pd.Series[float]", edges: Any) -> list[float]:
    """Return how much the shares below and above the reference's range differ."""
    return [
        abs(float((reference <= edges[0]).mean()) - float((window <= edges[0]).mean())),
        abs(float((reference > edges[-1]).mean()) - float((window > edges[-1]).mean())),
    ]


def _cramers_v(reference: "pd.Series[str]", window: "pd.Series[str]") -> float:
    shares = _pooled(reference, window).apply(lambda counts: counts / counts.sum())
    one, other = shares["r"], shares["w"]
    return float(np.sqrt(((one - other) ** 2 / (one + other)).sum() / 2))


def _jensen_shannon(reference: "pd.Series[str]", window: "pd.Series[str]") -> float:
    pooled = _pooled(reference, window)
    return float(jensenshannon(pooled["r"], pooled["w"], base=2))


def _pooled(reference: "pd.Series[str]", window: "pd.Series[str]") -> pd.DataFrame:
    """Return counts of both by category; those that expect fewer than five rows are one."""
    counts = pd.DataFrame({"r": reference.value_counts(), "w": window.value_counts()}).fillna(0)
    expected = counts.sum(axis=1) / len([*reference, *window]) * min(len(reference), len(window))
    own = counts[expected >= 5]
    rest = (counts.sum() - own.sum()).to_frame().T
    return pd.concat([own, rest]) if rest.to_numpy().sum() else own


def _of_rows(trips: pd.DataFrame, metric: str) -> float:
    numbers: Mapping[str, Callable[[], float]] = {
        "rows": lambda: float(len(trips)),
        "rejected_share": lambda: float((~passes(trips)).mean()),
        "missing_share": lambda: float(trips[NUMBERS + CATEGORIES].isna().to_numpy().mean()),
        "unscored_share": lambda: 0.0,
        "duplicate_id_rows": lambda: 0.0,
        "missing_hour_rows": lambda: float(trips["in_missing_hour"].sum()),
        "repeated_hour_rows": lambda: 0.0,
    }
    return numbers[metric]()
