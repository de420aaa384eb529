"""The story's model at a moment that is no replay: its messages are sent.

Belongs here: a clock that a test sets, the model with a receiver. Stays out: assertions, the rows
(story_model.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.notifications import NotificationsSpec
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.stored import Row
from monitoring_assets_tests.story_model import Plot, Story, opened


class Clock(Runtime):
    """Tells the time that a test has set, as the clock of a machine does."""

    moment: str

    def now(self) -> datetime:
        """Return that time."""
        return datetime.fromisoformat(self.moment)


@dataclass(frozen=True)
class Awake(Runner):
    """A model whose present is not a replayed past."""

    @property
    def resources(self) -> dict[str, Any]:
        """The same with such a clock."""
        clock = Clock(data_folder=str(self.folder), database_url=self.database.url, moment=self.now)
        return super().resources | {"runtime": clock}


@contextmanager
def telling(
    new_database: NewDatabase,
    template: Database,
    folder: Path,
    plot: Plot,
    address: str,
    **changes: Any,
) -> Iterator[Story]:
    """Open the model on a copy of a database, awake, with this receiver and other sections."""
    with opened(new_database, template, folder, plot) as asleep:
        told = NotificationsSpec(webhook=SecretStr(address))
        spec = replace(asleep.spec, notifications=told, **changes)
        runner = asleep.runner
        yield Story(plot, Awake(spec, runner.database, folder, runner.now, asleep.instance))


def messages(story: Story, **equal: Any) -> list[Row]:
    """Return the stored messages, oldest first."""
    return sorted(story.rows(tables.notification, **equal), key=lambda row: row["id"])
