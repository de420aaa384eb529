"""Sending messages to a webhook; a receiver that is down breaks nothing and is tried again.

Belongs here: which messages are sent now, what the receiver answered. Stays out: what is said, the
queue (storage/retraining/messages.py), the request itself (posting.py).
"""

import time
from datetime import datetime, timedelta
from typing import Final

from monitoring_assets.assets.retraining.posting import Unreachable, post
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import messages

SECONDS: Final = 5.0
"""How long the messages of one tick may take, however many there are: other things wait."""

_LEAST: Final = 1.0
"""Seconds that have to be left for another message."""

_AVOIDED: Final = timedelta(seconds=30)

_SILENT_SINCE: Final[dict[str, datetime]] = {}
"""Receivers of this process that took all the time there was, and when. Models share a receiver:
without it, each of a hundred would wait for the same dead one in turn."""


def send_due(spec: ModelSpec, database: Database, runtime: Runtime) -> str | None:
    """Send the messages of a model whose turn it is; return what went wrong, if anything did.

    After one that the receiver does not take, the others wait for the next tick. A message may
    arrive twice: if the receiver takes it and says so too late.
    """
    if spec.notifications is None:
        return None
    address = spec.notifications.webhook.get_secret_value()
    if _is_avoided(address, runtime.now()):
        return None
    end = time.monotonic() + SECONDS
    for message in messages.due_messages(database, spec.model_id, runtime.now()):
        left = end - time.monotonic()
        if left < _LEAST:
            return None
        if not messages.claim_message(database, message, runtime.now()):
            continue
        error = _sent(address, message.text, left, runtime.now())
        if error is not None:
            messages.note_failure(database, message.number, runtime.now(), error)
            return f"message {message.number} was not taken, it is tried again: {error}"
        messages.note_sent(database, message.number, runtime.now())
    return None


def slack_text(text: str) -> str:
    """Return a text as Slack wants it: it reads three characters as its own.

    >>> slack_text("mae > 4 & <!channel>")
    'mae &gt; 4 &amp; &lt;!channel&gt;'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _sent(address: str, text: str, seconds: float, now: datetime) -> str | None:
    """Return why a message was not taken, without the address: it is a secret."""
    try:
        error = post(address, {"text": slack_text(text)}, seconds)
    except Unreachable as silent:
        _SILENT_SINCE[address] = now
        return str(silent)
    _SILENT_SINCE.pop(address, None)
    return error


def _is_avoided(address: str, now: datetime) -> bool:
    since = _SILENT_SINCE.get(address)
    return since is not None and timedelta(0) <= now - since < _AVOIDED
