"""Why a layer of a window is out of date.

Belongs here: the reasons, in the words a person reads. Stays out: finding out which one it is
(out_of_date.py), what a window is (records.py).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from monitoring_assets.records import Layer, Window


class Reason(StrEnum):
    """Why a layer has to be computed; of several reasons the first one in this order is given."""

    MISSING = "missing"
    YAML = "yaml"
    CODE = "code"
    TEAM_CODE = "team_code"
    ROWS = "rows"
    LABELS = "labels"
    MODEL_VERSION = "model_version"
    BINS = "bins"
    SEGMENTS = "segments"
    CENTRE = "centre"
    REFERENCE = "reference"
    UPSTREAM = "upstream"
    EARLIER_WINDOWS = "earlier_windows"


WORDS: Final[Mapping[Reason, str]] = {
    Reason.MISSING: "never computed",
    Reason.YAML: "its part of the YAML has changed",
    Reason.CODE: "this version of the application computes it otherwise",
    Reason.TEAM_CODE: "the source's class has changed and gives other rows",
    Reason.ROWS: "rows in the source have changed",
    Reason.LABELS: "labels have come or changed",
    Reason.MODEL_VERSION: "another model version is deployed for it",
    Reason.BINS: "bins have changed",
    Reason.SEGMENTS: "segments have changed",
    Reason.CENTRE: "quality is counted about another centre",
    Reason.REFERENCE: "the reference says otherwise",
    Reason.UPSTREAM: "computed from layers that are out of date",
    Reason.EARLIER_WINDOWS: "compared with earlier windows that change",
}

OutOfDate = Mapping[Window, Mapping[Layer, Reason]]
"""The windows of which something is out of date, in order of time, with these layers and why."""

Found = Mapping[Layer, Mapping[datetime, Reason]]
"""Layer -> start of a window -> why it has to be computed, beyond what the ledger tells."""
