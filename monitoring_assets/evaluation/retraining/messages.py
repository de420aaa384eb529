"""What a person on call is told: one message for each change of an episode or decision.

Belongs here: which changes are told, and the sentences. Stays out: where messages go, whether they
are withheld (a muted model, replay), the ledger that keeps the first message of each kind about
each episode and decision, so that none is told twice.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from monitoring_assets.evaluation.retraining.causes import is_too_old
from monitoring_assets.evaluation.retraining.episodes import RECOVERY, EpisodeChanges
from monitoring_assets.evaluation.retraining.wording import cause_words, counted
from monitoring_assets.records import (
    Decision,
    Episode,
    Message,
    MessageKind,
    Outcome,
    RetrainingResult,
)
from monitoring_assets.spec.calendar import start_after, window_key
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.notifications import Event

Link = Callable[[datetime], str]
"""Start of a window -> address of a page about it; '' where there is none."""

_RESULTS: Final = {
    RetrainingResult.PROMOTED: MessageKind.PROMOTED,
    RetrainingResult.REFUSED: MessageKind.REFUSED,
    RetrainingResult.AWAITS_APPROVAL: MessageKind.AWAITS_APPROVAL,
    RetrainingResult.FAILED: MessageKind.FAILED,
}


def episode_messages(
    spec: ModelSpec, changes: EpisodeChanges, now: datetime, link: Link
) -> tuple[Message, ...]:
    """Return what is to be told about episodes: an alarm, and recovery from it.

    A window that ended longer than `max_age` ago gives no message. An episode that goes on is told
    again each time; the ledger keeps the first message only. The end by a promotion is told by the
    message about that (`result_message`).

    Parameters
    ----------
    changes
        With the numbers under which the episodes are stored.
    """
    if spec.notifications is None:
        return ()
    events = spec.notifications.events
    alarms = _alarms(spec, changes, now, link) if "alarm" in events else ()
    recoveries = _recoveries(spec, changes, now, link) if "recovery" in events else ()
    return (*recoveries, *alarms)


def decision_message(
    spec: ModelSpec, decision: Decision, now: datetime, link: Link
) -> Message | None:
    """Return what is to be told about a decision: that a retraining starts, nothing else is."""
    if decision.outcome is not Outcome.RETRAIN or not _is_told(spec, "retraining"):
        return None
    number, most = decision.attempt, _attempts(spec)
    tried = f", attempt {number} of {most}" if decision.episode_id is not None else ""
    text = f"a retraining starts for {decision.window.partition_key}{tried}: {decision.reason}"
    return _about(decision, MessageKind.RETRAINING, text, now, link)


def result_message(
    spec: ModelSpec, decision: Decision, now: datetime, link: Link
) -> Message | None:
    """Return what is to be told about the result of a decision to retrain."""
    if decision.result is None or not _is_told(spec, "outcome"):
        return None
    reason = f": {decision.result_reason}" if decision.result_reason else ""
    text = f"{_result(spec, decision)}{reason}"
    return _about(decision, _RESULTS[decision.result], text, now, link)


def _alarms(
    spec: ModelSpec, changes: EpisodeChanges, now: datetime, link: Link
) -> Iterator[Message]:
    needed = spec.notifications.after_windows if spec.notifications else 1
    for episode in (*changes.opened, *changes.grown):
        end = start_after(spec.windows, episode.last_window, 1)
        if episode.alarming_windows < needed or is_too_old(spec, end, now):
            continue
        text = f"{cause_words(episode.cause)} alarms {_span(spec, episode)}: {episode.reason}"
        yield _message(episode, MessageKind.OPENED, text, now, link(episode.last_window))


def _recoveries(
    spec: ModelSpec, changes: EpisodeChanges, now: datetime, link: Link
) -> Iterator[Message]:
    needed = spec.notifications.after_windows if spec.notifications else 1
    for episode in changes.closed:
        quiet = changes.recovered.get(episode.cause)
        if quiet is None or episode.closed_by != RECOVERY:
            continue
        if episode.alarming_windows < needed or is_too_old(spec, quiet.window.end, now):
            continue
        begun = window_key(spec.windows, episode.first_window)
        text = (
            f"{cause_words(episode.cause)} is quiet again in {quiet.window.partition_key}, after"
            f" {counted(episode.alarming_windows, 'alarming window')} since {begun}:"
            f" {quiet.findings[episode.cause].reason}"
        )
        yield _message(episode, MessageKind.CLOSED, text, now, link(quiet.window.start))


def _span(spec: ModelSpec, episode: Episode) -> str:
    last = window_key(spec.windows, episode.last_window)
    if episode.alarming_windows == 1:
        return f"in {last}"
    first = window_key(spec.windows, episode.first_window)
    return f"in {counted(episode.alarming_windows, 'window')} since {first}, in {last}"


def _result(spec: ModelSpec, decision: Decision) -> str:
    version, window = decision.model_version, decision.window.partition_key
    match decision.result:
        case RetrainingResult.PROMOTED:
            return f"version {version}, trained for {window}, is promoted"
        case RetrainingResult.REFUSED:
            return f"version {version}, trained for {window}, is refused{_next(spec, decision)}"
        case RetrainingResult.AWAITS_APPROVAL:
            command = f"monitoring-assets promote {decision.model_id} {version}"
            return f"version {version}, trained for {window}, awaits approval ({command})"
        case _:
            tries = f" after {decision.tries} tries" if decision.tries > 1 else ""
            return f"the retraining for {window} failed{tries}{_next(spec, decision)}"


def _next(spec: ModelSpec, decision: Decision) -> str:
    """Return what has to happen before the next attempt of an episode; '' without one."""
    policy = spec.retraining
    if policy is None or decision.episode_id is None:
        return ""
    if decision.attempt >= policy.attempts:
        return " and no other is tried"
    return f"; another is tried after {counted(policy.windows_in_a_row, 'more alarming window')}"


def _attempts(spec: ModelSpec) -> int:
    return spec.retraining.attempts if spec.retraining else 1


def _is_told(spec: ModelSpec, event: Event) -> bool:
    return spec.notifications is not None and event in spec.notifications.events


def _about(decision: Decision, kind: MessageKind, text: str, now: datetime, link: Link) -> Message:
    return Message(
        model_id=decision.model_id,
        kind=kind,
        text=_with_link(f"{decision.model_id}: {text}", link(decision.window.start)),
        created_at=now,
        episode_id=decision.episode_id,
        decision_id=decision.decision_id,
    )


def _message(episode: Episode, kind: MessageKind, text: str, now: datetime, link: str) -> Message:
    return Message(
        model_id=episode.model_id,
        kind=kind,
        text=_with_link(f"{episode.model_id}: {text}", link),
        created_at=now,
        episode_id=episode.episode_id,
    )


def _with_link(text: str, link: str) -> str:
    return f"{text}\n{link}" if link else text
