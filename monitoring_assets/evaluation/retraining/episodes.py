"""Episodes: opened by the first window of a run of alarms, closed by recovery or a promotion.

Belongs here: what changes in the episodes of a model when windows are looked at. Stays out: what is
decided (decision.py) and told (messages.py) about them, storing them.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from monitoring_assets.evaluation.retraining.alarm_runs import (
    AlarmRun,
    alarm_run,
    in_force_since,
    trailing,
    verdict_of,
)
from monitoring_assets.evaluation.retraining.causes import is_too_old, watched_causes
from monitoring_assets.records import ALL, Deployment, Episode, Verdict, WindowSignals
from monitoring_assets.spec.model import ModelSpec

RECOVERY: Final = "recovery"
PROMOTION: Final = "promotion"


@dataclass(frozen=True, kw_only=True)
class EpisodeChanges:
    """Episodes as they are to be stored; one that did not change is in none of these.

    Those that are closed are to be stored first: a new one of the same cause may be opened with it.

    Parameters
    ----------
    grown
        Open ones with more (or, where labels were corrected, other) alarming windows; one whose
        older windows were computed later begins earlier.
    recovered
        Cause -> the window with whose `ok` its episode was closed.
    """

    opened: tuple[Episode, ...] = ()
    grown: tuple[Episode, ...] = ()
    closed: tuple[Episode, ...] = ()
    recovered: Mapping[str, WindowSignals] = field(default_factory=dict[str, WindowSignals])


def advance(
    spec: ModelSpec,
    episodes: Sequence[Episode],
    windows: Sequence[WindowSignals],
    deployment: Deployment | None,
    now: datetime,
) -> EpisodeChanges:
    """Return what the newest windows change in a model's episodes.

    An episode that is open is closed whatever the age of its windows; none is opened whose newest
    alarming window ended longer than `max_age` ago, so that a backfill of old history opens none.

    Parameters
    ----------
    episodes
        The open ones.
    windows
        Complete windows, oldest first. They need not reach back to the beginning of an episode:
        alarms before them count as they are stored.
    deployment
        The one in force; None for predictions that come from the source.
    """
    present = {one.cause: one for one in episodes if one.closed_at is None and one.segment == ALL}
    since = in_force_since(deployment)
    ends = {cause: _end(one, windows, since) for cause, one in present.items()}
    going_on = [one for cause, one in present.items() if ends[cause] is None]
    stretch = trailing(windows, since)
    runs = [
        alarm_run(stretch, cause)
        for cause in watched_causes(spec)
        if cause not in present or ends[cause] is not None
    ]
    return EpisodeChanges(
        opened=tuple(
            _opened(run, now)
            for run in runs
            if run is not None and not is_too_old(spec, run.last.end, now)
        ),
        grown=tuple(
            after
            for one in going_on
            if _differs(after := _grown(_begun_earlier(one, stretch), windows), one)
        ),
        closed=tuple(
            replace(present[cause], closed_at=now, closed_by=end.by)
            for cause, end in ends.items()
            if end is not None
        ),
        recovered={cause: end.window for cause, end in ends.items() if end and end.window},
    )


@dataclass(frozen=True)
class _End:
    """What ended an episode, and the window that did where it recovered."""

    by: str
    window: WindowSignals | None


def _end(episode: Episode, windows: Sequence[WindowSignals], since: datetime | None) -> _End | None:
    """Return what ended an episode: its first `ok`, else that another version has taken over.

    A correction of labels may turn its first window to `ok`. Then the episode is over if no other
    window of it alarms, and goes on with the others if some do.
    """
    promoted = since if since is not None and episode.last_window < since else None
    own = [
        one
        for one in _from(windows, episode.first_window)
        if promoted is None or one.window.start < promoted
    ]
    alarming = any(_is(Verdict.ALARM, one, episode.cause) for one in own)
    for one in own:
        begins = one.window.start == episode.first_window
        if _is(Verdict.OK, one, episode.cause) and not (begins and alarming):
            return _End(RECOVERY, one)
    return None if promoted is None else _End(PROMOTION, None)


def _begun_earlier(episode: Episode, stretch: Sequence[WindowSignals]) -> Episode:
    """Return an episode that goes on from its first window: a gap before it may have been filled.

    Without this, a backfill in another order would learn from fewer windows.
    """
    run = alarm_run(stretch, episode.cause)
    if run is None or run.first.start >= episode.first_window:
        return episode
    return replace(episode, first_window=run.first.start)


def _grown(episode: Episode, windows: Sequence[WindowSignals]) -> Episode:
    """Return an episode with all alarming windows that are known of it by now."""
    complete_view = bool(windows) and windows[0].window.start <= episode.first_window
    seen = [
        one
        for one in _from(windows, episode.first_window)
        if _is(Verdict.ALARM, one, episode.cause)
    ]
    if not seen:
        return episode
    newer = sum(one.window.start > episode.last_window for one in seen)
    return replace(
        episode,
        last_window=max(episode.last_window, seen[-1].window.start),
        alarming_windows=len(seen) if complete_view else episode.alarming_windows + newer,
        reason=seen[-1].findings[episode.cause].reason,
    )


def _differs(after: Episode, before: Episode) -> bool:
    return _extent(after) != _extent(before)


def _extent(episode: Episode) -> tuple[datetime, datetime, int]:
    return episode.first_window, episode.last_window, episode.alarming_windows


def _opened(run: AlarmRun, now: datetime) -> Episode:
    return Episode(
        model_id=run.first.model_id,
        cause=run.cause,
        segment=ALL,
        first_window=run.first.start,
        last_window=run.last.start,
        alarming_windows=run.alarming,
        opened_at=now,
        reason=run.reason,
    )


def _from(windows: Sequence[WindowSignals], start: datetime) -> Sequence[WindowSignals]:
    return windows[bisect_left(windows, start, key=lambda one: one.window.start) :]


def _is(verdict: Verdict, found: WindowSignals, cause: str) -> bool:
    return verdict_of(found, cause) is verdict
