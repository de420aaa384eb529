"""What every spec class shares: closed and frozen, and durations written as people say them.

Belongs here: the pydantic configuration and small field types. Stays out: any one section of the
YAML, files, Dagster.
"""

import re
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ConfigDict

CLOSED: Final = ConfigDict(extra="forbid")
"""Unknown keys are mistakes: a misspelt option that is ignored costs a day to find."""

_UNITS: Final = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}
_DURATION: Final = re.compile(r"(\d+)\s*(minute|hour|day|week)s?")


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


Duration = Annotated[timedelta, BeforeValidator(parse_duration, json_schema_input_type=str)]
"""A length of time; written as '6 hours' in YAML."""
