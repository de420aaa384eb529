"""MLflow as a mirror, against a real database, and against addresses where nobody is."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitoring_assets.errors import MirrorError
from monitoring_assets.records import ModelVersion
from monitoring_assets.storage.database import Database
from monitoring_assets.training.mirror import Mirror
from monitoring_assets.training.mirror_record import TrainingRecord, metric_name, metrics_of
from monitoring_assets_tests.conftest import NewDatabase

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

# MLflow 3.17.2 asks SQLAlchemy 2.1 for what will be gone from a later one.
pytestmark = pytest.mark.filterwarnings(
    "ignore:The ``noload`` loader strategy:sqlalchemy.exc.SADeprecationWarning"
)

MOMENT = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
VERSION = ModelVersion(
    model_id="small",
    model_version="2",
    estimator="linear",
    parameters={"alpha": 0.5},
    training_start=datetime(2025, 1, 1, tzinfo=UTC),
    training_end=datetime(2025, 2, 1, tzinfo=UTC),
    training_rows=1200,
    artifact_sha256="ab" * 32,
    library_versions={"scikit-learn": "1.9.1"},
    metrics={"mae": 1.25, "f1/1.5 km?": 0.5, "r2": float("nan")},
    decision_id=17,
    data_hash="0123",
)
TRAINING = TrainingRecord(version=VERSION, artifact=b"the bytes of a model", trained_at=MOMENT)


class Answers(BaseHTTPRequestHandler):
    """Answers with the number that the path begins with."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.split("/")[1]))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture(scope="module")
def tracked(new_database: NewDatabase) -> Iterator[Database]:
    with new_database() as database:
        yield database


@pytest.fixture
def mirror(tracked: Database, tmp_path: Path) -> Mirror:
    return Mirror(tracked.mlflow_url, tmp_path)


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answers) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Take connections and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def of_model(model_id: str, **changes: object) -> TrainingRecord:
    return replace(TRAINING, version=replace(VERSION, model_id=model_id, **changes))


def client_of(mirror: Mirror) -> "MlflowClient":
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=mirror.uri)


def runs_of(mirror: Mirror, model_id: str) -> "list[Run]":
    client = client_of(mirror)
    experiment = client.get_experiment_by_name(f"monitoring_assets/{model_id}")
    return [] if experiment is None else list(client.search_runs([experiment.experiment_id]))


def test_a_training_is_written_down_with_all_that_is_known_of_it(mirror: Mirror) -> None:
    assert mirror.available() is None
    run = client_of(mirror).get_run(mirror.log(TRAINING))
    assert run.info.status == "FINISHED"
    assert run.info.start_time == run.info.end_time == 1741064767000
    assert run.data.metrics == {"mae": 1.25, "f1/1_5 km_": 0.5}
    assert run.data.params["parameters/alpha"] == "0.5"
    assert run.data.params["data_hash"] == "0123"
    assert run.data.tags["monitoring.decision_id"] == "17"
    assert run.data.tags["monitoring.model_version"] == "2"
    assert run.data.tags["monitoring.artifact_sha256"] == "ab" * 32


def test_the_file_of_a_model_lies_in_the_folder_of_its_model(
    mirror: Mirror, tmp_path: Path
) -> None:
    run_id = mirror.log(of_model("with_file"))
    file = tmp_path / "with_file" / run_id / "artifacts" / "model.skops"
    assert file.read_bytes() == b"the bytes of a model"


def test_a_training_that_is_there_already_is_not_written_twice(mirror: Mirror) -> None:
    first = mirror.log(of_model("twice"))
    assert mirror.log(of_model("twice")) == first
    assert len(runs_of(mirror, "twice")) == 1


def test_another_version_has_a_run_of_its_own_in_the_same_experiment(mirror: Mirror) -> None:
    first = of_model("two_versions")
    mirror.log(first)
    mirror.log(replace(first, version=replace(first.version, model_version="22")))
    assert len(runs_of(mirror, "two_versions")) == 2


def test_a_run_that_was_broken_off_is_completed(mirror: Mirror, tmp_path: Path) -> None:
    blocked = tmp_path / "broken_off"
    blocked.write_text("a file where a folder must be")
    with pytest.raises(MirrorError, match="model 'broken_off', version 2"):
        mirror.log(of_model("broken_off"))
    assert [run.info.status for run in runs_of(mirror, "broken_off")] == ["RUNNING"]
    blocked.unlink()
    run_id = mirror.log(of_model("broken_off"))
    assert [(run.info.run_id, run.info.status) for run in runs_of(mirror, "broken_off")] == [
        (run_id, "FINISHED")
    ]


