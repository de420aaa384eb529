"""A look at one window of a model: what would be stored of it, and what looks wrong.

Belongs here: reading the window and a bounded part of the reference, putting the findings together.
Stays out: each kind of trouble (package troubles), choosing the window (choosing.py), printing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from monitoring_assets.errors import MonitoringError, SourceUnavailableError
from monitoring_assets.evaluation.profiling import profiled_columns, watched_columns
from monitoring_assets.evaluation.segments import choose_segments
from monitoring_assets.onboarding.choosing import choose
from monitoring_assets.onboarding.troubles.answers import answer_troubles
from monitoring_assets.onboarding.troubles.base import Seen, Trouble, is_input, passing
from monitoring_assets.onboarding.troubles.columns import column_troubles
from monitoring_assets.onboarding.troubles.reference import reference_troubles, training_troubles
from monitoring_assets.onboarding.troubles.rows import row_troubles
from monitoring_assets.onboarding.watching import WatchedRows
from monitoring_assets.sources.base import Period, Places, Source, SourceRows
from monitoring_assets.sources.build import build_reference_source, build_source
from monitoring_assets.sources.files.csv_reader import as_written
from monitoring_assets.spec.calendar import start_after, window_holding
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.periods import PeriodSpec
from monitoring_assets.spec.sources import CsvSourceSpec

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
        """What a run of this window would store -> how many; all slices of the rows together."""
        spec, slices = self.seen.spec, 1 + len(self.segments)
        watched = watched_columns(spec)
        profiled = watched if self.labels else profiled_columns(spec)
        inputs = [one for one in watched if is_input(one)]  # of all rows too, before filters
        scores = sum(len(spec.drift.methods_for(one.column_name, one.kind)) for one in watched)
        return {
            "rows of predictions": self.seen.rows.table.num_rows,
            "labels": self.labels or 0,
            "window profiles": slices * len(profiled) + len(inputs),
            "drift scores": slices * scores,
        }

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments that the reference's rows, as far as they were read, would give."""
        spec, reference = self.seen.spec, self.seen.reference
        rows = passing(self.seen.rows if reference is None else reference)
        return tuple(one.segment for one in choose_segments(spec, rows))


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
    plain = build_source(spec, places)
    watched = WatchedRows(raw=plain.raw)
    source = replace(plain, raw=watched)
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
        stored=watched.stored,
        first=watched.first,
    )
    seen = replace(seen, no_numbers=_no_numbers(seen, watched))
    seen, broken = _with_reference(seen, source, places)
    found = [*broken, *(trouble for theme in _THEMES for trouble in theme(seen))]
    return Inspection(seen=seen, troubles=tuple(sorted(found, key=lambda one: not one.stops)))


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


def _no_numbers(seen: Seen, watched: WatchedRows) -> dict[str, str]:
    """Return a text that is no number for each column of the source in which some were found."""
    marks = [name.partition(":") for name in seen.rows.adjusted]
    elsewhere = {name for one in seen.spec.joined for name in one.columns}
    wanted = [name for kind, _, name in marks if kind == "invalid" and name not in elsewhere]
    ours = {seen.name_in_source(name): name for name in wanted}
    found = watched.no_numbers([*ours], seen.chosen.start, seen.chosen.end) if ours else {}
    source = seen.spec.source
    if isinstance(source, CsvSourceSpec):
        found = {name: as_written(text, source) for name, text in found.items()}
    return {ours[name]: text for name, text in found.items()}


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
