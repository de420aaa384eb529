"""A small correct `defs.yaml` for tests of the YAML surface, and a folder to put it in.

Belongs here: text and files. Stays out: mistakes (each test makes its own) and assertions.
"""

from pathlib import Path

VALID = """\
type: monitoring_assets.MonitoredModel
attributes:
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


def write_model(folder: Path, text: str = VALID, model_id: str = "churn") -> Path:
    file = folder / model_id / "defs.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return file


def with_attribute(line: str) -> str:
    """Return `VALID` with one more line of attributes, which becomes line 3 of the file."""
    return VALID.replace("  task:", f"  {line}\n  task:", 1)