def test_a_run_that_a_person_deleted_stays_deleted(mirror: Mirror) -> None:
    first = mirror.log(of_model("deleted_run"))
    client_of(mirror).delete_run(first)
    assert mirror.log(of_model("deleted_run")) == first
    assert runs_of(mirror, "deleted_run") == []


def test_a_deleted_experiment_is_an_error_that_says_what_to_do(mirror: Mirror) -> None:
    mirror.log(of_model("gone"))
    client = client_of(mirror)
    found = client.get_experiment_by_name("monitoring_assets/gone")
    assert found
    client.delete_experiment(found.experiment_id)
    with pytest.raises(MirrorError, match="'monitoring_assets/gone' was deleted there; restore it"):
        mirror.log(of_model("gone"))


def test_version_1_has_neither_decision_nor_hash(mirror: Mirror) -> None:
    plain = of_model("plain", decision_id=None, data_hash=None)
    run = client_of(mirror).get_run(mirror.log(plain))
    assert "monitoring.decision_id" not in run.data.tags
    assert "data_hash" not in run.data.params


def test_a_folder_too_long_for_mlflow_is_refused(tracked: Database, tmp_path: Path) -> None:
    with pytest.raises(MirrorError, match="150 are the most MLflow can keep"):
        Mirror(tracked.mlflow_url, tmp_path / ("x" * 150)).log(of_model("long_folder"))


def test_mlflow_keeps_to_its_schema(mirror: Mirror, tracked: Database) -> None:
    import sqlalchemy

    mirror.log(of_model("schema"))
    inspector = sqlalchemy.inspect(tracked.engine())
    assert "runs" in inspector.get_table_names("mlflow")
    assert "runs" not in inspector.get_table_names("public")


@pytest.mark.slow
def test_nothing_is_printed_and_nothing_left_in_the_folder_of_the_process(
    empty_database: Database, tmp_path: Path
) -> None:
    from psycopg import connect

    with connect(empty_database.url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA mlflow")
    program = (
        "import sys, pathlib; from monitoring_assets_tests.training.test_mirror import *;"
        "print(Mirror(sys.argv[1], pathlib.Path(sys.argv[2])).log(TRAINING))"
    )
    here = tmp_path / "here"
    here.mkdir()
    command = [sys.executable, "-c", program, empty_database.mlflow_url, str(tmp_path / "files")]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    assert (len(done.stdout.split()), done.stderr) == (1, "")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "uri", ["postgresql://ann:s%40cret@127.0.0.1:1/x", "http://ann:s%40cret@127.0.0.1:1"]
)
def test_a_dead_address_is_a_reason_and_an_error_that_show_no_password(
    uri: str, tmp_path: Path
) -> None:
    mirror = Mirror(uri, tmp_path)
    reason = mirror.available()
    assert reason
    assert "127.0.0.1:1" in reason
    assert "cret" not in f"{reason}{mirror!r}"
    with pytest.raises(MirrorError, match=r"127\.0\.0\.1:1") as caught:
        mirror.log(TRAINING)
    assert caught.value.retryable


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["postgresql", "http"])
def test_an_address_that_never_answers_is_given_up(
    scheme: str, silent_port: int, tmp_path: Path
) -> None:
    reason = Mirror(f"{scheme}://127.0.0.1:{silent_port}/x", tmp_path).available()
    assert reason
    assert "time" in reason


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(200, None), (401, None), (404, "answers 404 Not Found"), (503, "answers 503 Service Unav")],
)
def test_a_server_is_asked_for_its_experiments(
    server: str, answer: int, expected: str | None, tmp_path: Path
) -> None:
    reason = Mirror(f"{server}/{answer}", tmp_path).available()
    assert (reason is None) if expected is None else (reason and expected in reason)


@pytest.mark.parametrize(
    ("change", "expected"),
    [("mlflow", "does not exist; create it"), ("search_path", "nowhere")],
)
def test_a_wrong_schema_or_option_is_a_reason(
    tracked: Database, tmp_path: Path, change: str, expected: str
) -> None:
    reason = Mirror(tracked.mlflow_url.replace(change, "nowhere"), tmp_path).available()
    assert reason
    assert expected in reason


@pytest.mark.parametrize("uri", ["sqlite:///mlflow.db", "mlruns", "postgres://x/y", ""])
def test_other_addresses_are_refused(uri: str, tmp_path: Path) -> None:
    reason = Mirror(uri, tmp_path).available()
    assert reason
    assert "legal: postgresql" in reason


def test_metrics_have_names_that_mlflow_allows_and_finite_values() -> None:
    assert metrics_of(TRAINING) == {"mae": 1.25, "f1/1_5 km_": 0.5}
    assert [metric_name(name) for name in ("f1/a/b", "f1/..", "f1/ä")] == [
        "f1/a_b",
        "f1/__",
        "f1/ä",
    ]
