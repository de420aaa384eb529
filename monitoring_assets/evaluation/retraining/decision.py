"""Whether a model is trained anew now: the policy applied to what is known.

Belongs here: which alarms ask for a retraining, and the decision with its evidence. Stays out: what
speaks against one (objections.py), episodes (episodes.py), acting on it.

Causes count for themselves: any one whose run is long enough asks for a retraining, and one against
which nothing speaks is enough. The decision is about the episode that began first of these; if
something speaks against all of them, about the one that began first at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from monitoring_assets.evaluation.retraining.alarm_runs import (
    AlarmRun,
    alarm_run,
    in_force_since,
    trailing,
    verdict_of,
)
from monitoring_assets.evaluation.retraining.blocking import faulty_windows
from monitoring_assets.evaluation.retraining.causes import counting_causes, is_too_old
from monitoring_assets.evaluation.retraining.objections import (
    Case,
    Objection,
    ended_words,
    first_objection,
    last_without_success,
    too_old,
)
from monitoring_assets.evaluation.retraining.wording import (
    cause_words,
    counted,
    moment_words,
)
from monitoring_assets.records import (
    Decision,
    DecisionCode,
    Deployment,
    Episode,
    LabelledWindow,
    Outcome,
    RetrainingResult,
    Verdict,
    WindowSignals,
)
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.retraining import RetrainingSpec

BY_POLICY: Final = "policy"
"""Who decided, where the YAML's policy did."""


@dataclass(frozen=True, kw_only=True)
class LoopState:
    """What is known when a decision is due.

    Parameters
    ----------
    windows
        Complete windows, oldest first.
    episodes
        The open ones, after `advance`, with the numbers under which they are stored.
    decisions
        All decisions of the model to retrain, oldest first, those by hand too.
    known
        Complete windows with their labels, oldest first.
    deployment
        The one in force; None for predictions that come from the source.
    """

    windows: Sequence[WindowSignals] = ()
    episodes: Sequence[Episode] = ()
    decisions: Sequence[Decision] = ()
    known: tuple[LabelledWindow, ...] = ()
    deployment: Deployment | None = None


@dataclass(frozen=True, kw_only=True)
class Thought:
    """What was decided, or None, and the sentence that a sensor shows in either case."""

    decision: Decision | None
    reason: str


def decide(spec: ModelSpec, state: LoopState, now: datetime) -> Thought:
    """Return whether the model is trained anew, and why or why not.

    The same state gives the same decision again; whoever stores it keeps one for each episode,
    window, outcome and code.
    """
    policy = spec.retraining
    if policy is None:
        return _nothing("nothing is retrained by itself: the YAML has no section `retraining`")
    stretch = trailing(state.windows, in_force_since(state.deployment))
    runs = [run for cause in counting_causes(spec) if (run := alarm_run(stretch, cause))]
    due = [run for run in runs if run.alarming >= policy.windows_in_a_row]
    if not due:
        return _nothing(_not_due(spec, policy, stretch, runs) or _no_windows(state.deployment))
    cases = [*_cases(spec, policy, state, stretch, due)]
    if cases:
        return _decide_on(cases, now)
    # Alarms that were too old to open an episode.
    return _nothing(_spoken(too_old(spec, max(due, key=lambda run: run.last.end))))


def _decide_on(cases: Sequence[Case], now: datetime) -> Thought:
    spec = cases[0].spec
    fresh = [case for case in cases if not is_too_old(spec, case.run.last.end, now)]
    if not fresh:
        return _said(cases[0], too_old(spec, cases[0].run), now)
    settled = _underway(cases) or _seen_already(cases[0])
    if settled:
        return _nothing(settled)
    objections = [(case, first_objection(case)) for case in fresh]
    case, objection = next((pair for pair in objections if pair[1] is None), objections[0])
    return _said(case, objection or _in_favour(case), now)


def _cases(
    spec: ModelSpec,
    policy: RetrainingSpec,
    state: LoopState,
    stretch: Sequence[WindowSignals],
    due: Sequence[AlarmRun],
) -> Iterator[Case]:
    """Yield the runs that have an episode, the one whose episode began first at the front."""
    left_out = faulty_windows(spec, state.windows)
    known = [one for one in state.known if one.window.start not in left_out]
    episodes = {one.cause: one for one in state.episodes if one.closed_at is None}
    own = [(run, episodes[run.cause]) for run in due if run.cause in episodes]
    # Sorting keeps the order of the policy where episodes began together.
    for run, episode in sorted(own, key=lambda pair: pair[1].first_window):
        yield Case(
            spec=spec,
            policy=policy,
            run=run,
            episode=episode,
            stretch=stretch,
            decisions=state.decisions,
            known=known,
            deployment=state.deployment,
            left_out=left_out,
        )


