"""`monitoring:///NAME`: a database on the server of the monitoring database, wherever that is."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from monitoring_assets.errors import ConfigurationError, SourceUnavailableError
from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_source
from monitoring_assets.sources.sql.address import Address, parse_address
from monitoring_assets.spec.sources import SqlSourceSpec
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.sources.small_files import FIRST
from monitoring_assets_tests.sources.sql.tables import make_table, sql_spec

PASSWORD = "hunter2"  # noqa: S105 - of a server that does not exist


def name_of(database: Database) -> str:
    return urlsplit(database.url).path.removeprefix("/")


def beside(name: str, server: str) -> Address:
    url = SecretStr(f"monitoring:///{name}")
    return parse_address("small", "source", url, Path("/data"), lambda: server)


def test_rows_are_read_from_the_database_of_that_name_on_our_server(
    empty_database: Database, database_server_url: str
) -> None:
    make_table(empty_database)
    spec = sql_spec(f"monitoring:///{name_of(empty_database)}")
    source = build_source(spec, Places(Path(), server_url=lambda: database_server_url))
    assert source.read(spec.windows.midnight(FIRST), None).table["row_id"].to_pylist() == [
        "a",
        "b",
        "c",
    ]


def test_a_database_that_is_not_there_is_said_to_be_missing_with_what_makes_it(
    database_server_url: str,
) -> None:
    spec = sql_spec("monitoring:///not_there")
    source = build_source(spec, Places(Path(), server_url=lambda: database_server_url))
    with pytest.raises(SourceUnavailableError) as caught:
        source.newest_event_time()
    for words in ("model 'small': there is no database 'not_there'", "simulate not_there", "url"):
        assert words in str(caught.value)


def test_nobody_is_asked_for_the_server_before_rows_are() -> None:
    def asked() -> str:
        raise AssertionError

    assert build_source(sql_spec("monitoring:///there"), Places(Path(), server_url=asked))


def test_where_no_monitoring_database_is_known_that_is_said() -> None:
    source = build_source(sql_spec("monitoring:///there"), Places(Path()))
    with pytest.raises(ConfigurationError, match="no monitoring database is known here"):
        source.newest_event_time()


@pytest.mark.parametrize(
    ("server", "conninfo"),
    [
        (
            "postgresql://postgres@/monitoring?host=/run/a%20b&port=5432",
            "host='/run/a b' port=5432 user=postgres dbname=there",
        ),
        (
            f"postgresql://me:{PASSWORD}@db:5433/monitoring",
            f"host=db port=5433 user=me password={PASSWORD} dbname=there",
        ),
    ],
)
def test_everything_but_the_name_of_the_database_is_the_servers(server: str, conninfo: str) -> None:
    found = beside("there", server)
    assert found.is_postgres
    assert sorted(found.conninfo({}).split()) == sorted(conninfo.split())


def test_what_is_shown_is_what_the_yaml_says_and_no_secret() -> None:
    found = beside("there", f"postgresql://me:{PASSWORD}@db/monitoring")
    assert found.shown == "monitoring:///there"
    assert found.hide(f"{found.url.render_as_string(hide_password=False)}, {PASSWORD}") == (
        "***, ***"
    )
    assert found.hide(found.shown) == found.shown


@pytest.mark.parametrize(
    "url",
    [
        "monitoring:///",
        "monitoring://there",
        "monitoring://host/there",
        "monitoring:///There",
        "monitoring:///a-b",
        "monitoring:///a?host=b",
        "monitoring:///a/b",
        "monitoring:there",
        f"monitoring:///{'a' * 64}",
    ],
)
def test_anything_but_a_plain_name_is_a_mistake(url: str) -> None:
    with pytest.raises(ValidationError, match="write monitoring:///name"):
        TypeAdapter(SqlSourceSpec).validate_python({"kind": "sql", "url": url, "table": "a"})
