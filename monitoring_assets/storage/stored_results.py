"""Results of one window read back as they were written: for explanations.

Belongs here: rows of the result tables as our dataclasses, which run computed each layer. Stays
out: writing them (results.py), one line for each window (verdicts.py), runs of alarms
(alarm_runs.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from monitoring_assets.records import (
    REALISED,
    DataQuality,
    DatasetDrift,
    DriftScore,
    Layer,
    ModelQuality,
    Verdict,
    Window,
)
from monitoring_assets.storage.conditions import of_window
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.tables import (
    computation,
    data_quality,
    dataset_drift,
    drift_score,
    model_quality,
)

Result = TypeVar("Result", DataQuality, DatasetDrift, DriftScore, ModelQuality)


@dataclass(frozen=True, kw_only=True)
class StoredResults:
    """All that is stored about one window.

    Parameters
    ----------
    drift, datasets
        Against the newest reference that the window was compared with.
    """

    drift: tuple[DriftScore, ...] = ()
    datasets: tuple[DatasetDrift, ...] = ()
    data_quality: tuple[DataQuality, ...] = ()
    model_quality: tuple[ModelQuality, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ComputedLayer:
    """The newest computation of one layer of a window."""

    layer: Layer
    run_id: str
    finished_at: datetime


def read_results(database: Database, window: Window) -> StoredResults:
    """Return all results of a window, each kind in the order of its key."""
    with database.connect() as connection:
        datasets = _read(connection, dataset_drift, DatasetDrift, window)
        newest = max((one.reference_version for one in datasets), default=0)
        of_newest = drift_score.c.reference_version == newest
        realised = model_quality.c.kind == REALISED
        return StoredResults(
            drift=_read(connection, drift_score, DriftScore, window, of_newest),
            datasets=tuple(one for one in datasets if one.reference_version == newest),
            data_quality=_read(connection, data_quality, DataQuality, window),
            model_quality=_read(connection, model_quality, ModelQuality, window, realised),
        )


def computed_layers(database: Database, window: Window) -> dict[Layer, ComputedLayer]:
    """Return the newest computation of every layer of a window that has been computed."""
    table = computation
    statement = (
        sa.select(table.c.layer, table.c.run_id, table.c.finished_at)
        .where(*of_window(table, window))
        .ext(distinct_on(table.c.layer))
        .order_by(table.c.layer, table.c.id.desc())
    )
    with database.connect() as connection:
        found = [
            ComputedLayer(layer=Layer(row.layer), run_id=row.run_id, finished_at=row.finished_at)
            for row in connection.execute(statement)
        ]
    return {one.layer: one for one in found}


def _read(
    connection: sa.Connection,
    table: sa.Table,
    kind: type[Result],
    window: Window,
    *conditions: sa.ColumnElement[bool],
) -> tuple[Result, ...]:
    statement = (
        sa.select(*(table.c[one.name] for one in fields(kind)))
        .where(*of_window(table, window), *conditions)
        .order_by(*table.primary_key.columns)
    )
    return tuple(_result(kind, row) for row in connection.execute(statement).mappings())


def _result(kind: type[Result], row: Mapping[Any, Any]) -> Result:
    values: dict[str, Any] = {**row, "verdict": Verdict(row["verdict"])}
    return kind(**values)
