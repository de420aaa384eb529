"""Section `reference`: what "normal" is measured from.

Belongs here: the fixed reference, and references that move with the window. Stays out: measuring
(evaluation), training (spec/training.py).
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED, NUMBER, Mistake, refuse
from monitoring_assets.spec.periods import PeriodSpec
from monitoring_assets.spec.sources import SourceSpec


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ReferenceSpec:
    """A fixed reference (period, or a table or file of its own); windows before may follow it.

    Without period and source, the model's training period is the fixed reference. Bins are always
    frozen from the fixed one.
    """

    period: Annotated[
        PeriodSpec | None,
        Field(
            description="Fixed period; required when predictions come from the source and the"
            " reference has none of its own."
        ),
    ] = None
    source: Annotated[
        SourceSpec | None,
        Field(
            description="Table or file of the reference's own, with the columns of `source`;"
            " without `period`, all its rows."
        ),
    ] = None
    rolling_windows: Annotated[
        int | None,
        Field(
            ge=1,
            le=1000,
            description="Compare a window with so many windows just before it; the first ones are"
            " compared with the fixed reference.",
        ),
        NUMBER,
    ] = None
    since_deployment: Annotated[
        bool,
        Field(
            description="Compare a window with all windows before it that the same deployment"
            " served; until there are `minimum_windows`, with the fixed reference."
        ),
    ] = False
    minimum_windows: Annotated[
        int | None,
        Field(
            ge=1, le=1000, description="Fewest windows for `since_deployment`; without it, seven."
        ),
        NUMBER,
    ] = None

    def __post_init__(self) -> None:
        """Refuse two references that move, and a number that belongs to none."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[Mistake]:
        if self.rolling_windows is not None and self.since_deployment:
            yield Mistake(("since_deployment",), "give this or rolling_windows, not both")
        if self.minimum_windows is not None and not self.since_deployment:
            yield Mistake(("minimum_windows",), "leave it out, or set since_deployment")

    @property
    def moves(self) -> bool:
        """Whether later windows are compared with windows before them."""
        return self.rolling_windows is not None or self.since_deployment
