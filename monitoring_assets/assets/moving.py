"""Which windows before it a window is compared with, where the YAML's reference moves.

Belongs here: the questions to the tables that the rule needs, asked once a run. Stays out: the rule
and the sums (evaluation/moving_reference.py).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from monitoring_assets.evaluation.moving_reference import Span, moving_span
from monitoring_assets.records import Window
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import ledger, models
from monitoring_assets.storage.database import Database

Counted = TypeVar("Counted")
Counted_co = TypeVar("Counted_co", covariant=True)


class ReadBetween(Protocol[Counted_co]):
    """Reads what was counted of the windows that begin in [start, end), in order of time."""

    def __call__(  # noqa: D102 - see the class
        self, database: Database, model_id: str, granularity: str, start: datetime, end: datetime
    ) -> Mapping[datetime, Counted_co]: ...


class EarlierWindows(Generic[Counted]):
    """What was counted of all windows that those of a run are compared with, read once.

    Parameters
    ----------
    windows
        The windows of the run.
    read
        How to read it.
    """

    def __init__(
        self,
        database: Database,
        spec: ModelSpec,
        windows: Sequence[Window],
        read: ReadBetween[Counted],
    ) -> None:
        self._spans = spans_of(database, spec, windows)
        self._counted: Mapping[datetime, Counted] = {}
        if self._spans:
            start = min(begin for begin, _ in self._spans.values())
            end = max(end for _, end in self._spans.values())
            self._counted = read(database, spec.model_id, spec.windows.granularity, start, end)

    def span(self, window: Window) -> Span | None:
        """Return the stretch of time a window is compared with; None: the fixed reference."""
        return self._spans.get(window.start)

    def within(self, span: Span) -> list[Counted]:
        """Return what was counted of the windows of a stretch, in order of time."""
        return [one for start, one in self._counted.items() if span[0] <= start < span[1]]


def spans_of(
    database: Database, spec: ModelSpec, windows: Sequence[Window]
) -> dict[datetime, Span]:
    """Return window start -> the stretch it is compared with, without those of the fixed one."""
    if not spec.reference.moves:
        return {}
    starts = models.deployment_starts(database, spec.model_id)
    spans: dict[datetime, Span] = {}
    for window in windows:
        in_force = [one for one in starts if one <= window.start]
        span = moving_span(spec, window.start, max(in_force, default=None))
        if span is not None:
            spans[window.start] = span
    return spans


def stale_windows(database: Database, spec: ModelSpec, windows: Sequence[Window]) -> list[Window]:
    """Return those windows that were judged by windows before them which have changed since.

    To judge them anew is enough; with new profiles they would make later windows stale in turn.
    """
    spans = spans_of(database, spec, windows)
    stale = ledger.stale_followers(database, spec.model_id, spec.windows.granularity, spans)
    return [window for window in windows if window.start in stale]
