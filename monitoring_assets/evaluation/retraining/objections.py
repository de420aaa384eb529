"""What speaks against a retraining that alarms ask for, in the order in which it is asked.

Belongs here: one small rule each, with the sentence a person reads. Stays out: which alarms ask
(decision.py), what is done about it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from monitoring_assets.evaluation.retraining.alarm_runs import AlarmRun, alarm_run
from monitoring_assets.evaluation.retraining.blocking import blocking_faults
from monitoring_assets.evaluation.retraining.causes import oldest
from monitoring_assets.evaluation.retraining.training_windows import training_span
from monitoring_assets.evaluation.retraining.wording import (
    cause_words,
    counted,
    length_words,
    moment_words,
)
from monitoring_assets.records import (
    Decision,
    DecisionCode,
    Deployment,
    Episode,
    LabelledWindow,
    Layer,
    Outcome,
    RetrainingResult,
    Verdict,
    WindowSignals,
)
from monitoring_assets.spec.calendar import window_key
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.retraining import RetrainingSpec

MOST_COLUMNS: Final = 5
"""Broken columns that are named in one reason."""

WITHOUT_SUCCESS: Final = (RetrainingResult.REFUSED, RetrainingResult.FAILED)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A run of alarms that is long enough, its episode, and what is known besides.

    Parameters
    ----------
    stretch
        The neighbouring windows of the champion in force, oldest first.
    decisions
        All decisions of the model to retrain, oldest first.
    known
        Complete windows with their labels, oldest first, without those whose data are broken.
    left_out
        Starts of those.
    """

    spec: ModelSpec
    policy: RetrainingSpec
    run: AlarmRun
    episode: Episode
    stretch: Sequence[WindowSignals]
    decisions: Sequence[Decision]
    known: Sequence[LabelledWindow]
    deployment: Deployment | None
    left_out: frozenset[datetime] = frozenset()

    @property
    def attempt(self) -> int:
        """Which retraining of its episode this would be."""
        number = self.episode.episode_id
        own = (one.attempt for one in self.decisions if one.episode_id == number)
        return 1 + max(own, default=0)

    @property
    def newest(self) -> WindowSignals:
        """The newest window looked at."""
        return self.stretch[-1]

    @property
    def training(self) -> tuple[LabelledWindow, ...]:
        """The windows that a new version would learn from."""
        return training_span(self.spec, self.episode.first_window, self.known)

    @property
    def labelled_rows(self) -> int:
        """The rows that it would learn from or be judged on."""
        return sum(one.labelled for one in self.training)


@dataclass(frozen=True, kw_only=True)
class Objection:
    """Why a case does not lead to a retraining now."""

    outcome: Outcome
    code: DecisionCode
    reason: str


def first_objection(case: Case) -> Objection | None:
    """Return the first that applies; None if nothing speaks against a retraining."""
    return next(filter(None, (rule(case) for rule in _RULES)), None)


def too_old(spec: ModelSpec, run: AlarmRun) -> Objection:
    """Return the objection to alarms that ended too long ago."""
    reason = (
        f"too old: the newest alarm of {cause_words(run.cause)} ended at"
        f" {moment_words(run.last.end)}, more than {length_words(oldest(spec))} ago (max_age)"
    )
    return Objection(outcome=Outcome.IGNORE, code=DecisionCode.TOO_OLD, reason=reason)


def last_without_success(decisions: Sequence[Decision]) -> Decision | None:
    """Return the newest retraining that came to nothing; what a person tried does not count."""
    automatic = (one for one in decisions if one.code is not DecisionCode.BY_HAND)
    ended = [one for one in automatic if one.result in WITHOUT_SUCCESS]
    return max(ended, key=lambda one: one.window.end, default=None)


def ended_words(decision: Decision) -> str:
    """Return what became of a retraining that came to nothing."""
    happened = "failed" if decision.result is RetrainingResult.FAILED else "was refused"
    return f"the retraining decided for {decision.window.partition_key} {happened}"


