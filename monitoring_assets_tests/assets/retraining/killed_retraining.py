"""A process that carries out retraining number 1 and is killed at a point of it, as by kill -9.

Belongs here: the points, and the process. Stays out: assertions.
"""

import os
import signal
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from monitoring_assets.components.loading import load_model
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.retraining.loop_model import Loop
from monitoring_assets_tests.dagster_runs import Runner

_ASSETS: Final = "monitoring_assets.assets.retraining"
_STORAGE: Final = "monitoring_assets.storage.retraining"


@dataclass(frozen=True)
class Point:
    """Just before or just after a function of a module has done its work."""

    module: str
    function: str
    done: bool = True


POINTS: Final = {
    "rows gathered": Point(f"{_STORAGE}.training_sets", "save_training_set"),
    "version trained": Point(f"{_STORAGE}.versions", "save_candidate", done=False),
    "version stored": Point(f"{_STORAGE}.versions", "save_candidate"),
    "about to be compared": Point(f"{_STORAGE}.comparisons", "save_comparisons", done=False),
    "models compared": Point(f"{_STORAGE}.comparisons", "save_comparisons"),
    "reference measured": Point(f"{_ASSETS}.promotion", "measure_for_version"),
    "about to be deployed": Point(f"{_STORAGE}.promoting", "close_all"),
    "deployed": Point(f"{_ASSETS}.promotion", "promote"),
}


def killed_at(point: Point) -> None:
    """Let this process end at a point, without a word."""
    module = import_module(point.module)
    real = getattr(module, point.function)

    def killed(*arguments: Any, **named: Any) -> None:
        if point.done:
            real(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, point.function, killed)


def main() -> None:
    """Carry the retraining out until the point."""
    url, folder, now, point = sys.argv[1:]
    spec = load_model(Path(folder) / "quick" / "defs.yaml")
    killed_at(POINTS[point])
    with Runner(spec, Database(url), Path(folder), now) as runner:
        loop = Loop(runner)
        loop.retrain(loop.decision())


if __name__ == "__main__":
    main()
