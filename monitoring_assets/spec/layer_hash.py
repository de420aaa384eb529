"""The part of a YAML that one layer's own work depends on, as a fingerprint.

Belongs here: which sections and fields count for which layer, and the version of each layer's code.
Stays out: what a layer is computed from beside the YAML (assets/staleness.py).

A layer that is computed from another one is out of date with it anyway, so only what it looks at
itself counts: a threshold makes no predictions out of date, a filter counts for the layers that
read the source. Fields left at their default do not count, so that a new field of a new version of
this application makes no years of history look out of date.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from monitoring_assets.records import ColumnRole, Layer
from monitoring_assets.spec.model import ModelSpec

CODE_VERSIONS: Final[Mapping[Layer, int]] = {
    Layer.DEPLOYED_MODEL: 1,
    Layer.REFERENCE_DATA: 1,
    Layer.PREDICTIONS: 1,
    Layer.LABELS: 1,
    Layer.WINDOW_PROFILES: 1,
    Layer.QUALITY_PROFILES: 1,
    Layer.DATA_DRIFT: 1,
    Layer.DATA_QUALITY: 1,
    Layer.MODEL_QUALITY: 1,
}
"""Raised by hand, in the change that makes a layer store other numbers from the same input. The
version of the application does not count: most releases change no number."""

_READING: Final = (
    "source",
    "joined",
    "filters",
    "columns.event_time",
    "columns.id",
    "windows.granularity",
    "windows.time_zone",
)
_ROWS: Final = (
    "task",
    "classification",
    "derived",
    "columns.numerical",
    "columns.categorical",
    "columns.monitored",
    "columns.target",
    "columns.prediction",
    "columns.probabilities",
    "columns.model_version",
)
_MOVING: Final = (
    "reference.rolling_windows",
    "reference.since_deployment",
    "reference.minimum_windows",
)

PARTS: Final[Mapping[Layer, tuple[str, ...]]] = {
    Layer.DEPLOYED_MODEL: ("model", *_READING, *_ROWS),
    Layer.REFERENCE_DATA: (
        "reference.period",
        "reference.source",
        "filters",
        "columns.event_time",
        "columns.id",
        "windows.time_zone",
        "segments",
        *_ROWS,
    ),
    Layer.PREDICTIONS: (*_READING, *_ROWS),
    Layer.LABELS: (*_READING, "task", "columns.target", "columns.knowledge_time"),
    Layer.WINDOW_PROFILES: ("segments",),
    Layer.QUALITY_PROFILES: (
        "task",
        "classification.classes",
        "classification.positive_class",
        "segments",
    ),
    Layer.DATA_DRIFT: ("drift", *_MOVING),
    Layer.DATA_QUALITY: ("data_quality", "columns.target"),
    Layer.MODEL_QUALITY: (
        "task",
        "classification.classes",
        "classification.positive_class",
        "columns.target",
        "quality",
        *_MOVING,
    ),
}
"""The sections, or fields of sections, that always count for a layer; see also `_looked_at`."""

UNCOUNTED: Final = frozenset(
    {
        "model_id",
        "description",
        "owners",
        "labels",
        "retraining",
        "notifications",
        "columns.units",
        "windows.end",
        "windows.delay",
        "windows.late_after",
    }
)
"""What no stored number depends on: names and texts for people, and what says which windows there
are, when they and their labels are read and what is done about them, not what is found there."""


def layer_hash(spec: ModelSpec, layer: Layer) -> str:
    """Return what changes when a layer's part of the YAML, or its code, does.

    Returns
    -------
    str
        Sixteen hex digits for the YAML, a dot, the version of the layer's code.
    """
    counted = {path: _at(spec.plain, path) for path in PARTS[layer]} | _looked_at(spec, layer)
    present = {path: value for path, value in counted.items() if value is not None}
    digest = hashlib.sha256(json.dumps(present, sort_keys=True).encode())
    return f"{digest.hexdigest()[:16]}.{CODE_VERSIONS[layer]}"


def layer_hashes(spec: ModelSpec) -> dict[Layer, str]:
    """Return the fingerprints of all layers."""
    return {layer: layer_hash(spec, layer) for layer in Layer}


def same_yaml(one: str, other: str) -> bool:
    """Say whether two fingerprints of a layer differ in the version of its code alone."""
    return one.partition(".")[0] == other.partition(".")[0]


def _at(plain: Mapping[str, Any], path: str) -> Any:
    found: Any = plain
    for name in path.split("."):
        found = found[name] if found and name in found else None
    return found


def _looked_at(spec: ModelSpec, layer: Layer) -> dict[str, Any]:
    """Return what counts for a layer under some conditions only, or in another form."""
    return {name: value for look in _LOOKS.get(layer, ()) for name, value in look(spec).items()}


def _trained_here(spec: ModelSpec) -> dict[str, Any]:
    return {"trained here": spec.model is not None}


def _probabilities(spec: ModelSpec) -> dict[str, Any]:
    return {"probabilities": spec.probability_columns}


def _profiled(spec: ModelSpec) -> dict[str, Any]:
    entries = (e for e in spec.column_dictionary() if e.role is not ColumnRole.TARGET)
    return {"profiled": [[e.column_name, e.kind.value, e.role.value] for e in entries]}


def _where_it_moves(spec: ModelSpec) -> dict[str, Any]:
    """Windows before the first one are no reference."""
    return {"windows.start": str(spec.windows.start)} if spec.reference.moves else {}


def _of_target(spec: ModelSpec) -> dict[str, Any]:
    """How the drift of the target is judged; nothing of it without a target."""
    name, drift = spec.columns.target, spec.drift
    if name is None:
        return {}
    methods = drift.methods_for(name, spec.answer_kind)
    rule = (drift.minimum_rows, drift.false_alarm_rate)
    return {"drift of the target": [name, *map(asdict, methods), *rule]}


def _without_target(spec: ModelSpec) -> dict[str, Any]:
    """Section `drift` but for the target's own entry, by which another layer judges."""
    drift, target = spec.plain.get("drift", {}), spec.columns.target
    own = drift.get("columns", {})
    if target not in own:
        return {}
    others = {name: one for name, one in own.items() if name != target}
    left = {name: one for name, one in drift.items() if name != "columns"}
    return {"drift": left | ({"columns": others} if others else {}) or None}


