"""All labels of a window's rows, and that late ones end up where a window's own would."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring_assets.errors import DuplicateIdError
from monitoring_assets.sources.base import INSTANT, Places
from monitoring_assets.sources.label_feed import LabelFeed
from monitoring_assets.sources.label_rows import in_same_window, within
from monitoring_assets.sources.layouts import feed_layout, main_layout, needed_for_labels
from monitoring_assets.sources.prepare import PreparedSource
from monitoring_assets.sources.window_labels import WindowLabels, build_window_labels
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.sources.late_labels import (
    COLUMNS,
    CORRECTED,
    KINDS,
    NO_DATABASE,
    Label,
    found,
    labels_spec,
    put,
)
from monitoring_assets_tests.sources.small_files import at, three_rows, utc, write
from monitoring_assets_tests.sources.test_joining_rules import (
    DAY,
    HOURS,
    IDS,
    TIME,
    Given,
    joined_of,
    stamped,
    trips,
)
from monitoring_assets_tests.sources.test_joining_rules import labels_spec as joined_spec
from monitoring_assets_tests.specs import WATCHED, binary_spec, small_columns, small_spec

Read = Callable[..., pa.Table]

ALL = [
    ("a", utc(2023, 2, 3), 10.0),
    ("a", utc(2023, 2, 4), 12.0),
    ("a", utc(2023, 2, 5), 11.0),
    ("b", utc(2023, 2, 4, 0, 0, 0, 1), 20.0),
]
FILTERS = [
    {"name": "slow", "column": "minutes", "maximum": 60, "allow_missing": True},
    {"name": "far", "column": "distance", "maximum": 2.5},
]


@pytest.fixture(params=KINDS)
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Read:
    """Read a day's labels from a source of each kind that holds these."""
    kind, database = request.param, NO_DATABASE
    if kind == "postgres":
        database = request.getfixturevalue("empty_database")

    def done(rows: Sequence[Label] = CORRECTED, **changes: Any) -> pa.Table:
        put(kind, tmp_path, database, rows)
        spec = labels_spec(kind, tmp_path, database, **changes)
        return build_window_labels(spec, Places(tmp_path, python_folders=(tmp_path,))).read(*DAY)

    return done


def of_file(folder: Path, rows: dict[str, Any], **sections: Any) -> pa.Table:
    write(folder, three_rows() | rows)
    columns = small_columns(knowledge_time="known")
    spec = small_spec(**({"columns": columns} | sections))
    return build_window_labels(spec, Places(folder)).read(*DAY)


def test_every_correction_is_a_row_of_its_own(read: Read) -> None:
    labels = read()
    assert found(labels) == ALL
    assert labels["event_time"].to_pylist() == [utc(2023, 2, 1, 1)] * 3 + [utc(2023, 2, 1, 2)]
    assert labels.schema.names == ["row_id", "event_time", "knowledge_time", "target"]


def test_a_value_that_goes_away_or_breaks_a_filter_withdraws_the_label(read: Read) -> None:
    time, known = utc(2023, 2, 1, 1), utc(2023, 2, 3)
    rows = [("a", time, known + timedelta(days=n), v) for n, v in enumerate([5.0, 99.0, None])]
    assert [value for *_, value in found(read(rows, filters=FILTERS))] == [5.0, None, None]


def test_a_row_that_another_filter_rejects_has_no_label(tmp_path: Path) -> None:
    labels = of_file(tmp_path, {"known": [at(9)] * 3}, filters=FILTERS)
    assert labels["row_id"].to_pylist() == ["a", "b"]


def test_without_a_knowledge_time_a_label_is_known_from_the_start_of_its_window(read: Read) -> None:
    labels = read([("a", utc(2023, 2, 1, 1), None, 5.0), ("b", utc(2023, 2, 1, 2), None, None)])
    assert found(labels) == [("a", DAY[0], 5.0)]


@pytest.mark.parametrize(
    ("known", "values"),
    [
        ([None, None, None], [30.0]),
        ([at(9), None, None], [10.0]),
        ([at(0, day=2), None, None], [10.0]),
        ([at(0, 1, day=2), None, None], [10.0]),
        ([None, at(9), at(8)], [30.0, 20.0]),
    ],
)
def test_a_label_without_a_knowledge_time_is_the_least_known(
    tmp_path: Path, known: list[datetime | None], values: list[float]
) -> None:
    rows = {"id": ["a"] * 3, "known": pa.array(known, TIME)}
    assert of_file(tmp_path, rows)["target"].to_pylist() == values


def test_the_last_of_several_without_a_knowledge_time_may_take_the_label_back(
    tmp_path: Path,
) -> None:
    unknown = pa.nulls(3, TIME)
    rows = {"id": ["a", "a", "b"], "known": unknown, "minutes": [1.0, None, 2.0]}
    assert found(of_file(tmp_path, rows)) == [("b", DAY[0], 2.0)]


def test_corrections_have_the_event_time_of_the_row_that_is_kept(tmp_path: Path) -> None:
    rows = {"id": ["a", "a", "b"], "known": [at(9), at(10), at(9)]}
    labels = of_file(tmp_path, rows)
    assert labels["event_time"].to_pylist() == [utc(2023, 2, 1, h) for h in (2, 2, 3)]
    assert labels["target"].to_pylist() == [10.0, 20.0, 30.0]


