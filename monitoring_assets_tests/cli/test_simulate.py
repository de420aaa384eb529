"""`monitoring-assets simulate`: the example's warehouse, on its own server; what `up` fills."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from monitoring_assets.cli.simulate import fill_example
from monitoring_assets.components.loading import LoadedModels, load_models
from monitoring_assets.defs.power_outages import filling
from monitoring_assets.resources.settings import package_folder
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.embedded import EmbeddedServer
from monitoring_assets_tests.command_line import CommandLine, command_line

ADDED = "power_outages: 2,880 predictions and 488 reports added, as known at 2024-12-07 00:00 UTC"
NOW = datetime(2024, 12, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    own = EmbeddedServer(tmp_path_factory.mktemp("simulate"))
    try:
        yield Database(own.ensure_running())
    finally:
        own.destroy()


@pytest.fixture
def ours(server: Database) -> Iterator[Database]:
    """A server without the warehouse."""
    yield server
    warehouse = filling.create_database(server)
    warehouse.dispose()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE power_outages WITH (FORCE)")


@pytest.fixture
def command(ours: Database, tmp_path: Path) -> CommandLine:
    return command_line(ours, tmp_path)


@pytest.fixture(scope="module")
def shipped() -> LoadedModels:
    return load_models([package_folder() / "defs"])


def databases(server: Database) -> set[str]:
    with psycopg.connect(server.url) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def filled_until(server: Database) -> datetime | None:
    return filling.filled_until(filling.create_database(server))


def test_the_warehouse_is_made_and_what_is_planted_is_said(
    command: CommandLine, ours: Database
) -> None:
    done = command("simulate", "power_outages", "--until", "2024-12-07")
    assert (done.code, done.errors) == (0, "")
    first, second, *planted = done.output.splitlines()
    assert first == ADDED
    assert second == "What is planted:"
    assert planted[0].startswith("  2025-01-20 to 2025-02-10  Version 4 predicts 0.55 of")
    assert len(planted) == 4
    assert filled_until(ours) == NOW


def test_a_later_day_adds_what_became_known_meanwhile(command: CommandLine) -> None:
    command("simulate", "power_outages", "--until", "2024-12-07")
    again = command("simulate", "power_outages", "--until", "2024-12-07")
    assert again.output.startswith("power_outages: 0 predictions and 0 reports added")
    later = command("simulate", "power_outages", "--until", "2024-12-08")
    assert later.output.startswith("power_outages: 720 predictions and 564 reports added")


def test_another_seed_is_refused(command: CommandLine) -> None:
    command("simulate", "power_outages", "--until", "2024-12-07")
    done = command("simulate", "power_outages", "--until", "2024-12-08", "--seed", "5")
    assert done.code == 1
    assert "was filled from seed 20250101, not 5; nothing was written" in done.errors


def test_nothing_invented_goes_where_the_model_reads_real_rows(
    ours: Database, tmp_path: Path
) -> None:
    command = command_line(ours, tmp_path, POWER_OUTAGES_URL="postgresql://db/real")
    done = command("simulate", "power_outages")
    assert done.code == 1
    assert "POWER_OUTAGES_URL is set" in done.errors
    assert "power_outages" not in databases(ours)


@pytest.mark.parametrize(
    "arguments", [("green_taxi",), ("power_outages", "--until", "soon"), ("power_outages", "-x")]
)
def test_other_models_and_days_that_are_none_are_mistakes_of_use(
    command: CommandLine, ours: Database, arguments: tuple[str, ...]
) -> None:
    done = command("simulate", *arguments)
    assert done.code == 2
    assert "power_outages" not in databases(ours)


def test_up_fills_the_warehouse_once_and_leaves_alone_what_somebody_has_filled(
    shipped: LoadedModels, ours: Database
) -> None:
    fill_example(shipped, ours, NOW)
    assert filled_until(ours) == NOW
    fill_example(shipped, ours, datetime(2024, 12, 20, tzinfo=UTC))
    assert filled_until(ours) == NOW


def test_up_makes_no_warehouse_where_the_example_is_left_out_or_reads_from_elsewhere(
    shipped: LoadedModels, ours: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = tuple(spec for spec in shipped.specs if spec.model_id != "power_outages")
    fill_example(LoadedModels(others, ()), ours, NOW)
    monkeypatch.setenv("POWER_OUTAGES_URL", "postgresql://db/real")
    fill_example(shipped, ours, NOW)
    assert "power_outages" not in databases(ours)


def test_up_goes_on_where_the_warehouse_cannot_be_made(
    shipped: LoadedModels, ours: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(ours.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE nobody LOGIN")
    url = urlsplit(ours.url)
    theirs = Database(url._replace(netloc=url.netloc.replace("postgres@", "nobody@")).geturl())
    fill_example(shipped, theirs, NOW)
    theirs.dispose()
    assert "the example's warehouse is not filled: the user of" in capsys.readouterr().err
    assert "power_outages" not in databases(ours)
