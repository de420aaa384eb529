"""From the YAML's sections about files to their `RawSource`.

Belongs here: the choice of place and reader. Stays out: reading anything; building touches no file.
"""

from monitoring_assets.sources.base import Places
from monitoring_assets.sources.files.csv_reader import CsvReader
from monitoring_assets.sources.files.object_store import ObjectStore
from monitoring_assets.sources.files.parquet_reader import ParquetReader
from monitoring_assets.sources.files.rows import FileRows
from monitoring_assets.sources.files.store import DiskFiles, FileStore
from monitoring_assets.sources.layout import Layout
from monitoring_assets.spec.sources import CsvSourceSpec, ObjectStoreSpec, ParquetSourceSpec


def file_rows(
    layout: Layout, source: ParquetSourceSpec | CsvSourceSpec, places: Places
) -> FileRows:
    """Return the rows of files that a pattern names."""
    store: FileStore
    if "://" in source.path:
        reached = source.object_store or ObjectStoreSpec()
        store = ObjectStore(layout.model_id, layout.section, source.path, reached)
    else:
        store = DiskFiles(layout.model_id, places.data_folder, source.path)
    if isinstance(source, CsvSourceSpec):
        return FileRows(source.kind, layout, store, CsvReader(layout, store, source))
    return FileRows(source.kind, layout, store, ParquetReader(layout, store))
