"""Labels found by when they became known, in every kind of source."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from monitoring_assets.errors import SourceSchemaError, SourceUnavailableError
from monitoring_assets.sources.base import INSTANT, Places
from monitoring_assets.sources.label_feed import LabelFeed, build_label_feed
from monitoring_assets_tests.sources.late_labels import (
    COLUMNS,
    CORRECTED,
    KINDS,
    NO_DATABASE,
    Label,
    feed_of,
    found,
    labels_spec,
    put,
)
from monitoring_assets_tests.sources.small_files import at, three_rows, utc, write
from monitoring_assets_tests.specs import (
    WATCHED,
    binary_spec,
    simulated_spec,
    small_columns,
    small_spec,
)

Feed = Callable[..., LabelFeed]

MICROSECOND = timedelta(microseconds=1)
ALL = [
    ("a", utc(2023, 2, 3), 10.0),
    ("a", utc(2023, 2, 4), 12.0),
    ("b", utc(2023, 2, 4, 0, 0, 0, 1), 20.0),
    ("a", utc(2023, 2, 5), 11.0),
]


@pytest.fixture(params=KINDS)
def feed(request: pytest.FixtureRequest, tmp_path: Path) -> Feed:
    """Return the feed of a source of each kind that holds these labels."""
    kind, database = request.param, NO_DATABASE
    if kind == "postgres":
        database = request.getfixturevalue("empty_database")

    def made(rows: Sequence[Label] = CORRECTED, **changes: Any) -> LabelFeed:
        put(kind, tmp_path, database, rows)
        return feed_of(labels_spec(kind, tmp_path, database, **changes), tmp_path)

    return made


def parquet_feed(folder: Path, rows: dict[str, Any], **sections: Any) -> LabelFeed:
    write(folder, three_rows() | rows)
    columns = small_columns(knowledge_time="known")
    return feed_of(small_spec(**({"columns": columns} | sections)), folder)


def test_every_correction_is_a_row_of_its_own(feed: Feed) -> None:
    labels = feed().known_since(None)
    assert found(labels) == ALL
    assert labels.schema.names[:4] == ["row_id", "event_time", "knowledge_time", "target"]
    assert labels.schema.types[:4] == [pa.string(), INSTANT, INSTANT, pa.float64()]
    assert labels["event_time"].null_count == 4


@pytest.mark.parametrize(
    ("after", "rows"),
    [
        (utc(2023, 2, 4), ALL[1:]),
        (utc(2023, 2, 4, 0, 0, 0, 1), ALL[2:]),
        (utc(2023, 2, 4, 0, 0, 0, 2), ALL[3:]),
        (utc(2023, 2, 5), ALL[3:]),
        (utc(2023, 2, 5) + MICROSECOND, []),
    ],
)
def test_labels_of_the_watermarks_own_microsecond_are_found(
    feed: Feed, after: datetime, rows: list[Any]
) -> None:
    assert found(feed().known_since(after)) == rows


def test_labels_that_are_not_known_yet_wait_for_their_moment(feed: Feed) -> None:
    labels = feed()
    assert found(labels.known_since(utc(2023, 2, 4), utc(2023, 2, 5))) == ALL[1:3]
    assert found(labels.known_since(utc(2023, 2, 5), utc(2023, 2, 6))) == ALL[3:]


def test_the_newest_knowledge_time_is_that_of_any_row(feed: Feed) -> None:
    assert feed().newest_knowledge_time() == utc(2023, 2, 5)


@pytest.mark.parametrize("rows", [[], [CORRECTED[3]]])
def test_a_source_without_a_label_has_no_newest_one(feed: Feed, rows: list[Label]) -> None:
    labels = feed(rows)
    assert labels.newest_knowledge_time() is None
    assert labels.known_since(None).num_rows == 0
    assert labels.known_since(utc(2023, 2, 1)).schema == labels.known_since(None).schema


def test_a_value_that_goes_away_or_breaks_a_filter_withdraws_the_label(feed: Feed) -> None:
    time, known = utc(2023, 2, 1, 1), utc(2023, 2, 3)
    rows = [("a", time, known + timedelta(days=n), v) for n, v in enumerate([5.0, 99.0, None])]
    filters = [
        {"name": "slow", "column": "minutes", "maximum": 60, "allow_missing": True},
        {"name": "far", "column": "distance", "maximum": 0.5},
    ]
    assert [value for *_, value in found(feed(rows, filters=filters).known_since(None))] == [
        5.0,
        None,
        None,
    ]


def test_a_class_is_stored_as_text(tmp_path: Path) -> None:
    columns = small_columns(target="answer", probabilities={"yes": "p_yes"}, knowledge_time="known")
    write(tmp_path, three_rows(answer=["yes", "no", None], p_yes=[0.5] * 3, known=[at(9)] * 3))
    labels = feed_of(binary_spec(columns=columns), tmp_path).known_since(None)
    assert labels["target"].to_pylist() == ["yes", "no", None]
    assert labels.schema.field("target").type == pa.string()


def test_a_target_that_is_computed_is_a_label_like_any_other(tmp_path: Path) -> None:
    derived = {"minutes": {"kind": "minutes_between", "start": "time", "end": "known"}}
    labels = parquet_feed(tmp_path, {"known": [at(1, 30), at(3), at(3)]}, derived=derived)
    assert [value for *_, value in found(labels.known_since(None))] == [30.0, 60.0, 0.0]


def test_knowledge_times_without_a_zone_are_taken_in_the_sources(tmp_path: Path) -> None:
    zoned = {"kind": "parquet", "path": "small/*", "event_time_zone": "America/New_York"}
    labels = parquet_feed(tmp_path, {"known": [at(9), at(10), at(10, 1)]}, source=zoned)
    assert labels.newest_knowledge_time() == utc(2023, 2, 1, 15, 1)
    rows = labels.known_since(utc(2023, 2, 1, 15))
    assert rows["knowledge_time"].to_pylist() == [utc(2023, 2, 1, 15), utc(2023, 2, 1, 15, 1)]


@pytest.mark.parametrize("known", [["9", "soon", ""], [None, "tomorrow", "2023"]])
def test_a_text_that_is_no_time_is_no_knowledge_time(tmp_path: Path, known: list[Any]) -> None:
    labels = parquet_feed(tmp_path, {"known": pa.array(known, pa.string())})
    assert (labels.newest_knowledge_time(), labels.known_since(None).num_rows) == (None, 0)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"known": [1, 2, 3]}, r"column 'known' of .*a\.parquet is of type int64.*as a time"),
        ({"known": [at(9)] * 3, "minutes": [[1.0]] * 3}, "column 'minutes' .* as a number"),
        ({"known": [at(9)] * 3, "id": ["a", None, "b"]}, "1 rows without a value in 'id'"),
        ({}, r"lacks column 'known'.*`columns` or `source.rename`"),
    ],
)
def test_a_column_that_cannot_be_read_is_named(
    tmp_path: Path, rows: dict[str, Any], message: str
) -> None:
    with pytest.raises(SourceSchemaError, match=message):
        parquet_feed(tmp_path, rows).known_since(None)


def test_a_joined_column_that_is_missing_is_named_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, three_rows())
    with pytest.raises(SourceSchemaError, match=r"lacks column 'known'.*`joined\.labels\.source"):
        feed_of(labels_spec("joined", tmp_path), tmp_path).known_since(None)


def test_a_folder_without_a_file_can_be_asked_again(tmp_path: Path) -> None:
    feed = feed_of(labels_spec("joined", tmp_path), tmp_path)
    assert feed.newest_knowledge_time() is None
    with pytest.raises(SourceUnavailableError, match="no file matches"):
        feed.known_since(None)


@pytest.mark.parametrize(
    "sections",
    [
        {"columns": small_columns(target=None), **WATCHED},
        {"columns": small_columns()},
        {
            "columns": {**COLUMNS, "target": "hour"},
            "derived": {"hour": {"kind": "hour_of_day"}},
            **WATCHED,
        },
        {"source": {"kind": "bundled", "dataset": "iris"}, "columns": COLUMNS, **WATCHED},
        {"source": {"kind": "tlc_trips", "trips": "green"}, "columns": COLUMNS, **WATCHED},
    ],
)
def test_labels_that_cannot_come_late_have_no_feed(sections: dict[str, Any]) -> None:
    assert build_label_feed(small_spec(**sections), Places(Path("/nowhere"))) is None
    assert build_label_feed(simulated_spec(), Places(Path("/nowhere"))) is None


def predictions(*rows: tuple[str, datetime]) -> pa.Table:
    ids, times = zip(*rows, strict=True)
    return pa.table({"row_id": pa.array(ids), "event_time": pa.array(times, INSTANT)})


def test_labels_get_the_event_times_of_their_predictions(feed: Feed) -> None:
    labels = feed()
    scored = predictions(("z", utc(2023, 2, 1)), ("a", utc(2023, 2, 1, 1)))
    placed = labels.placed(labels.known_since(None), scored)
    assert found(placed) == [one for one in ALL if one[0] == "a"]
    assert placed["event_time"].to_pylist() == [utc(2023, 2, 1, 1)] * 3
    assert placed.schema.names == ["row_id", "event_time", "knowledge_time", "target"]


@pytest.mark.parametrize(
    ("kind", "days"),
    [("parquet", [1]), ("joined", [1, 2, 9]), ("joined_by_time", [1, 2])],
)
def test_an_id_that_comes_again_has_the_labels_that_are_near(
    tmp_path: Path, kind: str, days: list[int]
) -> None:
    put(kind, tmp_path, rows=CORRECTED[:1])
    feed = feed_of(labels_spec(kind, tmp_path), tmp_path)
    scored = predictions(*(("a", utc(2023, 2, day, 1)) for day in (1, 2, 9)))
    placed = feed.placed(feed.known_since(None), scored)
    assert placed["event_time"].to_pylist() == [utc(2023, 2, day, 1) for day in days]


def test_in_one_source_a_label_belongs_to_its_id_in_the_same_window(tmp_path: Path) -> None:
    berlin = {"granularity": "day", "start": date(2023, 2, 1), "time_zone": "Europe/Berlin"}
    midnight = utc(2023, 2, 1, 23)
    rows = {"id": ["a", "b", "c"], "known": [at(9)] * 3}
    rows["time"] = pa.array([midnight] * 3, INSTANT)
    feed = parquet_feed(tmp_path, rows, windows=berlin)
    times = (midnight - MICROSECOND, midnight + timedelta(hours=23), utc(2023, 2, 2, 23))
    scored = predictions(*zip("abc", times, strict=True))
    assert feed.placed(feed.known_since(None), scored)["row_id"].to_pylist() == ["b"]


def test_of_labels_known_at_the_same_time_the_last_counts(tmp_path: Path) -> None:
    rows = {"id": ["a", "a", "b"], "time": [at(1)] * 3, "known": [at(9)] * 3}
    feed = parquet_feed(tmp_path, rows)
    labels = feed.known_since(None)
    assert [value for *_, value in found(labels)] == [10.0, 20.0, 30.0]
    placed = feed.placed(labels, predictions(("a", utc(2023, 2, 1, 1))))
    assert found(placed) == [("a", utc(2023, 2, 1, 9), 20.0)]
