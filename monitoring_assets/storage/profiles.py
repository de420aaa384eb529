"""Profiles of windows: from what was counted to rows, and back.

Belongs here: `ColumnProfile` and sums of quality as rows. Stays out: the reference's profiles
(references.py), counting (package metrics).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.quality.profiles import QualityProfile, quality_profile_from_sums
from monitoring_assets.records import ALL, Window
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.statements import Row
from monitoring_assets.storage.tables import quality_profile, window_profile
from monitoring_assets.storage.window_write import SliceWrite

ColumnProfiles = Mapping[tuple[str, str], ColumnProfile]
"""(segment, column name) -> profile."""

_PLAIN = (
    "kind",
    "rows",
    "missing",
    "positive_infinite",
    "negative_infinite",
    "minimum",
    "maximum",
    "moment_1",
    "moment_2",
    "bins_version",
)
"""Fields of a profile that are columns as they are."""


def window_profile_write(profiles: ColumnProfiles) -> SliceWrite:
    """Return the column profiles of a window, all segments."""
    return SliceWrite(table=window_profile, rows=profile_rows(profiles))


def quality_profile_write(profiles: Mapping[str, QualityProfile]) -> SliceWrite:
    """Return the quality sums of a window, by model version."""
    rows = [
        {
            "segment": ALL,
            "model_version": version,
            "labels": profile.rows,
            "sums": profile.to_sums(),
        }
        for version, profile in profiles.items()
    ]
    return SliceWrite(table=quality_profile, rows=rows)


def read_window_profiles(
    database: Database, window: Window
) -> dict[tuple[str, str], ColumnProfile]:
    """Return the column profiles of a window by (segment, column name); empty if there are none."""
    statement = sa.select(window_profile).where(*_is(window_profile, window))
    with database.connect() as connection:
        rows = connection.execute(statement).mappings().all()
    return {(row["segment"], row["column_name"]): profile_of(row) for row in rows}


def read_quality_profiles(database: Database, window: Window) -> dict[str, QualityProfile]:
    """Return the quality sums of a window by model version; empty if there are none."""
    statement = (
        sa.select(quality_profile.c.model_version, quality_profile.c.sums)
        .where(*_is(quality_profile, window), quality_profile.c.segment == ALL)
        .order_by(quality_profile.c.model_version)
    )
    with database.connect() as connection:
        rows = connection.execute(statement).all()
    return {row.model_version: quality_profile_from_sums(row.sums) for row in rows}


def read_profiles_between(
    database: Database, model_id: str, granularity: str, start: datetime, end: datetime
) -> dict[datetime, dict[tuple[str, str], ColumnProfile]]:
    """Return the column profiles of every window that begins in `[start, end)`, in order of time.

    Only those of the segment `all`: windows are compared by no other.

    Returns
    -------
    dict
        Start of the window -> (segment, column name) -> profile; a window without any is left out.
    """
    table, found = window_profile, dict[datetime, dict[tuple[str, str], ColumnProfile]]()
    statement = (
        sa.select(table)
        .where(*_begins_in(table, (model_id, granularity), (start, end)), table.c.segment == ALL)
        .order_by(table.c.window_start)
    )
    with database.connect() as connection:
        for row in connection.execute(statement).mappings():
            of_window = found.setdefault(row["window_start"], {})
            of_window[row["segment"], row["column_name"]] = profile_of(row)
    return found


def read_quality_profiles_between(
    database: Database, model_id: str, granularity: str, start: datetime, end: datetime
) -> dict[datetime, dict[str, QualityProfile]]:
    """Return the quality sums of every window that begins in `[start, end)`, in order of time.

    Returns
    -------
    dict
        Start of the window -> model version -> sums; a window without any is left out.
    """
    table, found = quality_profile, dict[datetime, dict[str, QualityProfile]]()
    statement = (
        sa.select(table.c.window_start, table.c.model_version, table.c.sums)
        .where(*_begins_in(table, (model_id, granularity), (start, end)), table.c.segment == ALL)
        .order_by(table.c.window_start, table.c.model_version)
    )
    with database.connect() as connection:
        for row in connection.execute(statement):
            of_window = found.setdefault(row.window_start, {})
            of_window[row.model_version] = quality_profile_from_sums(row.sums)
    return found


def profile_rows(profiles: ColumnProfiles) -> list[Row]:
    """Return one row for each profile, without the columns that name window or reference."""
    return [
        {
            "segment": segment,
            "column_name": column,
            **{name: getattr(profile, name) for name in _PLAIN},
            "counts": profile.counts.tolist(),
            "outside": profile.outside,
            "quantiles": None if profile.quantiles is None else dict(profile.quantiles),
        }
        for (segment, column), profile in profiles.items()
    ]


def profile_of(row: Mapping[Any, Any]) -> ColumnProfile:
    """Return the profile that a row holds."""
    return ColumnProfile(
        counts=row["counts"],
        quantiles=row["quantiles"],
        **{name: row[name] for name in _PLAIN},
    )


def _is(table: sa.Table, window: Window) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        table.c.model_id == window.model_id,
        table.c.granularity == window.granularity,
        table.c.window_start == window.start,
    )


def _begins_in(
    table: sa.Table, model: tuple[str, str], span: tuple[datetime, datetime]
) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        table.c.model_id == model[0],
        table.c.granularity == model[1],
        table.c.window_start >= span[0],
        table.c.window_start < span[1],
    )
