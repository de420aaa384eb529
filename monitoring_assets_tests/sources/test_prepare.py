from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring_assets.sources.base import Period, RawRows
from monitoring_assets.sources.layouts import main_layout
from monitoring_assets.sources.prepare import PreparedSource
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.specs import small_columns, small_spec

WINDOWS = {"granularity": "day", "start": "2023-03-10", "time_zone": "America/New_York"}
SPEC = small_spec(windows=WINDOWS, columns=small_columns(id=None), derived={})
STAMPS = st.datetimes(*map(datetime.fromisoformat, ("2023-03-09", "2023-03-16")))


@dataclass(frozen=True)
class Everything:
    """A raw source that always delivers all it has, one piece a list of clock faces."""

    stamps: list[list[datetime | None]]

    def pieces(self, start: datetime | None, end: datetime | None) -> Iterator[RawRows]:
        del start, end
        for number, stamps in enumerate(self.stamps):
            names = pa.array([f"{number}#{row}" for row in range(len(stamps))], pa.string())
            nothing = {name: pa.nulls(len(stamps)) for name in ("distance", "zone", "minutes")}
            table = pa.table({"time": pa.array(stamps, pa.timestamp("us"))} | nothing)
            yield RawRows(table=table, row_ids=lambda names=names: names, origin=str(number))

    def newest_event_time(self) -> datetime | None:
        return None

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        return {"event_time_missing": len(periods)}

    def planted_changes(self) -> tuple[()]:
        return ()

    def stamp(self, start: datetime | None, end: datetime | None) -> None:
        pass

    def describe(self) -> dict[str, str]:
        return {"kind": "everything"}


def source_of(stamps: list[list[datetime | None]], spec: ModelSpec = SPEC) -> PreparedSource:
    return PreparedSource(
        spec=spec, layout=main_layout(spec), raw=Everything(stamps), on_duplicate="keep_last"
    )


@settings(deadline=None)
@given(st.lists(st.lists(st.none() | STAMPS, max_size=6), max_size=4))
def test_all_windows_together_are_the_whole(stamps: list[list[datetime | None]]) -> None:
    source, windows = source_of(stamps), SPEC.windows
    edges = [windows.midnight(windows.start + timedelta(days=day)) for day in range(6)]
    days = [source.read(*ends) for ends in pairwise(edges)]
    whole = source.read(edges[0], edges[-1])
    assert pa.concat_tables([day.table for day in days]) == whole.table
    counts = [day.adjusted.get("missing_hour", 0) for day in days]
    assert sum(counts) == whole.adjusted.get("missing_hour", 0)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(STAMPS, max_size=6), max_size=3))
def test_every_row_with_an_event_time_lies_in_exactly_one_window_of_six_hours(
    stamps: list[list[datetime | None]],
) -> None:
    source, windows = source_of(stamps), SPEC.windows
    begin = windows.midnight(windows.start - timedelta(days=1))
    edges = [begin + timedelta(hours=hour) for hour in range(0, 8 * 24, 6)]
    found = [source.read(*ends).table["row_id"].to_pylist() for ends in pairwise(edges)]
    expected = [f"{n}#{row}" for n, piece in enumerate(stamps) for row in range(len(piece))]
    assert sorted(name for ids in found for name in ids) == sorted(expected)


def test_what_a_raw_source_answers_is_handed_on() -> None:
    source = source_of([])
    assert source.newest_event_time() is None
    assert source.rows_outside([]) == {"event_time_missing": 0}
    assert (source.planted_changes(), source.describe()) == ((), {"kind": "everything"})
