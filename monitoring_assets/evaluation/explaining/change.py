"""How the change of a ratio splits over slices of the rows: mix and rate, and which stand out.

Belongs here: the arithmetic, for sums before and now. Stays out: which metric, which segments
(quality.py), ranking (blame.py), words (the modules of text).

With weights `w = D of the slice / D of all` and rates `v = N / D of the slice`, a ratio V of all
rows is the sum of `w * v`. Its change is split at the middle of both sides, so that it does not
depend on an order:

    mix  = (w now - w before) * ((v now + v before) / 2 - (V now + V before) / 2)
    rate = (w now + w before) / 2 * (v now - v before)

What is taken off in `mix` sums to 0 over the slices; by it one that grows adds to the change only
as far as it is unlike the rest. A slice that is not there on one side has no rate there: the other
side's stands for it, so that all it does is mix.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from monitoring_assets.evaluation.explaining.parts import MixAndRate
from monitoring_assets.metrics.quality.ratio import RatioSums

STANDING_ROWS: Final = 30
"""So many rows of the whole stand beside a slice's own where its spread is taken: that of a few
rows, all right by chance, is 0."""


@dataclass(frozen=True)
class Ratio:
    """A ratio's sums before and now."""

    before: RatioSums
    now: RatioSums

    def __sub__(self, other: "Ratio") -> "Ratio":
        """Return the sums over the rows that are not among the other's."""
        return Ratio(self.before - other.before, self.now - other.now)


@dataclass(frozen=True, kw_only=True)
class SlicePart(MixAndRate):
    """What one slice of the rows adds to the change of a ratio.

    Parameters
    ----------
    segment
        Name of the slice.
    weight_before, weight_now
        Its share of the denominator.
    mix, rate
        What the change of its weight, and the change inside it, add.
    value_before, value_now
        The ratio over its rows alone; None where there are none.
    excess
        How much less the ratio would have changed without the slice's rows; None if they are all.
    error
        Standard error of `excess` by chance, had nothing changed inside any slice.
    one_row
        The most of `excess` that any one row can have made.
    rows_before, rows_now
        Rows with a label.
    rows_expected
        Those there would be now with the weight of before.
    """

    value_before: float | None
    value_now: float | None
    excess: float | None
    error: float | None
    one_row: float = 0.0
    rows_before: int = 0
    rows_now: int = 0
    rows_expected: float = 0.0


def split_change(whole: Ratio, slices: Mapping[str, Ratio]) -> tuple[SlicePart, ...]:
    """Return the part of each slice; mix and rate of all sum to the change of the whole.

    Parameters
    ----------
    whole
        Sums over all rows, with a denominator above 0 on both sides.
    slices
        Name -> sums; together they are the whole.

    Examples
    --------
    >>> def mean(total, rows):
    ...     return RatioSums(numerator=total, denominator=rows, square=total, cross=total,
    ...                      denominator_square=rows)
    >>> slices = {"a": Ratio(mean(10, 10), mean(10, 10)), "b": Ratio(mean(10, 10), mean(30, 10))}
    >>> parts = split_change(Ratio(mean(20, 20), mean(40, 20)), slices)
    >>> [(one.total, one.excess) for one in parts]
    [(0.0, -1.0), (1.0, 1.0)]
    """
    level = (_value(whole.before) + _value(whole.now)) / 2
    return tuple(_part(name, one, whole, level) for name, one in slices.items())


def _part(name: str, own: Ratio, whole: Ratio, level: float) -> SlicePart:
    before, now = own.before.value, own.now.value
    weight_before = own.before.denominator / whole.before.denominator
    weight_now = own.now.denominator / whole.now.denominator
    there = [one for one in (before, now) if one is not None]
    middle = sum(there) / len(there) if there else level
    grown = 0.0 if before is None or now is None else now - before
    rest = whole - own
    excess = _excess(whole, rest)
    return SlicePart(
        segment=name,
        weight_before=weight_before,
        weight_now=weight_now,
        value_before=before,
        value_now=now,
        mix=(weight_now - weight_before) * (middle - level),
        rate=(weight_before + weight_now) / 2 * grown,
        excess=excess,
        error=None if excess is None else _error(own, whole, rest),
        one_row=max(_one_row(own.before, rest.before), _one_row(own.now, rest.now)),
    )


def _excess(whole: Ratio, rest: Ratio) -> float | None:
    """Return the change of `V - V of the rest`; None without a rest on either side."""
    if rest.before.value is None or rest.now.value is None:
        return None
    return (_value(whole.now) - rest.now.value) - (_value(whole.before) - rest.before.value)


def _error(own: Ratio, whole: Ratio, rest: Ratio) -> float:
    """Return the standard error of the excess of a slice inside which nothing has changed.

    The rows now are taken to be like those before, with a spread that has grown as that of all rows
    has. By its own spread a slice that went bad would hide itself, and one that holds it among
    others would stand out as much. There are taken to be as many as there are, or as its weight of
    before would give: those that are missing by chance would else be certain to be missing.
    """
    usual = own.before + whole.before.times(STANDING_ROWS / whole.before.denominator)
    grown = _spread(whole.now) / _spread(whole.before) if _spread(whole.before) else 0.0
    sides = _gap_variance(own.before, rest.before)
    if grown:
        expected = own.before.denominator * whole.now.denominator / whole.before.denominator
        size = max(own.now.denominator, expected)
        as_now = usual.times(size / usual.denominator)
        rest_now = rest.before.times(rest.now.denominator / rest.before.denominator)
        sides += grown * _gap_variance(as_now, rest_now)
    else:
        sides += _gap_variance(own.now, rest.now)
    return math.sqrt(sides)


def _one_row(own: RatioSums, rest: RatioSums) -> float:
    """Return the most that any one row of a slice can add to `V - V of the rest`.

    That is a sum over the slice's rows of `(x - V_rest d) / D`, of which none exceeds the root of
    the sum of its squares.
    """
    if rest.value is None:
        return 0.0
    share = 1 / (own.denominator + rest.denominator)
    return math.sqrt(own.spread(share, -rest.value * share))


def _gap_variance(own: RatioSums, rest: RatioSums) -> float:
    """Return the variance of `V - V of the rest`, by the delta method.

    A row of the slice moves it by `(x - V d) / D`, one of the rest by that less
    `(x - V_rest d) / D_rest`.
    """
    whole = own + rest
    value, share = _value(whole), 1 / whole.denominator
    others = share - 1 / rest.denominator
    offset = _value(rest) / rest.denominator - value * share
    return own.spread(share, -value * share) + rest.spread(others, offset)


def _spread(sums: RatioSums) -> float:
    """Return the variance of a row of weight 1."""
    return sums.spread(1.0, -_value(sums)) / sums.denominator


def _value(sums: RatioSums) -> float:
    if sums.value is None:
        raise ValueError("a ratio without a denominator has no parts")
    return sums.value
