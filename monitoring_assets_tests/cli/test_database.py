"""`monitoring-assets database …`: a URL for tools, migrations, stop, a reset that asks."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets.storage.schema import current_revision, head_revision
from monitoring_assets_tests.command_line import CommandLine, command_line
from monitoring_assets_tests.stored import rows_of


def test_the_url_is_one_line_that_libpq_and_sqlalchemy_take(
    command: CommandLine, watched: Database
) -> None:
    done = command("database", "url")
    assert done.code == 0
    assert done.output == f"{watched.url}\n"
    with psycopg.connect(done.output.strip()) as connection:
        assert connection.execute("SELECT count(*) FROM monitoring.window").fetchone() == (3,)
    engine = sa.create_engine(done.output.strip())
    with engine.connect() as connected:
        assert (
            connected.execute(sa.select(sa.func.count()).select_from(tables.window)).scalar() == 3
        )
    engine.dispose()


def test_upgrade_makes_the_tables_of_an_empty_database_and_names_their_revision(
    empty_database: Database, tmp_path: Path
) -> None:
    done = command_line(empty_database, tmp_path)("database", "upgrade")
    assert done.code == 0, done.errors
    assert f"tables are at revision {head_revision()}" in done.output
    assert current_revision(empty_database) == head_revision()


def test_upgrade_of_an_upgraded_database_changes_nothing(
    command: CommandLine, watched: Database
) -> None:
    before = rows_of(watched, tables.window)
    assert command("database", "upgrade").code == 0
    assert rows_of(watched, tables.window) == before


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_reset_asks_and_without_a_yes_deletes_nothing(
    command: CommandLine, watched: Database, answer: str
) -> None:
    done = command("database", "reset", answer=answer)
    assert done.code == 130
    assert f"Delete everything in {watched.masked}?" in done.output
    assert len(rows_of(watched, tables.window)) == 3


@pytest.mark.parametrize(("options", "answer"), [((), "y\n"), (("--yes",), "")])
def test_reset_empties_the_database_and_leaves_it_ready(
    command: CommandLine, watched: Database, options: tuple[str, ...], answer: str
) -> None:
    done = command("database", "reset", *options, answer=answer)
    assert done.code == 0, done.errors
    assert "is empty" in done.output
    assert rows_of(watched, tables.window) == []
    assert rows_of(watched, tables.model) == []
    with watched.connect() as connection:
        assert sa.inspect(connection).get_table_names("dagster") == []
        assert sa.inspect(connection).get_table_names("rows") == []


def test_a_server_that_is_not_ours_is_not_stopped(command: CommandLine) -> None:
    done = command("database", "stop")
    assert done.code == 2
    assert "MONITORING_DATABASE_URL is set: that server is not ours to stop" in done.errors


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[CommandLine]:
    """The command line without a URL: on the embedded server of a folder."""
    environment = {"MONITORING_DATABASE_URL": "", "MONITORING_DATA_FOLDER": str(tmp_path)}
    try:
        yield CommandLine(environment)
    finally:
        EmbeddedServer(tmp_path).destroy()


@pytest.mark.slow
def test_the_embedded_server_starts_for_the_url_and_stops_when_told(
    own_server: CommandLine,
) -> None:
    url = own_server("database", "url").output.strip()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    done = own_server("database", "stop")
    assert (done.code, done.output) == (0, "the embedded server is stopped\n")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    assert own_server("database", "stop").code == 0, "stopping a stopped server is no mistake"
