"""Days on the command line.

Belongs here: the type of options that take one, a first and a last day. Stays out: spans that are
named (spans.py).
"""

from datetime import date, datetime
from typing import Any, Final

import click

from monitoring_assets.spec.spans import require_year


class Day(click.DateTime):
    """A day such as 2023-02-06, of a year with which calendars can be reckoned."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return midnight of the day that was typed."""
        day: datetime = super().convert(value, param, ctx)
        try:
            require_year(day.year, f"{day:%Y-%m-%d}")
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return day


DAY: Final = Day()

Days = tuple[date | None, date | None]
"""First and last day, itself included; None: no bound."""


def first_and_last(start: datetime | None, end: datetime | None) -> Days:
    """Return the days that `--start` and `--end` name; refuse an end before the start."""
    if start and end and end < start:
        raise click.BadParameter(f"{end:%Y-%m-%d} lies before --start", param_hint="--end")
    return start.date() if start else None, end.date() if end else None
