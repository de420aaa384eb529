"""What an explanation says besides its parts: since when, computed by whom, where to look further.

Belongs here: values that storage and settings know, handed in by whoever has them. Stays out:
finding them out, words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from monitoring_assets.records import DataQuality, DriftScore, Layer, ModelQuality


class Thing(NamedTuple):
    """Something that alarms or does not, window after window; '' for what it does not have."""

    layer: Layer
    segment: str
    column_name: str = ""
    metric: str = ""
    class_name: str = ""


def thing_of(result: DriftScore | DataQuality | ModelQuality) -> Thing:
    """Return what the verdict of a result is about."""
    match result:
        case DriftScore():
            return Thing(Layer.DATA_DRIFT, result.segment, result.column_name)
        case DataQuality():
            return Thing(Layer.DATA_QUALITY, result.segment, result.column_name, result.metric)
        case ModelQuality():
            named = result.metric, result.class_name
            return Thing(Layer.MODEL_QUALITY, result.segment, "", *named)


@dataclass(frozen=True, kw_only=True)
class Since:
    """The run of alarms that a window ends: its first window, and how many of it alarm.

    Parameters
    ----------
    at_least
        Whether it may have begun earlier, since no further was looked.
    """

    start: datetime
    partition_key: str
    windows: int
    at_least: bool = False


@dataclass(frozen=True, kw_only=True)
class ComputedBy:
    """The run that computed a layer of the window.

    Parameters
    ----------
    link
        Its page in Dagster; '' where the address is not known.
    """

    layer: Layer
    run_id: str
    finished_at: datetime
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What stands around the parts.

    Parameters
    ----------
    since
        What alarms -> since when.
    computed
        Layers in the order in which they are computed.
    queries
        SQL to look further with.
    command
        The command that shows the whole text.
    """

    since: Mapping[Thing, Since] = field(default_factory=dict[Thing, Since])
    computed: Sequence[ComputedBy] = ()
    queries: Sequence[str] = ()
    command: str = ""
