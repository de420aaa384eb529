"""From the YAML's sections about sources to a `Source`.

Belongs here: the choice by kind, one branch each. Stays out: reading anything; building a source
touches no file and no database.
"""

from monitoring_assets.sources.base import Places, RawSource, Source
from monitoring_assets.sources.joining import JoinedRows
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.layouts import joined_layout, main_layout, reference_layout
from monitoring_assets.sources.parquet import ParquetRows
from monitoring_assets.sources.parquet_files import ParquetFiles
from monitoring_assets.sources.prepare import PreparedSource
from monitoring_assets.sources.simulated_trips import SimulatedTrips
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import ParquetSourceSpec, SimulatedTripsSpec, SourceSpec


def build_source(spec: ModelSpec, places: Places) -> Source:
    """Return the source of a model; keep it for many windows, it remembers what it learns of files.

    Parameters
    ----------
    spec
        The model.
    places
        Folders and addresses that a YAML does not name.
    """
    layout = main_layout(spec)
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
            for one in spec.joined
            for of_one in [joined_layout(spec, one)]
        ),
    )


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


def raw_source(spec: ModelSpec, source: SourceSpec, layout: Layout, places: Places) -> RawSource:
    """Return the reader of one section about a source."""
    match source:
        case ParquetSourceSpec():
            files = ParquetFiles(
                spec.model_id,
                places.data_folder,
                source.path,
                layout.event_time_in_source,
                layout.zone,
            )
            return ParquetRows(layout, files)
        case SimulatedTripsSpec():
            return SimulatedTrips(spec=source, windows=spec.windows)
        case _:
            raise NotImplementedError(source.kind)
