"""The two tables of the invented warehouse, and filling them up to a moment.

Belongs here: tables, the database they lie in, which rows are known when. Stays out: how rows are
drawn (simulation.py), which server is meant (cli/simulate.py).

Whoever fills a little at a time ends with the rows of whoever fills at once: a row comes in when a
real warehouse would have got it, and the rows of a day do not depend on when they are drawn.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from psycopg import errors, sql

from monitoring_assets.defs.power_outages.planted import END_DAY, FIRST_DAY
from monitoring_assets.defs.power_outages.simulation import (
    LONGEST_CORRECTION,
    LONGEST_DELAY,
    draw_day,
)
from monitoring_assets.errors import StorageError
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ddl import existing_tables
from monitoring_assets.storage.locks import lock
from monitoring_assets.storage.statements import (
    ArrowTransaction,
    SqlTransaction,
    arrow_transaction,
)

DATABASE: Final = "power_outages"
SEED: Final = 20250101

_ONE_DAY: Final = timedelta(days=1)
_DAYS_AT_ONCE: Final = 28

_METADATA: Final = sa.MetaData()
_TIME: Final = sa.DateTime(timezone=True)

_PREDICTIONS: Final = sa.Table(
    "predictions",
    _METADATA,
    sa.Column("prediction_id", sa.Text, primary_key=True),
    sa.Column("district", sa.Text, nullable=False),
    sa.Column("substation", sa.Text, nullable=False),
    sa.Column("forecast_for", _TIME, nullable=False, index=True, comment="Begin of the hour."),
    sa.Column("wind_gust", sa.Double, nullable=False, comment="Metres a second."),
    sa.Column("temperature_anomaly", sa.Double, nullable=False, comment="Kelvin above usual."),
    sa.Column("lightning_count", sa.Integer, nullable=False, comment="Strokes within 10 km."),
    sa.Column("load_share", sa.Double, nullable=False, comment="Load / capacity of the lines."),
    sa.Column("predicted_outages", sa.Double, nullable=False, comment="Outages expected."),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("scored_at", _TIME, nullable=False, comment="When the prediction was made."),
    comment="Invented: outages expected in the hour of a substation.",
)

_OBSERVATIONS: Final = sa.Table(
    "observations",
    _METADATA,
    sa.Column("prediction_id", sa.Text, primary_key=True),
    sa.Column("reported_at", _TIME, primary_key=True, index=True),
    sa.Column("outages", sa.Integer, comment="Outages counted; none: what was reported is void."),
    comment="Invented: outages reported; a later report corrects the earlier ones of the same id.",
)

_FILLING: Final = sa.Table(
    "filling",
    _METADATA,
    sa.Column("seed", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("filled_until", _TIME, nullable=False),
    comment="From which seed the tables beside it are invented, and up to when.",
)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """How many rows were added, and up to when the tables are filled now."""

    predictions: int
    observations: int
    until: datetime


def create_database(server: Database, name: str = DATABASE) -> Database:
    """Return a database on the server of another one; it is made if it is not there.

    Raises
    ------
    StorageError
        The user of that server may not make databases.
    """
    url = sa.make_url(server.url).set(database=name)
    made = Database(url.render_as_string(hide_password=False))
    known = sa.table("pg_database", sa.column("datname", sa.Text))
    with server.connect() as connection:
        if connection.execute(sa.select(known).where(known.c.datname == name)).first():
            return made
    try:
        # Somebody else may have been a moment faster.
        with (
            suppress(errors.DuplicateDatabase, errors.UniqueViolation),
            psycopg.connect(server.url, autocommit=True) as alone,
        ):
            alone.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except errors.InsufficientPrivilege as error:
        raise StorageError(
            f"the user of {server.masked} may not make the database '{name}'. Let somebody make it"
            " who may, and give it to this user"
        ) from error
    return made


def fill(url: str, seed: int, until: datetime) -> Filled:
    """Add the rows that became known up to a moment, as far as they are not there; all or none.

    Parameters
    ----------
    url
        The database; its tables are made if they are not there.
    seed
        Same seed, same rows.
    until
        Predictions made, and reports come in, up to then; rows that are there are never removed.

    Raises
    ------
    StorageError
        The tables are somebody else's, or were filled from another seed.
    """
    database = Database(url)
    try:
        _make_tables(database)
        with arrow_transaction(database) as transaction:
            lock(transaction, DATABASE)
            last = _filled_from(database, transaction, seed)
            if last is not None and until <= last:
                return Filled(predictions=0, observations=0, until=last)
            counts = dict.fromkeys((_PREDICTIONS.name, _OBSERVATIONS.name), 0)
            for name, rows in _known_between(seed, last, until):
                transaction.ingest("public", name, rows)
                counts[name] += rows.num_rows
            transaction.run(sa.delete(_FILLING))
            transaction.run(sa.insert(_FILLING).values(seed=seed, filled_until=until))
    finally:
        database.dispose()
    return Filled(**counts, until=until)


def filled_until(database: Database) -> datetime | None:
    """Return up to when a database has been filled; None if it has not."""
    with database.connect() as connection:
        if not existing_tables(connection, "public", [_FILLING.name]):
            return None
        return connection.execute(sa.select(_FILLING.c.filled_until)).scalar_one_or_none()


def _make_tables(database: Database) -> None:
    with database.begin() as connection:
        lock(SqlTransaction(connection), DATABASE)
        existing = existing_tables(connection, "public", list(_METADATA.tables))
        if existing and _FILLING.name not in existing:
            raise StorageError(
                f"the database {database.masked} has tables {', '.join(sorted(existing))} that this"
                " command has not made; nothing was written. Give it an empty database"
            )
        _METADATA.create_all(connection)


def _filled_from(database: Database, transaction: ArrowTransaction, seed: int) -> datetime | None:
    for row in transaction.run(sa.select(_FILLING)):
        if row["seed"] != seed:
            raise StorageError(
                f"the database {database.masked} was filled from seed {row['seed']}, not {seed};"
                " nothing was written. Give the same seed, or drop that database first"
            )
        return row["filled_until"]
    return None


def _known_between(
    seed: int, last: datetime | None, until: datetime
) -> Iterator[tuple[str, pa.Table]]:
    """Yield rows that became known in (last, until], a table's some days at a time."""
    first_day, end_day = FIRST_DAY, END_DAY
    if last is not None:
        first_day = max(first_day, (last - LONGEST_DELAY - LONGEST_CORRECTION).date() - _ONE_DAY)
    end_day = min(end_day, until.astimezone(UTC).date() + 2 * _ONE_DAY)
    days = [first_day + timedelta(days=number) for number in range((end_day - first_day).days)]
    for first in range(0, len(days), _DAYS_AT_ONCE):
        drawn = [draw_day(seed, day) for day in days[first : first + _DAYS_AT_ONCE]]
        predictions = pa.concat_tables([one.predictions for one in drawn])
        observations = pa.concat_tables([one.observations for one in drawn])
        yield _PREDICTIONS.name, _between(predictions, "scored_at", last, until)
        yield _OBSERVATIONS.name, _between(observations, "reported_at", last, until)


def _between(rows: pa.Table, column: str, last: datetime | None, until: datetime) -> pa.Table:
    times = rows.column(column)
    known = pc.less_equal(times, pa.scalar(until, times.type))
    if last is not None:
        known = pc.and_(known, pc.greater(times, pa.scalar(last, times.type)))
    return rows.filter(known)
