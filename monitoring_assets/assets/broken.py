"""A model whose YAML cannot be loaded, shown as an asset with a failing check.

Belongs here: what the UI shows in place of a broken model. Stays out: loading (components).
"""

from collections.abc import Sequence

import dagster as dg

from monitoring_assets.assets import names
from monitoring_assets.errors import ModelDefinitionError


def one_for_each_name(broken: Sequence[ModelDefinitionError]) -> list[ModelDefinitionError]:
    """Put together what is wrong with models that Dagster would show under one name."""
    by_name: dict[str, list[ModelDefinitionError]] = {}
    for error in broken:
        by_name.setdefault(names.plain(error.model_id), []).append(error)
    return [
        ModelDefinitionError(name, tuple(line for error in errors for line in error.problems))
        for name, errors in by_name.items()
    ]


def build_broken_model(error: ModelDefinitionError) -> dg.Definitions:
    """Return an asset that stands for a broken model, with a check that fails with its mistakes."""
    key = names.definition_key(error.model_id)

    @dg.asset_check(
        asset=key,
        name=names.DEFINITION_IS_VALID,
        description="The model's defs.yaml can be loaded.",
    )
    def definition_is_valid() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, description=str(error))

    asset = dg.AssetSpec(
        key,
        group_name=names.plain(error.model_id),
        kinds={"yaml"},
        description=f"This model cannot be loaded.\n\n{error}",
    )
    return dg.Definitions(assets=[asset], asset_checks=[definition_is_valid])


def build_definitions_sensor(broken: Sequence[ModelDefinitionError]) -> dg.SensorDefinition:
    """Return a sensor that reports each broken model's check once, so that it shows unasked."""

    @dg.sensor(
        name=names.definitions_sensor(),
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Reports models whose YAML cannot be loaded.",
    )
    def definitions(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        state = "\n\n".join(str(error) for error in broken)
        if context.cursor == state:
            return dg.SkipReason(f"{len(broken)} models are still broken, as reported")
        evaluations = [
            dg.AssetCheckEvaluation(
                asset_key=names.definition_key(error.model_id),
                check_name=names.DEFINITION_IS_VALID,
                passed=False,
                description=str(error),
            )
            for error in broken
        ]
        return dg.SensorResult(asset_events=evaluations, cursor=state)

    return definitions
