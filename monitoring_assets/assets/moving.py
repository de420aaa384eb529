"""Which windows before it a window is compared with, where the YAML's reference moves.

Belongs here: the questions to the tables that the rule needs, asked for all windows of a run. Stays
out: the rule and the sums (evaluation/moving_reference.py).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from monitoring_assets.evaluation.moving_reference import Span, moving_span
from monitoring_assets.records import Layer, Window
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import models
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ledger import (
    newest_computations,
    stale_followers,
    wait_for_writers,
)

Counted = TypeVar("Counted")
Counted_co = TypeVar("Counted_co", covariant=True)

_MOMENT = timedelta(microseconds=1)


class ReadBetween(Protocol[Counted_co]):
    """Reads what was counted of the windows that begin in [start, end), in order of time."""

    def __call__(  # noqa: D102 - see the class
        self, database: Database, model_id: str, granularity: str, start: datetime, end: datetime
    ) -> Mapping[datetime, Counted_co]: ...


class EarlierWindows(Generic[Counted]):
    """What was counted of all windows that those of a run are compared with, read at once.

    Parameters
    ----------
    windows
        The windows of the run.
    layer
        The layer that counts.
    read
        How to read what it counted.
    """

    def __init__(
        self,
        database: Database,
        spec: ModelSpec,
        windows: Sequence[Window],
        layer: Layer,
        read: ReadBetween[Counted],
    ) -> None:
        self._database, self._layer, self._read = database, layer, read
        self._model = spec.model_id, spec.windows.granularity
        self._windows = windows
        self._spans = spans_of(database, spec, windows)
        self._numbers: Mapping[datetime, int] = {}
        self._counted: Mapping[datetime, Counted] = {}
        self.changed()

    def span(self, window: Window) -> Span | None:
        """Return the stretch of time a window is compared with; None: the fixed reference."""
        return self._spans.get(window.start)

    def within(self, span: Span) -> list[Counted]:
        """Return what was counted of the windows of a stretch, in order of time."""
        return [one for start, one in self._counted.items() if span[0] <= start < span[1]]

    def changed(self, among: Sequence[Window] | None = None, *, wait: bool = True) -> list[Window]:
        """Read what was counted since the last look; return the windows to judge once more.

        What another run stored before we stored ours has the smaller number, though we had not seen
        it: `stale_windows` would never find out. Nor would it of windows that this run counts and
        judges one after the other, where it does not look again before it judges the next one.

        Parameters
        ----------
        among
            Look at what these rest on only, and return no others; None: all windows of the run.
        wait
            For others who are writing. To be left out only where one looks again later.
        """
        windows = self._windows if among is None else among
        spans = [self._spans[one.start] for one in windows if one.start in self._spans]
        if not spans:
            return []
        start, end = min(begin for begin, _ in spans), max(end for _, end in spans)
        # Numbers that were given already are to be seen: each of them is smaller than ours will be.
        if wait:
            wait_for_writers(self._database, self._model, start, end)
        # Numbers first: what is counted between the two questions shows in the next answer.
        numbers = newest_computations(self._database, self._model, self._layer, start, end)
        others = {begin for begin in numbers if numbers[begin] != self._numbers.get(begin)}
        if others:
            self._numbers = {**self._numbers, **numbers}
            self._read_again(min(others), max(others) + _MOMENT)
        return [one for one in windows if self._rests_on(one, others)]

    def _read_again(self, start: datetime, end: datetime) -> None:
        kept = {at: one for at, one in self._counted.items() if not start <= at < end}
        kept |= self._read(self._database, *self._model, start, end)
        self._counted = {at: kept[at] for at in sorted(kept)}

    def _rests_on(self, window: Window, others: Collection[datetime]) -> bool:
        span = self.span(window)
        return span is not None and any(span[0] <= begin < span[1] for begin in others)


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
    stale = stale_followers(database, spec.model_id, spec.windows.granularity, spans)
    return [window for window in windows if window.start in stale]
