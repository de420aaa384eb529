"""Which retrainings a policy would have caused over a history: what-if questions, without a table.

Belongs here: walking steps in order with a ledger in memory, by the functions that a sensor uses.
Stays out: finding the history, what came of a retraining (the caller says it), printing.

A retraining has its result in the step in which it is decided. What windows say after a promotion
is what the history has: it does not know how the promoted version would have done.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from monitoring_assets.evaluation.retraining.decision import BY_POLICY, LoopState, decide
from monitoring_assets.evaluation.retraining.episodes import PROMOTION, EpisodeChanges, advance
from monitoring_assets.records import (
    Decision,
    Deployment,
    Episode,
    LabelledWindow,
    Outcome,
    RetrainingResult,
    WindowSignals,
)
from monitoring_assets.spec.model import ModelSpec

REHEARSED: Final = "rehearsed"
"""What versions are called that are promoted in a rehearsal: `rehearsed_1`, `rehearsed_2`, …"""

Results = Callable[[Decision], RetrainingResult]
"""What comes of a decision to retrain."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One moment at which is looked.

    Parameters
    ----------
    windows
        Those that are complete and judged by then, oldest first.
    known
        Those with labels by then, oldest first.
    """

    now: datetime
    windows: Sequence[WindowSignals]
    known: tuple[LabelledWindow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """All that is remembered from one step to the next.

    Parameters
    ----------
    deployment
        The one in force.
    episodes
        All of them, in the order in which they were opened; the numbers count from 1.
    decisions
        One for each episode, window, outcome and code, in order.
    """

    deployment: Deployment | None = None
    episodes: tuple[Episode, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @property
    def open_episodes(self) -> tuple[Episode, ...]:
        """The episodes that are not over."""
        return tuple(one for one in self.episodes if one.closed_at is None)

    @property
    def retrainings(self) -> tuple[Decision, ...]:
        """The decisions to retrain."""
        return tuple(one for one in self.decisions if one.outcome is Outcome.RETRAIN)


def rehearse(
    spec: ModelSpec, steps: Iterable[Step], results: Results, begin: Ledger | None = None
) -> tuple[Decision, ...]:
    """Return the decisions a policy takes over a history, each once, in order.

    Parameters
    ----------
    steps
        In order of `now`.
    begin
        What is known at the beginning, such as the deployment in force; without it nothing is.
    """
    ledger = begin or Ledger()
    for step in steps:
        ledger = after_step(spec, ledger, step, results)
    return ledger.decisions


def after_step(spec: ModelSpec, ledger: Ledger, step: Step, results: Results) -> Ledger:
    """Return the ledger after one look, as a sensor's tick leaves the tables."""
    changes = advance(spec, ledger.open_episodes, step.windows, ledger.deployment, step.now)
    ledger = replace(ledger, episodes=_stored(ledger.episodes, changes))
    state = LoopState(
        windows=step.windows,
        episodes=ledger.open_episodes,
        decisions=ledger.retrainings,
        known=step.known,
        deployment=ledger.deployment,
    )
    found = decide(spec, state, step.now).decision
    if found is None or _key(found) in map(_key, ledger.decisions):
        return ledger
    decision = replace(found, decision_id=len(ledger.decisions) + 1)
    if decision.outcome is not Outcome.RETRAIN:
        return replace(ledger, decisions=(*ledger.decisions, decision))
    return _retrained(ledger, decision, step, results(decision))


def _stored(episodes: Sequence[Episode], changes: EpisodeChanges) -> tuple[Episode, ...]:
    changed = {one.episode_id: one for one in (*changes.closed, *changes.grown)}
    opened = (
        replace(one, episode_id=number)
        for number, one in enumerate(changes.opened, start=len(episodes) + 1)
    )
    return (*(changed.get(one.episode_id, one) for one in episodes), *opened)


def _key(decision: Decision) -> tuple[object, ...]:
    return decision.episode_id, decision.window.end, decision.outcome, decision.code


def _retrained(ledger: Ledger, decision: Decision, step: Step, result: RetrainingResult) -> Ledger:
    ended = replace(decision, tries=1, requested_at=step.now, finished_at=step.now, result=result)
    if result is not RetrainingResult.PROMOTED:
        return replace(ledger, decisions=(*ledger.decisions, ended))
    promoted = sum(one.result is RetrainingResult.PROMOTED for one in ledger.decisions)
    version = f"{REHEARSED}_{promoted + 1}"
    deployment = Deployment(
        model_id=decision.model_id,
        model_version=version,
        valid_from=step.windows[-1].window.end,
        decided_at=step.now,
        decided_by=BY_POLICY,
        reason=decision.reason,
    )
    closed = (
        one if one.closed_at else replace(one, closed_at=step.now, closed_by=PROMOTION)
        for one in ledger.episodes
    )
    return Ledger(
        deployment=deployment,
        episodes=tuple(closed),
        decisions=(*ledger.decisions, replace(ended, model_version=version)),
    )
