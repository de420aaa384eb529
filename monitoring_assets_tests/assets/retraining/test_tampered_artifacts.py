"""A stored model that was tampered with is not opened: for windows, retrainings or people."""

import hashlib
import io
import pickle
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import skops.io
import sqlalchemy as sa

from monitoring_assets.storage import tables
from monitoring_assets.storage.retraining import versions
from monitoring_assets_tests.assets.retraining.loop_model import AFTER, LATER, Loop
from monitoring_assets_tests.dagster_runs import failures_of
from monitoring_assets_tests.stored import complete_keys
from monitoring_assets_tests.training.test_artifacts import Payload

pytestmark = pytest.mark.slow


@pytest.fixture
def trace(tmp_path: Path) -> Iterator[Path]:
    """A file that a payload would leave, had anybody executed it."""
    trace = tmp_path / "executed"
    yield trace
    assert not trace.exists(), "the payload was executed"


def changed(content: bytes, _: Path) -> bytes:
    """Return a stored model with one byte changed."""
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def pickled(_: bytes, trace: Path) -> bytes:
    return pickle.dumps(Payload(str(trace)))


def pickled_inside(content: bytes, trace: Path) -> bytes:
    """Return a stored model with a pickle among its members, in place of its schema."""
    told = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(told, "w") as after:
        for name in before.namelist():
            if name != "schema.json":
                after.writestr(name, before.read(name))
        after.writestr("schema.json", pickle.dumps(Payload(str(trace))))
    return told.getvalue()


def unknown_type(_: bytes, trace: Path) -> bytes:
    return skops.io.dumps(Payload(str(trace)))


def then_stop(function: Callable[..., Any]) -> Callable[..., None]:
    """Return a function after which a run is interrupted."""

    def stopped(*arguments: Any) -> None:
        function(*arguments)
        raise KeyboardInterrupt

    return stopped


FORGED = {
    "a pickle": (pickled, "is no skops file of ours"),
    "a pickle inside": (pickled_inside, "is no skops file of ours"),
    "an unknown type": (unknown_type, "types that are not trusted"),
}


def tamper(loop: Loop, version: str, content: bytes, *, sha256: str | None = None) -> None:
    """Put other bytes in place of a version's file; with a fingerprint, recorded as its own."""
    (known,) = loop.rows(tables.model_version, model_version=version)
    table, of_version = tables.artifact, tables.model_version
    with loop.database.begin() as connection:
        if sha256 is None:
            same = table.c.sha256 == known["artifact_sha256"]
            connection.execute(sa.update(table).where(same).values(content=content))
            return
        file = {"sha256": sha256, "content": content, "created_at": sa.func.now()}
        connection.execute(sa.insert(table).values(file))
        named = of_version.c.model_version == version
        connection.execute(sa.update(of_version).where(named).values(artifact_sha256=sha256))


def forge(loop: Loop, version: str, kind: str, trace: Path) -> str:
    """Forge a version's file, its fingerprint too; return the error that is to follow."""
    (known,) = loop.rows(tables.model_version, model_version=version)
    (file,) = loop.rows(tables.artifact, sha256=known["artifact_sha256"])
    make, error = FORGED[kind]
    content = make(bytes(file["content"]), trace)
    tamper(loop, version, content, sha256=hashlib.sha256(content).hexdigest())
    return error


def test_a_changed_byte_is_found_before_a_window_is_scored(alarmed: Loop, trace: Path) -> None:
    (file,) = alarmed.rows(tables.artifact)
    tamper(alarmed, "1", changed(bytes(file["content"]), trace))
    with alarmed.at(LATER) as later:
        result = later.runner.one(AFTER[0], raises=False)
    (failure,) = failures_of(result)
    assert "it was changed; restore table monitoring.artifact from a backup" in failure
    assert AFTER[0] not in complete_keys(alarmed.database, "quick")


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_model_scores_no_window_and_executes_nothing(
    alarmed: Loop, trace: Path, kind: str
) -> None:
    error = forge(alarmed, "1", kind, trace)
    with alarmed.at(LATER) as later:
        result = later.runner.one(AFTER[0], raises=False)
    (failure,) = failures_of(result)
    assert error in failure
    assert AFTER[0] not in complete_keys(alarmed.database, "quick")


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_challenger_is_not_compared_and_executes_nothing(
    alarmed: Loop, trace: Path, kind: str
) -> None:
    made = alarmed.decide()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(versions, "save_candidate", then_stop(versions.save_candidate))
        with pytest.raises(KeyboardInterrupt):
            alarmed.retrain(made)
    error = forge(alarmed, "2", kind, trace)
    (failure,) = failures_of(alarmed.retrain(made, 2, raises=False))
    assert error in failure
    assert len(alarmed.rows(tables.deployment)) == 1
    assert alarmed.decision().result is None


@pytest.mark.parametrize("kind", FORGED)
def test_nobody_rolls_back_to_a_forged_model(
    promoted: Loop, tmp_path: Path, trace: Path, kind: str
) -> None:
    error = forge(promoted, "1", kind, trace)
    done = promoted.command(tmp_path / "line")("rollback", "quick")
    assert done.code == 1
    assert error in done.errors
    assert len(promoted.rows(tables.deployment)) == 2


def test_nobody_rolls_back_to_a_version_of_another_scikit_learn(
    promoted: Loop, tmp_path: Path
) -> None:
    table = tables.model_version
    with promoted.database.begin() as connection:
        named = sa.update(table).where(table.c.model_version == "1")
        connection.execute(named.values(library_versions={"scikit-learn": "1.2.0"}))
    done = promoted.command(tmp_path / "line")("rollback", "quick")
    assert done.code == 1
    assert "was trained with scikit-learn 1.2.0, here is" in " ".join(done.errors.split())
    assert len(promoted.rows(tables.deployment)) == 2
