"""SQL for a person to copy: where to look further in the views that dashboards read.

Belongs here: statements as text, values quoted by the dialect. Stays out: running them.
"""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from monitoring_assets.records import Window
from monitoring_assets.storage.views import VIEWS

MOST_ROWS: Final = 30
"""Windows that a statement asks for, the newest first."""

_VIEW: Final = {view.name: view.table for view in VIEWS}
# Named parameters: others would double every percent sign.
_DIALECT: Final = postgresql.dialect(paramstyle="named")

_SHOWN: Final = {
    "windows": ("partition_key", "rows_read", "rows_scored", "labels", "computed_at"),
    "drift_scores": ("method", "score", "expected", "threshold", "p_value", "verdict"),
    "model_quality": ("model_version", "value", "interval_low", "interval_high", "threshold",
                      "reference_value", "labels", "verdict"),
    "model_quality_by_class": ("class_name", "model_version", "value", "threshold", "verdict"),
    "data_quality": ("value", "expectation", "verdict", "reason"),
}  # fmt: skip


def window_query(window: Window) -> str:
    """Return the statement for the ledger's row of a window."""
    return _text("windows", model_id=window.model_id, partition_key=window.partition_key)


def history_query(view: str, window: Window, **equal: str) -> Iterator[str]:
    """Yield the statement for what a view has said of something, up to this window.

    Nothing for a name with a line break or the like, which no terminal copies as it is.

    Parameters
    ----------
    view
        Name of a view.
    equal
        Column -> the value that it has.
    """
    if all(value.isprintable() for value in equal.values()):
        yield _text(view, window, model_id=window.model_id, **equal)


def _text(view: str, until: Window | None = None, **equal: str) -> str:
    table = _VIEW[view]
    # Columns without the view's name: a line that a person can read.
    column = {one.name: sa.column(one.name, one.type) for one in table.c}
    shown = [column["window_start"], *(column[name] for name in _SHOWN[view])]
    statement: sa.Select[Any] = (
        sa.select(*shown)
        .select_from(table)
        .where(*(column[name] == value for name, value in equal.items()))
    )
    if until is not None:
        statement = (
            statement.where(column["window_start"] <= until.start)
            .order_by(column["window_start"].desc())
            .limit(MOST_ROWS)
        )
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})
    return " ".join(line.strip() for line in str(compiled).split("\n")) + ";"
