"""Spans of small windows, counted from rows as windows are.

Belongs here: from tables of rows to `SpanProfiles`. Stays out: assertions.
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitoring_assets.evaluation.profiling import profile_quality, profile_rows
from monitoring_assets.evaluation.target_drift import profile_labelled
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.span import SpanProfiles
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.metrics.added_spans import add_spans

Masks = Callable[[pa.Table], Mapping[str, npt.NDArray[np.bool_]]]
"""Rows of a window -> which of them are in each segment."""

CENTRE = 14.0


def no_segments(rows: pa.Table) -> Mapping[str, npt.NDArray[np.bool_]]:  # noqa: ARG001 - one of Masks
    return {}


def window_span(
    spec: ModelSpec, bins: Mapping[str, Bins], rows: pa.Table, masks: Masks = no_segments
) -> SpanProfiles:
    """Return what is stored of one window, as a span."""
    segments = masks(rows)
    answers = {
        "model_version": rows.column("model_version"),
        "prediction": rows.column("prediction"),
        "target": rows.column("minutes"),
    }
    probabilities = {name: rows.column(name) for name in spec.probability_columns.values()}
    labelled = pa.table(answers | probabilities)
    return SpanProfiles(
        columns={
            **profile_rows(spec, rows, bins, segments),
            **profile_labelled(spec, labelled, bins, segments),
        },
        quality=profile_quality(spec, labelled, CENTRE, segments),
        windows=1,
    )


def span_of(
    spec: ModelSpec, bins: Mapping[str, Bins], *windows: pa.Table, masks: Masks = no_segments
) -> SpanProfiles:
    """Return the sum of windows."""
    return add_spans(window_span(spec, bins, one, masks) for one in windows)


def zones(rows: pa.Table) -> dict[str, npt.NDArray[np.bool_]]:
    """Return a segment for each zone that the small model has."""
    zone = rows.column("zone").to_numpy(zero_copy_only=False)
    return {f"zone={name}": zone == name for name in ("north", "south", "west")}