def _of_reference(spec: ModelSpec) -> dict[str, Any]:
    """Without a source of its own, the rows of the model's; their answers are out of fold."""
    methods = {
        e.column_name: [one.method for one in spec.drift.methods_for(e.column_name, e.kind)]
        for e in spec.column_dictionary()
    }
    counted: dict[str, Any] = {"methods": methods}
    if spec.reference.source is None:
        for path in ("source", "joined", "columns.knowledge_time"):
            counted[path] = _at(spec.plain, path)
        if spec.model is not None and spec.reference_period == spec.model.training:
            counted["model"] = spec.plain["model"]
    elif spec.reference.period is None:
        # Rows without a time count as known when the first window begins.
        counted["windows.start"] = str(spec.windows.start)
    return counted


def _of_labels(spec: ModelSpec) -> dict[str, Any]:
    """Beside the target, what the filters look at."""
    names = {spec.columns.target, *(one.column for one in spec.filters)}
    derived = spec.plain.get("derived", {})
    counted: dict[str, Any] = {
        "kinds": {
            e.column_name: e.kind.value for e in spec.column_dictionary() if e.column_name in names
        },
        "derived": {name: one for name, one in derived.items() if name in names},
    }
    if spec.prediction_column in names and spec.answer_follows_from_probabilities:
        counted["classification"] = spec.plain.get("classification")
        counted["probabilities"] = spec.probability_columns
    return counted


_LOOKS: Final[Mapping[Layer, tuple[Callable[[ModelSpec], dict[str, Any]], ...]]] = {
    Layer.REFERENCE_DATA: (_of_reference, _trained_here),
    Layer.PREDICTIONS: (_trained_here,),
    Layer.LABELS: (_of_labels,),
    Layer.WINDOW_PROFILES: (_profiled,),
    Layer.QUALITY_PROFILES: (_probabilities,),
    Layer.DATA_DRIFT: (_profiled, _where_it_moves, _without_target),
    Layer.DATA_QUALITY: (_profiled,),
    Layer.MODEL_QUALITY: (_trained_here, _probabilities, _where_it_moves, _of_target),
}
