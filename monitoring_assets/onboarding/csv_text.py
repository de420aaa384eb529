"""How a CSV text is written: encoding, delimiter, decimal point, texts for missing values.

Belongs here: guessing these from some bytes, and reading bytes by them. Stays out: choosing the
bytes (csv_origin.py).
"""

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from monitoring_assets.onboarding.origin import SourceEntry
from monitoring_assets.onboarding.words import MISSING_TEXTS
from monitoring_assets.sources.kinds import to_number

_DELIMITERS: Final = (",", ";", "\t", "|")
_LINES: Final = 30
_MOSTLY: Final = 0.95
_FIRST: Final = 200
"""Texts that are read as numbers before all of a column are."""

_SEVERAL: Final = 3
"""Times that a text stands in a column of numbers from which on it is no slip."""

_DECIMAL_COMMA: Final = r"^\s*[+-]?\d+(,\d+)?\s*$"


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a CSV text is written."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"

    def entries(self) -> Iterator[SourceEntry]:
        """Yield the lines of the YAML that say so, where it is not the usual way."""
        if self.delimiter != ",":
            yield SourceEntry(
                name="delimiter", value=self.delimiter, comment="guess: it cuts all lines alike"
            )
        if self.quote != '"':
            yield SourceEntry(name="quote", value=self.quote, comment="guess: the first line")
        if self.encoding != "utf-8":
            yield SourceEntry(name="encoding", value=self.encoding, comment="guess: not UTF-8")


@dataclass(frozen=True, kw_only=True)
class Tidied:
    """Rows whose numbers have decimal points and whose missing values are missing."""

    table: pa.Table
    decimal_comma: bool
    missing: tuple[str, ...]

    def entries(self) -> Iterator[SourceEntry]:
        """Yield the lines of the YAML that say so, where something had to be done."""
        if self.decimal_comma:
            yield SourceEntry(
                name="decimal_point", value=",", comment="guess: columns of numbers with commas"
            )
        if self.missing:
            yield SourceEntry(
                name="missing", value=self.missing, comment="guess: stand in columns of numbers"
            )


@dataclass(frozen=True, kw_only=True)
class LinesLost:
    """Lines of a text with rows, and how many of them make no row without being meant to."""

    lines: int
    lost: int


def lines_lost(text: bytes, table: pa.Table) -> LinesLost:
    r"""Count lines that were left out of the rows of a text, or lie in the longest value.

    Values of several lines are usual and much alike; an open quotation mark makes one value of all
    that follows, and what remains of its row is often no row.

    >>> lines_lost(b'1,"x\n2,y\n3,z', pa.table({"a": ["1"], "b": ["x\n2,y\n3,z"]})).lost
    2
    """
    lines = sum(1 for line in text.split(b"\n") if line.strip(b"\r\0"))
    inside = [pc.count_substring(column, "\n") for column in table.columns]
    breaks = sum(pc.sum(one).as_py() or 0 for one in inside)
    longest = max((pc.max(one).as_py() or 0 for one in inside), default=0)
    left_out = max(0, lines - table.num_rows - breaks)
    return LinesLost(lines=lines, lost=min(lines, left_out + (longest if longest > 1 else 0)))


def guess_dialect(head: bytes) -> Dialect:
    r"""Return how a text is written, by its beginning.

    >>> guess_dialect(b"a;b\n1,5;x\n").delimiter
    ';'
    """
    encoding = _encoding(head)
    lines = head.decode(encoding, errors="ignore").splitlines()[:_LINES]
    quote = "'" if lines and lines[0].startswith("'") else '"'
    fields = {one: _fields(lines, one, quote) for one in _DELIMITERS}
    return Dialect(
        delimiter=max(_DELIMITERS, key=lambda one: fields[one]), quote=quote, encoding=encoding
    )