def _attempts_used(case: Case) -> Objection | None:
    if case.attempt <= case.policy.attempts:
        return None
    since = window_key(case.spec.windows, case.episode.first_window)
    reason = (
        f"{cause_words(case.run.cause)} alarms since {since}, and"
        f" {counted(case.policy.attempts, 'retraining')} did not end it: no other is tried before"
        " it recovers or a version is promoted by hand"
    )
    return Objection(outcome=Outcome.IGNORE, code=DecisionCode.ATTEMPTS_USED, reason=reason)


def _no_new_alarms(case: Case) -> Objection | None:
    last = last_without_success(case.decisions)
    if last is None:
        return None
    newer = [one for one in case.stretch if one.window.start >= last.window.end]
    run, needed = alarm_run(newer, case.run.cause), case.policy.windows_in_a_row
    count = 0 if run is None else run.alarming
    if count >= needed:
        return None
    reason = (
        f"{ended_words(last)}; {cause_words(case.run.cause)} alarms in {count} of"
        f" {counted(needed, 'window')} since"
    )
    return _wait(DecisionCode.NO_NEW_ALARMS, reason)


def _cool_down(case: Case) -> Objection | None:
    deployment, length = case.deployment, case.policy.cool_down
    # The first version is deployed by its asset: that is no promotion.
    if deployment is None or deployment.decided_by == Layer.DEPLOYED_MODEL:
        return None
    if case.newest.window.end - deployment.valid_from >= length:
        return None
    over = moment_words(deployment.valid_from + length)
    reason = (
        f"version {deployment.model_version} serves since {moment_words(deployment.valid_from)};"
        f" its cool-down of {length_words(length)} ends at {over}"
    )
    return _wait(DecisionCode.COOL_DOWN, reason)


def _blocked(case: Case) -> Objection | None:
    found = dict[str, str]()
    for one in _windows_that_count(case):
        # The decision itself names the newest window.
        where = "" if one is case.newest else f" (window {one.window.partition_key})"
        # Newer windows come later: what is said of a column is the newest.
        found |= {name: why + where for name, why in blocking_faults(case.spec, one).items()}
    if not found:
        return None
    sentences = [found[name] for name in _in_order(case.spec, found)]
    more = len(sentences) - MOST_COLUMNS
    text = "; ".join(sentences[:MOST_COLUMNS]) + (f"; and {more} more" if more > 0 else "")
    return _wait(DecisionCode.BLOCKED, text)


def _few_labels(case: Case) -> Objection | None:
    rows, needed = case.labelled_rows, case.policy.minimum_labelled_rows
    if rows >= needed:
        return None
    training = case.training
    where = f"since {training[0].window.partition_key}" if training else "in the training span"
    reason = f"{counted(rows, 'labelled row')} {where}, {needed:,} are needed"
    return _wait(DecisionCode.FEW_LABELS, reason)


_RULES: Final[tuple[Callable[[Case], Objection | None], ...]] = (
    _attempts_used,
    _no_new_alarms,
    _cool_down,
    _blocked,
    _few_labels,
)


def _wait(code: DecisionCode, reason: str) -> Objection:
    return Objection(outcome=Outcome.WAIT, code=code, reason=reason)


def _in_order(spec: ModelSpec, names: Iterable[str]) -> list[str]:
    """Return columns in the order of the YAML."""
    known = [entry.column_name for entry in spec.column_dictionary()]
    return sorted(names, key=known.index)


def _windows_that_count(case: Case) -> Iterator[WindowSignals]:
    """Yield the alarming windows that it takes, and all between and after them.

    Older ones of the run do not block: a column that was mended long ago would for ever, because
    the run goes on as long as the champion is bad.
    """
    left = case.policy.windows_in_a_row
    counted_ones: list[WindowSignals] = []
    for one in reversed(case.stretch):
        if not left:
            break
        counted_ones.append(one)
        finding = one.findings.get(case.run.cause)
        left -= finding is not None and finding.verdict is Verdict.ALARM
    return reversed(counted_ones)