def _underway(cases: Sequence[Case]) -> str:
    """Return why no other retraining may begin yet; '' if one may."""
    episodes = {case.episode.episode_id for case in cases}
    for one in cases[0].decisions:
        if one.result is None:
            return (
                f"a retraining is under way: attempt {one.attempt}, decided for"
                f" {one.window.partition_key} at {moment_words(one.decided_at)}"
            )
        waits = one.result is RetrainingResult.AWAITS_APPROVAL
        if waits and one.episode_id is not None and one.episode_id in episodes:
            return (
                f"version {one.model_version}, trained for {one.window.partition_key}, awaits"
                " approval: nothing else is trained until a person promotes a version"
            )
    return ""


def _seen_already(case: Case) -> str:
    """Return that nothing is new since a retraining came to nothing; '' if something is.

    Without this, how often was looked between two windows would show in the ledger.
    """
    last = last_without_success(case.decisions)
    if last is None or last.window.end < case.newest.window.end:
        return ""
    return f"{ended_words(last)}; no newer window is complete"


def _in_favour(case: Case) -> Objection:
    run = case.run
    reason = (
        f"{cause_words(run.cause)} alarms in {counted(run.alarming, 'window')} in a row since"
        f" {run.first.partition_key}: {run.reason}"
    )
    return Objection(outcome=Outcome.RETRAIN, code=DecisionCode.ALARM, reason=reason)


def _said(case: Case, what: Objection, now: datetime) -> Thought:
    decision = Decision(
        model_id=case.spec.model_id,
        window=case.newest.window,
        decided_at=now,
        decided_by=BY_POLICY,
        outcome=what.outcome,
        code=what.code,
        reason=what.reason,
        evidence=_evidence(case),
        attempt=min(case.attempt, case.policy.attempts),
        cause=case.run.cause,
        episode_id=case.episode.episode_id,
    )
    return Thought(decision=decision, reason=_spoken(what))


def _evidence(case: Case) -> dict[str, Any]:
    """Return the numbers as they are, in what JSON can hold."""
    run, training = case.run, case.training
    return {
        "alarming_windows": run.alarming,
        "windows_in_a_row": case.policy.windows_in_a_row,
        "first_window": run.first.partition_key,
        "last_window": run.last.partition_key,
        "alarm": run.reason,
        "labelled_rows": case.labelled_rows,
        "training_windows": len(training),
        "training_start": training[0].window.start.isoformat() if training else None,
        "training_end": training[-1].window.end.isoformat() if training else None,
        "left_out": [
            start.isoformat()
            for start in sorted(case.left_out)
            if training and training[0].window.start < start < training[-1].window.start
        ],
        "model_version": case.deployment.model_version if case.deployment else None,
    }


def _spoken(what: Objection) -> str:
    return f"{what.outcome.value}: {what.reason}"


def _nothing(reason: str) -> Thought:
    return Thought(decision=None, reason=reason)


def _no_windows(deployment: Deployment | None) -> str:
    if deployment is None:
        return "no window is complete yet"
    since = moment_words(deployment.valid_from)
    return f"no window is complete that version {deployment.model_version} scored, since {since}"


def _not_due(
    spec: ModelSpec,
    policy: RetrainingSpec,
    stretch: Sequence[WindowSignals],
    runs: Sequence[AlarmRun],
) -> str:
    """Return how far alarms are from asking for a retraining; '' without any window."""
    if runs:
        needed = counted(policy.windows_in_a_row, "window")
        return "; ".join(f"{cause_words(run.cause)}: {run.alarming} of {needed}" for run in runs)
    return _quiet(spec, stretch) if stretch else ""


def _quiet(spec: ModelSpec, stretch: Sequence[WindowSignals]) -> str:
    """Return since when nothing alarms, and what of the newest window is not judged."""
    causes, newest = counting_causes(spec), stretch[-1]
    alarming = [
        i
        for i, one in enumerate(stretch)
        if any(verdict_of(one, cause) is Verdict.ALARM for cause in causes)
    ]
    begun = stretch[alarming[-1] + 1 if alarming else 0].window.partition_key
    unjudged = [
        f"{cause_words(cause)} of {newest.window.partition_key} is not judged: {finding.reason}"
        for cause in causes
        if (finding := newest.findings.get(cause)) and finding.verdict is not Verdict.OK
    ]
    return "; ".join([f"nothing alarms since {begun}", *unjudged])
