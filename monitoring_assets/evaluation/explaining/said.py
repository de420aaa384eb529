"""What an explanation says besides its parts: since when, computed by whom, where to look further.

Belongs here: values that storage and settings know, handed in by whoever has them. Stays out:
finding them out, words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitoring_assets.records import DataQuality, DriftScore, Layer, ModelQuality, Since, Thing


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
