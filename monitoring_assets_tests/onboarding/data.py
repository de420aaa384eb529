"""Data that nobody has described: rows of a made-up model, in files, and what is proposed for them.

Belongs here: writing rows and asking for a proposal. Stays out: assertions.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from monitoring_assets.components.loading import load_model
from monitoring_assets.onboarding.locating import Named, locate
from monitoring_assets.onboarding.proposal import Proposal, propose
from monitoring_assets.onboarding.roles import Role, Wishes
from monitoring_assets.onboarding.written import defs_yaml
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import ObjectStoreSpec

START = datetime(2025, 1, 1, tzinfo=UTC)
ROWS = 4000
DAYS = 16


def times(rows: int = ROWS, days: int = DAYS) -> pa.Array:
    """Return times without a zone, evenly spread over days."""
    step = timedelta(days=days) / rows
    return pa.array(
        [START.replace(tzinfo=None) + step * n for n in range(rows)], pa.timestamp("us")
    )


def binary_rows(rows: int = ROWS, /, **columns: Any) -> pa.Table:
    """Return rows of a binary model with probabilities, with these columns instead; None drops one.

    250 rows a day for 16 days; columns `id`, `scored_at`, `amount`, `country`, `score`, `label`.
    """
    random = np.random.default_rng(3)
    amount = random.lognormal(3, 1, rows).round(2)
    score = (1 / (1 + np.exp(3 - amount / 20))).round(4)
    made: dict[str, Any] = {
        "id": [f"r{number:06}" for number in range(rows)],
        "scored_at": times(rows),
        "amount": amount,
        "country": np.array(["DE", "FR", "IT"])[random.integers(0, 3, rows)],
        "score": score,
        "label": (random.random(rows) < score).astype(int),
    }
    kept = {name: values for name, values in (made | columns).items() if values is not None}
    return pa.table(kept)


def write(table: pa.Table, path: Path, **options: Any) -> Path:
    """Write rows as what the file's name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(table, path, **options)
    else:
        pacsv.write_csv(table, path, pacsv.WriteOptions(**options))
    return path


def proposed(path: Path | str, **wishes: Any) -> Proposal:
    """Return what is proposed for a file, a folder or a pattern."""
    event_time = wishes.get("event_time")
    named = Named(
        text=str(path),
        table=None,
        url_variable="WAREHOUSE_URL",
        object_store=ObjectStoreSpec(),
        event_time=event_time,
    )
    return propose(locate(named, "small", Path("/data"), {}), Wishes(**wishes))


def proposed_for(table: pa.Table, folder: Path, **wishes: Any) -> Proposal:
    """Return what is proposed for rows in a Parquet file."""
    return proposed(write(table, folder / "rows.parquet"), **wishes)


def roles(proposal: Proposal) -> dict[str, Role]:
    """Return column -> role."""
    return {one.name: one.role for one in proposal.columns}


def why(proposal: Proposal, name: str) -> str:
    """Return the reason for a column's role."""
    return next(one.why for one in proposal.columns if one.name == name)


def loaded(proposal: Proposal, folder: Path) -> ModelSpec:
    """Return the model that the proposal's text gives."""
    file = folder / "models" / "small" / "defs.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(defs_yaml(proposal, "small", "../model.schema.json"), encoding="utf-8")
    return load_model(file)
