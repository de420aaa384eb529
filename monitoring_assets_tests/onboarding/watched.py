"""A model over a file of `data.binary_rows`, and a look at one of its windows.

Belongs here: its YAML's meaning, ways to change it, what a look finds. Stays out: assertions.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import TypeAdapter

from monitoring_assets.onboarding.inspection import Inspection, inspect_model
from monitoring_assets.sources.base import Places
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.onboarding.data import binary_rows, write

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPEC: dict[str, Any] = {
    "model_id": "small",
    "task": "binary",
    "windows": {"granularity": "day", "start": "2025-01-05"},
    "source": {"kind": "parquet", "path": "rows.parquet", "event_time_zone": "UTC"},
    "classification": {"classes": ["0", "1"]},
    "columns": {
        "event_time": "scored_at",
        "id": "id",
        "numerical": ["amount"],
        "categorical": ["country"],
        "target": "label",
        "probabilities": {"1": "score"},
    },
    "reference": {"period": {"start": "2025-01-01", "end": "2025-01-05"}},
}


def spec_of(**sections: Any) -> ModelSpec:
    """Return the model; a mapping adds to its section, None takes one out."""
    merged = dict(SPEC)
    for name, value in sections.items():
        merged[name] = merged[name] | value if isinstance(value, dict) and name in merged else value
    return TypeAdapter(ModelSpec).validate_python(
        {name: value for name, value in merged.items() if value is not None}
    )


def inspected(
    folder: Path, rows: pa.Table | None = None, wanted: str | None = None, **sections: Any
) -> Inspection:
    write(binary_rows() if rows is None else rows, folder / "rows.parquet")
    return inspect_model(spec_of(**sections), Places(folder), NOW, wanted)


def troubles(found: Inspection) -> dict[str, str]:
    """Return text -> 'error' or 'warning'."""
    texts = {f"{one.column}: {one.text}" if one.column else one.text: one for one in found.troubles}
    return {text: "error" if one.stops else "warning" for text, one in texts.items()}


TRAINED: dict[str, Any] = {
    "model": {"estimator": "linear", "training": {"start": "2025-01-01", "end": "2025-01-05"}},
    "reference": None,
    "columns": {"probabilities": {}},
}
"""Sections of a model that is trained on its first four days, 1000 rows."""
