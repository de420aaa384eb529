"""A model's windows as Dagster partitions, and back.

Belongs here: the partitions definition of a spec, windows from partition keys, which windows are
ready. Stays out: what is done with a window.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import dagster as dg

from monitoring_assets.errors import WindowNotReadyError
from monitoring_assets.records import Window
from monitoring_assets.spec.model import ModelSpec

_LENGTH: Final = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=31),
}

WINDOWS_PER_RUN: Final = {"hour": 168, "day": 31, "week": 26, "month": 12}
"""Windows of one run of a backfill. One run a window costs 2.6 to 13 s each; in a range run a
window of five layers costs about 0.2 s. Larger chunks save little and lose more when one fails."""

_DEFINITIONS: Final = {
    "hour": dg.HourlyPartitionsDefinition,
    "day": dg.DailyPartitionsDefinition,
    "month": dg.MonthlyPartitionsDefinition,
}


def partitions_definition(spec: ModelSpec) -> dg.TimeWindowPartitionsDefinition:
    """Return the partitions of a model; the newest is the newest whole window past its delay.

    The delay is rounded down to whole windows here, since Dagster offsets by whole windows only;
    the rest of it is kept by `is_ready`.
    """
    windows = spec.windows
    bounds = {
        "start_date": datetime.combine(windows.start, time()),
        "end_date": datetime.combine(windows.end, time()) if windows.end else None,
        "timezone": windows.time_zone,
        "end_offset": -(windows.delay // _LENGTH[windows.granularity]),
    }
    if windows.granularity == "week":
        # Dagster's weeks begin on Sunday, ours and Postgres' on Monday.
        return dg.WeeklyPartitionsDefinition(**bounds, day_offset=1)
    return _DEFINITIONS[windows.granularity](**bounds)


def windows_for_keys(spec: ModelSpec, keys: Iterable[str]) -> tuple[Window, ...]:
    """Return windows of partition keys, in the order given."""
    definition = partitions_definition(spec)
    spans = ((key, definition.time_window_for_partition_key(key)) for key in keys)
    return tuple(
        Window(
            model_id=spec.model_id,
            granularity=spec.windows.granularity,
            start=span.start.astimezone(UTC),
            end=span.end.astimezone(UTC),
            partition_key=key,
        )
        for key, span in spans
    )


def partition_key_of(spec: ModelSpec, start: datetime) -> str:
    """Return Dagster's name of the window that begins at this moment."""
    return partitions_definition(spec).get_partition_key_for_timestamp(start.timestamp())


def ready_at(spec: ModelSpec, window: Window) -> datetime:
    """Return the instant from which a window may be computed."""
    return window.end + spec.windows.delay


def is_ready(spec: ModelSpec, window: Window, now: datetime, newest: datetime | None) -> bool:
    """Say whether a window may be computed: its delay is over and its source has come that far.

    Parameters
    ----------
    newest
        Newest event time the source holds; None for an empty source. A source that holds a row at
        or after the window's start has come that far, so a day without any row is an empty window.
    """
    return ready_at(spec, window) <= now and newest is not None and newest >= window.start


def require_ready(spec: ModelSpec, window: Window, now: datetime, newest: datetime | None) -> None:
    """Refuse a window that may not be computed yet, before anything is stored of it.

    Raises
    ------
    WindowNotReadyError
        See `is_ready`.
    """
    if not is_ready(spec, window, now, newest):
        raise WindowNotReadyError(
            f"the window is ready at {ready_at(spec, window)} and once its source has come"
            f" that far; the source's newest row is of {newest}"
        )


def ready_windows(
    spec: ModelSpec,
    now: datetime,
    newest: datetime | None,
    span: tuple[date | None, date | None] = (None, None),
) -> tuple[Window, ...]:
    """Return all ready windows that begin in a span of days (last day included), oldest first."""
    within = begin_within(spec, ended_windows(spec, now), span)
    return tuple(window for window in within if is_ready(spec, window, now, newest))


def ended_windows(spec: ModelSpec, now: datetime) -> tuple[Window, ...]:
    """Return all windows that have ended, oldest first."""
    return windows_for_keys(spec, partitions_definition(spec).get_partition_keys(current_time=now))


def begin_within(
    spec: ModelSpec, windows: Iterable[Window], span: tuple[date | None, date | None]
) -> tuple[Window, ...]:
    """Return the windows that begin in a span of days, last day included."""
    lower, upper = instants_of(spec, span)
    return tuple(
        window
        for window in windows
        if (lower is None or window.start >= lower) and (upper is None or window.start < upper)
    )


def instants_of(
    spec: ModelSpec, span: tuple[date | None, date | None]
) -> tuple[datetime | None, datetime | None]:
    """Return when the first of some days begins and the last one ends, in the model's time zone."""
    first, last = span
    return (
        spec.windows.midnight(first) if first else None,
        spec.windows.midnight(last + timedelta(days=1)) if last else None,
    )


def contiguous_chunks(
    all_windows: Sequence[Window], wanted: Iterable[Window], size: int
) -> tuple[tuple[Window, ...], ...]:
    """Cut wanted windows into runs of at most `size` neighbours: a range run has no gaps."""
    position = {window.partition_key: i for i, window in enumerate(all_windows)}
    chunks: list[list[Window]] = []
    for window in sorted(wanted, key=lambda w: w.start):
        follows = (
            chunks
            and len(chunks[-1]) < size
            and position[window.partition_key] == position[chunks[-1][-1].partition_key] + 1
        )
        if follows:
            chunks[-1].append(window)
        else:
            chunks.append([window])
    return tuple(tuple(chunk) for chunk in chunks)
