"""MLflow as a mirror of what was trained here: written to, never read from.

Belongs here: one MLflow run for each model version, whether MLflow can be written to at all. Stays
out: when to write and what is still owed (assets/retraining), the truth about versions and
deployments (storage).

Nothing of MLflow's state is used beyond the address that is handed in: no active run, no autolog.
Its client, left to itself, tries a dead database for 102 s and a dead server for 247 s, so both are
asked by a short connection first. Importing MLflow takes a second, hence the imports in functions.
"""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from monitoring_assets.errors import MirrorError, MonitoringError
from monitoring_assets.training.mirror_record import (
    VERSION_TAG,
    TrainingRecord,
    metrics_of,
    parameters_of,
    tags_of,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment

ARTIFACT_FILE: Final = "model.skops"
"""What the bytes of a model are called in its run."""

LONGEST_LOCATION: Final = 150
"""MLflow keeps the whole path of a run's files in 200 characters; 48 of them are its own."""

_DATABASES: Final = ("postgresql", "postgresql+psycopg", "postgresql+psycopg2")
_SERVERS: Final = ("http", "https")
_PROBE_SECONDS: Final = 3
_MOST_METRICS: Final = 900
"""MLflow takes at most 1,000 entries in one call."""

_QUIET: Final = {
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}


@dataclass(frozen=True, repr=False)
class Mirror:
    """An MLflow to write to; cheap to make, connects when it is asked something.

    Parameters
    ----------
    uri
        `postgresql://…` (also `+psycopg`, `+psycopg2`) or `http(s)://…`. In a database that others
        use as well, its options name one schema, which exists: `?options=-csearch_path%3Dmlflow`.
    artifact_folder
        Where the files of runs in a database go, in a folder for each model. A server that is
        reached by http keeps them where it is set up to.
    """

    uri: str
    artifact_folder: Path

    def __repr__(self) -> str:
        return f"Mirror({self._where!r})"

    def available(self) -> str | None:
        """Return why nothing can be mirrored right now; None if it can. Takes 3 s at most or so."""
        try:
            self._probe()
        except MirrorError as error:
            return str(error)
        return None

    def log(self, training: TrainingRecord) -> str:
        """Write a training down, unless it is there already, and return the id of its run.

        A run that was begun and never finished is completed. Two processes that write the same
        training at once may leave two runs.

        Raises
        ------
        MirrorError
            It cannot be written now; the same call later catches up.
        """
        self._probe()
        version = training.version
        with self._translated(f"model '{version.model_id}', version {version.model_version}"):
            return self._logged(training)

    def _logged(self, training: TrainingRecord) -> str:
        from mlflow import MlflowClient

        client = MlflowClient(tracking_uri=self._patient_uri, registry_uri=self._patient_uri)
        experiment = self._experiment(client, training.version.model_id)
        run_id, finished = _run_of(client, experiment, training)
        if finished:
            return run_id
        _log_numbers(client, run_id, training)
        with TemporaryDirectory() as folder:
            file = Path(folder, ARTIFACT_FILE)
            file.write_bytes(training.artifact)
            client.log_artifact(run_id, str(file))
        client.set_terminated(run_id, "FINISHED", _milliseconds(training.trained_at))
        return run_id

    def _experiment(self, client: "MlflowClient", model_id: str) -> str:
        name = f"monitoring_assets/{model_id}"
        found = client.get_experiment_by_name(name)
        if found is None:
            return _created(client, name, self._location(model_id))
        if found.lifecycle_stage != "active":
            raise MirrorError(
                f"mirroring model '{model_id}' to MLflow at {self._where}: its experiment '{name}'"
                " was deleted there; restore it"
            )
        return found.experiment_id

    def _location(self, model_id: str) -> str | None:
        if self._scheme in _SERVERS:
            return None
        location = (self.artifact_folder.absolute() / model_id).as_uri()
        if len(location) > LONGEST_LOCATION:
            raise MirrorError(
                f"mirroring model '{model_id}' to MLflow: the folder {location} has"
                f" {len(location)} characters, {LONGEST_LOCATION} are the most MLflow can keep;"
                " choose a shorter one"
            )
        return location

    def _probe(self) -> None:
        """Raise a MirrorError if MLflow is not there, before its own client tries for minutes."""
        if find_spec("mlflow") is None:
            raise MirrorError(
                "MLflow is not installed; install monitoring_assets with the extra `mlflow`"
            )
        _keep_quiet()
        with self._translated("asking whether it is there"):
            if self._scheme in _DATABASES:
                self._probe_database()
            elif self._scheme in _SERVERS:
                self._probe_server()
            else:
                raise MirrorError(
                    f"the address of MLflow starts with '{self._scheme}:'; legal:"
                    f" {', '.join((*_DATABASES, *_SERVERS))}"
                )

    def _probe_database(self) -> None:
        from mlflow.store.db.utils import create_sqlalchemy_engine

        engine = create_sqlalchemy_engine(self._patient_uri)
        try:
            with engine.connect() as connection:
                schema = connection.exec_driver_sql("SELECT current_schema()").scalar()
        finally:
            engine.dispose()
        if schema is None:
            raise MirrorError(
                f"mirroring to MLflow at {self._where}: the schema that its options name does not"
                " exist; create it"
            )

    def _probe_server(self) -> None:
        import requests

        # /health answers even while the server's database is down; what needs a login is there.
        address = f"{self.uri.rstrip('/')}/api/2.0/mlflow/experiments/search"
        answer = requests.get(address, {"max_results": 1}, timeout=_PROBE_SECONDS)
        if not answer.ok and answer.status_code not in {401, 403}:
            raise MirrorError(
                f"mirroring to MLflow at {self._where}: it answers {answer.status_code}"
                f" {answer.reason}; see that an MLflow server runs there"
            )

    @property
    def _scheme(self) -> str:
        return self.uri.partition(":")[0].lower()

    @property
    def _patient_uri(self) -> str:
        """The address with a limit to the time that a connection may take to be made."""
        if self._scheme not in _DATABASES or "connect_timeout=" in self.uri:
            return self.uri
        return f"{self.uri}{'&' if '?' in self.uri else '?'}connect_timeout={_PROBE_SECONDS}"

    @property
    def _where(self) -> str:
        """The address without what may be secret."""
        parts = urlsplit(self.uri)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @contextmanager
    def _translated(self, doing: str) -> Generator[None]:
        try:
            yield
        except MonitoringError:
            raise
        except Exception as error:  # noqa: BLE001 - raised again, without a cause that may hold a password
            # MLflow, SQLAlchemy, drivers, requests, files: whatever it is, the mirror is not there.
            found = " ".join(str(getattr(error, "orig", None) or error).split())[:500]
            for secret in _secrets(self.uri):
                found = found.replace(secret, "***")
            raise MirrorError(
                f"mirroring to MLflow at {self._where}, {doing}: {type(error).__name__}: {found}"
            ) from None


def _run_of(client: "MlflowClient", experiment: str, training: TrainingRecord) -> tuple[str, bool]:
    """Return the run of a training and whether it needs nothing more; begin it if there is none.

    A run that a person has deleted in MLflow is not made again.
    """
    from mlflow.entities import ViewType

    version = training.version
    wanted = f"tags.`{VERSION_TAG}` = '{version.model_version}'"
    for run in client.search_runs([experiment], wanted, ViewType.ALL):
        deleted = run.info.lifecycle_stage != "active"
        return run.info.run_id, deleted or run.info.status == "FINISHED"
    run = client.create_run(
        experiment,
        start_time=_milliseconds(training.trained_at),
        tags=tags_of(training),
        run_name=f"{version.model_id} {version.model_version}",
    )
    return run.info.run_id, False


def _log_numbers(client: "MlflowClient", run_id: str, training: TrainingRecord) -> None:
    """Write parameters and metrics; those that are there already stay as they are."""
    from mlflow.entities import Metric, Param

    moment = _milliseconds(training.trained_at)
    params = [Param(key, value) for key, value in parameters_of(training).items()]
    metrics = [Metric(key, value, moment, 0) for key, value in metrics_of(training).items()]
    for start in range(0, max(len(metrics), 1), _MOST_METRICS):
        part = metrics[start : start + _MOST_METRICS]
        client.log_batch(run_id, part, params if start == 0 else ())


def _created(client: "MlflowClient", name: str, location: str | None) -> str:
    """Create an experiment; if another process was faster, return its one."""
    from mlflow.exceptions import MlflowException

    try:
        return client.create_experiment(name, location)
    except MlflowException:
        found: Experiment | None = client.get_experiment_by_name(name)
        if found is None:
            raise
        return found.experiment_id


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _secrets(uri: str) -> set[str]:
    """Return what an address holds that no message may show, as written and as meant."""
    parts = urlsplit(uri)
    given = {parts.password or "", *re.findall(r"[?&](?:ssl)?password=([^&]+)", uri)}
    return {one for secret in given for one in (secret, unquote(secret)) if one}


def _keep_quiet() -> None:
    """Have MLflow print nothing, tell nobody, and give up soon. Read when it is imported first."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
