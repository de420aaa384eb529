"""Conditions on rows of tables that have a window: of which model, in which stretch of time.

Belongs here: those that statements of several modules share. Stays out: the statements, conditions
between the tables of a view (views/conditions.py).
"""

from datetime import datetime

import sqlalchemy as sa

from monitoring_assets.records import Window


def of_model(table: sa.Table, model: tuple[str, str]) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a row is of a model, named by its id and granularity."""
    return table.c.model_id == model[0], table.c.granularity == model[1]


def of_window(table: sa.Table, window: Window) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a row is of this window."""
    model = window.model_id, window.granularity
    return *of_model(table, model), table.c.window_start == window.start


def begins_in(
    table: sa.Table, model: tuple[str, str], span: tuple[datetime, datetime]
) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a row is of a model's window that begins in `[start, end)`."""
    start = table.c.window_start
    return *of_model(table, model), start >= span[0], start < span[1]
