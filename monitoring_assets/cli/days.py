"""Days on the command line.

Belongs here: the type of options that take one. Stays out: spans of days (spans.py).
"""

from datetime import datetime
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
