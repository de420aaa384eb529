"""Migrations: they lead to what is declared, once, whoever and however many start them."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from monitoring_assets.errors import SchemaVersionError
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ddl import create_statements, run_ddl
from monitoring_assets.storage.schema import current_revision, head_revision, upgrade
from monitoring_assets.storage.tables.base import SCHEMAS
from monitoring_assets.storage.views import FUNCTIONS

OF_0001 = (
    """INSERT INTO monitoring.model (model_id, description, task, granularity, time_zone, start_at,
           delay, main_metric, enabled, spec_hash, updated_at)
       VALUES ('taxi', '', 'regression', 'day', 'UTC', '2023-02-01Z', '0', 'mae', true, '0', now())
    """,
    """INSERT INTO monitoring.column_dictionary (model_id, column_name, number, kind, role)
       VALUES ('taxi', 'minutes', 1, 'numerical', 'target')""",
    """INSERT INTO monitoring."window" (model_id, granularity, window_start, window_end,
           partition_key, status, computed_at, computation_id)
       VALUES ('taxi', 'day', '2023-02-01Z', '2023-02-02Z', '2023-02-01', 'complete', now(), 1)""",
    """INSERT INTO monitoring.model_quality (model_id, granularity, window_start, metric, kind,
           model_version, value, labels, verdict, reason, computation_id)
       SELECT 'taxi', 'day', '2023-02-01Z', metric, 'realised', '1', 3.5, 900, 'ok', 'fine', 1
       FROM unnest(ARRAY['mae', 'rmse']) AS metric""",
)
"""Rows as revision 0001 holds them."""
FINISHED = datetime(2023, 2, 3, 4, 5, tzinfo=UTC)
OF_0002 = (
    f"""INSERT INTO monitoring.computation (model_id, layer, granularity, window_start, window_end,
           run_id, code_version, spec_hash, started_at, finished_at)
       SELECT 'taxi', 'model_quality', 'day', '2023-02-01Z', '2023-02-02Z', 'a', '0', '0',
           '2023-02-03Z', '{FINISHED.isoformat()}'""",
    """INSERT INTO monitoring.model_quality (model_id, granularity, window_start, metric, kind,
           class_name, model_version, value, labels, verdict, reason, computation_id)
       SELECT 'taxi', 'day', '2023-02-01Z', 'f1', 'realised', name, '1', 0.5, 900, 'ok', 'fine', id
       FROM unnest(ARRAY['', 'yes', 'no']) AS name, monitoring.computation""",
)
"""More rows, as revision 0002 holds them."""
KEPT = ("model", "column_dictionary", "window", "model_quality")
ADDED = {
    "model": {"expected_label_delay": None, "mature_share": None},
    "column_dictionary": {},
    "window": {"rows_by_version": {}},
    "model_quality": {"recorded_at": FINISHED},
}
"""What revision 0003 adds to rows that are there."""
OF_0004 = (
    """INSERT INTO monitoring.model_version (model_id, model_version, estimator, parameters,
           training_start, training_end, training_rows, artifact_sha256, library_versions, metrics,
           created_at)
       VALUES ('taxi', '1', 'linear', '{"a": 1}', '2023-01-01Z', '2023-02-01Z', 900, 'ab', '{}',
           '{"mae": 2.5}', now())""",
    """INSERT INTO monitoring.deployment (model_id, valid_from, model_version, decided_at,
           decided_by, reason)
       VALUES ('taxi', '2023-02-01Z', '1', now(), 'somebody', 'first version')""",
    """INSERT INTO monitoring.reference (model_id, reference_version, period_start, period_end,
           rows, model_version, fingerprint, quality, computation_id, created_at)
       VALUES ('taxi', 1, '2023-01-01Z', '2023-02-01Z', 900, '1', 'f', '{}', 1, now())""",
    """INSERT INTO monitoring.episode (model_id, cause, segment, first_window, last_window,
           alarming_windows, opened_at, reason)
       VALUES ('taxi', 'quality/mae', 'all', '2023-02-01Z', '2023-02-03Z', 3, now(), 'bad')""",
)
"""What closing the loop builds on, as revision 0004 holds it."""
ADDED_BY_0005 = {
    "model_version": {"decision_id": None, "data_hash": None, "mirrored_as": None},
    "deployment": {"decision_id": None},
    "reference": {"for_model_version": None},
    "episode": {},
}

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
    "functions": """
        SELECT oid::regprocedure::text, pg_get_functiondef(oid), obj_description(oid, 'pg_proc'),
               proacl::text
        FROM pg_proc WHERE pronamespace::regnamespace::text = ANY(%s)""",
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
    assert len(migrated["functions"]) >= len(FUNCTIONS)
    assert migrated == catalog(empty_database)


def alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", "monitoring_assets.storage:migrations")
    return config


def at_0001_with_rows(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA monitoring"))
    at_revision_with_rows(database, "0001", OF_0001)


def at_revision_with_rows(database: Database, revision: str, statements: Iterable[str]) -> None:
    config = alembic()
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for statement in statements:
            connection.execute(sa.text(statement))


def contents(database: Database, name: str) -> list[dict[str, Any]]:
    schema, _, table = name.partition(".")
    query = sa.select(sa.text("*")).select_from(sa.table(table, schema=schema))
    with database.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def test_the_newest_revision_is_the_one_written_down() -> None:
    assert ScriptDirectory.from_config(alembic()).get_current_head() == head_revision()


def all_kept(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {name: contents(database, f"monitoring.{name}") for name in KEPT}


def test_an_upgrade_keeps_what_is_stored_and_leads_to_the_same_tables(
    empty_database: Database, database: Database
) -> None:
    at_0001_with_rows(empty_database)
    of_0001 = all_kept(empty_database)
    at_revision_with_rows(empty_database, "0002", OF_0002)
    before = all_kept(empty_database)
    assert [len(rows) for rows in before.values()] == [1, 1, 1, 5]
    assert before["model_quality"][:2] == [
        row | {"class_name": ""} for row in of_0001["model_quality"]
    ]
    upgrade(empty_database)
    after = all_kept(empty_database)
    assert after == {name: [row | ADDED[name] for row in rows] for name, rows in before.items()}
    assert catalog(empty_database) == catalog(database)


def test_versions_deployments_references_and_episodes_outlive_the_closing_of_the_loop(
    empty_database: Database, database: Database
) -> None:
    at_0001_with_rows(empty_database)
    at_revision_with_rows(empty_database, "0004", OF_0004)
    before = {name: contents(empty_database, f"monitoring.{name}") for name in ADDED_BY_0005}
    assert [len(rows) for rows in before.values()] == [1, 1, 1, 1]
    upgrade(empty_database)
    for name, rows in before.items():
        after = contents(empty_database, f"monitoring.{name}")
        assert after == [row | ADDED_BY_0005[name] for row in rows]
    assert catalog(empty_database) == catalog(database)


def clock(database: Database) -> datetime:
    with database.connect() as connection:
        return connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()


def test_numbers_whose_computation_is_not_known_have_been_said_since_the_upgrade(
    empty_database: Database,
) -> None:
    at_0001_with_rows(empty_database)
    before = clock(empty_database)
    upgrade(empty_database)
    recorded = {row["recorded_at"] for row in contents(empty_database, "monitoring.model_quality")}
    assert [before < moment < clock(empty_database) for moment in recorded] == [True]


def test_dashboards_show_after_an_upgrade_what_they_showed_before(empty_database: Database) -> None:
    views = ("grafana.model_quality", "grafana.newest_verdicts")
    at_0001_with_rows(empty_database)
    before = [contents(empty_database, name) for name in views]
    upgrade(empty_database)
    assert [contents(empty_database, name) for name in views] == before
    assert [len(rows) for rows in before] == [2, 2]
    assert contents(empty_database, "grafana.model_quality_by_class") == []


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
