"""Section `notifications`: who hears of alarms and retrainings.

Belongs here: where messages go and which. Stays out: what they say (evaluation/retraining), sending
(assets).
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED, NUMBER

Event = Literal["alarm", "recovery", "retraining", "outcome"]


def _is_web_address(url: SecretStr) -> SecretStr:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url.get_secret_value())
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("is no web address; write https://host/path")
    return url


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class NotificationsSpec:
    """Messages to a webhook, one for each change of an episode."""

    webhook: Annotated[
        SecretStr,
        AfterValidator(_is_web_address),
        Field(
            min_length=1,
            json_schema_extra={"pattern": "^https?://"},
            description="Address that takes Slack-compatible JSON, best as"
            " \"{{ env('ALERTS_WEBHOOK') }}\": it is a secret.",
        ),
    ]
    events: Annotated[
        tuple[Event, ...],
        Field(
            min_length=1,
            description="What is told: an alarm, recovery from it, a retraining that starts, what"
            " came of it.",
        ),
    ] = ("alarm", "recovery", "retraining", "outcome")
    after_windows: Annotated[
        int,
        Field(ge=1, le=100, description="Alarming windows in a row before an alarm is told."),
        NUMBER,
    ] = 1
