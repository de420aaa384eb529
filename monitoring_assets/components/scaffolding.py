"""`dg scaffold defs monitoring_assets.MonitoredModel <model_id>`: a first `defs.yaml` to fill in.

Belongs here: the text of that file, and where an editor finds its schema. Stays out: the schema
(yaml_schema.py), reading the file (loading.py).
"""

import os
from pathlib import Path
from typing import Final, Literal

import click
import dagster as dg
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from monitoring_assets.components.wording import id_text
from monitoring_assets.metrics.entries import Task
from monitoring_assets.spec.model import ModelId

SCHEMA_FILE: Final = "model.schema.json"
MARK: Final = "# <- "
"""Begins the comment of each line that has to be filled in; what ends it is an example."""


class ScaffoldOptions(BaseModel):
    """Options of the command."""

    task: Task = Field(default="regression", description="What the model predicts.")
    trained: Literal["elsewhere", "here"] = Field(
        default="elsewhere", description="Where the model is trained and scored."
    )


class ModelScaffolder(dg.Scaffolder[ScaffoldOptions]):
    """Writes a `defs.yaml` that loads as soon as its marked places are filled in."""

    @classmethod
    def get_scaffold_params(cls) -> type[ScaffoldOptions]:
        """Return the options of the command."""
        return ScaffoldOptions

    def scaffold(self, request: dg.ScaffoldRequest[ScaffoldOptions]) -> None:
        """Write the file, and its schema beside the folder unless the project has it in `docs`."""
        from monitoring_assets.components.yaml_schema import schema_text

        folder = request.target_path
        if problem := _problem(request):
            folder.rmdir()  # `dg` has made it just now
            raise click.ClickException(problem)
        published = (request.project_root or folder) / "docs" / SCHEMA_FILE
        if not published.exists():
            published = folder.parent / SCHEMA_FILE
            published.write_text(schema_text(), encoding="utf-8")
        schema = Path(os.path.relpath(published, folder)).as_posix()
        text = first_text(folder.name, schema, request.params)
        (folder / "defs.yaml").write_text(text, encoding="utf-8")


def first_text(name: str, schema: str, options: ScaffoldOptions) -> str:
    """Return a `defs.yaml` with the places to fill in marked.

    Parameters
    ----------
    name
        Id of the model.
    schema
        Path of the schema, seen from the file.
    options
        Options of the command.
    """
    parts = [
        _BEGINNING.format(schema=schema, name=name, task=options.task),
        _CLASSES[options.task],
        _SOURCE,
        _COLUMNS,
        _PROBABILITIES[options.task],
        _TRAINED if options.trained == "here" else _DELIVERED,
        _VERDICTS,
    ]
    return "".join(parts)


def _problem(request: dg.ScaffoldRequest[ScaffoldOptions]) -> str:
    name = request.target_path.name
    if request.scaffold_format != "yaml":
        return "a monitored model is a defs.yaml: leave --format out"
    try:
        TypeAdapter(ModelId).validate_python(name)
    except ValidationError:
        return id_text(name)
    return ""


_BEGINNING: Final = """\
# yaml-language-server: $schema={schema}
# Fill in every line marked with <-. What is commented out is legal and may stay so.
# Mistakes are named with their lines by `monitoring-assets check {name}`, by
# `dagster definitions validate`, and by the failing check that stands for the model until it loads.
type: monitoring_assets.MonitoredModel
attributes:
  description: ""              # what the model does, in a sentence
  owners: []                   # e-mail addresses, or "team:name"
  task: {task}
  windows:
    granularity: day           # hour, day, week (from Monday) or month
    start:                     # <- first day that is monitored: 2026-01-01
    time_zone: UTC             # in which windows are cut: Europe/Berlin
    # delay: 6 hours           # wait so long after a window's end before computing it
"""

_CLASSES: Final = {
    "regression": "",
    "binary": """\
  classification:
    classes: []                # <- both, as the columns hold them: ["no", "yes"]
    # positive_class: "yes"    # without it, the last one
""",
    "multiclass": """\
  classification:
    classes: []                # <- all of them, as the columns hold them: [red, green, blue]
""",
}

_SOURCE: Final = """\
  source:
    kind: parquet              # or csv, sql, tlc_trips, bundled, custom, simulated_trips
    path:                      # <- pattern of the files: scores/*.parquet
    # rename: {sold_at: SoldAt}   # our name: name in the source
"""

_COLUMNS: Final = """\
  columns:
    # id: order_id             # unique; without it, the file's name and the row number
    event_time:                # <- column that says when the thing predicted happened: sold_at
    numerical: []              # <- features that are numbers: [distance, weight]
    categorical: []            # features that are categories
    # monitored: {numerical: [margin]}   # watched, though the model does not see them
    target:                    # <- column of the true value; without it quality is unknown: price
    # knowledge_time: known_at # when the true value became known, if it comes later
    prediction: prediction     # column of the model's answer
"""

_PROBABILITIES: Final = {
    "regression": "",
    "binary": """\
    # probabilities: {"yes": probability}   # the positive class's; without `prediction` it decides
""",
    "multiclass": """\
    # probabilities: {red: p_red, green: p_green, blue: p_blue}   # without `prediction` they decide
""",
}

_DELIVERED: Final = """\
  reference:
    period:                    # the days that count as normal; not those the model learned from
      start:                   # <- first day: 2025-12-01
      end:                     # <- first day after them: 2026-01-01
"""

_TRAINED: Final = """\
  model:
    estimator: hist_gradient_boosting   # or random_forest, linear
    training:                  # the rows that version 1 learns from, not after windows.start
      start:                   # <- first day: 2025-12-01
      end:                     # <- first day after them: 2026-01-01
  # retraining: {windows_in_a_row: 3, minimum_labelled_rows: 2000}   # when quality stays bad
"""

_VERDICTS: Final = """\
  # labels: {expected_delay: 3 days}   # after a window's end; later, too few labels are overdue
  # segments:                  # slices of the rows, each with drift and quality of its own
  #   - {name: far, where: distance > 20}
  #   - {column: weight, most: 5}
  # filters:
  #   - {name: out_of_range, column: distance, minimum: 0, maximum: 100}
  # drift: {columns: {weight: {method: psi, threshold: 0.2}}}
  # data_quality: {maximum_rejected_share: 0.2}
  # quality: {minimum_labels: 50}
  # notifications: {webhook: "{{ env('ALERTS_WEBHOOK') }}"}   # who hears of alarms
"""
