"""Bringing the tables of a database up to date.

Belongs here: which version a database has, and running the migrations. Stays out: what the tables
are (tables, migrations).
"""

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.schema import CreateSchema

from monitoring_assets.errors import SchemaVersionError
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ddl import existing_tables
from monitoring_assets.storage.locks import lock
from monitoring_assets.storage.migrations import HEAD
from monitoring_assets.storage.statements import SqlTransaction

if TYPE_CHECKING:
    from alembic.config import Config

_VERSION = sa.table("alembic_version", sa.column("version_num", sa.Text), schema="monitoring")


def upgrade(database: Database) -> None:
    """Create or update everything in the database; does nothing if it is up to date.

    Any number of processes may do this at once: one does it, the others wait.

    Raises
    ------
    SchemaVersionError
        The database was made by a newer version of this application.
    DatabaseUnavailableError
        The database does not answer.
    """
    if current_revision(database) == HEAD:
        return
    with database.begin() as connection:
        lock(SqlTransaction(connection), "migrations")
        _require_known(database, _revision(connection))
        connection.execute(CreateSchema("monitoring", if_not_exists=True))
        _migrate(connection)


def current_revision(database: Database) -> str | None:
    """Return the version of the tables in the database; None if there are none."""
    with database.connect() as connection:
        return _revision(connection)


def head_revision() -> str:
    """Return the version of the tables that this code works with."""
    return HEAD


def _revision(connection: sa.Connection) -> str | None:
    if not existing_tables(connection, "monitoring", [_VERSION.name]):
        return None
    return connection.execute(sa.select(_VERSION.c.version_num)).scalar_one_or_none()


def _require_known(database: Database, found: str | None) -> None:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_alembic())
    known = {revision.revision for revision in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise SchemaVersionError(
            f"the tables in the database {database.masked} have version {found}, this code knows"
            f" versions up to {HEAD}: they were made by a newer monitoring_assets. Install that"
            " version, or use another database (MONITORING_DATABASE_URL)"
        )


def _migrate(connection: sa.Connection) -> None:
    from alembic import command

    config = _alembic()
    # The connection itself: a URL in this configuration would have to be rid of its `%`.
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)


def _alembic() -> "Config":
    from alembic.config import Config

    config = Config()
    # By package, for the same reason: a path may hold a `%`.
    config.set_main_option("script_location", "monitoring_assets.storage:migrations")
    return config
