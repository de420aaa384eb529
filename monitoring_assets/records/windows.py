"""Windows, where rows came from, and what was counted on reading.

Belongs here: what the ledger says of a window. Stays out: results.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitoring_assets.records.names import Layer


@dataclass(frozen=True, kw_only=True)
class Window:
    """One half-open interval `[start, end)` in UTC; one window is one Dagster partition."""

    model_id: str
    granularity: str
    start: datetime
    end: datetime
    partition_key: str

    @property
    def length(self) -> timedelta:
        """Length of the window; 23 or 25 hours on the days on which clocks change."""
        return self.end - self.start


@dataclass(frozen=True, kw_only=True)
class Computation:
    """Where stored rows came from: one run of one layer, over one window or over none.

    Parameters
    ----------
    spec_hash
        Fingerprint of that part of the YAML which the layer depends on.
    source_fingerprint
        Of the rows that were read from the source; None for a layer that reads none.
    source_stamp
        What tells cheaply that the source still holds the same rows; None where nothing does.
    scored_by
        Version that has to be the deployed one still when the rows are written; not stored. None:
        no version is asked for.
    """

    model_id: str
    layer: Layer
    run_id: str
    code_version: str
    spec_hash: str
    started_at: datetime
    window: Window | None = None
    reference_version: int | None = None
    bins_version: int | None = None
    source_fingerprint: str | None = None
    source_stamp: str | None = None
    scored_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class WindowCounts:
    """What reading a window found.

    Parameters
    ----------
    rows_read
        Rows whose event time lies in the window, duplicates removed.
    rows_scored
        Rows that pass the filters and have a prediction.
    rows_rejected
        Filter name -> rows it was the first to reject.
    rows_adjusted
        What was mended or found on reading -> rows: `missing_hour`, `repeated_hour`,
        `duplicate_id`, `invalid:<column>` (a value that could not be read as a number and became
        missing), `invalid_probability` (outside 0 to 1, or not summing to 1; left as it is),
        `unmatched:<name>` (no row of a joined source has this id).
    rows_by_version
        Model version -> rows it scored.
    """

    rows_read: int
    rows_scored: int
    rows_rejected: Mapping[str, int] = field(default_factory=dict[str, int])
    rows_adjusted: Mapping[str, int] = field(default_factory=dict[str, int])
    rows_by_version: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, kw_only=True)
class LabelCounts:
    """What is known about the labels of a window.

    Parameters
    ----------
    labels
        Scored rows with a label.
    coverage
        `labels / rows_scored` in [0, 1]; None for a window without scored rows.
    newest_knowledge_time
        Latest moment from which one of these labels was known.
    """

    labels: int
    coverage: float | None
    newest_knowledge_time: datetime | None
