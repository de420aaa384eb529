"""A sample of Parquet files: row groups spread over the files, some batches of each.

Belongs here: footers, row groups, event times. Stays out: finding files (files.py).
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitoring_assets.onboarding.files import Files, evenly
from monitoring_assets.onboarding.looks import Look
from monitoring_assets.onboarding.origin import SAMPLE_ROWS, Sample, SourceEntry, Spread
from monitoring_assets.sources.files.store import FoundFile
from monitoring_assets.sources.times import read_times

_MOST_FILES: Final = 64
"""Files whose footer is read; of more, some spread over all of them."""

_GROUPS: Final = 16
"""Row groups of the sample."""

_BATCH: Final = 1024
_DECODED: Final = 2_000_000
"""Rows that are decoded at most to take the sample from."""

_EVENT_TIMES: Final = 8_000_000
"""Event times that are read at most."""


@dataclass(frozen=True)
class _Group:
    """A row group of a file."""

    file: FoundFile
    number: int
    rows: int


class ParquetOrigin:
    """Parquet files.

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
        chosen = evenly(self._groups, _GROUPS)
        tables = [self._some_rows(group, len(chosen)) for group in chosen]
        rows = sum(group.rows for group in self._groups)
        files, looked_at = len(self._files.found), len(self._looked_at)
        return Sample(
            table=_together(tables, self._schema),
            rows=rows * files // looked_at,
            exact=files == looked_at,
        )

    def spread(self, event_time: Look, sample: Sample) -> Spread:
        """See `Origin.spread`."""
        rows = max(1, sum(group.rows for group in self._groups))
        few = evenly(self._groups, max(1, len(self._groups) * _EVENT_TIMES // rows))
        parts = [np.empty(0, np.int64), *(self._instants(group, event_time.name) for group in few)]
        instants = np.concatenate(parts)
        return Spread(
            instants=instants,
            weights=np.full(len(instants), sample.rows / max(1, sum(one.rows for one in few))),
            whole=sample.exact and len(few) == len(self._groups),
        )

    def source(self) -> tuple[SourceEntry, ...]:
        """See `Origin.source`."""
        return tuple(self._files.entries())

    def describe(self) -> str:
        """See `Origin.describe`."""
        return self._files.describe()

    @cached_property
    def _looked_at(self) -> Sequence[FoundFile]:
        return evenly(self._files.found, _MOST_FILES)

    @cached_property
    def _footers(self) -> dict[FoundFile, pq.FileMetaData]:
        footers: dict[FoundFile, pq.FileMetaData] = {}
        for file in self._looked_at:
            with self._opened(file) as opened:
                footers[file] = opened.metadata
        return footers

    @cached_property
    def _groups(self) -> list[_Group]:
        """The row groups of all files looked at that hold a row."""
        return [
            _Group(file, number, footer.row_group(number).num_rows)
            for file, footer in self._footers.items()
            for number in range(footer.num_row_groups)
            if footer.row_group(number).num_rows
        ]

    @cached_property
    def _schema(self) -> pa.Schema:
        """The columns of the last file."""
        return [*self._footers.values()][-1].schema.to_arrow_schema()

    def _some_rows(self, group: _Group, groups: int) -> pa.Table:
        """Return batches spread over a row group; of a large one, over its beginning."""
        batches = -(-min(group.rows, _DECODED // groups) // _BATCH)
        every = -(-batches * groups * _BATCH // SAMPLE_ROWS)
        with self._opened(group.file) as opened:
            read: Iterator[Any] = opened.iter_batches(batch_size=_BATCH, row_groups=[group.number])
            numbered = zip(range(batches), read, strict=False)
            return pa.Table.from_batches([one for place, one in numbered if place % every == 0])

    def _instants(self, group: _Group, name: str) -> Any:
        with self._opened(group.file) as opened:
            if name not in opened.schema_arrow.names:
                return np.empty(0, np.int64)
            column = opened.read_row_group(group.number, columns=[name])[name].combine_chunks()
        times = read_times(column, "UTC")
        return times.instants[times.known]

    @contextmanager
    def _opened(self, file: FoundFile) -> Generator[Any]:
        store = self._files.store
        with (
            store.named(file, "Parquet file"),
            store.opened(file) as opened,
            pq.ParquetFile(opened) as parquet,
        ):
            yield parquet


def _together(tables: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    """Return the rows of all files; where these disagree about a type, the last one is right."""
    if not tables:
        return schema.empty_table()
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException:
        return tables[-1]
