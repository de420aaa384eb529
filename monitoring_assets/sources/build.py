"""From the YAML's sections about sources to a `Source`.

Belongs here: the choice by kind, one branch each. Stays out: reading anything; building a source
touches no file and no database.
"""

from monitoring_assets.records import ColumnEntry
from monitoring_assets.sources.base import Places, RawSource, Source
from monitoring_assets.sources.bundled import BundledRows
from monitoring_assets.sources.custom import CustomRows
from monitoring_assets.sources.files.build import file_rows
from monitoring_assets.sources.files.tlc_trips import tlc_trips
from monitoring_assets.sources.joining import JoinedRows
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.layouts import (
    joined_layout,
    main_layout,
    needed_for_labels,
    reference_layout,
)
from monitoring_assets.sources.prepare import PreparedSource
from monitoring_assets.sources.simulated_trips import SimulatedTrips
from monitoring_assets.sources.sql.rows import SqlRows
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import (
    BundledSourceSpec,
    CsvSourceSpec,
    CustomSourceSpec,
    ParquetSourceSpec,
    SimulatedTripsSpec,
    SourceSpec,
    SqlSourceSpec,
    TlcTripsSourceSpec,
)


def build_source(spec: ModelSpec, places: Places) -> PreparedSource:
    """Return the source of a model; keep it for many windows, it remembers what it learns of files.

    Parameters
    ----------
    spec
        The model.
    places
        Folders and addresses that a YAML does not name.
    """
    return _with_columns(spec, places, spec.delivered_columns)


def build_label_source(spec: ModelSpec, places: Places) -> PreparedSource:
    """Return the source of a model's labels: the same rows with what a label needs of them.

    Columns: those that every row has, the target, and what the filters look at.
    """
    return _with_columns(spec, places, needed_for_labels(spec))


def build_reference_source(spec: ModelSpec, places: Places) -> Source:
    """Return where the reference's rows come from: its own source, else the model's."""
    source = spec.reference.source
    if source is None:
        return build_source(spec, places)
    layout = reference_layout(spec, source)
    return PreparedSource(
        spec=spec,
        layout=layout,
        raw=raw_source(spec, source, layout, places),
        on_duplicate=source.on_duplicate,
    )


def _with_columns(
    spec: ModelSpec, places: Places, values: tuple[ColumnEntry, ...]
) -> PreparedSource:
    layout = main_layout(spec, values)
    joined = [(one, joined_layout(spec, one, values)) for one in spec.joined]
    return PreparedSource(
        spec=spec,
        layout=layout,
        raw=raw_source(spec, spec.source, layout, places),
        on_duplicate=spec.source.on_duplicate,
        joined=tuple(
            JoinedRows(
                name=one.name,
                layout=of_one,
                raw=raw_source(spec, one.source, of_one, places),
                within=one.within,
            )
            for one, of_one in joined
            if of_one.delivers_anything
        ),
    )


def raw_source(spec: ModelSpec, source: SourceSpec, layout: Layout, places: Places) -> RawSource:
    """Return the reader of one section about a source."""
    raw: RawSource
    match source:
        case ParquetSourceSpec() | CsvSourceSpec():
            raw = file_rows(layout, source, places)
        case TlcTripsSourceSpec():
            raw = tlc_trips(spec, source, layout, places)
        case SimulatedTripsSpec():
            raw = SimulatedTrips(spec=source, windows=spec.windows)
        case BundledSourceSpec():
            raw = BundledRows(spec=source, windows=spec.windows, layout=layout)
        case CustomSourceSpec():
            raw = CustomRows(layout, source, places.python_folders)
        case SqlSourceSpec():
            raw = SqlRows(layout, source, places.data_folder, places.server_url)
    return raw
