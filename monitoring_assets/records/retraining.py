"""The closed loop: alarms that last, what was decided about them, and what came of it.

Belongs here: rows of the tables `episode`, `retraining_decision`, `training_set`,
`model_comparison` and `notification`, and what a decision is made from. Stays out: the rules
(evaluation/retraining).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from monitoring_assets.records.results import Finding
from monitoring_assets.records.windows import Window


class RetrainingStep(StrEnum):
    """An asset of the job that trains a model anew, in the order of its work."""

    TRAINING_DATA = "training_data"
    CANDIDATE_MODEL = "candidate_model"
    CHALLENGER_EVALUATION = "challenger_evaluation"
    PROMOTION = "promotion"


class Outcome(StrEnum):
    """What was decided about a retraining."""

    RETRAIN = "retrain"
    WAIT = "wait"
    IGNORE = "ignore"


class DecisionCode(StrEnum):
    """Why it was decided so, in a word; the sentence stands beside it."""

    ALARM = "alarm"
    BY_HAND = "by_hand"
    TOO_OLD = "too_old"
    ATTEMPTS_USED = "attempts_used"
    NO_NEW_ALARMS = "no_new_alarms"
    COOL_DOWN = "cool_down"
    BLOCKED = "blocked"
    FEW_LABELS = "few_labels"


class RetrainingResult(StrEnum):
    """What came of a decision to retrain."""

    PROMOTED = "promoted"
    REFUSED = "refused"
    AWAITS_APPROVAL = "awaits_approval"
    FAILED = "failed"


class MessageKind(StrEnum):
    """What a message tells."""

    OPENED = "opened"
    CLOSED = "closed"
    RETRAINING = "retraining"
    PROMOTED = "promoted"
    REFUSED = "refused"
    AWAITS_APPROVAL = "awaits_approval"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class WindowSignals:
    """What a complete window says to the loop.

    Parameters
    ----------
    findings
        Cause -> verdict and reason; a cause that was not judged is left out.
    broken
        Column -> why its data quality alarms.
    labelled
        Rows that were scored and have a label.
    """

    window: Window
    findings: Mapping[str, Finding]
    broken: Mapping[str, str] = field(default_factory=dict[str, str])
    labelled: int = 0


@dataclass(frozen=True, kw_only=True)
class LabelledWindow:
    """A complete window with its scored rows that have a label."""

    window: Window
    labelled: int


@dataclass(frozen=True, kw_only=True)
class LabelArrivals:
    """How many labels of a window were known at moments of the past.

    Parameters
    ----------
    scored
        Rows that were scored, with a label or without one.
    moments
        Those that were asked about at which more labels were known than at the one before, in
        order. Before the first none was.
    labels
        How many were known at each of these.
    """

    scored: int
    moments: tuple[datetime, ...] = ()
    labels: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Episode:
    """A run of alarming windows of one cause; `episode_id` is None until it is stored."""

    model_id: str
    cause: str
    segment: str
    first_window: datetime
    last_window: datetime
    alarming_windows: int
    opened_at: datetime
    reason: str
    closed_at: datetime | None = None
    closed_by: str | None = None
    episode_id: int | None = None

    @property
    def number(self) -> int:
        """Its number; it has to be stored."""
        return _stored(self.episode_id)


IN_A_REPLAY: Final = "policy, in a replay"
"""Who decided, where the past was replayed."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One retraining that was thought about; `decision_id` is None until it is stored.

    Parameters
    ----------
    window
        The newest window looked at.
    evidence
        The numbers as they were.
    attempt
        Which retraining of its episode it is, from 1.
    tries
        How often its run was asked for.
    requested_at
        When it was asked for last.
    result, result_reason
        What came of it; None as long as nothing has.
    """

    model_id: str
    window: Window
    decided_at: datetime
    decided_by: str
    outcome: Outcome
    code: DecisionCode
    reason: str
    evidence: Mapping[str, Any]
    attempt: int
    cause: str = ""
    episode_id: int | None = None
    decision_id: int | None = None
    tries: int = 0
    requested_at: datetime | None = None
    run_id: str | None = None
    model_version: str | None = None
    result: RetrainingResult | None = None
    result_reason: str | None = None
    finished_at: datetime | None = None

    @property
    def number(self) -> int:
        """Its number; it has to be stored."""
        return _stored(self.decision_id)

    @property
    def replayed(self) -> bool:
        """Whether it was made while the past was replayed: then it is carried out there alone."""
        return self.decided_by == IN_A_REPLAY

    def in_a_replay(self) -> "Decision":
        """Return the same decision, as made while the past was replayed."""
        return replace(self, decided_by=IN_A_REPLAY)


@dataclass(frozen=True, kw_only=True)
class TrainingSet:
    """The rows a candidate learned from and those it was judged on.

    Parameters
    ----------
    start, end
        First moment of the oldest window, first moment after the newest one.
    windows
        Starts of the windows that gave rows, in order.
    data_hash
        Fingerprint of all rows, those for training first.
    """

    decision_id: int
    model_id: str
    start: datetime
    end: datetime
    windows: tuple[datetime, ...]
    training_rows: int
    holdout_rows: int
    data_hash: str


@dataclass(frozen=True, kw_only=True)
class MetricComparison:
    """Champion and challenger on the same rows, by one metric.

    Parameters
    ----------
    gain
        By how much the challenger is better, as a share of the champion's number; negative if it
        is worse, None where it cannot be said.
    gain_low, gain_high
        Interval of the gain from the paired bootstrap; None but for the deciding metric.
    reason
        Why something of it is None, or what the interval could not say; None if nothing is missing.
    """

    segment: str
    metric: str
    rows: int
    champion: float | None
    challenger: float | None
    gain: float | None
    gain_low: float | None = None
    gain_high: float | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something a person should hear; `message_id` is None until it is stored.

    Parameters
    ----------
    withheld
        Why it is never sent (the model is muted, the past is replayed); None: it is to be sent.
    """

    model_id: str
    kind: MessageKind
    text: str
    created_at: datetime
    episode_id: int | None = None
    decision_id: int | None = None
    withheld: str | None = None
    message_id: int | None = None
    sent_at: datetime | None = None
    attempt: int = 0
    tried_at: datetime | None = None
    error: str | None = None

    @property
    def number(self) -> int:
        """Its number; it has to be stored."""
        return _stored(self.message_id)


def _stored(number: int | None) -> int:
    if number is None:
        raise ValueError("this has no number yet: it has to be stored first")
    return number
