"""Episodes, retraining decisions and messages.

Belongs here: the memory of sensors. Stays out: trained versions and deployments (models.py).
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from monitoring_assets.storage.tables.base import METADATA, count, instant, one_of, text


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
    text("cause", "Layer whose verdicts opened it: data_drift, data_quality or model_quality."),
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
    *_window(),
    instant("decided_at", "The 'now' it was decided with, UTC."),
    text("outcome", "retrain, wait or ignore."),
    text("reason", "Why, in a sentence."),
    sa.Column("evidence", JSONB, nullable=False, comment="The numbers as they were."),
    count("attempt", "Which attempt of its episode this is, from 1."),
    text("run_id", "Dagster run that it started; null if none.", optional=True),
    text("model_version", "Version that came of it; null if none.", optional=True),
    one_of("outcome", ("retrain", "wait", "ignore")),
    comment="One line for each retraining that was thought about.",
)
sa.Index(
    "retraining_decision_by_model",
    retraining_decision.c.model_id,
    retraining_decision.c.decided_at.desc(),
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
    text("kind", "What it tells: opened, closed, retraining, promoted, refused or failed."),
    text("channel", "Where it goes."),
    text("message", "What it says."),
    instant("created_at", "When it was written down, UTC."),
    instant("sent_at", "When the channel took it, UTC; null until then.", optional=True),
    count("attempt", "How often it was tried."),
    text(
        "error",
        "What the channel answered to the last failed attempt; null if none.",
        optional=True,
    ),
    comment="One line for each message, sent or still to be sent.",
)
sa.Index("notification_by_model", notification.c.model_id, notification.c.created_at.desc())
