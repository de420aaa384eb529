"""Which column is the event time, the id, the model's version.

Belongs here: choosing one column for each of these roles, with the reason. Stays out: what is
predicted (answers.py), the moment a label was known (lateness.py), features (features.py).
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.metrics.entries import Task
from monitoring_assets.onboarding.facts import shortened
from monitoring_assets.onboarding.looks import Look
from monitoring_assets.onboarding.words import (
    EVENT_TIMES,
    ID_WORDS,
    IDS,
    LATE_WORDS,
    MODEL_VERSIONS,
    TIME_WORDS,
    has,
    plain,
    rank,
)

Role = Literal[
    "event time",
    "id",
    "numerical",
    "categorical",
    "target",
    "prediction",
    "probability",
    "model version",
    "knowledge time",
    "left out",
]

_READABLE_TIMES: Final = "times, dates and ISO 8601 texts such as 2025-01-31T08:00:00Z"
_OTHER_DATE: Final = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b")

Looks = Mapping[str, Look]
"""Columns of the sample by name, in the data's order."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the user has said already; None: guess it."""

    task: Task | None = None
    event_time: str | None = None
    id: str | None = None
    target: str | None = None
    prediction: str | None = None
    knowledge_time: str | None = None

    @property
    def columns(self) -> dict[str, str]:
        """Option -> the column it names."""
        options = ("event_time", "id", "target", "prediction", "knowledge_time")
        given = {f"--{one.replace('_', '-')}": getattr(self, one) for one in options}
        return {option: name for option, name in given.items() if name is not None}

    def require(self, looks: Looks, left_out: Mapping[str, str]) -> None:
        """Raise a `ConfigurationError` if one of these columns is not there, or cannot be used."""
        options: dict[str, str] = {}
        for option, name in self.columns.items():
            if name in options:
                raise ConfigurationError(
                    f"{options[name]} and {option} both name column '{shortened(name)}'"
                )
            options[name] = option
            if name in left_out:
                raise ConfigurationError(
                    f"{option}: column '{shortened(name)}' cannot be used: {left_out[name]}"
                )
            if name not in looks:
                close = difflib.get_close_matches(name, looks, n=1)
                hint = f"; did you mean '{close[0]}'?" if close else "."
                raise ConfigurationError(
                    f"{option}: there is no column '{name}'{hint}"
                    f" Columns: {', '.join(map(shortened, looks))}"
                )


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """A column with what it is for.

    Parameters
    ----------
    given
        The user said so: it is no guess.
    """

    name: str
    role: Role
    why: str
    given: bool = False


def find_event_time(looks: Looks, wishes: Wishes) -> Assigned:
    """Return the column that says when the thing predicted happened.

    Raises
    ------
    ConfigurationError
        There is none; names the columns that come near.
    """
    if wishes.event_time is not None:
        require_times(looks[wishes.event_time], "--event-time")
        name = wishes.event_time
        return Assigned(name=name, role="event time", why="--event-time", given=True)
    times = [look for look in looks.values() if look.shape == "time" and look.facts.filled]
    if not times:
        raise ConfigurationError(_no_event_time(looks))
    best = min(times, key=_event_time_order)
    others = [shortened(look.name) for look in times if look is not best]
    why = _described_time(best) + (f"; other times: {', '.join(others[:5])}" if others else "")
    return Assigned(name=best.name, role="event time", why=why)


def require_times(look: Look, option: str) -> None:
    """Raise a `ConfigurationError` if the column that an option names holds no times."""
    if look.shape != "time":
        raise ConfigurationError(
            f"{option}: column '{look.name}' ({look.column.type}) holds no times a source can"
            f" read: it takes {_READABLE_TIMES}"
        )


def find_model_version(looks: Looks) -> Assigned | None:
    """Return the column that names the version which predicted, if one is called so."""
    for look in looks.values():
        if plain(look.name) in MODEL_VERSIONS and look.shape in ("category", "number"):
            return Assigned(name=look.name, role="model version", why="its name")
    return None


def find_id(looks: Looks, wishes: Wishes) -> Assigned | None:
    """Return the column whose values tell the rows apart."""
    if wishes.id is not None:
        return Assigned(name=wishes.id, role="id", why="--id", given=True)
    unique = [one for one in looks.values() if one.shape in ("category", "number")]
    unique = [one for one in unique if _is_id(one)]
    if not unique:
        return None
    best = min(unique, key=lambda one: rank(one.name, IDS))
    rows = best.facts.rows
    return Assigned(
        name=best.name, role="id", why=f"all values differ in the {rows:,} rows looked at"
    )


def _is_id(look: Look) -> bool:
    if not look.is_unique or look.is_truth:
        return False
    named = has(look.name, ID_WORDS) or plain(look.name) in IDS
    return named or (look.shape == "category" and look.facts.rows > 100)


def _event_time_order(look: Look) -> tuple[bool, bool, int, bool, float]:
    """Return what the likeliest event time has the smallest of."""
    first = float(look.instants.mean())
    return (
        look.facts.missing_share > 0.05,
        has(look.name, LATE_WORDS),
        rank(look.name, EVENT_TIMES),
        not has(look.name, TIME_WORDS),
        first,
    )


def _described_time(look: Look) -> str:
    zone = "times with a zone" if look.aware else "times without a zone"
    missing = look.facts.missing_share
    return zone + (f", {missing:.1%} missing" if missing else "")


def _no_event_time(looks: Looks) -> str:
    text = "found no column that says when the thing predicted happened, and a window needs one"
    near = [one for one in looks.values() if has(one.name, TIME_WORDS) or _holds_dates(one)]
    shown = "; ".join(map(_near, near)) or "no column is called or looks like a time"
    return (
        f"{text}. Candidates: {shown}. A source reads {_READABLE_TIMES}: write one into the data,"
        " or name it by --event-time"
    )


def _holds_dates(look: Look) -> bool:
    """Return whether texts begin like days written in another order than a source reads."""
    return bool(look.facts.top) and _OTHER_DATE.match(look.facts.top[0][0]) is not None


def _near(look: Look) -> str:
    name = shortened(look.name)
    if look.shape == "empty":
        return f"'{name}' has no value"
    if look.shape == "number" and look.facts.numbers is not None:
        middle = look.facts.numbers.median
        for unit, scale in (("seconds", 1.0), ("milliseconds", 1e3), ("microseconds", 1e6)):
            if 3e8 <= middle / scale <= 4e9:
                return f"'{name}' holds numbers that look like {unit} since 1970"
        return f"'{name}' holds numbers such as {look.facts.range_text}"
    example = f", such as {shortened(look.facts.top[0][0])!r}" if look.facts.top else ""
    order = ", days in another order" if _holds_dates(look) else ""
    return f"'{name}' is of type {look.column.type}{example}{order}"
