"""What is known of files without reading their rows, for as long as they stay the same.

Belongs here: the shape of that knowledge, what a reader of one format has to bring, remembering.
Stays out: any one format, which rows are wanted (rows.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from monitoring_assets.errors import SourceSchemaError, SourceUnavailableError
from monitoring_assets.sources.files.store import FileStore, FoundFile
from monitoring_assets.sources.layout import Layout


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Earliest and latest event time of some rows as microseconds in UTC, both included.

    Rows that all lack an event time have `lowest > highest`, which overlaps nothing.
    """

    lowest: int
    highest: int
    missing: int

    def overlap(self, low: int, high: int) -> bool:
        """Return whether a row may lie in [low, high)."""
        return self.lowest < high and self.highest >= low


@dataclass(kw_only=True)
class RowGroup:
    """Rows of a file that are read together; `bounds` stay None until somebody can tell them."""

    number: int
    first_row: int
    bounds: Bounds | None = None


@dataclass(frozen=True, kw_only=True)
class KnownFile:
    """A file whose columns and groups of rows are known.

    Parameters
    ----------
    found
        The file as it was then.
    schema
        Names and types of its columns.
    groups
        Its rows, in their order.
    footer
        What else the reader of this format wants to keep of it.
    """

    found: FoundFile
    schema: pa.Schema
    groups: tuple[RowGroup, ...]
    footer: Any = None


class FileReader(Protocol):
    """What a format of files has to bring."""

    columnar: bool
    """Whether one column alone is read much faster than all."""

    def look_at(self, file: FoundFile) -> KnownFile:
        """Read what a file says of itself; raises as `FileStore.named` does."""
        ...

    def batches(
        self, file: KnownFile, group: RowGroup, columns: Sequence[str]
    ) -> Iterator[pa.RecordBatch]:
        """Yield these columns of all rows of a group, in their order, never all rows at once."""
        ...


class KnownFiles:
    """The files of a store, each looked at once as long as it stays the same.

    Parameters
    ----------
    layout
        For messages.
    store
        Where they lie.
    reader
        Of their format.
    """

    def __init__(self, layout: Layout, store: FileStore, reader: FileReader) -> None:
        self._layout = layout
        self._store = store
        self._reader = reader
        self._known: dict[FoundFile, KnownFile] = {}

    def present(self) -> list[KnownFile]:
        """Return all files there are now, perhaps none."""
        found = self._store.find()
        files = [self._known.get(file) or self._reader.look_at(file) for file in found]
        self._known = {file.found: file for file in files}
        return files

    def find(self) -> list[KnownFile]:
        """Return all files there are now.

        Raises
        ------
        SourceUnavailableError
            No file matches, or one is gone, forbidden or out of reach.
        SourceFileError
            A file is not of its format.
        """
        files = self.present()
        if not files:
            raise SourceUnavailableError(
                f"model '{self._layout.model_id}': no file matches {self._store.where}. Check"
                f" `{self._layout.section}.path` in the model's defs.yaml and the data folder, or"
                " wait for the files"
            )
        return files


def require_columns(layout: Layout, file: KnownFile) -> None:
    """Raise a `SourceSchemaError` unless the file has every needed column, and only once."""
    names = file.schema.names
    layout.require(names, file.found.path)
    twice = [repr(name) for name in layout.in_source if names.count(name) > 1]
    if twice:
        raise SourceSchemaError(
            f"model '{layout.model_id}': {file.found.path} has more than one column"
            f" {', '.join(twice)}. Give each column a name of its own in the source"
        )
