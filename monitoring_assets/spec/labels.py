"""Section `labels`: when the true values become known.

Belongs here: how late labels come. Stays out: from which share on they are judged (`quality`),
where they come from (`columns`, `joined`).
"""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED, Duration

OVERLAP: Final = timedelta(hours=1)
"""How far before the newest label read so far the next reading begins, if the YAML says nothing."""


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class LabelsSpec:
    """Labels that come after the predictions."""

    expected_delay: Annotated[
        Duration | None,
        Field(
            description="How long after a window's end `quality.mature_share` of its labels should"
            " be there, such as '3 days'; from then on the window counts as overdue."
        ),
    ] = None
    overlap: Annotated[
        Duration,
        Field(
            description="How long a label may take to show in the source: so far before the newest"
            " label read, the next reading begins.",
        ),
    ] = OVERLAP
