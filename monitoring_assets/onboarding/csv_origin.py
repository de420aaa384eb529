"""A sample of CSV files: pieces of some kilobytes spread over all bytes.

Belongs here: choosing bytes, how many rows all of them are. Stays out: finding files (files.py),
reading bytes (csv_text.py).

A piece begins behind the first line break in it and ends with the last one. A line break inside a
quoted value makes a line or two at its edge unreadable; these are left out. What is packed cannot
be read from the middle on: of that, the beginning is the sample.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pyarrow as pa

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.onboarding.csv_text import (
    Dialect,
    Tidied,
    column_names,
    guess_dialect,
    is_utf8,
    lines_lost,
    read_text,
    tidied,
)
from monitoring_assets.onboarding.files import PACKED, Files, evenly
from monitoring_assets.onboarding.looks import Look
from monitoring_assets.onboarding.origin import Sample, SourceEntry, Spread
from monitoring_assets.sources.files.store import FoundFile

_SAMPLE: Final = 16_000_000
"""Bytes of a sample; all of the files, if they are no larger."""

_HEAD: Final = 65_536
_PIECES: Final = 256
_REMOTE_PIECES: Final = 32
"""Each one is a request."""

_MOST_LOST: Final = 0.1
"""Share of lines that may make no row of their own before that is said."""

_MOST_FILES: Final = 64
_FEWER_FILES: Final = 8


@dataclass(frozen=True)
class _Piece:
    """Whole lines of a file; those of its beginning include the line of names."""

    file: FoundFile
    text: bytes
    begins: bool


class CsvOrigin:
    """CSV files.

    Parameters
    ----------
    files
        The files.
    """

    needs_id = False
    environment: Mapping[str, str] = MappingProxyType({})

    def __init__(self, files: Files) -> None:
        self._files = files

    def sample(self) -> Sample:
        """See `Origin.sample`."""
        table = self._tidied.table
        read = sum(len(piece.text) for piece in self._pieces)
        total = sum(file.size for file in self._files.found)
        exact = self._is_whole
        return Sample(
            table=table,
            rows=table.num_rows if exact else round(table.num_rows * total / max(1, read)),
            exact=exact,
        )

    def spread(self, event_time: Look, sample: Sample) -> Spread:
        """See `Origin.spread`."""
        instants = event_time.instants
        return Spread(
            instants=instants,
            weights=np.full(len(instants), sample.rows / sample.table.num_rows),
            whole=self._is_whole or not self._is_packed,
        )

    def source(self) -> tuple[SourceEntry, ...]:
        """See `Origin.source`."""
        return (*self._files.entries(), *self._dialect.entries(), *self._tidied.entries())

    def describe(self) -> str:
        """See `Origin.describe`; says if many lines seem to be lost in one value or broken."""
        found = zip(self._with_names, self._tables, strict=True)
        counts = [lines_lost(piece.text, table) for (piece, _), table in found]
        lines, lost = sum(one.lines for one in counts), sum(one.lost for one in counts)
        if lost <= _MOST_LOST * lines:
            return self._files.describe()
        return (
            f"{self._files.describe()}, in which {lost:,} of {lines:,} lines are swallowed by a"
            f" long value or make no row: look for an open quotation mark ({self._dialect.quote})"
        )

    @cached_property
    def _tidied(self) -> Tidied:
        return tidied(_together(self._tables))

    @cached_property
    def _tables(self) -> list[pa.Table]:
        return [self._read(piece, names) for piece, names in self._with_names]

    @cached_property
    def _with_names(self) -> list[tuple[_Piece, list[str]]]:
        names = {piece.file: self._names(piece) for piece in self._pieces if piece.begins}
        return [(one, names[one.file]) for one in self._pieces if names[one.file]]

    def _read(self, piece: _Piece, names: Sequence[str]) -> pa.Table:
        try:
            return read_text(piece.text, self._dialect, names, with_names=piece.begins)
        except UnicodeError as error:
            raise ConfigurationError(
                f"--from: {piece.file.path} is neither UTF-8 nor {self._dialect.encoding}, which"
                f" was tried then ({error}). Write it anew as UTF-8 and try again; or, if you know"
                " its encoding, write the YAML from such a copy and name the encoding in"
                " `source.encoding`"
            ) from error

    def _names(self, piece: _Piece) -> list[str]:
        return column_names(piece.text, self._dialect)

    @cached_property
    def _dialect(self) -> Dialect:
        found = guess_dialect(self._pieces[0].text[:_HEAD] if self._pieces else b"")
        if found.encoding == "utf-8" and not all(is_utf8(one.text) for one in self._pieces):
            return replace(found, encoding="cp1252")
        return found

    @property
    def _is_packed(self) -> bool:
        return any(PurePosixPath(one.name.lower()).suffix in PACKED for one in self._files.found)

    @property
    def _is_whole(self) -> bool:
        """Whether the sample is all there is."""
        total = sum(file.size for file in self._files.found)
        return not self._is_packed and total <= _SAMPLE

    @cached_property
    def _pieces(self) -> list[_Piece]:
        if self._is_whole:
            return [piece for file in self._files.found for piece in self._begin(file, file.size)]
        if self._is_packed:
            few = evenly(self._files.found, _FEWER_FILES)
            each = _SAMPLE // len(few)
            return [piece for file in few for piece in self._begin(file, each)]
        few = evenly(self._files.found, _MOST_FILES)
        return [*chain.from_iterable(self._spread(file, few) for file in few)]

    def _begin(self, file: FoundFile, length: int) -> Iterator[_Piece]:
        """Yield the beginning of a file, unpacked."""
        store = self._files.store
        with store.named(file, "CSV file"), store.streamed(file) as stream:
            text: bytes = stream.read(length)
            more = bool(stream.read(1))
        yield _Piece(file, _until_last_line(text) if more else text, begins=True)

    def _spread(self, file: FoundFile, few: Sequence[FoundFile]) -> Iterator[_Piece]:
        """Yield the beginning of a file and pieces spread over the rest of it."""
        all_pieces = _REMOTE_PIECES if self._files.store.remote else _PIECES
        share = file.size / max(1, sum(one.size for one in few))
        count = max(1, round(all_pieces * share))
        length = max(1, round(_SAMPLE * share)) // count
        store = self._files.store
        with (
            store.named(file, "CSV file"),
            store.opened(file) as opened,
            _seekable(opened) as stream,
        ):
            for place in range(count):
                offset = place * (file.size - length) // max(1, count - 1)
                stream.seek(offset)
                text = stream.read(length)
                ends = offset + len(text) >= file.size
                lines = text if ends else _until_last_line(text)
                yield _Piece(file, lines if not place else _from_first_line(lines), not place)


def _seekable(opened: Any) -> Any:
    return pa.OSFile(opened) if isinstance(opened, str) else opened


def _until_last_line(text: bytes) -> bytes:
    return text[: text.rfind(b"\n") + 1]


def _from_first_line(text: bytes) -> bytes:
    return text[text.find(b"\n") + 1 :]


def _together(tables: Sequence[pa.Table]) -> pa.Table:
    """Return the rows of all pieces; with two columns of one name, of those like the first."""
    if not tables:
        return pa.table({})
    names = tables[0].column_names
    if len({*names}) < len(names):
        return pa.concat_tables([one for one in tables if one.column_names == names])
    return pa.concat_tables(tables, promote_options="default")
