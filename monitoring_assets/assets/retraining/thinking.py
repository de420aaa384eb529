"""One look at the newest windows: what becomes of episodes, what is decided, what is told.

Belongs here: the order of reading, deciding and writing, all under one lock. Stays out: the rules
(evaluation/retraining), when it is done (sensor.py and the command `replay`), starting runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitoring_assets.evaluation.retraining.as_known import as_known, labelled_as_known
from monitoring_assets.evaluation.retraining.causes import counting_causes, read_causes
from monitoring_assets.evaluation.retraining.decision import LoopState, Thought, decide
from monitoring_assets.evaluation.retraining.episodes import EpisodeChanges, advance
from monitoring_assets.evaluation.retraining.messages import decision_message, episode_messages
from monitoring_assets.records import Decision, Episode, LabelledWindow, Message, WindowSignals
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.models import deployments_in
from monitoring_assets.storage.retraining import decisions, episodes, messages, signals
from monitoring_assets.storage.retraining.known_then import label_arrivals
from monitoring_assets.storage.retraining.locking import LoopConnection, loop_transaction

CHANNEL = "webhook"


@dataclass(frozen=True, kw_only=True)
class Teller:
    """How messages are written down.

    Parameters
    ----------
    link
        Start of a window -> address of a page about it; '' where there is none.
    withheld
        Why messages are not sent; None: they are.
    """

    link: Callable[[datetime], str]
    withheld: str | None = None

    def write(self, connection: LoopConnection, told: list[Message]) -> None:
        """Write messages down, in the transaction of what they tell."""
        kept = [replace(one, withheld=self.withheld) for one in told]
        messages.write_messages(connection, kept, CHANNEL)


def think(
    spec: ModelSpec, database: Database, now: datetime, teller: Teller, *, in_the_past: bool = False
) -> Thought:
    """Look at the newest windows of a model once, and store what follows.

    Looking again changes nothing: episodes, decisions and messages are stored once. Windows that
    end after `now` are not looked at, as they were not there yet in a past that is replayed.

    Parameters
    ----------
    in_the_past
        Labels, too, may be there that were not known by `now`: these do not count. It takes a
        statement more. The decision says so: only a replay carries it out.

    Returns
    -------
    Thought
        Its decision has a number if it was stored now; None if it says nothing new.
    """
    model = (spec.model_id, spec.windows.granularity)
    with loop_transaction(database, spec.model_id) as connection:
        # Under the lock: what is read before it may be older than the episodes that are there then.
        windows = signals.signals_in(connection, model, read_causes(spec), until=now)
        # Read after them: of a window whose labels come meanwhile nothing counts too early.
        arrivals = label_arrivals(spec, database, [now]) if in_the_past else {}
        windows = as_known(spec, windows, arrivals, now)
        deployed = deployments_in(connection, spec.model_id)
        deployment = deployed[-1] if deployed else None
        before = episodes.read_open(connection, spec.model_id)
        changes = advance(spec, before, windows, deployment, now)
        opened = episodes.write_episodes(connection, changes.opened, changes.grown, changes.closed)
        changes = replace(changes, opened=opened)
        still_open = _open_now(before, changes)
        # Only for an episode that counts: a year of hours takes 0.1 s, the rest of a tick 0.01 s.
        counting = {one.cause for one in still_open} & {*counting_causes(spec)}
        known = _labelled(connection, model, windows) if counting else ()
        state = LoopState(
            windows=windows,
            episodes=still_open,
            decisions=decisions.read_retrainings(connection, spec.model_id),
            known=labelled_as_known(known, arrivals, now),
            deployment=deployment,
        )
        thought = decide(spec, state, now)
        made = thought.decision
        stored = _stored(connection, made.in_a_replay() if made and in_the_past else made)
        told = [*episode_messages(spec, changes, now, teller.link)]
        said = decision_message(spec, stored, now, teller.link) if stored else None
        if said is not None:
            told.append(said)
        teller.write(connection, told)
    return replace(thought, decision=stored)


def _labelled(
    connection: LoopConnection, model: tuple[str, str], windows: Sequence[WindowSignals]
) -> tuple[LabelledWindow, ...]:
    """Return all complete windows up to the newest one that is looked at."""
    return signals.labelled_in(connection, model, windows[-1].window.end) if windows else ()


def _open_now(before: tuple[Episode, ...], changes: EpisodeChanges) -> tuple[Episode, ...]:
    touched = {one.episode_id: one for one in (*changes.grown, *changes.closed)}
    kept = (touched.get(one.episode_id, one) for one in before)
    return (*(one for one in kept if one.closed_at is None), *changes.opened)


def _stored(connection: LoopConnection, decision: Decision | None) -> Decision | None:
    if decision is None:
        return None
    number = decisions.write_decision(connection, decision)
    return None if number is None else replace(decision, decision_id=number)