def test_two_rows_of_an_id_are_no_correction_where_ids_must_be_unique(tmp_path: Path) -> None:
    source = {"kind": "parquet", "path": "small/*", "on_duplicate": "fail"}
    with pytest.raises(DuplicateIdError, match="rows repeat the id"):
        of_file(tmp_path, {"id": ["a", "a", "b"], "known": [at(9)] * 3}, source=source)


def test_a_model_without_target_or_knowledge_time_reads_as_ever(tmp_path: Path) -> None:
    rows = of_file(tmp_path, {}, columns=small_columns())
    assert found(rows) == [("a", DAY[1], 10.0), ("b", DAY[1], 20.0), ("c", DAY[1], 30.0)]
    none = of_file(tmp_path, {}, columns=small_columns(target=None), **WATCHED)
    assert (none.num_rows, none.schema) == (0, rows.schema)


def test_a_filter_may_look_at_what_probabilities_decide(tmp_path: Path) -> None:
    columns = small_columns(target="answer", probabilities={"yes": "p_yes"})
    filters = [{"name": "sure", "column": "prediction", "allowed": ["yes"]}]
    write(tmp_path, three_rows(p_yes=[0.9, 0.1, 0.8], answer=["yes", "no", "no"]))
    spec = binary_spec(columns=columns, filters=filters)
    labels = build_window_labels(spec, Places(tmp_path)).read(*DAY)
    assert [(one, value) for one, _, value in found(labels)] == [("a", "yes"), ("c", "no")]


VALUES = st.none() | st.floats(0, 100)
STAMPED = st.lists(st.tuples(IDS, HOURS, st.none() | HOURS, VALUES), max_size=12)


def of_tables(spec: ModelSpec, tables: Sequence[pa.Table]) -> WindowLabels:
    """Return the labels of three rows, from tables that are joined to them by id."""
    needed = needed_for_labels(spec)
    source = PreparedSource(
        spec=spec,
        layout=main_layout(spec, needed),
        raw=Given([pa.table(trips())]),
        on_duplicate="keep_last",
        joined=(joined_of(spec, tables),),
    )
    return WindowLabels(spec=spec, source=source)


def table_of(rows: Sequence[Any]) -> pa.Table:
    values = pa.array([row[3] for row in rows], pa.float64())
    return pa.table(stamped(list(rows)) | {"minutes": values})


@settings(deadline=None)
@given(STAMPED, st.integers(0, 12))
def test_the_newest_label_is_the_one_the_rows_are_joined_to(rows: list[Any], hours: int) -> None:
    near = {"event_time": "stamp", "within": f"{hours} hours"}
    spec = joined_spec(labels=near, filters=FILTERS[:1])
    labels = of_tables(spec, [table_of(rows)])
    joined = labels.source.read(*DAY).table.filter(pc.field("rejected_by").is_null())
    newest = {one: value for one, _, value in found(labels.read(*DAY))}  # the last of each id
    best = dict(zip(joined["row_id"].to_pylist(), joined["minutes"].to_pylist(), strict=True))
    assert {one: value for one, value in newest.items() if value is not None} == {
        one: value for one, value in best.items() if value is not None
    }


@settings(deadline=None)
@given(STAMPED, st.integers(0, 12), st.integers(0, 30))
def test_late_labels_end_up_where_those_of_the_window_are(
    rows: list[Any], hours: int, watermark: int
) -> None:
    rows = [row for row in rows if row[2] is not None]
    spec = joined_spec(labels={"event_time": "stamp", "within": f"{hours} hours"}, filters=FILTERS)
    near = within(timedelta(hours=hours, seconds=1))
    feed = feed_over(spec, table_of(rows), near)
    assert feed.columns_of_predictions == ("row_id", "event_time", "distance")
    at_once = of_tables(spec, [table_of(rows)]).read(*DAY)
    scored = predictions()
    moment = utc(2023, 2, 1) + timedelta(hours=watermark)
    first = feed.placed(feed.known_since(None, moment), scored)
    later = feed.placed(feed.known_since(moment), scored)
    keys = [(name, "ascending") for name in ("event_time", "row_id", "knowledge_time")]
    assert pa.concat_tables([first, later]).sort_by(keys) == at_once


@settings(deadline=None)
@given(STAMPED)
def test_so_it_is_where_labels_come_with_their_rows(rows: list[Any]) -> None:
    rows = [row for row in rows if row[2] is not None and row[1] < at(0, day=2)]
    spec = small_spec(**WATCHED, columns=COLUMNS)
    table = table_of(rows).rename_columns({"stamp": "time"})
    source = PreparedSource(
        spec=spec,
        layout=main_layout(spec, needed_for_labels(spec)),
        raw=Given([table]),
        on_duplicate="keep_last",
    )
    window = WindowLabels(spec=spec, source=source)
    feed = feed_over(spec, table, in_same_window(spec.windows))
    kept = source.read(*DAY).table
    assert feed.placed(feed.known_since(None), kept) == window.read(*DAY)


def feed_over(spec: ModelSpec, table: pa.Table, near: Any) -> LabelFeed:
    joined = spec.joined[0] if spec.joined else None
    return LabelFeed(spec=spec, layout=feed_layout(spec, joined), raw=Given([table]), near=near)


def predictions() -> pa.Table:
    table = pa.table(trips()).rename_columns({"id": "row_id", "time": "event_time"})
    return table.set_column(1, "event_time", table["event_time"].cast(INSTANT))
