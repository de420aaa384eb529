"""What windows would have said at a moment of the past: labels count from when they were known.

Belongs here: verdicts that rest on labels which were not known yet, the steps of a history. Stays
out: counting labels (storage/retraining/known_then.py), what follows from verdicts.

Until enough labels were known, a verdict that rests on them is `labels_immature`; from then on it
is the one that is stored. What it was between, by some of the labels or before they were corrected,
is not known any more.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from monitoring_assets.evaluation.model_quality import immature, without_labels
from monitoring_assets.evaluation.retraining.rehearsal import Step
from monitoring_assets.records import (
    ALL,
    Finding,
    LabelArrivals,
    LabelCounts,
    LabelledWindow,
    WindowSignals,
)
from monitoring_assets.spec.causes import drift_cause, quality_cause
from monitoring_assets.spec.model import ModelSpec

Arrivals = Mapping[datetime, LabelArrivals]
"""Start of a window -> its labels; of a window that is missing here all were always known."""


def labels_by(arrivals: LabelArrivals, now: datetime) -> int:
    """Return how many labels were known by a moment.

    >>> from datetime import datetime
    >>> first, second = datetime(2025, 3, 1), datetime(2025, 3, 2)
    >>> found = LabelArrivals(scored=10, moments=(first, second), labels=(4, 9))
    >>> [labels_by(found, moment) for moment in (datetime(2025, 2, 1), first, second)]
    [0, 4, 9]
    """
    place = bisect_right(arrivals.moments, now)
    return arrivals.labels[place - 1] if place else 0


def as_known(
    spec: ModelSpec, windows: Iterable[WindowSignals], arrivals: Arrivals, now: datetime
) -> tuple[WindowSignals, ...]:
    """Return what windows would have said at a moment."""
    return tuple(
        one if found is None else _with_labels(spec, one, found.scored, labels_by(found, now))
        for one in windows
        for found in [arrivals.get(one.window.start)]
    )


def labelled_as_known(
    windows: Iterable[LabelledWindow], arrivals: Arrivals, now: datetime
) -> tuple[LabelledWindow, ...]:
    """Return windows with the labels that were known at a moment."""
    return tuple(
        one if found is None else replace(one, labelled=labels_by(found, now))
        for one in windows
        for found in [arrivals.get(one.window.start)]
    )


def steps_as_known(
    spec: ModelSpec,
    windows: Sequence[WindowSignals],
    arrivals: Arrivals,
    looks: Iterable[tuple[int, datetime]],
    most: int,
) -> Iterator[Step]:
    """Yield what was known at each look, in order of time.

    From one look to the next only those windows are thought about again of which more labels have
    become known.

    Parameters
    ----------
    windows
        As they stand now, oldest first.
    looks
        Place of the newest window there was, and the moment.
    most
        How many windows are looked at.
    """
    said = list(windows)
    known = [LabelledWindow(window=one.window, labelled=one.labelled) for one in windows]

    def set_labels(place: int, scored: int, labels: int) -> None:
        said[place] = _with_labels(spec, windows[place], scored, labels)
        known[place] = replace(known[place], labelled=labels)

    late = dict(_places(windows, arrivals))
    for place, one in late.items():
        set_labels(place, one.scored, 0)
    coming = _coming(late)
    for newest, now in looks:
        while coming and coming[-1][0] <= now:
            _, place, labels = coming.pop()
            set_labels(place, late[place].scored, labels)
        yield Step(
            now=now,
            windows=said[max(0, newest + 1 - most) : newest + 1],
            known=tuple(known[: newest + 1]),
        )


def _places(
    windows: Sequence[WindowSignals], arrivals: Arrivals
) -> Iterator[tuple[int, LabelArrivals]]:
    for place, one in enumerate(windows):
        if found := arrivals.get(one.window.start):
            yield place, found


def _coming(late: Mapping[int, LabelArrivals]) -> list[tuple[datetime, int, int]]:
    """Return when a window has how many labels, the newest first."""
    found = (
        (moment, place, labels)
        for place, one in late.items()
        for moment, labels in zip(one.moments, one.labels, strict=True)
    )
    return sorted(found, reverse=True)


def _with_labels(spec: ModelSpec, said: WindowSignals, scored: int, labels: int) -> WindowSignals:
    """Return what a window would have said with so many labels."""
    counts = LabelCounts(labels=labels, coverage=labels / scored, newest_knowledge_time=None)
    withheld = immature(spec, counts) if labels else without_labels(spec, counts, ALL)
    if withheld is None:
        return replace(said, labelled=labels)
    finding = Finding(verdict=withheld[0], reason=withheld[1])
    findings = {
        cause: finding if _rests_on_labels(spec, cause) else found
        for cause, found in said.findings.items()
    }
    return replace(said, findings=findings, labelled=labels)


def _rests_on_labels(spec: ModelSpec, cause: str) -> bool:
    target = spec.columns.target
    own_drift = target is not None and cause == drift_cause(target)
    return own_drift or cause.startswith(quality_cause(""))
