"""Runs of alarms: which windows count, and how many of them alarm in a row.

Belongs here: neighbouring windows of the champion in force, one cause's run in them. Stays out:
what follows from a run (episodes.py, decision.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitoring_assets.records import Deployment, Verdict, Window, WindowSignals


@dataclass(frozen=True, kw_only=True)
class AlarmRun:
    """Windows that alarm for one cause without an `ok` among or after them.

    Parameters
    ----------
    first, last
        The oldest and the newest alarming window; windows without a verdict may lie between them.
    alarming
        Windows that alarm.
    reason
        What the newest of them says.
    """

    cause: str
    first: Window
    last: Window
    alarming: int
    reason: str


def in_force_since(deployment: Deployment | None) -> datetime | None:
    """Return from which event time on windows are the present champion's; None for all of them."""
    return None if deployment is None else deployment.valid_from


def trailing(windows: Sequence[WindowSignals], since: datetime | None) -> tuple[WindowSignals, ...]:
    """Return the newest windows that lie side by side and begin at or after a moment.

    Parameters
    ----------
    windows
        Complete windows of a model, oldest first; one that is missing or incomplete is a gap.
    since
        See `in_force_since`.
    """
    place = len(windows)
    for found in reversed(windows):
        if since is not None and found.window.start < since:
            break
        if place < len(windows) and found.window.end != windows[place].window.start:
            break
        place -= 1
    return tuple(windows[place:])


def alarm_run(windows: Sequence[WindowSignals], cause: str) -> AlarmRun | None:
    """Return the run of alarms that reaches the newest of these windows; None if there is none.

    `ok` ends it. A window without a verdict (`insufficient_data`, `labels_immature`, `undefined`)
    or in which the cause was not judged neither counts nor interrupts.
    """
    alarming = [*_newest_alarms(windows, cause)]
    if not alarming:
        return None
    last, first = alarming[0], alarming[-1]
    return AlarmRun(
        cause=cause,
        first=first.window,
        last=last.window,
        alarming=len(alarming),
        reason=last.findings[cause].reason,
    )


def verdict_of(found: WindowSignals, cause: str) -> Verdict | None:
    """Return a window's verdict on a cause; None where it was not judged."""
    finding = found.findings.get(cause)
    return None if finding is None else finding.verdict


def _newest_alarms(windows: Sequence[WindowSignals], cause: str) -> Iterator[WindowSignals]:
    for found in reversed(windows):
        verdict = verdict_of(found, cause)
        if verdict is Verdict.OK:
            return
        if verdict is Verdict.ALARM:
            yield found
