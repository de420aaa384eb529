"""Which run carries out a decision, and when it is asked for again.

Belongs here: the tries of a decision: the first, those after a failure or a loss, giving up. Stays
out: deciding (thinking.py), the work of a run.

What came of a run is in our own table. Dagster is asked only whether a run has ended in failure: a
run whose process was killed looks started for ever, so one that takes longer than the policy's time
limit counts as lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitoring_assets.assets.retraining.rows import policy_of
from monitoring_assets.records import Decision
from monitoring_assets.spec.model import ModelSpec


@dataclass(frozen=True)
class Next:
    """What is to be done about a decision that has no result yet.

    Parameters
    ----------
    start
        Which try is to be asked for; asking twice for the same starts one run. None: none.
    given_up
        Why no other is asked for; '' if it is not given up.
    reason
        The sentence that the sensor shows.
    """

    start: int | None
    reason: str
    given_up: str = ""


RunEnded = Callable[[Decision], str | None]
"""Why the newest run of a decision has failed; None if it has not, as far as anybody knows."""


def next_try(spec: ModelSpec, decision: Decision, ended: RunEnded, now: datetime) -> Next:
    """Return what is to be done about a decision to retrain that has no result yet."""
    policy = policy_of(spec)
    if decision.requested_at is None:
        return Next(1, f"retraining number {decision.number} starts: {decision.reason}")
    failed = ended(decision)
    if failed is None and now - decision.requested_at <= policy.time_limit:
        return Next(decision.tries, f"retraining number {decision.number} is underway")
    why = failed or f"no result after {policy.time_limit}"
    if decision.tries >= policy.tries:
        return Next(None, f"given up after {decision.tries} tries: {why}", given_up=why)
    again = decision.requested_at + policy.backoff * 2 ** (decision.tries - 1)
    if failed is not None and now < again:
        return Next(None, f"try {decision.tries} failed ({why}); the next one at {again:%H:%M:%S}")
    return Next(decision.tries + 1, f"try {decision.tries + 1}: the one before failed ({why})")
