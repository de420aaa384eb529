"""The Dagster code location: every model loaded by itself, then put together.

Belongs here: assembling definitions, resources and the executor. Stays out: everything assembled.

A broken `defs.yaml` shows as an asset with a failing check and takes no other model away; under
`dagster definitions validate` (and so in CI) it is an error.
"""

import os
from collections.abc import Iterable

import dagster as dg

from monitoring_assets.assets.broken import (
    build_broken_model,
    build_definitions_sensor,
    one_for_each_name,
)
from monitoring_assets.assets.retraining.mirroring import build_mirror_sensor, mirrored_models
from monitoring_assets.components.loading import LoadedModels, load_models
from monitoring_assets.components.monitored_model import model_definitions
from monitoring_assets.errors import ConfigurationError
from monitoring_assets.resources import settings
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.resources.store import Store

_VALIDATING = "DAGSTER_IS_DEFS_VALIDATION_CLI"


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions of all models in the shipped folder and in `MONITORING_MODELS`."""
    return build_definitions(
        load_models(settings.model_folders()), strict=_VALIDATING in os.environ
    )


def build_definitions(models: LoadedModels, *, strict: bool = False) -> dg.Definitions:
    """Put the definitions of models together.

    Parameters
    ----------
    models
        Loaded specs and the errors of broken ones.
    strict
        Raise the first broken model's error, instead of showing it as a failing check.
    """
    if strict and models.broken:
        raise ConfigurationError("\n".join(str(error) for error in models.broken))
    parts: list[dg.Definitions] = [model_definitions(spec) for spec in models.specs]
    parts.extend(_broken(models))
    mirrored = mirrored_models(models.specs)
    if mirrored:
        parts.append(dg.Definitions(sensors=[build_mirror_sensor(mirrored)]))
    shared = dg.Definitions(resources={"store": Store(), "runtime": Runtime()}, executor=executor())
    return dg.Definitions.merge(shared, *parts)


def executor() -> dg.ExecutorDefinition:
    """Return the executor that `MONITORING_EXECUTOR` names; in process unless it says otherwise."""
    executors = {"in_process": dg.in_process_executor, "multiprocess": dg.multiprocess_executor}
    name = os.environ.get(settings.EXECUTOR_VARIABLE) or "in_process"
    if name not in executors:
        raise ConfigurationError(
            f"{settings.EXECUTOR_VARIABLE} is {name!r}; legal: {', '.join(sorted(executors))}"
        )
    return executors[name]


def _broken(models: LoadedModels) -> Iterable[dg.Definitions]:
    broken = one_for_each_name(models.broken)
    if broken:
        yield dg.Definitions(sensors=[build_definitions_sensor(broken)])
    yield from (build_broken_model(error) for error in broken)
