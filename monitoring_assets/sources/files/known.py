"""What is known of files without reading their rows, for as long as they stay the same.

Belongs here: the shape of that knowledge, what a reader of one format has to bring, remembering.
Stays out: any one format, which rows are wanted (rows.py).

A file that cannot be read is remembered as such: nobody knows whose rows it holds, so that no rows
can be read until it is another, but questions about all files are answered by the others.
"""

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import pyarrow as pa

from monitoring_assets.errors import SourceFileError, SourceSchemaError, SourceUnavailableError
from monitoring_assets.sources.files.store import FileStore, FoundFile
from monitoring_assets.sources.layout import Layout

_LOG = logging.getLogger(__name__)

BAD: Final = (SourceFileError, SourceSchemaError)
"""What a file raises that stays bad until it is another."""

_EMPTY: Final = "model '%s': %s has 0 bytes, as if it were still being written: it is left out"
_BROKEN: Final = (
    "%s. Until then the newest event time is that of the other files, and windows that may have"
    " rows in it fail"
)

_warned: set[tuple[str, str]] = set()


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
    """Rows of a file that are read together; `bounds` stay None until somebody can tell them.

    What the file itself says of them stays in `stated`, None if it says nothing.
    """

    number: int
    first_row: int
    bounds: Bounds | None = None
    stated: Bounds | None = field(init=False)

    def __post_init__(self) -> None:
        """Keep what is known before any row is read."""
        self.stated = self.bounds


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
        self._failed: dict[FoundFile, SourceFileError | SourceSchemaError] = {}

    def present(self) -> list[FoundFile]:
        """Return all files there are now, perhaps none; one of 0 bytes is not there yet.

        Raises
        ------
        SourceUnavailableError
            The files are forbidden or out of reach, or what should name them names a folder.
        """
        found = self._store.find()
        if not found and self._store.is_folder:
            folder = f"{self._store.where} is a folder: write a pattern such as `folder/*.parquet`"
            raise self._none(folder)
        for file in found:
            if not file.size:
                self._warn(file, _EMPTY, self._layout.model_id, file.path)
        files = [file for file in found if file.size]
        self._known = {file: self._known[file] for file in files if file in self._known}
        self._failed = {file: self._failed[file] for file in files if file in self._failed}
        return files

    def find(self) -> list[FoundFile]:
        """Return all files there are now.

        Raises
        ------
        SourceUnavailableError
            No file matches, or the files are forbidden or out of reach.
        """
        files = self.present()
        if not files:
            raise self._none(f"no file matches {self._store.where} and holds anything")
        return files

    def known(self, file: FoundFile) -> KnownFile:
        """Return what a file says of itself.

        Raises
        ------
        SourceUnavailableError
            It is gone, forbidden or out of reach.
        SourceFileError
            It is not of its format.
        """
        with self.failing(file):
            if file not in self._known:
                self._known[file] = self._reader.look_at(file)
        return self._known[file]

    @contextmanager
    def failing(self, file: FoundFile) -> Generator[None]:
        """Remember what makes a file bad as long as it stays the same, and raise it again."""
        if file in self._failed:
            raise self._failed[file].with_traceback(None)
        try:
            yield
        except BAD as error:
            # An error of the machine, such as a disk's, has a number and may be over soon.
            if not (isinstance(error.__cause__, OSError) and error.__cause__.errno):
                self._failed[file] = type(error)(str(error))  # without the frames of the first one
            raise

    def leave_out(self, file: FoundFile, error: Exception) -> None:
        """Say once a process that a file is bad."""
        self._warn(file, _BROKEN, error)

    @contextmanager
    def telling_changes(self, file: FoundFile) -> Generator[None]:
        """Blame what is bad inside on a change of the file, if there was one."""
        try:
            yield
        except BAD:
            self.require_unchanged(file)
            raise

    def require_unchanged(self, file: FoundFile) -> None:
        """Raise a `SourceUnavailableError` if a file is another than it was when it was found."""
        if not self._store.has_still(file):
            raise SourceUnavailableError(
                f"model '{self._layout.model_id}': {file.path} changed while it was read. Try again"
                " when it is whole; best write files under another name and rename them then"
            )

    def _warn(self, file: FoundFile, text: str, *told: object) -> None:
        if (file.path, text) not in _warned:
            _warned.add((file.path, text))
            _LOG.warning(text, *told)

    def _none(self, what: str) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"model '{self._layout.model_id}': {what}. Check"
            f" `{self._layout.section}.path` in the model's defs.yaml and the data folder, or"
            " wait for the files"
        )


def require_columns(layout: Layout, file: KnownFile) -> None:
    """Raise a `SourceSchemaError` unless the file has every needed column, and only once."""
    layout.require(file.schema.names, file.found.path)
    require_once(layout, file, layout.in_source)


def require_once(layout: Layout, file: KnownFile, columns: Sequence[str]) -> None:
    """Raise a `SourceSchemaError` if one of these columns occurs twice."""
    twice = [repr(name) for name in columns if file.schema.names.count(name) > 1]
    if twice:
        raise SourceSchemaError(
            f"model '{layout.model_id}': {file.found.path} has more than one column"
            f" {', '.join(twice)}. Give each column a name of its own in the source"
        )
