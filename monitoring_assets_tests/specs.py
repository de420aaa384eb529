"""Small `ModelSpec` objects for tests: what the YAML would give, without YAML.

Belongs here: one complete small model, the shipped models' meaning, and ways to change them. Stays
out: rows (each test makes its own) and assertions.
"""

import dataclasses
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import SourceSpec

_SMALL: dict[str, Any] = {
    "model_id": "small",
    "task": "regression",
    "windows": {"granularity": "day", "start": "2023-02-01", "time_zone": "UTC"},
    "source": {"kind": "parquet", "path": "small/*.parquet"},
    "columns": {
        "id": "id",
        "event_time": "time",
        "numerical": ["distance"],
        "categorical": ["zone"],
        "target": "minutes",
    },
    "model": {
        "estimator": "linear",
        "training": {"start": "2023-01-01", "end": "2023-02-01"},
    },
}

WATCHED: dict[str, Any] = {
    "model": None,
    "reference": {"period": {"start": "2023-01-01", "end": "2023-02-01"}},
}
"""Changes that make `small_spec` a model whose predictions come from the source."""


def small_spec(**changes: Any) -> ModelSpec:
    """Return a model with one number, one category and a target, and these sections instead.

    A section may be given as in YAML or as an object of `spec`; None takes it out. The rows come
    from `small/*.parquet` in the data folder, columns `id`, `time`, `distance`, `zone`, `minutes`.
    """
    sections = {name: value for name, value in (_SMALL | changes).items() if value is not None}
    return TypeAdapter(ModelSpec).validate_python(sections)


def small_columns(**changes: Any) -> dict[str, Any]:
    """Return section `columns` of `small_spec` with these entries instead; None takes one out."""
    entries = _SMALL["columns"] | changes
    return {name: value for name, value in entries.items() if value is not None}


def small_source(**changes: Any) -> dict[str, Any]:
    """Return section `source` of `small_spec` with these entries added."""
    return _SMALL["source"] | changes


def binary_spec(**changes: Any) -> ModelSpec:
    """Return `small_spec` as a watched classifier of `no` and `yes` (positive) instead.

    Target `answer`, probability of `yes` in `p_yes`; the predicted class follows from it.
    """
    classes: dict[str, Any] = {"task": "binary", "classification": {"classes": ["no", "yes"]}}
    columns = small_columns(target="answer", probabilities={"yes": "p_yes"})
    return small_spec(**(WATCHED | classes | {"columns": columns} | changes))


def multiclass_spec(**changes: Any) -> ModelSpec:
    """Return `small_spec` as a watched classifier of `red`, `green` and `blue` instead.

    Target `colour`, probabilities in `p_red`, `p_green`, `p_blue`; the class follows from them.
    """
    names = ["red", "green", "blue"]
    classes: dict[str, Any] = {"task": "multiclass", "classification": {"classes": names}}
    columns = small_columns(target="colour", probabilities={one: f"p_{one}" for one in names})
    return small_spec(**(WATCHED | classes | {"columns": columns} | changes))


def green_taxi_spec(path: Path | str, **changes: Any) -> ModelSpec:
    """Return the shipped model `green_taxi` reading from `path`, a folder or a pattern."""
    pattern = str(path) if "*" in str(path) else str(Path(path) / "green_tripdata_*.parquet")
    return small_spec(**(_GREEN_TAXI | {"source": _green_taxi_source(pattern)} | changes))


def simulated_spec(**changes: Any) -> ModelSpec:
    """Return the shipped model `simulated_trips` with these entries of section `source` instead."""
    source = {"kind": "simulated_trips", "rows_per_day": 1000, "seed": 20250201} | changes
    return small_spec(**(_SIMULATED | {"source": source}))


def _green_taxi_source(pattern: str) -> dict[str, Any]:
    return {
        "kind": "parquet",
        "path": pattern,
        "event_time_zone": "America/New_York",
        "rename": {
            "pickup_time": "lpep_pickup_datetime",
            "dropoff_time": "lpep_dropoff_datetime",
            "pickup_zone": "PULocationID",
            "dropoff_zone": "DOLocationID",
        },
    }


_UNITS = {
    "trip_distance": "miles",
    "duration_minutes": "minutes",
    "predicted_minutes": "minutes",
    "fare_amount": "USD",
}

_TRIPS: dict[str, Any] = {
    "filters": [
        {
            "name": "duration_out_of_range",
            "column": "duration_minutes",
            "minimum": 1,
            "maximum": 60,
        }
    ],
    "drift": {"columns": {"weekday": {"deciding": False}}},
}

_TRIP_COLUMNS: dict[str, Any] = {
    "event_time": "pickup_time",
    "numerical": ["passenger_count", "trip_distance", "hour"],
    "categorical": ["pickup_zone", "dropoff_zone", "weekday"],
    "target": "duration_minutes",
    "prediction": "predicted_minutes",
}

_CLOCK = {"hour": {"kind": "hour_of_day"}, "weekday": {"kind": "day_of_week"}}

_GREEN_TAXI: dict[str, Any] = _TRIPS | {
    "model_id": "green_taxi",
    "windows": {
        "granularity": "day",
        "start": "2023-02-01",
        "time_zone": "America/New_York",
    },
    "columns": _TRIP_COLUMNS
    | {
        "monitored": {"numerical": ["fare_amount", "total_amount"]},
        "units": _UNITS | {"total_amount": "USD"},
    },
    "derived": _CLOCK
    | {
        "duration_minutes": {
            "kind": "minutes_between",
            "start": "pickup_time",
            "end": "dropoff_time",
        }
    },
    "model": {
        "estimator": "hist_gradient_boosting",
        "training": {"start": "2023-01-01", "end": "2023-02-01"},
    },
}

_SIMULATED: dict[str, Any] = _TRIPS | {
    "model_id": "simulated_trips",
    "windows": {
        "granularity": "day",
        "start": "2025-02-01",
        "end": "2025-04-02",
        "time_zone": "America/New_York",
    },
    "columns": _TRIP_COLUMNS
    | {"id": "trip_id", "monitored": {"numerical": ["fare_amount"]}, "units": _UNITS},
    "derived": _CLOCK,
    "model": {
        "estimator": "hist_gradient_boosting",
        "training": {"start": "2025-01-01", "end": "2025-02-01"},
    },
}


def with_source(spec: ModelSpec, source: SourceSpec) -> ModelSpec:
    """Return the same model reading from another source."""
    return dataclasses.replace(spec, source=source)
