"""The mirror: which versions MLflow is told about, and that nothing waits for it."""

import importlib.util
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from monitoring_assets.assets import names
from monitoring_assets.assets.retraining import mirroring
from monitoring_assets.assets.retraining.mirroring import Mirrored, mirror_versions
from monitoring_assets.components.loading import load_models
from monitoring_assets.definitions import build_definitions
from monitoring_assets.records import Decision
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.training.mirror import Mirror
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import write_model
from monitoring_assets_tests.story_model import Plot, Story, opened

if TYPE_CHECKING:
    from mlflow.entities import Run

PLOT = Plot(breaks=(3,), windows=6)
"""Three good windows, then three bad ones."""

pytestmark = [
    pytest.mark.slow,
    # MLflow 3.17.2 asks SQLAlchemy 2.1 for what will be gone from a later one.
    pytest.mark.filterwarnings(
        "ignore:The ``noload`` loader strategy:sqlalchemy.exc.SADeprecationWarning"
    ),
]


@pytest.fixture(scope="module")
def retrained(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Version 1, and version 2 that was promoted; MLflow knows of neither."""
    with opened(new_database, None, tmp_path_factory.mktemp("retrained"), PLOT) as story:
        story.runner.set_up()
        story.compute(0, 5)
        story.after(5).carry_out()
        yield story.database


@pytest.fixture
def story(new_database: NewDatabase, retrained: Database, tmp_path: Path) -> Iterator[Story]:
    with opened(new_database, retrained, tmp_path, PLOT) as full:
        yield full.after(5)


@pytest.fixture
def dead_address() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


def mirror_of(story: Story) -> Mirror:
    return Mirror(story.database.mlflow_url, story.runner.folder / "mlflow")


def mirrored(story: Story, mirror: Mirror | None = None) -> Mirrored:
    return mirror_versions([story.spec], story.database, mirror or mirror_of(story))


def runs(story: Story) -> "dict[str, Run]":
    """Return version -> its run in MLflow."""
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=story.database.mlflow_url)
    experiment = client.get_experiment_by_name("monitoring_assets/story")
    found = client.search_runs([experiment.experiment_id]) if experiment else []
    by_version = {run.data.tags["monitoring.model_version"]: run for run in found}
    assert len(by_version) == len(found)
    return by_version


def noted(story: Story) -> list[str | None]:
    """Return the run of each version as our own table has it."""
    rows = story.rows(tables.model_version)
    return [row["mirrored_as"] for row in sorted(rows, key=lambda row: row["model_version"])]


def decision(story: Story) -> Decision:
    (found,) = [one for one in story.decisions() if one.model_version]
    return found


def test_every_version_has_a_run_that_says_what_is_known_of_it(story: Story) -> None:
    assert mirrored(story) == Mirrored(written=2, waiting=0)
    run = runs(story)["2"]
    (stored,) = story.rows(tables.model_version, model_version="2")
    (compared,) = story.rows(tables.model_comparison, metric="mae", segment="all")
    assert run.data.params["data_hash"] == stored["data_hash"]
    assert run.data.params["training_rows"] == str(stored["training_rows"])
    assert run.data.metrics["mae"] == pytest.approx(compared["challenger"])
    assert run.data.tags["monitoring.decision_id"] == str(decision(story).number)
    assert run.data.tags["monitoring.result"] == "promoted"
    assert noted(story) == [runs(story)["1"].info.run_id, run.info.run_id]


def test_the_file_in_mlflow_is_the_stored_one(story: Story) -> None:
    mirrored(story)
    for version, run in runs(story).items():
        (stored,) = story.rows(tables.model_version, model_version=version)
        (file,) = story.rows(tables.artifact, sha256=stored["artifact_sha256"])
        (copy,) = (story.runner.folder / "mlflow").rglob(f"{run.info.run_id}/**/model.skops")
        assert copy.read_bytes() == bytes(file["content"])


def test_what_is_there_is_not_written_again_nor_asked_for(
    story: Story, dead_address: str, tmp_path: Path
) -> None:
    mirrored(story)
    assert mirrored(story) == Mirrored(written=0, waiting=0)
    assert mirrored(story, Mirror(dead_address, tmp_path)) == Mirrored(written=0, waiting=0)
    assert len(runs(story)) == 2


def test_a_version_without_a_result_waits_for_it(story: Story) -> None:
    with story.database.begin() as connection:
        connection.execute(tables.retraining_decision.update().values(result=None))
    assert mirrored(story) == Mirrored(written=1, waiting=0)
    assert noted(story)[1] is None


def test_a_mirror_that_is_down_blocks_nothing_and_is_caught_up(
    story: Story, dead_address: str, tmp_path: Path
) -> None:
    down = mirrored(story, Mirror(dead_address, tmp_path))
    assert (down.written, down.waiting, len(down.problems)) == (0, 2, 1)
    assert noted(story) == [None, None]
    assert mirrored(story) == Mirrored(written=2, waiting=0)


def test_without_mlflow_the_reason_says_what_to_install(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "monitoring_assets.training.mirror.find_spec",
        lambda name: None if name == "mlflow" else found(name),
    )
    done = mirrored(story)
    assert (done.written, done.waiting) == (0, 2)
    assert "install monitoring_assets with the extra `mlflow`" in str(done)


def test_a_file_that_was_tampered_with_keeps_no_other_version_waiting(story: Story) -> None:
    (first,) = story.rows(tables.model_version, model_version="1")
    with story.database.begin() as connection:
        spoilt = tables.artifact.c.sha256 == first["artifact_sha256"]
        connection.execute(tables.artifact.update().where(spoilt).values(content=b"other"))
    done = mirrored(story)
    assert (done.written, done.waiting) == (1, 1)
    assert "it was changed" in str(done)
    assert runs(story).keys() == {"2"}


def test_a_hundred_problems_are_a_short_sentence() -> None:
    text = str(Mirrored(0, 100, tuple(f"problem {number}" for number in range(100))))
    assert text == (
        "MLflow was told about 0 versions, 100 are waiting; problem 0; problem 1; problem 2"
    )


def tick(story: Story) -> Any:
    """Evaluate the mirror's sensor once."""
    sensor = mirroring.build_mirror_sensor([story.spec])
    resources = story.runner.resources
    with dg.build_sensor_context(story.instance, resources=resources) as context:
        return sensor.evaluate_tick(context)


def test_the_sensor_mirrors_and_says_so(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", story.database.mlflow_url)
    said = [tick(story).skip_message for _ in range(2)]
    assert said == [
        "MLflow was told about 2 versions, 0 are waiting",
        "MLflow has every version",
    ]
    assert len(runs(story)) == 2


def test_while_one_tick_writes_the_next_does_not(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", story.database.mlflow_url)
    with mirroring.WRITING:
        assert tick(story).skip_message == "the tick before is still writing"
    assert noted(story) == [None, None]


def test_deciding_asks_no_mirror(
    story: Story, dead_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", dead_address)
    assert "MLflow" not in story.said()
    assert noted(story) == [None, None]


@pytest.mark.parametrize(("address", "expected"), [("http://mlflow.example", True), ("", False)])
def test_there_is_one_sensor_for_all_models_if_there_is_a_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, expected: bool
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    for name in ("one", "two"):
        write_model(tmp_path, model_id=name)
    sensors = build_definitions(load_models([tmp_path])).sensors or ()
    assert (names.mirror_sensor() in [one.name for one in sensors]) is expected
    assert len(list(sensors)) == 2 + expected


def test_loading_with_a_mirror_does_not_import_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    program = (
        "import sys; from monitoring_assets.definitions import defs; defs();"
        " print('mlflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"]
