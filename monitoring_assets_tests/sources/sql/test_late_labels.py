"""Labels by knowledge time in a real Postgres: through the index, and through queries."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from monitoring_assets.sources.label_feed import LabelFeed
from monitoring_assets.sources.sql.rows import SqlRows
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.sources.late_labels import COLUMNS, feed_of, found, put
from monitoring_assets_tests.sources.small_files import utc
from monitoring_assets_tests.sources.sql.tables import query_spec, run, sql_spec
from monitoring_assets_tests.sources.sql.test_plans import BOUNDED, Explaining, explained, nodes
from monitoring_assets_tests.specs import WATCHED

WATERMARK = utc(2023, 2, 28)


@pytest.fixture(params=["timestamptz", "timestamp", "date", "text"])
def a_month(request: pytest.FixtureRequest, empty_database: Database) -> Database:
    """28,800 labels, one each 84 seconds, in no order of time, of rows of the same hour."""
    run(
        empty_database,
        f"CREATE TABLE trips (id int, time timestamptz, known {request.param}, distance float8,"
        " zone text, minutes float8, predicted float8)",
        "INSERT INTO trips SELECT n, '2023-02-01 01:00+00', timestamp '2023-02-01'"
        " + (n * 7919 % 28800) * interval '84 s', 1, 'x', 1, 1 FROM generate_series(1, 28800) AS n",
        "CREATE INDEX ON trips (known)",
        "VACUUM ANALYZE trips",
    )
    return empty_database


@pytest.mark.parametrize("query", [None, BOUNDED])
def test_only_labels_after_the_watermark_are_read_where_there_is_an_index(
    a_month: Database, query: str | None
) -> None:
    feed, reader = _explained(a_month, query)
    labels = feed.known_since(WATERMARK)
    assert 1028 <= labels.num_rows <= 1029
    (plan,) = reader.plans
    assert any("known" in node.get("Index Cond", "") for node in nodes(plan))
    assert not [node for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
    assert max(node["Actual Rows"] for node in nodes(plan)) < 3000


def test_the_newest_knowledge_time_is_looked_up_in_the_index(a_month: Database) -> None:
    feed, reader = _explained(a_month)
    newest = feed.newest_knowledge_time()
    assert newest in (utc(2023, 2, 28), utc(2023, 2, 28, 23, 58, 36))
    for plan in reader.plans:
        assert not [node for node in nodes(plan) if node["Node Type"] == "Seq Scan"]


def test_a_query_that_asks_for_bounds_gives_labels_of_any_event_time(
    empty_database: Database,
) -> None:
    put("postgres", Path(), empty_database)
    spec = query_spec(empty_database.url, BOUNDED, **WATCHED, columns=COLUMNS)
    assert found(feed_of(spec).known_since(utc(2023, 2, 5))) == [("a", utc(2023, 2, 5), 11.0)]
    assert feed_of(spec).newest_knowledge_time() == utc(2023, 2, 5)


def test_a_label_known_for_ever_is_no_label(empty_database: Database) -> None:
    put("postgres", Path(), empty_database)
    run(empty_database, "UPDATE trips SET known = 'infinity' WHERE minutes = 11")
    feed = feed_of(sql_spec(empty_database.url, **WATCHED, columns=COLUMNS))
    newest = datetime.fromisoformat("2023-02-04T00:00:00.000001+00:00")
    assert feed.newest_knowledge_time() == newest
    assert [value for *_, value in found(feed.known_since(utc(2023, 2, 4)))] == [12.0, 20.0]


def _explained(database: Database, query: str | None = None) -> tuple[LabelFeed, Explaining]:
    sections: dict[str, Any] = {**WATCHED, "columns": COLUMNS}
    url = database.url
    spec = query_spec(url, query, **sections) if query else sql_spec(url, **sections)
    feed = feed_of(spec)
    if not isinstance(feed.raw, SqlRows):
        raise TypeError(feed.raw)
    return feed, explained(feed.raw)
