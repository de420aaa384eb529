"""Causes, moments and lengths of time in the words of reasons and messages.

Belongs here: one small phrase each. Stays out: whole sentences (decision.py, messages.py).
"""

from datetime import UTC, datetime, timedelta
from typing import Final

_UNITS: Final = (("day", 86400), ("hour", 3600), ("minute", 60))


def cause_words(cause: str) -> str:
    """Return a cause as a person would call it.

    >>> cause_words("quality/mae"), cause_words("drift/fare"), cause_words("dataset_drift")
    ('mae', 'drift of fare', 'dataset drift')
    """
    family, _, name = cause.partition("/")
    if not name:
        return family.replace("_", " ")
    return name if family == "quality" else f"{family} of {name}"


def length_words(length: timedelta) -> str:
    """Return a length of time.

    >>> length_words(timedelta(days=3)), length_words(timedelta(hours=30, minutes=1))
    ('3 days', '1 day 6 hours 1 minute')
    """
    left, parts = int(length.total_seconds()), list[str]()
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        if count:
            parts.append(counted(count, unit))
    return " ".join(parts) or "no time"


def counted(count: int, thing: str) -> str:
    """Return a number of things.

    >>> counted(1, "window"), counted(1200, "window")
    ('1 window', '1,200 windows')
    """
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def moment_words(moment: datetime) -> str:
    """Return an instant to the minute, in UTC.

    >>> moment_words(datetime(2025, 3, 1, 23, tzinfo=UTC))
    '2025-03-01 23:00 UTC'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
