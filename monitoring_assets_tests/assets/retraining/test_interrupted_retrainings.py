"""A retraining that is interrupted anywhere and tried again leaves what an undisturbed one does."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from monitoring_assets.records import RetrainingResult
from monitoring_assets.spec.notifications import NotificationsSpec
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import decisions
from monitoring_assets_tests.assets.retraining import killed_retraining
from monitoring_assets_tests.assets.retraining.killed_retraining import POINTS, Point
from monitoring_assets_tests.assets.retraining.loop_model import Loop, opened
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import write_model, yaml_of
from monitoring_assets_tests.stored import comparable, everything

pytestmark = pytest.mark.slow

OF_A_TRY = {"run_id", "tries", "requested_at", "decided_at", "finished_at"}
KILLED = ("rows gathered", "version stored", "models compared", "reference measured", "deployed")


class Interrupted(BaseException):
    """Ends a run as Ctrl-C does: nothing of ours may take it for an error of its own."""


def told(loop: Loop) -> dict[str, list[str]]:
    """Return all that is stored, but for how often the retraining was tried."""
    rows = [
        {name: value for name, value in row.items() if name not in OF_A_TRY}
        for row in loop.rows(tables.retraining_decision)
    ]
    return everything(loop.database) | {tables.retraining_decision.name: comparable(rows)}


def try_again(loop: Loop) -> None:
    """Carry the decision out as the sensor would the next time."""
    tries = decisions.request_try(loop.database, 1, loop.decision().decided_at)
    loop.retrain(loop.decision(), tries)


def counts(loop: Loop) -> dict[str, int]:
    """Return how many rows there are of what a retraining makes once."""
    wanted = (tables.model_version, tables.deployment, tables.reference, tables.training_set)
    return {table.name: len(loop.rows(table)) for table in wanted}


@pytest.fixture(scope="module")
def undisturbed(
    new_database: NewDatabase, alarmed_template: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, list[str]]]:
    """What one run leaves that nothing disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with opened(new_database, alarmed_template, folder, TALKATIVE) as loop:
        loop.carry_out()
        yield told(loop)


TALKATIVE = {"  retraining:": "  notifications: {webhook: 'http://127.0.0.1:9/'}\n  retraining:"}


@pytest.fixture
def loop(new_database: NewDatabase, alarmed_template: Database, tmp_path: Path) -> Iterator[Loop]:
    """Three bad windows, of a model that sends messages."""
    with opened(new_database, alarmed_template, tmp_path, TALKATIVE) as loop:
        yield loop


def interrupt(patch: pytest.MonkeyPatch, point: Point) -> None:
    """Let a run end at a point: what was to be done there is done, or was not yet."""
    module = import_module(point.module)
    real = getattr(module, point.function)

    def interrupted(*arguments: Any, **named: Any) -> Any:
        if point.done:
            real(*arguments, **named)
        raise Interrupted

    patch.setattr(module, point.function, interrupted)


@pytest.mark.parametrize("point", POINTS)
def test_an_interrupted_retraining_is_carried_out_once(
    loop: Loop, undisturbed: dict[str, list[str]], point: str
) -> None:
    made = loop.decide()
    with pytest.MonkeyPatch.context() as patch:
        interrupt(patch, POINTS[point])
        with pytest.raises(Interrupted):
            loop.retrain(made)
    try_again(loop)
    assert told(loop) == undisturbed


@pytest.mark.parametrize("point", KILLED)
def test_a_killed_retraining_is_carried_out_once(
    loop: Loop, undisturbed: dict[str, list[str]], point: str, tmp_path: Path
) -> None:
    loop.decide()
    assert killed(loop, point, tmp_path) == -signal.SIGKILL
    try_again(loop)
    assert told(loop) == undisturbed


def killed(loop: Loop, point: str, folder: Path) -> int:
    """Run the job in a process that is killed at a point; return how it ended."""
    policy = NotificationsSpec(webhook=SecretStr("http://127.0.0.1:9/"))
    assert loop.runner.spec.notifications == policy
    text = yaml_of(loop.runner.spec).replace("'**********'", policy.webhook.get_secret_value())
    write_model(folder / "killed", text)
    arguments = [loop.database.url, str(folder / "killed"), loop.runner.now, point]
    line = [sys.executable, "-m", killed_retraining.__name__, *arguments]
    return subprocess.run(line, env=dict(os.environ), timeout=300, check=False).returncode


def test_what_was_killed_before_the_end_has_deployed_nothing(loop: Loop, tmp_path: Path) -> None:
    before = counts(loop)
    loop.decide()
    killed(loop, "about to be deployed", tmp_path)
    after = counts(loop)
    assert after == before | {"model_version": 2, "training_set": 1}
    assert loop.decision().result is None
    assert {one["closed_at"] for one in loop.rows(tables.episode)} == {None}


def test_a_run_that_goes_on_after_it_was_given_up_deploys_nothing(loop: Loop) -> None:
    made = loop.decide()
    point = POINTS["models compared"]
    with pytest.MonkeyPatch.context() as patch:
        interrupt(patch, point)
        with pytest.raises(Interrupted):
            loop.retrain(made)
    with loop.database.begin() as connection:
        failed = (RetrainingResult.FAILED, "given up", None)
        assert decisions.finish(connection, made.number, failed, made.decided_at)
    loop.retrain(made, 2)
    assert counts(loop)["deployment"] == 1
    assert loop.decision().result is RetrainingResult.FAILED
