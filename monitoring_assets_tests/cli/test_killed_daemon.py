"""Dagster's own daemon decides and retrains, and is killed twice meanwhile: once stays once."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import dagster as dg
import psutil
import pytest

from monitoring_assets.assets import names
from monitoring_assets.records import RetrainingResult
from monitoring_assets.resources.dagster_home import home_folder, open_instance
from monitoring_assets.storage import tables
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.story_model import LEARNED, MODEL, Plot, Story, opened

DAEMON: Final = Path(sys.executable).parent / "dagster-daemon"
PATIENCE: Final = 300
"""Seconds after which a test gives up; nothing is expected to take a tenth of it."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass
class Daemon:
    """Dagster's daemon as a process, with every process it has started."""

    story: Story
    instance: dg.DagsterInstance
    process: "subprocess.Popen[bytes] | None" = None
    family: list[psutil.Process] = field(default_factory=list[psutil.Process])

    def start(self) -> None:
        """Start it on the story's database; no other model is there."""
        self.process = subprocess.Popen(
            [str(DAEMON), "run", "-w", str(home_folder() / "workspace.yaml")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_until(self, what: Callable[[], Any]) -> None:
        """Wait until something is so, as long as it lives."""
        end = time.monotonic() + PATIENCE
        while not what():
            assert self.process is not None
            assert self.process.poll() is None, f"it ended with {self.process.returncode}"
            assert time.monotonic() < end, "it takes too long"
            time.sleep(0.05)

    def kill(self) -> None:
        """Let it end without a word; what it has started goes on for the time being."""
        assert self.process is not None
        known = psutil.Process(self.process.pid)
        self.family += known.children(recursive=True)
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def has_asked(self) -> bool:
        """Say whether a retraining was decided and its run asked for."""
        return any(one.tries for one in self.story.decisions())

    def run_has_begun(self) -> bool:
        """Say whether the run is at work."""
        return any(one.run_id for one in self.story.decisions())

    def has_ended(self) -> bool:
        """Say whether the run has ended, and it was looked once more after that."""
        runs = self.retraining_runs()
        return all(one.is_finished for one in runs) and self._ticks_since_the_end() > 1

    def retraining_runs(self) -> Sequence[dg.DagsterRun]:
        """Return the runs of the retraining that there are."""
        return self.instance.get_runs(dg.RunsFilter(job_name=names.retraining_job(MODEL)))

    def _ticks_since_the_end(self) -> int:
        (decision,) = self.story.decisions()
        sensors = [
            one
            for one in self.instance.all_instigator_state()
            if one.instigator_name == names.decisions_sensor(MODEL)
        ]
        if decision.finished_at is None or not sensors:
            return 0
        after = decision.finished_at.timestamp()
        state = sensors[0]
        ids = state.instigator_origin_id, state.selector_id
        return len(self.instance.get_ticks(*ids, after=after))

    def end_all(self) -> None:
        """End whatever is left."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        for one in self.family:
            if one.is_running():
                one.kill()


def recent_plot() -> tuple[Plot, dict[str, str]]:
    """Return six windows of which the newest has just ended, and the YAML's dates for them."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)  # noqa: TID251 - the daemon goes by the clock
    begin = today - timedelta(days=6)
    changes = {
        "2025-03-01": f"{begin:%Y-%m-%d}",
        "2025-02-23": f"{begin - timedelta(days=LEARNED):%Y-%m-%d}",
    }
    return Plot(breaks=(3,), windows=6, start=begin), changes


@pytest.fixture
def daemon(new_database: NewDatabase, tmp_path: Path) -> Iterator[Daemon]:
    """A daemon that is not started yet, over windows of which the newest three are bad."""
    plot, changes = recent_plot()
    with opened(new_database, None, tmp_path, plot, changes) as story, ExitStack() as stack:
        story.runner.set_up()
        story.after(5).compute(0, 5)
        stack.enter_context(story.command.applied())
        instance = stack.enter_context(open_instance(story.database))
        found = Daemon(story, instance)
        stack.callback(found.end_all)
        yield found


def test_killed_when_it_has_decided_and_while_the_run_works_it_retrains_once(
    daemon: Daemon,
) -> None:
    for moment in (daemon.has_asked, daemon.run_has_begun):
        daemon.start()
        daemon.wait_until(moment)
        daemon.kill()
    daemon.start()
    daemon.wait_until(daemon.has_ended)
    (run,) = daemon.retraining_runs()
    (decision,) = daemon.story.decisions()
    assert (run.status, run.run_id) == (dg.DagsterRunStatus.SUCCESS, decision.run_id)
    assert (decision.result, decision.tries) == (RetrainingResult.PROMOTED, 1)
    assert [version for _, version in daemon.story.deployed()] == ["1", "2"]
    assert len(daemon.story.rows(tables.model_version)) == 2
    assert len(daemon.story.rows(tables.reference)) == 2