def is_utf8(text: bytes) -> bool:
    """Return whether bytes are UTF-8; a character cut off at the end counts as whole."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text)
    except UnicodeDecodeError:
        return False
    return True


def read_text(text: bytes, dialect: Dialect, names: Sequence[str], *, with_names: bool) -> pa.Table:
    """Return the rows of a CSV text, every value as text; broken lines are left out.

    Parameters
    ----------
    names
        The columns.
    with_names
        Whether the first line of the text is that of the names.
    """
    numbered = [f"{place}" for place in range(len(names))]
    if not text.strip():
        return pa.table([pa.array([], pa.string())] * len(names), names=list(names))
    table: Any = pacsv.read_csv(
        pa.BufferReader(text),
        read_options=pacsv.ReadOptions(
            block_size=len(text) + 1,
            column_names=numbered,
            encoding=dialect.encoding,
            skip_rows_after_names=1 if with_names else 0,
            use_threads=False,
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote,
            newlines_in_values=True,
            invalid_row_handler=_left_out,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(numbered, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    return table.rename_columns(list(names))


def _left_out(row: Any) -> str:
    del row
    return "skip"


def column_names(text: bytes, dialect: Dialect) -> list[str]:
    """Return the names in the first line of a text that is not blank."""
    lines = (
        text.decode(dialect.encoding, errors="ignore").lstrip("\ufeff").splitlines(keepends=True)
    )
    filled = (line for line in lines if line.strip())
    reader = csv.reader(filled, delimiter=dialect.delimiter, quotechar=dialect.quote)
    return next(reader, list[str]())


def tidied(table: pa.Table) -> Tidied:
    """Return rows with decimal points and without texts that stand for missing numbers."""
    missing = _missing_texts(table)
    table = _without_texts(table, missing)
    table, decimal_comma = _with_decimal_points(table)
    return Tidied(table=table, decimal_comma=decimal_comma, missing=missing)


def _with_decimal_points(table: pa.Table) -> tuple[pa.Table, bool]:
    """Return numbers written with a decimal comma as texts with a point, if there are any."""
    found = False
    for place, column in enumerate(table.columns):
        filled = pc.drop_null(column)
        commas = pc.sum(pc.match_substring(filled, ",")).as_py() or 0
        if commas and _numbers_with_commas(filled) >= _MOSTLY * len(filled):
            found = True
            pointed = pc.replace_substring(column, ",", ".")
            table = table.set_column(place, table.column_names[place], pointed)
    return table, found


def _missing_texts(table: pa.Table) -> tuple[str, ...]:
    """Return what stands for missing values in columns of numbers: usual texts, repeated ones."""
    found: set[str] = set()
    for column in table.columns:
        texts = pc.drop_null(column)
        tokens = pc.is_in(texts, value_set=pa.array(MISSING_TEXTS))
        others = texts.filter(pc.invert(tokens))
        if not len(others) or not _are_numbers(others.slice(0, _FIRST)):
            continue
        wrong = _no_numbers(others)
        if len(wrong) <= (1 - _MOSTLY) * len(others):
            found |= {*pc.unique(texts.filter(tokens)).to_pylist(), *_repeated(wrong)}
    return tuple(sorted(found))


def _repeated(texts: pa.ChunkedArray) -> Iterator[str]:
    """Yield texts without a digit that stand there several times."""
    for one in pc.value_counts(texts).to_pylist():
        if one["counts"] >= _SEVERAL and not any(map(str.isdigit, one["values"])):
            yield one["values"]


def _without_texts(table: pa.Table, missing: Sequence[str]) -> pa.Table:
    if not missing:
        return table
    tokens = pa.array(missing)
    columns = [
        pc.if_else(pc.is_in(column, value_set=tokens), None, column) for column in table.columns
    ]
    return pa.Table.from_arrays(columns, names=table.column_names)


def _are_numbers(texts: pa.ChunkedArray) -> bool:
    return len(_no_numbers(texts)) <= (1 - _MOSTLY) * len(texts)


def _no_numbers(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return what is no number, with decimal commas if most are numbers then, else with points."""
    wrong = texts.filter(pc.invert(pc.match_substring_regex(texts, _DECIMAL_COMMA)))
    if len(wrong) <= (1 - _MOSTLY) * len(texts):
        return wrong
    return texts.filter(pa.array(to_number(texts.combine_chunks())[1]))


def _numbers_with_commas(texts: pa.ChunkedArray) -> int:
    return int(pc.sum(pc.match_substring_regex(texts, _DECIMAL_COMMA)).as_py() or 0)


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8" if is_utf8(head) else "cp1252"


def _fields(lines: Sequence[str], delimiter: str, quote: str) -> tuple[bool, int]:
    """Return whether most lines have as many fields as the first one, and how many that are."""
    rows = [row for row in csv.reader(lines, delimiter=delimiter, quotechar=quote) if row]
    if not rows or len(rows[0]) < 2:
        return False, 0
    same = sum(len(row) == len(rows[0]) for row in rows) >= 0.8 * len(rows)
    return same, len(rows[0])
