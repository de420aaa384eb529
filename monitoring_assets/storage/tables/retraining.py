"""Episodes, retraining decisions and messages.

Belongs here: the memory of sensors. Stays out: trained versions and deployments (models.py).
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from monitoring_assets.records import DecisionCode, MessageKind, Outcome, RetrainingResult
from monitoring_assets.storage.tables.base import (
    METADATA,
    count,
    finite,
    instant,
    model_key,
    number,
    one_of,
    segment_key,
    text,
)


def _identity(comment: str) -> sa.Column[int]:
    return sa.Column(
        "id", sa.BigInteger, sa.Identity(always=True), primary_key=True, comment=comment
    )


def _window() -> "tuple[sa.Column[str], sa.Column[datetime], sa.Column[datetime]]":
    return (
        text("granularity", "Length of the window: hour, day, week or month."),
        instant("window_start", "First moment of the newest window looked at, UTC."),
        instant("window_end", "First moment after the newest window looked at, UTC."),
    )


episode = sa.Table(
    "episode",
    METADATA,
    _identity("Number of the episode."),
    text("model_id", "Folder name of the monitored model."),
    text("cause", "Verdict that opened it, such as dataset_drift, drift/column or quality/mae."),
    text("segment", "Named slice of the rows whose verdicts opened it."),
    instant("first_window", "Start of its first alarming window, UTC."),
    instant("last_window", "Start of its newest alarming window, UTC."),
    count("alarming_windows", "Alarming windows from first to last."),
    instant("opened_at", "When it was opened, UTC."),
    instant("closed_at", "When it was closed, UTC; null while open.", optional=True),
    text("closed_by", "recovery or promotion; null while open.", optional=True),
    text("reason", "Why it was opened, in a sentence."),
    comment="A run of alarming windows of one cause, from the first until recovery or promotion.",
)
sa.Index(
    "episode_open_once",
    episode.c.model_id,
    episode.c.cause,
    episode.c.segment,
    unique=True,
    postgresql_where=episode.c.closed_at.is_(None),
)

retraining_decision = sa.Table(
    "retraining_decision",
    METADATA,
    _identity("Number of the decision."),
    text("model_id", "Folder name of the monitored model."),
    count("episode_id", "Episode it is about: episode.id; null if none.", optional=True),
    text("cause", "Verdict it is about; '' for a decision by hand."),
    *_window(),
    text("partition_key", "Dagster's name of that window."),
    instant("decided_at", "The 'now' it was decided with, UTC."),
    text("decided_by", "Who or what decided."),
    text("outcome", "retrain, wait or ignore."),
    text("code", f"Why, in a word: {', '.join(DecisionCode)}."),
    text("reason", "Why, in a sentence."),
    sa.Column("evidence", JSONB, nullable=False, comment="The numbers as they were."),
    count("attempt", "Which attempt of its episode this is, from 1."),
    count("tries", "How often its run was asked for."),
    instant("requested_at", "When its run was asked for last, UTC; null: never.", optional=True),
    text("run_id", "Dagster run that worked on it last; null if none.", optional=True),
    text("model_version", "Version that came of it; null if none.", optional=True),
    text("result", "What came of a retraining; null as long as nothing has.", optional=True),
    text("result_reason", "Why that came of it, in a sentence.", optional=True),
    instant("finished_at", "When that was known, UTC; null until then.", optional=True),
    one_of("outcome", Outcome),
    one_of("code", DecisionCode),
    one_of("result", RetrainingResult),
    comment="One line for each retraining that was thought about.",
)
sa.Index(
    "retraining_decision_by_model",
    retraining_decision.c.model_id,
    retraining_decision.c.decided_at.desc(),
)
sa.Index(
    "retraining_decision_once",
    retraining_decision.c.episode_id,
    retraining_decision.c.window_end,
    retraining_decision.c.outcome,
    retraining_decision.c.code,
    unique=True,
    postgresql_where=retraining_decision.c.episode_id.is_not(None),
)
sa.Index(
    "retraining_attempt_once",
    retraining_decision.c.episode_id,
    retraining_decision.c.attempt,
    unique=True,
    postgresql_where=sa.and_(
        retraining_decision.c.episode_id.is_not(None),
        retraining_decision.c.outcome == sa.literal_column("'retrain'"),
    ),
)
sa.Index(
    "retraining_one_at_a_time",
    retraining_decision.c.model_id,
    unique=True,
    postgresql_where=sa.and_(
        retraining_decision.c.outcome == sa.literal_column("'retrain'"),
        retraining_decision.c.result.is_(None),
    ),
)

training_set = sa.Table(
    "training_set",
    METADATA,
    count("decision_id", "Decision they were gathered for: retraining_decision.id.", key=True),
    text("model_id", "Folder name of the monitored model."),
    instant("training_start", "First moment of the oldest window, UTC."),
    instant("training_end", "First moment after the newest window, UTC."),
    sa.Column(
        "windows",
        ARRAY(sa.DateTime(timezone=True)),
        nullable=False,
        comment="First moments of the windows whose rows were used, UTC.",
    ),
    count("training_rows", "Rows the candidate learns from."),
    count("holdout_rows", "Rows held out, on which champion and challenger are compared."),
    text("data_hash", "Fingerprint of all these rows."),
    instant("created_at", "When it was stored, UTC."),
    comment="The rows a retraining used.",
)

model_comparison = sa.Table(
    "model_comparison",
    METADATA,
    count("decision_id", "Decision it was made for: retraining_decision.id.", key=True),
    segment_key(),
    text("metric", "Quality metric.", key=True),
    text("model_id", "Folder name of the monitored model."),
    text("champion_version", "Version that was deployed."),
    text("challenger_version", "Version that was to take its place."),
    count("rows", "Rows held out that both were measured on."),
    number("champion", "The champion's number; null if it has none."),
    number("challenger", "The challenger's number; null if it has none."),
    number("gain", "How much better the challenger is, as a share of the champion's number."),
    number("gain_low", "Lower end of the gain's interval; null but for the deciding metric."),
    number("gain_high", "Upper end of the gain's interval; null but for the deciding metric."),
    text("reason", "Why a number is missing; null if none is.", optional=True),
    *finite("champion", "challenger", "gain", "gain_low", "gain_high"),
    comment="Champion and challenger on the same rows.",
)

mute = sa.Table(
    "mute",
    METADATA,
    model_key(),
    instant("muted_until", "Until when no message of the model is sent, UTC."),
    text("muted_by", "Who asked for it."),
    instant("created_at", "When it was asked for, UTC."),
    comment="Models of which no message is sent for a while.",
)

notification = sa.Table(
    "notification",
    METADATA,
    _identity("Number of the message."),
    text("model_id", "Folder name of the monitored model."),
    count("episode_id", "Episode it is about: episode.id; null if none.", optional=True),
    count(
        "decision_id", "Decision it is about: retraining_decision.id; null if none.", optional=True
    ),
    text("kind", f"What it tells: {', '.join(MessageKind)}."),
    text("channel", "Where it goes."),
    text("message", "What it says."),
    instant("created_at", "When it was written down, UTC."),
    instant("sent_at", "When the channel took it, UTC; null until then.", optional=True),
    text("withheld", "Why it is never sent; null if it is to be.", optional=True),
    count("attempt", "How often it was tried."),
    instant("tried_at", "When it was tried last, UTC; null: never.", optional=True),
    text(
        "error",
        "What the channel answered to the last failed attempt; null if none.",
        optional=True,
    ),
    one_of("kind", MessageKind),
    comment="One line for each message, sent or still to be sent.",
)
sa.Index(
    "notification_of_episode_once",
    notification.c.episode_id,
    notification.c.kind,
    unique=True,
    postgresql_where=sa.and_(
        notification.c.episode_id.is_not(None), notification.c.decision_id.is_(None)
    ),
)
sa.Index(
    "notification_of_decision_once",
    notification.c.decision_id,
    notification.c.kind,
    unique=True,
    postgresql_where=notification.c.decision_id.is_not(None),
)
sa.Index("notification_by_model", notification.c.model_id, notification.c.created_at.desc())
