"""CSV files: every needed column as text, for the steps that all kinds of sources share.

Belongs here: all that is special about this format. Stays out: finding files (store.py), which rows
are wanted (rows.py), what a text means as a number or a time (kinds.py, times.py).

A CSV says nothing of its rows, so a file is one group of rows. Arrow cuts it apart; to it a
quotation mark that does not begin a value is a character like any other: `5" pipe` is a value.
"""

import codecs
import csv
import io
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from monitoring_assets.records import ColumnKind
from monitoring_assets.sources.files.known import KnownFile, RowGroup
from monitoring_assets.sources.files.store import FileStore, FoundFile
from monitoring_assets.sources.layout import Layout
from monitoring_assets.spec.sources import CsvSourceSpec

_FORM: Final = "CSV file"

_LONGEST_ROW: Final = 2 << 20
"""Bytes cut apart at a time, which no row may exceed. With more, only the memory grows: 1,000,000
rows x 20 columns as text peak at 120 MB with 1 MB, 185 MB with 2 MB, 340 MB with 8 MB."""

_ODD_ROW: Final = re.compile(r"Expected \d+ columns, got \d+")

_PLACEHOLDER: Final = "\0"


def as_written(text: str, source: CsvSourceSpec) -> str:
    """Return what stands in the file for a value that `batches` gives of a column of numbers.

    >>> german = CsvSourceSpec(kind="csv", path="a.csv", delimiter=";", decimal_point=",")
    >>> as_written("1,234.5", german)
    '1.234,5'
    """
    return text if source.decimal_point == "." else text.translate(str.maketrans(".,", ",."))


class CsvReader:
    """A `FileReader` of CSV.

    Parameters
    ----------
    layout
        Names the columns that hold numbers.
    store
        Where the files lie.
    source
        How the files are written.
    """

    columnar = False

    def __init__(self, layout: Layout, store: FileStore, source: CsvSourceSpec) -> None:
        self._store = store
        self._source = source
        self._numerical = {
            layout.name_in_source(entry.column_name)
            for entry in layout.values
            if entry.kind is ColumnKind.NUMERICAL and entry.column_name not in layout.derived
        }

    def look_at(self, file: FoundFile) -> KnownFile:
        """Read the line of names, and whether anything follows."""
        with self._named(file), self._text(file) as text:
            names = next((row for _, row in self._rows(text)), None)
            if names is None:
                raise pa.ArrowInvalid("it has no line of column names")
            has_rows = any(line.strip("\r\n") for line in text)
        schema = pa.schema([(name, pa.string()) for name in names])
        groups = (RowGroup(number=0, first_row=0),) if has_rows else ()
        return KnownFile(found=file, schema=schema, groups=groups)

    def batches(
        self, file: KnownFile, group: RowGroup, columns: Sequence[str]
    ) -> Iterator[pa.RecordBatch]:
        """See `FileReader.batches`; a row of too many or too few values is named by its line."""
        del group  # the one there is
        with self._named(file.found):
            yield from map(self._with_points, self._batches(file.found, columns))

    def _batches(self, file: FoundFile, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with (
            self._store.streamed(file) as stream,
            pacsv.open_csv(
                stream,
                read_options=pacsv.ReadOptions(
                    block_size=_LONGEST_ROW,
                    encoding="utf8" if self._is_utf8 else self._source.encoding,
                    use_threads=False,
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=self._source.delimiter,
                    quote_char=self._source.quote,
                    newlines_in_values=True,
                ),
                convert_options=pacsv.ConvertOptions(
                    include_columns=list(columns),
                    column_types=dict.fromkeys(columns, pa.string()),
                    null_values=["", *self._source.missing],
                    strings_can_be_null=True,
                ),
            ) as reader,
        ):
            yield from reader

    def _with_points(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return numbers with a decimal point; what has one already is no number and stays none."""
        if self._source.decimal_point == ".":
            return batch
        for place, name in enumerate(batch.schema.names):
            if name in self._numerical:
                batch = batch.set_column(place, name, _swapped(batch.column(place)))
        return batch

    @property
    def _is_utf8(self) -> bool:
        return codecs.lookup(self._source.encoding).name in ("utf-8", "utf-8-sig")

    @contextmanager
    def _text(self, file: FoundFile) -> Generator[io.TextIOWrapper]:
        encoding = "utf-8-sig" if self._is_utf8 else self._source.encoding
        with (
            self._store.streamed(file) as stream,
            io.TextIOWrapper(stream, encoding=encoding, newline="") as text,
        ):
            yield text

    def _rows(self, text: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
        """Yield rows one by one, which is slow, each with the number of its last line."""
        rows = csv.reader(text, delimiter=self._source.delimiter, quotechar=self._source.quote)
        return ((rows.line_num, row) for row in rows if row)  # a blank line is no row

    @contextmanager
    def _named(self, file: FoundFile) -> Generator[None]:
        with self._store.named(file, _FORM):
            try:
                yield
            except (UnicodeError, csv.Error) as error:
                raise pa.ArrowInvalid(f"{error}; is `encoding` right?") from error
            except pa.ArrowInvalid as error:
                raise pa.ArrowInvalid(self._explained(file, str(error))) from error

    def _explained(self, file: FoundFile, found: str) -> str:
        if "straddling object" in found:
            longest = f"{_LONGEST_ROW >> 20} MB"
            return f"a row of more than {longest}, or a quotation mark that is never closed"
        if "UTF8" in found:
            return f"{found}; is `encoding` right?"
        return (_ODD_ROW.search(found) and self._odd_row(file)) or found

    def _odd_row(self, file: FoundFile) -> str | None:
        """Return where the first row lies that has not as many values as there are names."""
        with self._text(file) as text:
            rows = self._rows(text)
            try:
                names = len(next(rows)[1])
                odd = ((line, len(row)) for line, row in rows if len(row) != names)
                line, values = next(odd)
            except (StopIteration, csv.Error):  # Python's reader differs: Arrow's words must do
                return None
        return f"line {line} has {values} values, the line of names {names}"


def _swapped(texts: pa.Array) -> pa.Array:
    """Return texts with points for commas and commas for points."""
    for old, new in ((".", _PLACEHOLDER), (",", "."), (_PLACEHOLDER, ",")):
        texts = pc.replace_substring(texts, old, new)
    return texts
