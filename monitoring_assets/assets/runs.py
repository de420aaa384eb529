"""What every windowed asset does around its own work: find the windows, name errors, add metadata.

Belongs here: the loop over the windows of a run and the record of a computation. Stays out: what a
layer computes (one file each) and how rows are written (storage).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import dagster as dg

import monitoring_assets
from monitoring_assets.assets import names
from monitoring_assets.assets.partitions import (
    WINDOWS_PER_RUN,
    partitions_definition,
    windows_for_keys,
)
from monitoring_assets.errors import MonitoringError
from monitoring_assets.records import WINDOW_LAYERS, Computation, Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.layer_hash import layer_hash
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.tables import METADATA

WindowWork = Callable[[Window], Mapping[str, Any]]
"""Computes and stores one window in one transaction; returns the metadata to show."""

Recorder = Callable[[Window], Computation]
"""Returns the record of what is about to be computed of a window, for one layer of one run."""


def window_asset_arguments(spec: ModelSpec, layer: Layer, description: str) -> dict[str, Any]:
    """Return the arguments of `@dg.asset` that all windowed layers share."""
    return {
        **asset_arguments(spec, layer, description),
        "partitions_def": partitions_definition(spec),
        "backfill_policy": _backfill_policy(spec),
        "deps": [
            names.asset_key(spec.model_id, upstream)
            for upstream in (*WINDOW_LAYERS[layer], *_unpartitioned(spec, layer))
        ],
    }


def _backfill_policy(spec: ModelSpec) -> dg.BackfillPolicy:
    """Return how a backfill of many windows is cut into runs.

    Where the reference moves along, into one: runs of a backfill go on at the same time, and a
    window would be judged before those it is compared with are there.
    """
    if spec.reference.moves:
        return dg.BackfillPolicy.single_run()
    return dg.BackfillPolicy.multi_run(
        max_partitions_per_run=WINDOWS_PER_RUN[spec.windows.granularity]
    )


def asset_arguments(spec: ModelSpec, layer: Layer, description: str) -> dict[str, Any]:
    """Return the arguments of `@dg.asset` that all layers share."""
    return {
        "key": names.asset_key(spec.model_id, layer),
        "group_name": spec.model_id,
        "kinds": {"postgres", *_KINDS.get(layer, ())},
        "owners": list(spec.owners),
        "code_version": monitoring_assets.__version__,
        "description": description,
        **({"metadata": _stored_schema(layer)} if layer in _TABLES else {}),
    }


def define_asset(
    arguments: Mapping[str, Any], **more: Any
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Return the decorator that makes an asset of a function with these arguments."""
    return cast(
        "Callable[[Callable[..., Any]], dg.AssetsDefinition]", dg.asset(**arguments, **more)
    )


def run_windows(
    context: dg.AssetExecutionContext,
    spec: ModelSpec,
    layer: Layer,
    work: WindowWork,
    again: Callable[[], Sequence[Window]] = tuple,
) -> "dg.MaterializeResult[Any]":
    """Do the work of a layer window by window, each with its own transaction and metadata.

    Parameters
    ----------
    again
        Asked when all are done: windows whose work has to be done once more; none, if left out.
    """
    windows: Sequence[Window] = windows_for_keys(spec, context.partition_keys)
    while windows:
        for window in windows:
            metadata = _compute(window, layer, work)
            context.add_asset_metadata(metadata, partition_key=window.partition_key)
        windows = again()
    return dg.MaterializeResult()


def _compute(window: Window, layer: Layer, work: WindowWork) -> Mapping[str, Any]:
    try:
        return work(window)
    except MonitoringError as error:
        error.add_note(
            f"while computing {layer.value} of model '{window.model_id}',"
            f" window {window.partition_key} ({window.start:%Y-%m-%d %H:%M} to"
            f" {window.end:%Y-%m-%d %H:%M} UTC); windows stored before stay"
        )
        raise


def computation(
    context: dg.AssetExecutionContext | dg.OpExecutionContext,
    spec: ModelSpec,
    layer: Layer,
    runtime: Runtime,
    window: Window | None = None,
) -> Computation:
    """Return the record of what is about to be computed."""
    return Computation(
        model_id=spec.model_id,
        layer=layer,
        run_id=context.run.run_id,
        code_version=monitoring_assets.__version__,
        spec_hash=layer_hash(spec, layer),
        started_at=runtime.now(),
        window=window,
    )


_TABLES: Mapping[Layer, str] = {
    Layer.DEPLOYED_MODEL: "deployment",
    Layer.WINDOW_PROFILES: "window_profile",
    Layer.QUALITY_PROFILES: "quality_profile",
    Layer.DATA_DRIFT: "drift_score",
    Layer.DATA_QUALITY: "data_quality",
    Layer.MODEL_QUALITY: "model_quality",
}
"""The table of a layer whose columns are the same for every model."""


def _stored_schema(layer: Layer) -> dict[str, Any]:
    """Return the columns of a layer's table as standard metadata."""
    columns = METADATA.tables[f"monitoring.{_TABLES[layer]}"].columns
    schema = dg.TableSchema(
        columns=[
            dg.TableColumn(name=one.name, type=str(one.type), description=one.comment)
            for one in columns
        ]
    )
    return {"dagster/column_schema": schema}


_KINDS: Mapping[Layer, tuple[str, ...]] = {
    Layer.DEPLOYED_MODEL: ("scikitlearn",),
    Layer.REFERENCE_DATA: ("table",),
    Layer.PREDICTIONS: ("table",),
    Layer.LABELS: ("table",),
}


def _unpartitioned(spec: ModelSpec, layer: Layer) -> tuple[Layer, ...]:
    """Return the unpartitioned layers a windowed layer also reads."""
    match layer:
        case Layer.PREDICTIONS:
            return (Layer.DEPLOYED_MODEL,) if spec.model else ()
        case Layer.WINDOW_PROFILES | Layer.QUALITY_PROFILES:
            return (Layer.REFERENCE_DATA,)
        case _:
            return ()
