"""Which row of a joined source belongs to a row, and what is counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring_assets.errors import SourceSchemaError
from monitoring_assets.sources.base import Period, RawRows, SourceRows
from monitoring_assets.sources.joining import JoinedRows
from monitoring_assets.sources.layouts import joined_layout, main_layout
from monitoring_assets.sources.prepare import PreparedSource
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.sources.small_files import at, read_day, three_rows, utc, write
from monitoring_assets_tests.specs import small_columns, small_spec

PERIOD = {"period": {"start": "2023-01-01", "end": "2023-02-01"}}
DAY = (utc(2023, 2, 1), utc(2023, 2, 2))
TIME = pa.timestamp("us")


@dataclass(frozen=True)
class Given:
    """A raw source that delivers these tables, whatever stretch is asked for."""

    tables: Sequence[pa.Table]

    def pieces(self, start: datetime | None, end: datetime | None) -> Iterator[RawRows]:
        assert (start is None) == (end is None)
        for table in self.tables:
            yield RawRows(table=table, row_ids=lambda: pa.nulls(0), origin="given")

    def newest_event_time(self) -> datetime | None:
        return None

    def rows_outside(self, periods: Sequence[Period]) -> dict[str, int]:
        return {"event_time_missing": len(periods)}

    def planted_changes(self) -> tuple[()]:
        return ()

    def stamp(self, start: datetime | None, end: datetime | None) -> None:
        pass

    def describe(self) -> dict[str, str]:
        return {"kind": "given"}


def labels_spec(**changes: Any) -> ModelSpec:
    """Return a model whose labels are joined; `labels` among the changes adds to their entry."""
    parquet = {"kind": "parquet", "path": "labels/*.parquet"}
    labels = {"name": "labels", "source": parquet, "columns": ["minutes", "known"]}
    joined = [labels | changes.pop("labels", {}), *changes.pop("others", [])]
    columns = small_columns(knowledge_time="known", prediction="predicted")
    sections = {"columns": columns, "model": None, "reference": PERIOD, "joined": joined}
    return small_spec(**(sections | changes))


def joined_of(spec: ModelSpec, tables: Sequence[pa.Table], number: int = 0) -> JoinedRows:
    one = spec.joined[number]
    layout = joined_layout(spec, one)
    return JoinedRows(name=one.name, layout=layout, raw=Given(tables), within=one.within)


def read(spec: ModelSpec, main: dict[str, Any], *others: Sequence[dict[str, Any]]) -> SourceRows:
    joined = [joined_of(spec, [*map(pa.table, one)], n) for n, one in enumerate(others)]
    source = PreparedSource(
        spec=spec,
        layout=main_layout(spec),
        raw=Given([pa.table(main)]),
        on_duplicate="keep_last",
        joined=tuple(joined),
    )
    return source.read(*DAY)


def trips(**columns: Any) -> dict[str, Any]:
    return three_rows(minutes=None, predicted=[1.0, 2.0, 3.0], **columns)


def labels(ids: list[str], minutes: list[Any], known: list[datetime | None]) -> dict[str, Any]:
    return {"id": ids, "minutes": minutes, "known": pa.array(known, TIME)}


def values(rows: SourceRows, name: str) -> list[Any]:
    return rows.table[name].to_pylist()


def test_the_label_known_last_is_joined_wherever_it_stands() -> None:
    first = labels(["a", "a", "b"], [1.0, 2.0, 3.0], [at(9), at(7), None])
    second = labels(["b", "a", "z"], [4.0, 5.0, 6.0], [at(1), at(8), at(1)])
    rows = read(labels_spec(), trips(), [first, second])
    assert values(rows, "minutes") == [1.0, 4.0, None]
    assert values(rows, "knowledge_time") == [utc(2023, 2, 1, 9), utc(2023, 2, 1, 1), None]
    assert rows.adjusted == {"unmatched:labels": 1}


def test_of_labels_known_at_the_same_time_the_last_is_joined() -> None:
    rows = read(labels_spec(), trips(), [labels(["a", "a"], [1.0, 2.0], [at(9), at(9)])])
    assert values(rows, "minutes") == [2.0, None, None]


def test_without_a_knowledge_time_the_last_row_of_the_source_is_joined() -> None:
    spec = labels_spec(
        columns=small_columns(prediction="predicted"), labels={"columns": ["minutes"]}
    )
    first, second = ({"id": ["a", "b"], "minutes": [n, None]} for n in (1.0, 2.0))
    rows = read(spec, trips(), [first, second])
    assert values(rows, "minutes") == [2.0, None, None]
    assert values(rows, "knowledge_time") == [None] * 3
    assert rows.adjusted == {"unmatched:labels": 1}


@pytest.mark.parametrize("tables", [[], [labels([], [], [])]])
def test_a_source_without_rows_leaves_every_row_unmatched(tables: list[dict[str, Any]]) -> None:
    rows = read(labels_spec(), trips(), tables)
    assert values(rows, "minutes") == values(rows, "knowledge_time") == [None] * 3
    assert rows.adjusted == {"unmatched:labels": 3}


def test_no_rows_have_nothing_beside_them() -> None:
    none = {name: column[:0] for name, column in trips().items()}
    rows = read(labels_spec(), none, [labels(["a"], ["?"], [at(9)])])
    assert (rows.table.num_rows, rows.adjusted) == (0, {})
    assert rows.table.schema == read(labels_spec(), trips(), []).table.schema


def test_what_was_mended_counts_in_the_rows_it_is_joined_to_only() -> None:
    given = labels(["a", "a", "b", "z"], ["?", "2", "?", "?"], [at(1), at(2), at(1), at(1)])
    rows = read(labels_spec(), trips(), [given])
    assert values(rows, "minutes") == [2.0, None, None]
    assert rows.adjusted == {"invalid:minutes": 1, "unmatched:labels": 1}


def test_a_row_mended_in_two_sources_counts_once() -> None:
    windows = {"granularity": "day", "start": "2023-03-01", "time_zone": "America/New_York"}
    gap = datetime.fromisoformat("2023-03-12T02:30")
    noon = datetime.fromisoformat("2023-03-12T12:00")
    spec = labels_spec(windows=windows)
    source = PreparedSource(
        spec=spec,
        layout=main_layout(spec),
        raw=Given([pa.table(trips(time=pa.array([gap, noon, noon], TIME)))]),
        on_duplicate="keep_last",
        joined=(joined_of(spec, [pa.table(labels(["a", "b"], [1.0, 2.0], [gap, gap]))]),),
    )
    rows = source.read(utc(2023, 3, 12, 5), utc(2023, 3, 13, 4))
    assert rows.adjusted == {"missing_hour": 2, "unmatched:labels": 1}


def test_of_rows_with_one_id_the_kept_one_is_joined_once() -> None:
    rows = read(labels_spec(), trips(id=["a", "b", "a"]), [labels(["a"], [1.0], [at(9)])])
    assert values(rows, "row_id") == ["b", "a"]
    assert values(rows, "minutes") == [None, 1.0]
    assert rows.adjusted == {"duplicate_id": 1, "unmatched:labels": 1}


def test_filters_see_joined_columns() -> None:
    quick = {"name": "quick", "column": "minutes", "maximum": 10}
    given = labels(["a", "b"], [5.0, 50.0], [at(9), at(9)])
    rows = read(labels_spec(filters=[quick]), trips(), [given])
    assert values(rows, "rejected_by") == [None, "quick", "quick"]


def test_a_model_version_alone_may_be_joined(tmp_path: Path) -> None:
    versions = {"name": "versions", "source": {"kind": "parquet", "path": "versions/*.parquet"}}
    spec = labels_spec(
        columns=small_columns(prediction="predicted", model_version="version"),
        joined=[versions | {"columns": ["version"]}],
    )
    write(tmp_path, three_rows(predicted=[1.0] * 3))
    write(tmp_path, {"id": ["c", "a"], "version": ["v2", "v1"]}, "../versions/a.parquet")
    assert values(read_day(tmp_path, spec), "model_version") == ["v1", None, "v2"]


def test_a_missing_column_is_named_with_the_place_in_the_yaml() -> None:
    with pytest.raises(SourceSchemaError, match=r"lacks column 'known'.*`joined\.labels\.source"):
        read(labels_spec(), trips(), [{"id": ["a"], "minutes": [1.0]}])


def test_a_row_of_the_other_source_without_an_id_is_an_error() -> None:
    given = labels(["a"], [1.0], [at(9)]) | {"trip": pa.nulls(1, pa.string())}
    with pytest.raises(SourceSchemaError, match="without a value in 'trip'"):
        read(labels_spec(labels={"id": "trip"}), trips(), [given])


@pytest.mark.parametrize(
    ("within", "found"),
    [
        ("0 minutes", [None, 2.0, None]),
        ("30 minutes", [None, 2.0, None]),
        ("1 hour", [1.0, 2.0, None]),
        ("2 days", [1.0, 2.0, 3.0]),
    ],
)
def test_the_times_of_both_rows_may_lie_this_far_apart(
    within: str, found: list[float | None]
) -> None:
    given = labels(["a", "b", "c"], [1.0, 2.0, 3.0], [at(9)] * 3)
    times = [at(2), at(2) + timedelta(milliseconds=999), at(3, day=3)]
    given["stamp"] = pa.array(times, TIME)
    spec = labels_spec(labels={"event_time": "stamp", "within": within})
    assert values(read(spec, trips(), [given]), "minutes") == found


def test_a_better_known_row_too_far_away_does_not_stand_in_the_way() -> None:
    given = labels(["a", "a"], [1.0, 2.0], [at(1), at(9)])
    given["stamp"] = pa.array([at(1), at(5)], TIME)
    spec = labels_spec(labels={"event_time": "stamp", "within": "1 hour"})
    assert values(read(spec, trips(), [given]), "minutes") == [1.0, None, None]


IDS = st.sampled_from(["a", "b", "c", "d"])
HOURS = st.integers(0, 30).map(lambda hour: at(0) + timedelta(hours=hour))
OTHERS = st.lists(st.tuples(IDS, HOURS, st.none() | HOURS), max_size=10)


@settings(deadline=None)
@given(OTHERS, OTHERS, st.integers(0, 12))
def test_the_best_known_of_the_near_rows_is_joined(
    first: list[Any], second: list[Any], hours: int
) -> None:
    spec = labels_spec(labels={"event_time": "stamp", "within": f"{hours} hours"})
    numbered: list[Any] = [(*row, float(n)) for n, row in enumerate([*first, *second])]
    tables = [stamped(part) for part in (numbered[: len(first)], numbered[len(first) :])]
    rows = read(spec, trips(), tables)
    mains = {"a": at(1), "b": at(2), "c": at(3)}
    for name, time in mains.items():
        near = [o for o in numbered if o[0] == name and abs(o[1] - time) <= timedelta(hours=hours)]
        best = max(near, key=lambda o: (o[2] is not None, o[2] or at(0), o[3]), default=None)
        place = values(rows, "row_id").index(name)
        assert values(rows, "minutes")[place] == (best and best[3])


def stamped(rows: list[Any]) -> dict[str, Any]:
    ids, stamps, known, minutes = zip(*rows, strict=True) if rows else ((), (), (), ())
    table = labels(list(ids), pa.array(minutes, pa.float64()), list(known))
    return table | {"id": pa.array(ids, pa.string()), "stamp": pa.array(stamps, TIME)}
