"""What a database refuses or breaks off, and that no message ever shows a password."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from monitoring_assets.errors import (
    ConfigurationError,
    MonitoringError,
    SourceFailedError,
    SourceSchemaError,
    SourceUnavailableError,
)
from monitoring_assets.sources.sql.address import Address
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets_tests.sources.small_files import utc
from monitoring_assets_tests.sources.sql.tables import (
    make_table,
    query_spec,
    raw,
    read,
    run,
    sql_spec,
)
from monitoring_assets_tests.waiting import wait_until

PASSWORD = "hunter2 /@:%25+"  # noqa: S105 - of a server that lives for one test module
QUOTED = quote(PASSWORD, safe="")
WRONG = "wr0ng %/horse"
NOBODY_LISTENS = f"postgresql://ann:{QUOTED}@127.0.0.1:1/warehouse?connect_timeout=2"
DAY = (utc(2023, 2, 1), utc(2023, 2, 2))


@pytest.fixture(params=["adbc", "sqlalchemy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Read Postgres both ways."""
    if request.param == "sqlalchemy":
        monkeypatch.setattr(Address, "is_postgres", False)
    return str(request.param)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Make a server that wants the password of its user `reader`, who may read nothing."""
    server = EmbeddedServer(tmp_path_factory.mktemp("guarded"))
    try:
        database = Database(server.ensure_running())
        make_table(database)
        with psycopg.connect(database.url, autocommit=True) as connection:
            login = sql.SQL("CREATE ROLE reader LOGIN PASSWORD {}").format(PASSWORD)
            connection.execute(login)
            (file,) = connection.execute("SHOW hba_file").fetchone() or ("",)
            rules = Path(file)
            rules.write_text(f"local all reader scram-sha-256\n{rules.read_text()}")
            connection.execute("SELECT pg_reload_conf()")
        yield database
    finally:
        server.destroy()


def as_reader(server: Database, password: str, database: str | None = None) -> str:
    """Return the URL of the user `reader`, with the driver that SQLAlchemy needs."""
    url = sa.make_url(server.url).set(
        drivername="postgresql+psycopg", username="reader", password=password, database=database
    )
    return url.render_as_string(hide_password=False)


def everything_said(error: BaseException) -> str:
    """Return every text that an exception carries or is shown with."""
    told = ["".join(traceback.format_exception(error))]
    chain: list[BaseException | None] = [error]
    while chain:
        one = chain.pop()
        if one is not None:
            told += [str(one), repr(one), repr(one.args), repr(getattr(one, "__notes__", ""))]
            told.append(repr(vars(one)))
            chain += [one.__cause__, one.__context__]
    return "\n".join(told)


def assert_silent(error: BaseException, *secrets: str) -> None:
    said = everything_said(error)
    for secret in secrets:
        assert secret not in said
        assert quote(secret, safe="") not in said


@pytest.mark.parametrize("ask", ["pieces", "newest_event_time", "rows_outside"])
def test_a_server_that_is_not_there_may_come_back(
    way: str, ask: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = NOBODY_LISTENS if way == "adbc" else NOBODY_LISTENS.replace("://", "+psycopg://")
    source = raw(sql_spec(url))
    ways = {
        "pieces": lambda: list(source.pieces(*DAY)),
        "rows_outside": lambda: source.rows_outside([DAY]),
    }
    with pytest.raises(
        SourceUnavailableError, match=r"model 'small': no connection to .*refused"
    ) as e:
        ways.get(ask, source.newest_event_time)()
    assert e.value.retryable
    assert "postgresql://127.0.0.1:1/warehouse" in str(e.value)
    assert_silent(e.value, PASSWORD)
    assert PASSWORD not in caplog.text + repr(vars(source)) + repr(source.address)


@pytest.mark.usefixtures("way")
def test_a_wrong_password_is_for_a_person_to_mend(guarded: Database) -> None:
    with pytest.raises(SourceFailedError, match=r"lets nobody in: .*password authentication") as e:
        read(sql_spec(as_reader(guarded, WRONG)))
    assert not e.value.retryable
    assert "`source.url`" in str(e.value)
    assert_silent(e.value, WRONG)


@pytest.mark.usefixtures("way")
def test_a_database_that_does_not_exist_is_for_a_person_to_mend(guarded: Database) -> None:
    with pytest.raises(SourceFailedError, match='"nowhere" does not exist') as e:
        read(sql_spec(as_reader(guarded, PASSWORD, database="nowhere")))
    assert_silent(e.value, PASSWORD)


@pytest.mark.usefixtures("way")
def test_a_table_that_may_not_be_read_is_for_a_person_to_mend(guarded: Database) -> None:
    with pytest.raises(SourceFailedError, match=r"refuses to read table 'trips': .*denied") as e:
        read(sql_spec(as_reader(guarded, PASSWORD)))
    assert not e.value.retryable
    assert_silent(e.value, PASSWORD)


@pytest.mark.usefixtures("way")
def test_the_right_password_lets_in(guarded: Database) -> None:
    run(guarded, "CREATE TABLE open AS SELECT * FROM trips", "GRANT SELECT ON open TO reader")
    try:
        spec = sql_spec(as_reader(guarded, PASSWORD), table="open")
        assert len(read(spec).table) == 3
        assert PASSWORD not in repr(spec) + repr(raw(spec).describe())
    finally:
        run(guarded, "DROP TABLE open")


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("named", ["trisp", "public.trisp"])
def test_a_missing_table_is_named_with_those_there_are(guarded: Database, named: str) -> None:
    url = guarded.url.replace("://", "+psycopg://")
    with pytest.raises(SourceSchemaError, match=rf"there is no table '{named}' of .*\?") as e:
        read(sql_spec(url, table=named))
    assert "trips'" in str(e.value)
    assert "`source.table`" in str(e.value)


@pytest.mark.usefixtures("way")
def test_a_missing_column_is_named_with_what_there_is(guarded: Database) -> None:
    url = guarded.url.replace("://", "+psycopg://")
    with pytest.raises(SourceSchemaError, match=r"lacks column 'zones' \(did you mean 'zone'\?\)"):
        read(sql_spec(url, source={"rename": {"zone": "zones"}}))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT * FRM trips", "syntax error"),
        ("SELECT * FROM nowhere", '"nowhere" does not exist'),
        ("SELECT *, 1 AS id FROM trips", '"id" is ambiguous'),
        ("SELECT id, time, zone, minutes, 1 / 0 AS distance FROM trips", "division by zero"),
    ],
)
def test_a_wrong_query_is_refused_with_the_databases_reason(
    guarded: Database, query: str, reason: str
) -> None:
    url = guarded.url.replace("://", "+psycopg://")
    with pytest.raises(SourceFailedError, match=rf"refuses to read the query: .*{reason}") as e:
        read(query_spec(url, query))
    assert not e.value.retryable


@pytest.mark.usefixtures("way")
def test_a_connection_lost_while_reading_may_come_back(
    guarded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("postgres._ROWS_AT_ONCE", "postgres._FETCHES_JOINED", "databases._ROWS_AT_ONCE"):
        monkeypatch.setattr(f"monitoring_assets.sources.sql.{name}", 1)
    source = raw(sql_spec(guarded.url.replace("://", "+psycopg://")))
    select = source.select(*DAY)
    assert select is not None
    rows = source.reader.tables(select, "table 'trips'")
    assert len(next(rows)) == 1
    with closing(psycopg.connect(guarded.url, autocommit=True)) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(SourceUnavailableError, match=r"reading table 'trips' of .* was broken off"):
        list(rows)
    assert len(read(sql_spec(guarded.url)).table) == 3


def test_a_statement_that_the_server_breaks_off_may_pass(guarded: Database) -> None:
    url = sa.make_url(guarded.url).update_query_dict({"options": "-cstatement_timeout=50"})
    query = "SELECT * FROM trips, pg_sleep(1)"
    with pytest.raises(SourceUnavailableError, match="statement timeout"):
        read(query_spec(url.render_as_string(hide_password=False), query))


def test_connections_are_closed_and_none_is_left_in_a_transaction(
    guarded: Database, way: str
) -> None:
    url = sa.make_url(guarded.url).set(drivername="postgresql+psycopg")
    url = url.update_query_dict({"application_name": f"counted {way}"})
    source = raw(sql_spec(url.render_as_string(hide_password=False)))
    for _ in range(5):
        list(source.pieces(*DAY))
        source.newest_event_time()
    question = "SELECT state FROM pg_stat_activity WHERE application_name = %s"
    with psycopg.connect(guarded.url, autocommit=True) as connection:
        # The server ends a session a moment after its connection was closed.
        wait_until(
            lambda: connection.execute(question, [f"counted {way}"]).fetchall() in ([], [("idle",)])
        )


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ann:{PASSWORD}",
        "postgresql://ann:hun@ter2@db.example/warehouse",
        "postgresql://ann:hunter2@db.example:port/warehouse",
    ],
)
def test_a_url_that_cannot_be_read_is_never_shown(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"`source\.url` cannot be read as the URL") as e:
        read(sql_spec(url))
    assert_silent(e.value, "hunter2", "ter2", PASSWORD, url)


def test_a_parameter_that_libpq_does_not_know_is_named() -> None:
    url = f"postgresql+asyncpg://ann:{QUOTED}@db.example/warehouse?ssl=require"
    with pytest.raises(ConfigurationError, match=r'invalid connection option "ssl"') as e:
        read(sql_spec(url))
    assert_silent(e.value, PASSWORD)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr("monitoring_assets.sources.sql.postgres.import_module", missing)
    with pytest.raises(ConfigurationError, match="package adbc-driver-postgresql, but No module"):
        read(sql_spec(f"postgresql://ann:{QUOTED}@db.example/other"))


@pytest.mark.parametrize("raised", [RuntimeError, UnicodeError, OSError])
def test_whatever_a_driver_says_of_a_secret_is_hidden(
    raised: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def leak(*_: object) -> None:
        inner = ValueError(f"dsn {NOBODY_LISTENS}")
        inner.add_note(PASSWORD)
        raise raised(f"cannot use '{PASSWORD}' or {QUOTED} of {NOBODY_LISTENS}") from inner

    monkeypatch.setattr("monitoring_assets.sources.sql.postgres._connect", leak)
    with pytest.raises(MonitoringError, match=r"cannot use '\*\*\*' or \*\*\* of \*\*\*") as e:
        read(sql_spec(NOBODY_LISTENS))
    assert_silent(e.value, PASSWORD)
