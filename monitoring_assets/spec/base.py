"""What every spec class shares: closed and frozen, mistakes with their place, days and durations.

Belongs here: the pydantic configuration and small field types. Stays out: any one section of the
YAML, files, Dagster.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

CLOSED: Final = ConfigDict(extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)
"""Unknown keys are mistakes: a misspelt option that is ignored costs a day to find. So are NaN and
infinity: no number is ever above a threshold of NaN, so it would switch an alarm off unseen. What
was found is not in the text of pydantic's errors, for it may be a secret."""

LIST_IT: Final = "to use another column of the source, list it under columns.monitored"
"""What to do where a name is none of the model's columns."""

_UNITS: Final = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}
_DURATION: Final = re.compile(r"(\d{1,6})\s*(minute|hour|day|week)s?")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def one_of(*fields: str) -> ConfigDict:
    """Return the configuration of a section that must have exactly one of these fields.

    It tells editors; the section itself has to refuse the others.
    """
    choice: dict[str, Any] = {"oneOf": [{"required": [name]} for name in fields]}
    return {**CLOSED, "json_schema_extra": choice}


@dataclass(frozen=True)
class Mistake:
    """A rule between fields that is broken.

    Parameters
    ----------
    path
        Where in the section that was checked: names of fields, keys and positions in lists.
    text
        What is wrong and what would be right, without the path.
    """

    path: tuple[str | int, ...]
    text: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (".".join(map(str, self.path)), self.text)))


class RuleError(ValueError):
    """One or more broken rules of a section; pydantic carries it, whoever shows it names the lines.

    Parameters
    ----------
    mistakes
        All that were found, so that one reading mends them all.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(map(str, self.mistakes)))


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Raise a `RuleError` if there is any mistake."""
    found = tuple(mistakes)
    if found:
        raise RuleError(found)


def parse_duration(text: Any) -> Any:
    """Read '30 minutes', '6 hours', '2 days' or '1 week'; anything else is refused.

    >>> parse_duration("6 hours")
    datetime.timedelta(seconds=21600)
    """
    if isinstance(text, timedelta):
        return text
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        legal = "a whole number and a unit: minutes, hours, days or weeks, such as '6 hours'"
        raise ValueError(f"{text!r} is not a duration; write {legal}")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def parse_day(text: Any) -> Any:
    """Read '2026-02-01'; numbers, times and other spellings are refused, not guessed at.

    >>> parse_day("2026-02-01")
    '2026-02-01'
    """
    if type(text) is date or (isinstance(text, str) and _DAY.fullmatch(text)):
        return text
    raise ValueError(f"{text!r} is not a day; write it as YYYY-MM-DD, such as 2026-02-01")


LONGEST_DURATION: Final = timedelta(days=366)
"""Longest length of time that a YAML may name."""


def within_a_year(length: timedelta) -> timedelta:
    """Refuse lengths of time that nobody waits for."""
    if length > LONGEST_DURATION:
        raise ValueError(
            f"{length.days} days are too long; legal: at most {LONGEST_DURATION.days} days"
        )
    return length


def within_years(day: date) -> date:
    """Refuse days whose midnight some time zone, or a library behind us, cannot count."""
    if not 1970 <= day.year < 2200:
        raise ValueError(f"{day} is too far away; legal: 1970-01-01 to 2199-12-31")
    return day


def refuse_truth(value: Any) -> Any:
    """Refuse yes and no where a number is due: Python counts them as 1 and 0."""
    if isinstance(value, bool):
        raise ValueError(  # noqa: TRY004 - pydantic reports value errors only
            f"YAML reads this as {str(value).lower()}; write a number"
        )
    return value


NUMBER: Final = BeforeValidator(refuse_truth)
"""Stands last in the annotation of every field that is a number."""

MOST_ROWS: Final = 1_000_000_000
"""Largest number of rows or labels that can be asked for."""

LARGEST_SEED: Final = 2**32 - 1
"""Largest seed that scikit-learn takes."""

Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration, json_schema_input_type=str),
    AfterValidator(within_a_year),
    Field(json_schema_extra={"pattern": f"^{_DURATION.pattern}$"}),
]
"""A length of time; written as '6 hours' in YAML."""

Day = Annotated[
    date,
    BeforeValidator(parse_day, json_schema_input_type=date),
    AfterValidator(within_years),
    Field(json_schema_extra={"pattern": f"^{_DAY.pattern}$"}),
]
"""A day of the calendar; written as 2026-02-01 in YAML."""


def parse_class(value: Any) -> Any:
    """Read the name of a class; 0 and 1 may stand without quotation marks, yes and no may not.

    >>> parse_class(1)
    '1'
    """
    if isinstance(value, bool):
        raise ValueError(  # noqa: TRY004 - pydantic reports value errors only
            f"YAML reads this as {str(value).lower()}; put the class in quotation marks, such as"
            " 'yes' or 'true'"
        )
    return str(value) if isinstance(value, int) else value


ClassName = Annotated[
    str,
    BeforeValidator(parse_class, json_schema_input_type=str | int),
    Field(min_length=1, max_length=100),
]
"""A class of a classifier, as its column reads as text: a whole number has no decimals."""
