"""`monitoring-assets roll-up`: a model's numbers by day, week, month, quarter or year.

Belongs here: options, the table. Stays out: sums (storage/roll_up), verdicts: a roll-up has none.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

import click

from monitoring_assets.assets.partitions import instants_of
from monitoring_assets.cli.days import DAY, Days, first_and_last
from monitoring_assets.cli.models import find_model
from monitoring_assets.cli.spans import complete_bounds, complete_ones, require_segments
from monitoring_assets.errors import ConfigurationError
from monitoring_assets.evaluation.profiling import watched_columns
from monitoring_assets.evaluation.quality_scope import Asked
from monitoring_assets.metrics.bins import Bins, NumericalBins
from monitoring_assets.metrics.result import Estimate, Undefined
from monitoring_assets.metrics.span import SpanProfiles
from monitoring_assets.records import ALL
from monitoring_assets.resources.opening import ready_database
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.spans import PERIODS, Period, Span, count_windows, period_bounds
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.references import read_bins
from monitoring_assets.storage.roll_up.spans import read_spans
from monitoring_assets.storage.roll_up.windows import Wanted

_NAMES: Final = {"hour": "%Y-%m-%d %H:%M", "week": "%G-W%V", "month": "%Y-%m", "year": "%Y"}
_OF_QUALITY: Final = ("labels", "value", "95 %", "change")
_OF_COLUMN: Final = ("missing", "mean", "outside")


@click.command(name="roll-up")
@click.argument("model_id", metavar="MODEL")
@click.option(
    "--by", "period", type=click.Choice(get_args(Period)), default="week", show_default=True
)
@click.option("--start", type=DAY, help="First day; without it, that of the first window.")
@click.option("--end", type=DAY, help="Last day; without it, that of the newest window.")
@click.option("--segment", default=ALL, show_default=True, help="Slice of the rows.")
@click.option("--metric", help="Quality metric; without it, the model's main one.")
@click.option("--column", help="Show this column instead: missing values, mean, values outside.")
def roll_up(model_id: str, period: Period, segment: str, **asked: Any) -> None:
    """Show numbers of MODEL by week, or another period, from what was counted: no row is read.

    Weeks begin on Monday, all periods at midnight in the model's time zone. Periods that hold a day
    from --start to --end are shown whole. Nothing is judged: `compare` does that. Ends with 1 if
    no window is complete, with 2 if an option makes no sense for the model.
    """
    from monitoring_assets.cli.column_tables import column_table
    from monitoring_assets.cli.tables import open_console

    spec = find_model(model_id)
    column, metric = asked["column"], asked["metric"] or spec.main_metric
    _require(spec, period, asked["metric"], column)
    database = ready_database()
    require_segments(database, spec, [segment])
    bounds = _bounds(database, spec, period, first_and_last(asked["start"], asked["end"]))
    wanted = _wanted(spec, segment, column)
    spans = read_spans(database, (spec.model_id, spec.windows.granularity), bounds, wanted)
    counted = [
        (Span(_name(spec, period, start), start, end), span)
        for start, end, span in zip(bounds, bounds[1:], spans, strict=False)
        if span.windows
    ]
    if column is None:
        headings, rows = _OF_QUALITY, _quality(counted, segment, metric)
    else:
        own = read_bins(database, model_id).get(column)
        headings, rows = _OF_COLUMN, [_column(span, (segment, column), own) for _, span in counted]
    lines = [(*_period(spec, *one, segment), *row) for one, row in zip(counted, rows, strict=True)]
    console = open_console()
    console.print(f"{model_id}: {column or metric} by {period}, segment {segment}", highlight=False)
    headings = (period, "windows", "rows", *headings)
    console.print(column_table(headings, lines, console.width, headings[1:]))
    for lost in dict.fromkeys(str(one) for span in spans for one in span.about(segment)):
        console.print(lost, soft_wrap=True, highlight=False, markup=False)


def _require(spec: ModelSpec, period: Period, metric: str | None, column: str | None) -> None:
    """Refuse a period, metric or column that the model does not have."""
    granularity = spec.windows.granularity
    if period not in PERIODS[granularity]:
        legal = ", ".join(PERIODS[granularity])
        raise click.BadParameter(
            f"{period}s are not made of whole windows, which are {granularity}s; legal: {legal}",
            param_hint="--by",
        )
    if metric is not None and metric not in spec.quality_metrics:
        legal = ", ".join(spec.quality_metrics)
        raise click.BadParameter(f"{metric!r} is none of {legal}", param_hint="--metric")
    columns = [entry.column_name for entry in watched_columns(spec)]
    if column is not None and column not in columns:
        legal = ", ".join(columns)
        raise click.BadParameter(f"{column!r} is none of {legal}", param_hint="--column")


def _bounds(
    database: Database,
    spec: ModelSpec,
    period: Period,
    days: Days,
) -> list[datetime]:
    """Return where the periods begin, and where the last one ends."""
    complete = complete_bounds(database, spec)
    if complete is None:
        raise ConfigurationError(f"model '{spec.model_id}': {complete_ones(spec, complete)}")
    first, last = instants_of(spec, days)
    start, end = first or complete[0], last or complete[1]
    if start >= complete[1] or end <= complete[0]:
        raise ConfigurationError(
            f"model '{spec.model_id}': no window of these days is complete;"
            f" {complete_ones(spec, complete)}"
        )
    return period_bounds(spec.windows, period, start, end)


def _wanted(spec: ModelSpec, segment: str, column: str | None) -> Wanted:
    """Return what is read: of the answers always, since they say how many rows were scored."""
    columns = {spec.prediction_column, *([column] if column else [])}
    return Wanted(segments=[segment], columns=columns, quality=column is None)


def _period(spec: ModelSpec, span: Span, counted: SpanProfiles, segment: str) -> tuple[str, ...]:
    rows = counted.columns.get((segment, spec.prediction_column))
    expected = count_windows(spec.windows, span.start, span.end)
    windows = f"{counted.windows:,}"
    if counted.windows < expected:
        windows = f"{counted.windows:,} of {expected:,}"
    return span.name, windows, f"{rows.rows:,}" if rows else "0"


def _quality(
    counted: Sequence[tuple[Span, SpanProfiles]], segment: str, metric: str
) -> list[tuple[str, ...]]:
    """Return labels, value, interval and the change since the period before."""
    rows: list[tuple[str, ...]] = []
    before: tuple[datetime, float] | None = None
    for period, span in counted:
        profile, _ = span.quality_of(segment)
        found = Undefined("") if profile is None else Asked(metric).compute(profile)
        cells = ("", "", "")
        if isinstance(found, Estimate):
            low, high = found.interval_low, found.interval_high
            interval = "" if low is None or high is None else f"{low:.4g} to {high:.4g}"
            follows = before is not None and before[0] == period.start
            change = f"{found.value - before[1]:+.4g}" if before and follows else ""
            cells = f"{found.value:.4g}", interval, change
            before = period.end, found.value
        rows.append((f"{profile.rows:,}" if profile else "0", *cells))
    return rows


def _column(span: SpanProfiles, key: tuple[str, str], bins: Bins | None) -> tuple[str, ...]:
    """Return the shares of missing values and of those outside, and the mean between them."""
    profile = span.columns.get(key)
    if profile is None:
        return "", "", ""
    mean = None
    if isinstance(bins, NumericalBins) and bins.version == profile.bins_version:
        mean = profile.mean(bins)
    shares = profile.missing_share, profile.outside_share
    missing, outside = ("" if one is None else f"{one:.2%}" for one in shares)
    return missing, "" if mean is None else f"{mean:.4g}", outside


def _name(spec: ModelSpec, period: Period, start: datetime) -> str:
    local = start.astimezone(ZoneInfo(spec.windows.time_zone))
    if period == "quarter":
        return f"{local:%Y}-Q{(local.month + 2) // 3}"
    return local.strftime(_NAMES.get(period, "%Y-%m-%d"))
