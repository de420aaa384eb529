"""Migrations: they lead to what is declared, once, whoever and however many start them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from monitoring_assets.errors import SchemaVersionError
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ddl import create_statements, run_ddl
from monitoring_assets.storage.schema import current_revision, head_revision, upgrade
from monitoring_assets.storage.tables.base import SCHEMAS

CATALOG = {
    "columns and comments": """
        SELECT c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               pg_get_expr(d.adbin, d.adrelid), a.attidentity::text,
               col_description(c.oid, a.attnum), obj_description(c.oid), c.relkind::text
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
             LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
        WHERE c.relkind IN ('r', 'v') AND c.relnamespace::regnamespace::text = ANY(%s)""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace::regnamespace::text = ANY(%s)""",
    "indexes": "SELECT schemaname, indexname, indexdef FROM pg_indexes WHERE schemaname = ANY(%s)",
    "views": "SELECT schemaname, viewname, definition FROM pg_views WHERE schemaname = ANY(%s)",
    "schemas": "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)",
}


def catalog(database: Database) -> dict[str, set[Any]]:
    with database.connect() as connection:
        return {
            what: {
                tuple(row)
                for row in connection.exec_driver_sql(query, (list(SCHEMAS),))
                if not any("alembic_version" in str(value) for value in row)
            }
            for what, query in CATALOG.items()
        }


def test_migrations_lead_to_exactly_what_is_declared(empty_database: Database) -> None:
    upgrade(empty_database)
    migrated = catalog(empty_database)
    empty_database.reset()
    with empty_database.begin() as connection:
        for statement in create_statements():
            run_ddl(connection, statement)
    assert len(migrated["columns and comments"]) > 200
    assert migrated == catalog(empty_database)


def test_the_newest_revision_is_the_one_written_down() -> None:
    config = Config()
    config.set_main_option("script_location", "monitoring_assets.storage:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == head_revision()


def test_upgrading_creates_everything_and_a_second_time_changes_nothing(
    empty_database: Database,
) -> None:
    assert current_revision(empty_database) is None
    upgrade(empty_database)
    before = catalog(empty_database)
    upgrade(empty_database)
    assert current_revision(empty_database) == head_revision()
    assert catalog(empty_database) == before


def test_ten_upgrades_at_once_are_as_good_as_one(empty_database: Database) -> None:
    with ThreadPoolExecutor(10) as pool:
        for future in [pool.submit(upgrade, empty_database) for _ in range(10)]:
            future.result()
    assert current_revision(empty_database) == head_revision()


def test_tables_of_a_newer_version_are_left_alone(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE monitoring.alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaVersionError, match=r"version 9999.*newer monitoring_assets"):
        upgrade(database)
    assert current_revision(database) == "9999"


def test_a_migration_that_fails_leaves_nothing_behind(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitoring_assets.storage.migrations import scripts

    def run_half(path: Any) -> None:
        run_script(path)
        if path.stem == "results":
            raise RuntimeError("the plug was pulled")

    run_script = scripts.run_script
    monkeypatch.setattr(scripts, "run_script", run_half)
    with pytest.raises(RuntimeError, match="plug"):
        upgrade(empty_database)
    assert catalog(empty_database)["columns and comments"] == set()
