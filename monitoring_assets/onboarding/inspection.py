"""A look at one window of a model: what would be stored of it, and what looks wrong.

Belongs here: reading the window and a bounded part of the reference, putting the findings together.
Stays out: each kind of trouble (package troubles), choosing the window (choosing.py), printing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from monitoring_assets.errors import MonitoringError, SourceUnavailableError
from monitoring_assets.evaluation.profiling import profiled_columns
from monitoring_assets.onboarding.choosing import Chosen, choose
from monitoring_assets.onboarding.troubles.answers import answer_troubles
from monitoring_assets.onboarding.troubles.base import Seen, Trouble
from monitoring_assets.onboarding.troubles.columns import column_troubles
from monitoring_assets.onboarding.troubles.reference import reference_troubles, training_troubles
from monitoring_assets.onboarding.troubles.rows import row_troubles
from monitoring_assets.onboarding.watching import WatchedRows
from monitoring_assets.records import ColumnRole
from monitoring_assets.sources.base import Period, Places, Source, SourceRows
from monitoring_assets.sources.build import build_reference_source, build_source
from monitoring_assets.sources.prepare import PreparedSource
from monitoring_assets.spec.calendar import start_after, window_holding
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.periods import PeriodSpec

_MOST_ROWS: Final = 300_000
"""Rows of the reference that are read, about; of a larger one, its last windows."""

_MOST_WINDOWS: Final = 10_000
"""No calendar goes back further, if windows are months."""

_THEMES: Final = (
    row_troubles,
    column_troubles,
    answer_troubles,
    reference_troubles,
    training_troubles,
)


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What was found.

    Parameters
    ----------
    seen
        What was read.
    troubles
        What looks wrong, the worst first.
    """

    seen: Seen
    troubles: tuple[Trouble, ...]

    @property
    def stops(self) -> bool:
        """Whether a run would stop with an error."""
        return any(one.stops for one in self.troubles)

    @property
    def scored(self) -> int | None:
        """Rows that have a prediction; None if a model has to be trained first."""
        seen = self.seen
        if not seen.has_predictions:
            return None
        column = seen.passing[seen.spec.prediction_column]
        return len(column) - column.null_count

    @property
    def labels(self) -> int | None:
        """Rows that pass the filters and have a label; None without a target."""
        target = self.seen.spec.columns.target
        if target is None:
            return None
        column = self.seen.passing[target]
        return len(column) - column.null_count

    @property
    def stored(self) -> Mapping[str, int]:
        """What a run of this window would store -> how many."""
        spec, rows = self.seen.spec, self.seen.rows.table.num_rows
        profiled = profiled_columns(spec)
        answers = (ColumnRole.PREDICTION, ColumnRole.PROBABILITY)
        delivered = [one for one in profiled if one.role not in answers]
        return {
            "rows of predictions": rows,
            "labels": self.labels or 0,
            "window profiles": len(profiled) + len(delivered),
            "drift scores": sum(
                len(spec.drift.methods_for(one.column_name, one.kind)) for one in profiled
            ),
        }


def inspect_model(
    spec: ModelSpec, places: Places, now: datetime, wanted: str | None = None
) -> Inspection:
    """Read a window and part of the reference, and say what looks wrong; nothing is stored.

    Parameters
    ----------
    spec
        The model.
    places
        Folders and addresses that a YAML does not name.
    now
        The present.
    wanted
        Key of a window, or a day in it; without it, the newest one that the source has come past.

    Raises
    ------
    MonitoringError
        The source cannot be read, or there is no such window.
    """
    source, watched = _watched(build_source(spec, places))
    newest = source.newest_event_time()
    if newest is None:
        raise SourceUnavailableError(
            f"model '{spec.model_id}': the source holds no row yet ({_described(source)})"
        )
    chosen = choose(spec.windows, newest, now, wanted)
    rows = source.read(chosen.start, chosen.end)
    seen = Seen(
        spec=spec,
        now=now,
        chosen=chosen,
        newest=newest,
        outside=source.rows_outside(_periods(spec)),
        rows=rows,
        stored=watched.stored if watched else {},
        first=watched.first if watched else {},
        no_numbers=_no_numbers(spec, rows, chosen, watched),
    )
    seen, broken = _with_reference(seen, source, places)
    found = [*broken, *(trouble for theme in _THEMES for trouble in theme(seen))]
    return Inspection(seen=seen, troubles=tuple(sorted(found, key=lambda one: not one.stops)))


def _watched(source: Source) -> tuple[Source, WatchedRows | None]:
    if not isinstance(source, PreparedSource):
        return source, None
    watched = WatchedRows(raw=source.raw)
    return replace(source, raw=watched), watched


def _described(source: Source) -> str:
    return ", ".join(f"{name}: {value}" for name, value in source.describe().items())


def _periods(spec: ModelSpec) -> list[Period]:
    """Return every span of time whose rows are used."""
    windows = spec.windows
    end = windows.midnight(windows.end) if windows.end else None
    days = [spec.model.training] if spec.model else []
    if spec.reference.source is None and spec.reference_period is not None:
        days.append(spec.reference_period)
    return [(windows.midnight(windows.start), end), *map(spec.period, days)]


def _no_numbers(
    spec: ModelSpec, rows: SourceRows, chosen: Chosen, watched: WatchedRows | None
) -> dict[str, str]:
    """Return a text that is no number for each column in which some were found."""
    names = [name.partition(":")[2] for name in rows.adjusted if name.startswith("invalid:")]
    rename = getattr(spec.source, "rename", {})
    theirs = {rename.get(name, name): name for name in names}
    elsewhere = {name for one in spec.joined for name in one.columns}
    wanted = [name for name, ours in theirs.items() if ours not in elsewhere]
    if watched is None or not wanted:
        return {}
    found = watched.no_numbers(wanted, chosen.start, chosen.end)
    return {theirs[name]: text for name, text in found.items()}


def _with_reference(seen: Seen, source: Source, places: Places) -> tuple[Seen, list[Trouble]]:
    """Return what was seen with the reference's and the training's rows, or why they are not."""
    spec = seen.spec
    training = spec.model.training if spec.model is not None else None
    elsewhere = spec.reference.source is not None
    try:
        own = build_reference_source(spec, places) if elsewhere else source
        rows, whole = _some_rows(seen, own, spec.reference_period)
        seen = replace(seen, reference=rows, reference_is_whole=whole)
        if training is not None:
            if elsewhere or training != spec.reference_period:
                rows, whole = _some_rows(seen, source, training)
            seen = replace(seen, training=rows, training_is_whole=whole)
    except MonitoringError as error:
        return seen, [Trouble(text=f"the reference cannot be read: {error}", stops=True)]
    return seen, []


def _some_rows(seen: Seen, source: Source, period: PeriodSpec | None) -> tuple[SourceRows, bool]:
    """Return the last rows of a period, if it has too many for all, and whether it is all."""
    if period is None:
        return source.read(), True
    start, end = seen.spec.period(period)
    first = _bounded(seen, start, end)
    rows = source.read(first, end)
    if first > start and not rows.table.num_rows:
        return source.read(start, end), True
    return rows, first == start


def _bounded(seen: Seen, start: datetime, end: datetime) -> datetime:
    """Return from when on to read the reference, so that it is not much more than can be held."""
    windows = seen.spec.windows
    fitting = max(1, _MOST_ROWS // max(1, seen.rows.table.num_rows))
    fitting = min(fitting, _MOST_WINDOWS)  # an empty window says nothing of the others
    last, _ = window_holding(windows, end)
    return max(start, start_after(windows, last, -fitting))
