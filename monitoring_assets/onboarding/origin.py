"""What a sample of undescribed data is, whatever it comes from.

Belongs here: the protocol `Origin` and its values. Stays out: any one kind of data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitoring_assets.onboarding.looks import Look
from monitoring_assets.sources.zones import Micros

SAMPLE_ROWS = 100_000
"""Rows a sample has at most, about."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Some rows of the data, spread over all of it.

    Parameters
    ----------
    table
        The rows, as they are stored.
    rows
        Rows of all the data.
    exact
        Whether `rows` was counted, not estimated from the sample.
    """

    table: pa.Table
    rows: int
    exact: bool


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Where the event times lie.

    Parameters
    ----------
    instants
        Microseconds since 1970, in any order.
    weights
        Rows that each of them stands for.
    whole
        Whether a stretch of time in which none lies has no row; otherwise only part of the data
        was looked at.
    """

    instants: Micros
    weights: npt.NDArray[np.float64]
    whole: bool


@dataclass(frozen=True, kw_only=True)
class SourceEntry:
    """One line of the YAML's section `source`, with the comment behind it."""

    name: str
    value: str | tuple[str, ...] | Mapping[str, str | bool]
    comment: str = ""


class Origin(Protocol):
    """Data that nobody has described yet."""

    def sample(self) -> Sample:
        """Return some rows of the data."""
        ...

    def spread(self, event_time: Look, sample: Sample) -> Spread:
        """Return where the event times lie; reads more of them than the sample if need be."""
        ...

    def source(self) -> tuple[SourceEntry, ...]:
        """Return the YAML's section `source` that reads this data."""
        ...

    @property
    def needs_id(self) -> bool:
        """Whether rows have no place of their own, such as a file and a number, to be their id."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables that the YAML names and that may not be set yet -> their values; secret."""
        ...

    def describe(self) -> str:
        """Return what it is, for people; no secrets."""
        ...
