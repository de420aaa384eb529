"""Labels that come late: which time says when they became known, and how long to wait for them.

Belongs here: comparing that time with the event time and with the target. Stays out: choosing event
time and target (roles.py, answers.py), what becomes of late labels.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow.compute as pc

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.onboarding.facts import shortened
from monitoring_assets.onboarding.looks import Look
from monitoring_assets.onboarding.roles import Assigned, Looks, Wishes, require_times
from monitoring_assets.onboarding.words import KNOWN_WORDS, has
from monitoring_assets.sources.zones import Micros
from monitoring_assets.spec.base import LONGEST_DURATION

MOST_LABELS: Final = 0.95
"""Share of the labels that are known after the delay which is proposed; a window is mature with
less, 0.9 (`quality.mature_share`)."""

_ALL_BUT_A_FEW: Final = 0.99
_MICROSECOND: Final = timedelta(microseconds=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


def find_knowledge_time(
    looks: Looks, wishes: Wishes, event_time: Look, target: Look | None
) -> Assigned | None:
    """Return the time at which labels became known: by its name, else by its values.

    By its values it is a time of exactly the rows that have a label, where others have none.

    Parameters
    ----------
    looks
        Columns that have no other role.

    Raises
    ------
    ConfigurationError
        The user names one that holds no times, or there is no label to be known.
    """
    if wishes.knowledge_time is not None:
        require_times(looks[wishes.knowledge_time], "--knowledge-time")
        if target is None:
            raise ConfigurationError(
                "--knowledge-time says when labels became known, but no column was found that"
                " holds them; name it by --target"
            )
        name = wishes.knowledge_time
        return Assigned(name=name, role="knowledge time", why="--knowledge-time", given=True)
    if target is None:
        return None
    later = [one for one in looks.values() if one.shape == "time" and _is_later(event_time, one)]
    return _named(later) or _beside(later, target)


def expected_delay(event_time: Look, known: Look) -> timedelta | None:
    """Return after how long most labels are known, in whole hours or days; None if at once."""
    delays = _delays(event_time, known)
    if not len(delays):
        return None
    most = float(np.quantile(delays, MOST_LABELS)) * _MICROSECOND
    if most <= timedelta():
        return None
    unit = _HOUR if most <= 2 * _DAY else _DAY
    return min(-(-most // unit) * unit, LONGEST_DURATION)


def _named(looks: Iterable[Look]) -> Assigned | None:
    for look in looks:
        if has(look.name, KNOWN_WORDS):
            return Assigned(name=look.name, role="knowledge time", why="its name")
    return None


def _beside(looks: Iterable[Look], target: Look) -> Assigned | None:
    labelled = pc.is_valid(target.column)
    if not target.facts.missing:
        return None
    for look in looks:
        if pc.all(pc.equal(pc.is_valid(look.column), labelled)).as_py():
            why = f"known where '{shortened(target.name)}' is, and nowhere else"
            return Assigned(name=look.name, role="knowledge time", why=why)
    return None


def _is_later(event_time: Look, look: Look) -> bool:
    """Return whether a time follows the event, but for a few rows; or lies on the same day."""
    delays = _delays(event_time, look)
    later = np.count_nonzero(delays > -_DAY // _MICROSECOND)
    return bool(later > 0 and later >= _ALL_BUT_A_FEW * len(delays))


def _delays(event_time: Look, look: Look) -> Micros:
    """Return how long after the event a time lies, for the rows that have both."""
    first, then = event_time.times, look.times
    if first is None or then is None:
        return np.empty(0, np.int64)
    both = first.known & then.known
    return then.instants[both] - first.instants[both]
