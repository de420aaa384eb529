"""Numbers, lists and small sentences as they stand in an explanation.

Belongs here: digits, signs, shares, what is summed as the rest. Stays out: what is said about what
(drift_text.py, quality_text.py).
"""

import math
from collections.abc import Iterator, Sequence
from typing import TypeVar

from monitoring_assets.records import Since

Listed = TypeVar("Listed")


def number(value: float | None) -> str:
    """Return a number in four digits, '' for none.

    >>> number(3.14159), number(1234567.0), number(None)
    ('3.142', '1,234,567', '')
    """
    if value is None:
        return ""
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"


def signed(value: float) -> str:
    """Return a number with its sign.

    >>> signed(0.5), signed(-0.25), signed(0.0)
    ('+0.5', '-0.25', '0')
    """
    return f"+{number(value)}" if value > 0 else number(value)


def share_of(value: float, whole: float, *, sign: bool = False) -> str:
    """Return a part of a whole with as many decimals as show a thousandth of it.

    >>> share_of(0.56931, 3.77, sign=True), share_of(-0.0001, 3.77), share_of(12.3, 4321.0)
    ('+0.569', '0.000', '12')
    """
    decimals = min(max(3 - math.floor(math.log10(abs(whole))), 0), 9) if whole else 3
    rounded = round(value, decimals) + 0.0
    return f"{rounded:{'+' if sign and rounded else ''},.{decimals}f}"


def percent(share: float | None) -> str:
    """Return a share in percent, with one digit where it is small.

    >>> percent(0.123), percent(0.0123), percent(-1.2), percent(0.0004), percent(0.0), percent(None)
    ('12 %', '1.2 %', '-120 %', '0.04 %', '0 %', '')
    """
    if share is None:
        return ""
    hundredths = 100 * share
    if abs(hundredths) >= 9.95 or hundredths == 0:
        return f"{hundredths:.0f} %"
    return f"{hundredths:.1f} %" if abs(hundredths) >= 0.095 else f"{hundredths:.1g} %"


def change(before: str, now: str) -> str:
    """Return what something was and what it is.

    >>> change("8 %", "9 %"), change("", "9 %")
    ('8 % to 9 %', 'none to 9 %')
    """
    return f"{before or 'none'} to {now or 'none'}"


def first(listed: Sequence[Listed], most: int) -> tuple[Sequence[Listed], Sequence[Listed]]:
    """Return what is listed, and what is summed: never a single one, which may as well be listed.

    >>> first([1, 2, 3], 2), first([1, 2, 3, 4], 2)
    (([1, 2, 3], []), ([1, 2], [3, 4]))
    """
    cut = len(listed) if len(listed) <= most + 1 else most
    return listed[:cut], listed[cut:]


def words(names: Sequence[str], most: int) -> str:
    """Return names separated by commas, the last ones as a number.

    >>> words(["a", "b", "c", "d"], 2)
    'a, b and 2 more'
    """
    listed, others = first(names, most)
    return ", ".join(listed) + (f" and {len(others)} more" if others else "")


def sentence(reason: str) -> str:
    """Return a stored reason as a sentence; it may begin with a name, so its case is kept.

    >>> sentence("mae 4.9 lies beyond the threshold 4.1")
    'mae 4.9 lies beyond the threshold 4.1.'
    """
    return f"{reason}."


def since(run: Since | None) -> Iterator[str]:
    """Yield since when something alarms; nothing for what does not."""
    if run is None:
        return
    if run.windows == 1:
        yield "It begins with this window."
    elif run.at_least:
        row = f"{run.windows} windows in a row or more"
        yield f"Alarming since {run.partition_key} or before: {row}."
    else:
        yield f"Alarming since {run.partition_key}: {run.windows} windows in a row."
