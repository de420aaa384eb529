"""Classifiers on small Parquet files: rows with labels, classes and probabilities, and their model.

Belongs here: rows and files of two classes (`no`, `yes`) and of three (`red`, `green`, `blue`), the
YAML around them, the runner. Stays out: assertions, numbers found a second time
(classifier_witness.py).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import dagster as dg
import numpy as np
import numpy.typing as npt
import pandas as pd

from monitoring_assets.assets import names
from monitoring_assets.records import Layer
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.assets.small_model import ROWS, good_rows, write_day
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner
from monitoring_assets_tests.specs import binary_spec, multiclass_spec, small_columns
from monitoring_assets_tests.stored import Row, rows_of

Task = Literal["binary", "multiclass"]

CLASSES: Final[dict[Task, list[str]]] = {
    "binary": ["no", "yes"],
    "multiclass": ["red", "green", "blue"],
}
LABEL: Final[dict[Task, str]] = {"binary": "answer", "multiclass": "colour"}
SAID = "said"
"""Column of the class that whoever made the predictions decided on."""

OWN_THRESHOLD = 0.35
"""From this probability on, whoever made the predictions of two classes says yes."""

JANUARY: Final = [f"2023-01-{day:02}" for day in range(1, 11)]

FORMULA: Final = {"numerical": {"method": "kolmogorov_smirnov"}}
"""Section `drift` by methods whose law is a formula: drawing one takes seconds."""


@dataclass(frozen=True, eq=False)
class Classifier:
    """A classifier in a folder of its own, on a database of its own."""

    folder: Path
    runner: Runner

    @property
    def spec(self) -> ModelSpec:
        """What its YAML says."""
        return self.runner.spec

    @property
    def database(self) -> Database:
        """Where it is stored."""
        return self.runner.database

    def write(self, day: str, rows: int = ROWS, **columns: Any) -> Path:
        """Write a day's file with these columns instead of good ones; None leaves one out."""
        task: Task = "binary" if self.spec.task == "binary" else "multiclass"
        return write_answers(self.folder, task, day, rows, **columns)

    def frame(self, *days: str) -> pd.DataFrame:
        """Read the files of days with pandas, in the order of time."""
        files = [self.folder / "small" / f"{day}.parquet" for day in days]
        return pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)


@dataclass(frozen=True)
class Windows:
    """A classifier with its windows computed, and what the checks said of each."""

    model: Classifier
    checks: dict[tuple[str, str], dg.AssetCheckEvaluation]

    def quality(self, day: str, metric: str, class_name: str = "") -> Row:
        """Return one quality number of a day."""
        key = {"metric": metric, "class_name": class_name}
        return self._of(day, tables.model_quality, **key)

    def data_quality(self, day: str, metric: str, column: str = "") -> Row:
        """Return one data-quality number of a day."""
        return self._of(day, tables.data_quality, metric=metric, column_name=column)

    def drift(self, day: str, column: str) -> Row:
        """Return the deciding drift score of a column."""
        return self._of(day, tables.drift_score, column_name=column, deciding=True)

    def ledger(self, day: str) -> Row:
        """Return the day's row of the ledger."""
        return self._of(day, tables.window)

    def _of(self, day: str, table: Any, **key: Any) -> Row:
        rows = rows_of(self.model.database, table, **key)
        (found,) = (row for row in rows if f"{row['window_start']:%Y-%m-%d}" == day)
        return found


def metadata_of(model: Classifier, layer: str, day: str) -> dict[str, Any]:
    """Return what Dagster's UI shows of a layer's newest materialization of a day."""
    wanted = dg.AssetRecordsFilter(
        asset_key=names.asset_key(model.spec.model_id, Layer(layer)), asset_partitions=[day]
    )
    (record, *_) = model.runner.instance.fetch_materializations(wanted, limit=1).records
    if record.asset_materialization is None:
        raise LookupError(f"{layer} of {day} has no materialization")
    return {name: one.value for name, one in record.asset_materialization.metadata.items()}


def computed(model: Classifier, first: str, last: str) -> Windows:
    """Compute a range of windows in one run."""
    result = model.runner.span(first, last)
    found = {(e.check_name, e.partition or ""): e for e in result.get_asset_check_evaluations()}
    return Windows(model, found)


def classifier_spec(task: Task, columns: dict[str, Any], **sections: Any) -> ModelSpec:
    """Return a classifier on these files, with these entries of `columns` and these sections."""
    spec = binary_spec if task == "binary" else multiclass_spec
    named = small_columns(**({"target": LABEL[task]} | columns))
    return spec(**({"columns": named, "drift": FORMULA} | sections))


def probabilities_of(task: Task) -> dict[str, str]:
    """Return entry `columns.probabilities` of these files."""
    classes = CLASSES[task][1:] if task == "binary" else CLASSES[task]
    return {one: f"p_{one}" for one in classes}


@contextmanager
def measured(
    new_database: NewDatabase,
    folder: Path,
    spec: ModelSpec,
    january: Callable[[str], dict[str, Any]] = lambda _: {},
    template: Database | None = None,
) -> Iterator[Classifier]:
    """Open a classifier whose reference, ten days of January, is measured.

    Parameters
    ----------
    january
        Columns of a day of January instead of good ones.
    template
        Database in which this has been done before, and maybe more; a copy of it is opened.
    """
    with new_database(template) as database, Runner(spec, database, folder) as runner:
        model = Classifier(folder, runner)
        for day in JANUARY:
            model.write(day, **january(day))
        if template is None:
            runner.set_up()
        yield model


def write_answers(folder: Path, task: Task, day: str, rows: int = ROWS, **columns: Any) -> Path:
    """Write the file of a day, see `Classifier.write`."""
    return write_day(folder, day, rows, **({"minutes": None} | answers(task, day, rows) | columns))


def answers(task: Task, day: str, rows: int = ROWS) -> dict[str, Any]:
    """Return labels, probabilities and classes of a day's good rows: the same ones each time."""
    random = np.random.default_rng(int(day.replace("-", "")) + 1)
    good = good_rows(day, rows)
    heights = (good["distance"] - 4) / 2 + np.where(good["zone"] == "north", 1.0, 0.0)
    if task == "binary":
        yes = 1 / (1 + np.exp(-heights))
        return {
            "answer": _drawn(random, np.column_stack([1 - yes, yes]), CLASSES[task]),
            "p_yes": yes,
            SAID: np.where(yes >= OWN_THRESHOLD, "yes", "no"),
        }
    slopes = np.exp(np.column_stack([-heights, np.full(rows, 0.6), heights]))
    shares = slopes / slopes.sum(axis=1, keepdims=True)
    classes = np.array(CLASSES[task])
    return {
        "colour": _drawn(random, shares, CLASSES[task]),
        **{f"p_{one}": shares[:, place] for place, one in enumerate(CLASSES[task])},
        # Not always the most probable class: where the source says one, that is the answer.
        SAID: classes[np.argmax(shares * [3, 1, 1], axis=1)],
    }


def _drawn(
    random: np.random.Generator, shares: npt.NDArray[np.float64], classes: list[str]
) -> npt.NDArray[Any]:
    """Return classes drawn with these probabilities, shape `(n, C)`."""
    codes = (random.random((len(shares), 1)) > np.cumsum(shares, axis=1)).sum(axis=1)
    return np.array(classes)[codes.clip(max=len(classes) - 1)]
