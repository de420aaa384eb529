"""What the values of one column are like, in a few numbers.

Belongs here: counting numbers and categories. Stays out: what a column is for, what is wrong.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_TOP: Final = 5
_LONGEST: Final = 40


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """The finite values of a column of numbers."""

    smallest: float
    median: float
    largest: float
    whole: bool


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A column's values.

    Parameters
    ----------
    rows, missing, distinct
        All rows, those without a value, and how many different values there are.
    numbers
        Only of a column of numbers that has a finite one.
    top
        The most frequent categories with their rows, most frequent first; none of numbers.
    infinite
        Rows whose number is infinite.
    """

    rows: int
    missing: int
    distinct: int
    numbers: Numbers | None = None
    top: tuple[tuple[str, int], ...] = ()
    infinite: int = 0

    @property
    def missing_share(self) -> float:
        """Share of rows without a value; 0 of no rows."""
        return self.missing / self.rows if self.rows else 0.0

    @property
    def filled(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    @property
    def short_text(self) -> str:
        """Smallest, median and largest number, or the most frequent categories, in short."""
        if self.numbers is None:
            return self.range_text
        found = self.numbers
        return " / ".join(map(_short, (found.smallest, found.median, found.largest)))

    @property
    def range_text(self) -> str:
        """Smallest, largest and median number, or the most frequent categories."""
        if self.numbers is not None:
            found = self.numbers
            low, high, middle = map(number_text, (found.smallest, found.largest, found.median))
            return f"{low} to {high}, median {middle}"
        return ", ".join(shortened(text) for text, _ in self.top)


def number_facts(values: pa.ChunkedArray) -> Facts:
    """Return the facts of a column of float64; null and NaN are missing.

    >>> number_facts(pa.chunked_array([[1.0, 2.0, 2.0, None]])).range_text
    '1 to 2, median 2'
    """
    array = pc.fill_null(values, np.nan).to_numpy()
    known = array[~np.isnan(array)]
    finite = known[np.isfinite(known)]
    numbers = None
    if len(finite):
        numbers = Numbers(
            smallest=float(finite.min()),
            median=float(np.median(finite)),
            largest=float(finite.max()),
            whole=bool((np.floor(finite) == finite).all()),
        )
    return Facts(
        rows=len(array),
        missing=len(array) - len(known),
        distinct=len(pc.unique(pa.array(known))),
        numbers=numbers,
        infinite=len(known) - len(finite),
    )


def category_facts(values: pa.ChunkedArray) -> Facts:
    """Return the facts of a column of texts.

    >>> category_facts(pa.chunked_array([["b", "a", "b", None]])).top
    (('b', 2), ('a', 1))
    """
    counted = pc.value_counts(pc.drop_null(values))
    counts = counted.field("counts").to_numpy(zero_copy_only=False)
    order = np.argsort(-counts, kind="stable")[:_TOP]
    texts = counted.field("values").take(pa.array(order)).to_pylist()
    return Facts(
        rows=len(values),
        missing=values.null_count,
        distinct=len(counts),
        top=tuple(zip(texts, counts[order].tolist(), strict=True)),
    )


def number_text(value: float) -> str:
    """Return a number for people: six digits, without an exponent where there is no need.

    >>> number_text(1234567.0), number_text(0.1 + 0.2)
    ('1234567', '0.3')
    """
    return f"{value:.0f}" if value == np.floor(value) and abs(value) < 1e15 else f"{value:.6g}"


def _short(value: float) -> str:
    """Return a number of four digits, larger ones with all before the point."""
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"


def shortened(text: str) -> str:
    """Return a text of at most forty characters, in which nothing breaks a line."""
    plain = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
