"""Small correct `defs.yaml` files for tests of the YAML surface, and a folder to put one in.

Belongs here: text and files. Stays out: mistakes (each test makes its own) and assertions.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

HEAD: Final = "type: monitoring_assets.MonitoredModel\nattributes:\n"

VALID = (
    HEAD
    + """\
  task: regression
  windows:
    granularity: day
    start: 2026-01-01
  source:
    kind: parquet
    path: scores/*.parquet
  columns:
    event_time: scored_at
    numerical: [age, income]
    categorical: [country]
    target: outcome
  reference:
    period: {start: 2025-12-01, end: 2026-01-01}
"""
)

_BINARY = """\
task: binary
classification: {classes: ["no", "yes"]}
columns: {event_time: scored_at, numerical: [age], target: left, probabilities: {"yes": p_yes}}
"""

_MULTICLASS = """\
task: multiclass
classification: {classes: [red, green, blue]}
columns:
  event_time: scored_at
  numerical: [age]
  target: colour
  probabilities: {red: p_red, green: p_green, blue: p_blue}
"""

_TRAINED = """\
model: {estimator: linear, training: {start: 2025-12-01, end: 2026-01-01}}
"""

_JOINED = """\
columns: {id: order_id, event_time: scored_at, numerical: [age], target: outcome}
joined:
  - {name: labels, source: {kind: csv, path: labels/*.csv}, columns: [outcome]}
"""


def written(fragment: str, base: str = VALID, without: Sequence[str] = ()) -> str:
    """Return a `defs.yaml` with these attributes first, then those of `base` it does not have.

    Parameters
    ----------
    fragment
        Attributes, not indented; its first line becomes line 3 of the file.
    base
        A whole file.
    without
        Attributes of `base` that are left out.
    """
    mine, others = _sections(fragment), _sections(_outdented(base))
    kept = [text for name, text in others.items() if name not in {*mine, *without}]
    lines = (fragment + "".join(kept)).splitlines()
    return HEAD + "".join(f"  {line}\n" if line else "\n" for line in lines)


def write_model(folder: Path, text: str = VALID, model_id: str = "churn") -> Path:
    file = folder / model_id / "defs.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return file


def with_attribute(line: str) -> str:
    """Return `VALID` with one more line of attributes, which becomes line 3 of the file."""
    return VALID.replace("  task:", f"  {line}\n  task:", 1)


def _outdented(text: str) -> str:
    return "".join(line[2:] for line in text.removeprefix(HEAD).splitlines(keepends=True))


def _sections(attributes: str) -> dict[str, str]:
    parts = re.split(r"^(?=\S)", attributes, flags=re.MULTILINE)
    return {part.partition(":")[0]: part for part in parts if part}


BASES: Final = {
    "watched": VALID,
    "trained": written(_TRAINED, without=["reference"]),
    "binary": written(_BINARY),
    "multiclass": written(_MULTICLASS),
    "joined": written(_JOINED),
}
"""Correct files that differ in what they are about."""
