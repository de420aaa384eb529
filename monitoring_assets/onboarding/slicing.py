"""A column whose values make segments worth watching.

Belongs here: choosing one, if the sample shows an obvious one. Stays out: what a segment is (spec).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from monitoring_assets.onboarding.features import FEW
from monitoring_assets.onboarding.looks import Look
from monitoring_assets.spec.verdicts import DriftSpec


@dataclass(frozen=True, kw_only=True)
class Slices:
    """A column that is cut into slices.

    Parameters
    ----------
    column
        Its name.
    values
        Its values that have rows enough in an ordinary window.
    whole
        Whether these are all of its values.
    """

    column: str
    values: int
    whole: bool


def find_slices(looks: Iterable[Look], rows: float) -> Slices | None:
    """Return the column of the most slices that can be judged, None without one.

    Parameters
    ----------
    looks
        Features that are categories.
    rows
        Rows of an ordinary window.
    """
    found = [_slices(look, rows) for look in looks if look.categories.distinct <= FEW]
    return max((one for one in found if one.values > 1), key=lambda one: one.values, default=None)


def _slices(look: Look, rows: float) -> Slices:
    facts, fewest = look.categories, DriftSpec().minimum_rows  # fewer are `insufficient_data`
    large = sum(count * rows >= fewest * facts.rows for _, count in facts.top)
    return Slices(column=look.name, values=large, whole=large == facts.distinct)
