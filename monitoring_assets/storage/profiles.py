"""Profiles of windows: from what was counted to rows, and back.

Belongs here: `ColumnProfile` and sums of quality as rows. Stays out: the reference's profiles
(references.py), counting (package metrics).
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.quality.profiles import QualityProfile, quality_profile_from_sums
from monitoring_assets.records import ALL, UNFILTERED, Window
from monitoring_assets.storage.conditions import begins_in, of_window
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.statements import Row
from monitoring_assets.storage.tables import quality_profile, window_profile
from monitoring_assets.storage.window_write import SliceWrite

ColumnProfiles = Mapping[tuple[str, str], ColumnProfile]
"""(segment, column name) -> profile."""

QualityProfiles = Mapping[tuple[str, str], QualityProfile]
"""(segment, model version) -> sums."""

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


def window_profile_write(profiles: ColumnProfiles, target: str | None = None) -> SliceWrite:
    """Return the column profiles of a window, all segments; those of the target stay.

    In the order in which they are read again: those of all rows together, those of a column's
    segments together. A year of one column in twenty segments is read in half the time so.
    """
    rows = sorted(profile_rows(profiles), key=_beside_its_like)
    without = {} if target is None else {"column_name": target}
    return SliceWrite(table=window_profile, rows=rows, without=without)


def target_profile_write(profiles: ColumnProfiles, target: str) -> SliceWrite:
    """Return the profiles of the target, which are counted with its labels; the others stay."""
    within = {"column_name": target}
    return SliceWrite(table=window_profile, rows=profile_rows(profiles), within=within)


def _beside_its_like(row: Row) -> str:
    return "" if row["segment"] in {ALL, UNFILTERED} else row["column_name"]


def quality_profile_write(
    profiles: QualityProfiles, scored: Mapping[str, int] | None = None
) -> SliceWrite:
    """Return the quality sums of a window, by segment and model version.

    Parameters
    ----------
    scored
        Segment -> its rows with a prediction, labelled or not.
    """
    rows = [
        {
            "segment": segment,
            "model_version": version,
            "labels": profile.rows,
            "scored": (scored or {}).get(segment),
            "sums": profile.to_sums(),
        }
        for (segment, version), profile in profiles.items()
    ]
    return SliceWrite(table=quality_profile, rows=rows)


def read_window_profiles(
    database: Database,
    window: Window,
    segments: Collection[str] | None = None,
    *,
    column: str | None = None,
) -> dict[tuple[str, str], ColumnProfile]:
    """Return the column profiles of a window by (segment, column name); empty if there are none.

    Parameters
    ----------
    segments
        Those that are wanted; None: all of them.
    column
        The only column that is wanted; None: all of them.
    """
    table = window_profile
    asked = [] if column is None else [table.c.column_name == column]
    statement = sa.select(table).where(*of_window(table, window), *_among(table, segments), *asked)
    with database.connect() as connection:
        rows = connection.execute(statement).mappings().all()
    return {(row["segment"], row["column_name"]): profile_of(row) for row in rows}


def read_quality_profiles(
    database: Database, window: Window
) -> dict[tuple[str, str], QualityProfile]:
    """Return the quality sums of a window by (segment, model version); empty if there are none.

    Those of `all` first.
    """
    table = quality_profile
    statement = (
        sa.select(table.c.segment, table.c.model_version, table.c.sums)
        .where(*of_window(table, window))
        .order_by(table.c.segment != ALL, table.c.segment, table.c.model_version)
    )
    with database.connect() as connection:
        rows = connection.execute(statement).all()
    return {(row.segment, row.model_version): quality_profile_from_sums(row.sums) for row in rows}


def read_scored_rows(database: Database, window: Window) -> dict[str, int]:
    """Return segment -> its rows with a prediction, where they were counted with the sums."""
    table = quality_profile
    statement = (
        sa.select(table.c.segment, sa.func.max(table.c.scored).label("scored"))
        .where(*of_window(table, window), table.c.scored.is_not(None))
        .group_by(table.c.segment)
    )
    with database.connect() as connection:
        return {row.segment: row.scored for row in connection.execute(statement)}


def read_profiles_between(
    database: Database,
    model_id: str,
    granularity: str,
    start: datetime,
    end: datetime,
    *,
    segments: Collection[str] | None = (ALL,),
) -> dict[datetime, dict[tuple[str, str], ColumnProfile]]:
    """Return the column profiles of every window that begins in `[start, end)`, in order of time.

    Parameters
    ----------
    segments
        Those that are wanted; None: all of them.

    Returns
    -------
    dict
        Start of the window -> (segment, column name) -> profile; a window without any is left out.
    """
    table, found = window_profile, dict[datetime, dict[tuple[str, str], ColumnProfile]]()
    period = begins_in(table, (model_id, granularity), (start, end))
    statement = (
        sa.select(table).where(*period, *_among(table, segments)).order_by(table.c.window_start)
    )
    with database.connect() as connection:
        for row in connection.execute(statement).mappings():
            profiles = found.setdefault(row["window_start"], {})
            profiles[row["segment"], row["column_name"]] = profile_of(row)
    return found


def read_quality_profiles_between(
    database: Database,
    model_id: str,
    granularity: str,
    start: datetime,
    end: datetime,
    *,
    segments: Collection[str] | None = (ALL,),
) -> dict[datetime, dict[tuple[str, str], QualityProfile]]:
    """Return the quality sums of every window that begins in `[start, end)`, in order of time.

    Parameters
    ----------
    segments
        Those that are wanted; None: all of them.

    Returns
    -------
    dict
        Start of the window -> (segment, model version) -> sums; a window without any is left out.
    """
    table, found = quality_profile, dict[datetime, dict[tuple[str, str], QualityProfile]]()
    period = begins_in(table, (model_id, granularity), (start, end))
    statement = (
        sa.select(table.c.window_start, table.c.segment, table.c.model_version, table.c.sums)
        .where(*period, *_among(table, segments))
        .order_by(table.c.window_start, table.c.segment, table.c.model_version)
    )
    with database.connect() as connection:
        for row in connection.execute(statement):
            sums = found.setdefault(row.window_start, {})
            sums[row.segment, row.model_version] = quality_profile_from_sums(row.sums)
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


def _among(table: sa.Table, segments: Collection[str] | None) -> list[sa.ColumnElement[bool]]:
    return [] if segments is None else [table.c.segment.in_(segments)]
