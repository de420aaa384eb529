"""Windows whose data are broken, in which columns, and how that is said.

Belongs here: reading alarms of data quality, a phrase for each number that may alarm. Stays out:
the other verdicts (signals.py), which number alarms (evaluation/data_quality.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from monitoring_assets.records import ALL, DATASET, Finding, Verdict
from monitoring_assets.storage.conditions import of_model
from monitoring_assets.storage.retraining.looked_at import judged_since
from monitoring_assets.storage.tables import data_quality
from monitoring_assets.storage.tables import window as ledger

_ALARM: Final = sa.literal_column(f"'{Verdict.ALARM}'", sa.Text)
"""As the index spells it that holds alarms only: of 300 numbers of a window hardly one is."""

OF_COLUMN: Final = {
    "missing_share": "is missing in {share} of rows",
    "invalid_share": "is no number in {share} of rows",
    "infinite_share": "is infinite in {share} of rows",
    "unseen_share": "has values that the reference never had in {share} of rows",
}
"""Number of a column -> what goes on after the column's name."""

OF_WINDOW: Final = {
    "rows": "the window has no row",
    "rejected_share": "filters reject {share} of rows",
    "unscored_share": "{share} of rows have no prediction",
    "invalid_probability_share": "probabilities are invalid in {share} of rows",
}
"""Number of a whole window -> a sentence of its own."""


@dataclass(frozen=True, kw_only=True)
class Broken:
    """How a column, or the dataset, is broken.

    Parameters
    ----------
    words
        What goes on after the column's name: "is missing in 40 % of rows".
    against
        The same with what is allowed.
    """

    words: str
    against: str

    def __add__(self, other: "Broken") -> "Broken":
        return Broken(
            words=f"{self.words} and {other.words}", against=f"{self.against}; {other.against}"
        )


def broken_columns(
    connection: sa.Connection, model: tuple[str, str], since: datetime
) -> dict[datetime, dict[str, Broken]]:
    """Return, for windows with broken columns, those and why; '' is the dataset."""
    table = data_quality
    statement = (
        sa.select(
            table.c.window_start,
            table.c.column_name,
            table.c.metric,
            table.c.value,
            table.c.expectation,
            table.c.reason,
        )
        .where(*judged_since(table, model, since), table.c.verdict == _ALARM)
        .order_by(table.c.window_start, table.c.column_name, table.c.metric)
    )
    found: dict[datetime, dict[str, Broken]] = {}
    for start, column, metric, value, expectation, reason in connection.execute(statement):
        of_window = found.setdefault(start, {})
        # A number that a later version of this program has written is said in that one's words.
        told = Broken(words=f"{metric}: {reason}", against=f"{metric}: {reason}")
        if metric in (OF_WINDOW if column == DATASET else OF_COLUMN):
            told = in_words(column, metric, value, expectation)
        of_window[column] = of_window[column] + told if column in of_window else told
    return found


def in_words(column: str, metric: str, value: float, expectation: str) -> Broken:
    """Return how a number that alarms is said; it has to be one that has a phrase.

    >>> in_words("zone", "missing_share", 0.4127, "at most 0.05").words
    'is missing in 41 % of rows'
    >>> in_words("", "rejected_share", 0.004, "at most 0.001").against
    'filters reject 0.4 % of rows (at most 0.1 % is allowed)'
    """
    phrase = (OF_WINDOW if column == DATASET else OF_COLUMN)[metric]
    words = phrase.format(share=_percent(value))
    if not expectation.startswith("at most "):
        return Broken(words=words, against=words)
    most = float(expectation.removeprefix("at most "))
    allowed = f"at most {_percent(most)} is allowed" if most else "none is legal"
    return Broken(words=words, against=f"{words} ({allowed})")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"


def judged_windows(
    connection: sa.Connection, model: tuple[str, str], since: datetime
) -> list[datetime]:
    """Return the windows the state of whose data was judged."""
    table = data_quality
    of_window = sa.select(table.c.metric).where(
        *of_model(table, model),
        table.c.window_start == ledger.c.window_start,
        table.c.segment == ALL,
    )
    statement = sa.select(ledger.c.window_start).where(
        *of_model(ledger, model), ledger.c.window_start >= since, of_window.exists()
    )
    return list(connection.execute(statement).scalars())


def data_quality_finding(broken: Mapping[str, Broken]) -> Finding:
    """Return the verdict on the data of a window that was judged, from its broken columns."""
    if not broken:
        return Finding(verdict=Verdict.OK, reason="no number breaks its bound")
    texts = (
        f"{column} {one.against}" if column != DATASET else one.against
        for column, one in broken.items()
    )
    return Finding(verdict=Verdict.ALARM, reason="; ".join(texts))
