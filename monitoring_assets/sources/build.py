"""From the YAML's section `source` to a `Source`.

Belongs here: the choice by kind, one branch each. Stays out: reading anything; building a source
touches no file.
"""

from pathlib import Path

from monitoring_assets.sources.base import Source
from monitoring_assets.sources.layout import Layout
from monitoring_assets.sources.parquet import ParquetRows
from monitoring_assets.sources.parquet_files import ParquetFiles
from monitoring_assets.sources.prepare import PreparedSource
from monitoring_assets.sources.simulated_trips import SimulatedTrips
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import ParquetSourceSpec, SimulatedTripsSpec


def build_source(spec: ModelSpec, data_folder: Path) -> Source:
    """Return the source of a model; keep it for many windows, it remembers what it learns of files.

    Parameters
    ----------
    spec
        The model.
    data_folder
        Where a relative `source.path` starts.
    """
    match spec.source:
        case ParquetSourceSpec() as parquet:
            zone = parquet.event_time_zone or spec.windows.time_zone
            layout = Layout(spec=spec, rename=parquet.rename, zone=zone)
            files = ParquetFiles(
                spec.model_id, data_folder, parquet.path, layout.event_time_in_source, zone
            )
            return PreparedSource(layout=layout, raw=ParquetRows(layout, files))
        case SimulatedTripsSpec() as simulated:
            layout = Layout(spec=spec, rename={}, zone=spec.windows.time_zone)
            raw = SimulatedTrips(spec=simulated, windows=spec.windows)
            return PreparedSource(layout=layout, raw=raw)
