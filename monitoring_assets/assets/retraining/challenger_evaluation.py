"""Step `challenger_evaluation`: champion and challenger on the rows held out.

Belongs here: both models' answers to the same rows, stored and shown. Stays out: comparing them
(evaluation/retraining/comparison.py), the verdict (promotion.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa

from monitoring_assets.assets.retraining.rows import CHAMPION, gather
from monitoring_assets.assets.retraining.steps import build_step
from monitoring_assets.assets.scoring import pipeline_of
from monitoring_assets.errors import RetrainingError
from monitoring_assets.evaluation.retraining.comparison import (
    HoldoutRows,
    compare_models,
    deciding_metric,
)
from monitoring_assets.evaluation.segments import segment_masks
from monitoring_assets.records import ALL, Decision, MetricComparison, RetrainingStep
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import models, segments
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining import comparisons, versions
from monitoring_assets.training import fit


def build_challenger_evaluation(spec: ModelSpec) -> dg.AssetsDefinition:
    """Return the asset that compares a challenger with the champion."""

    def work(
        context: dg.AssetExecutionContext,  # noqa: ARG001 - every step is called so
        database: Database,
        runtime: Runtime,
        decision: Decision,
    ) -> Mapping[str, Any]:
        rivals = rivals_of(spec, database, decision)
        holdout = gather(spec, database, decision, runtime.now()).holdout
        entries = segments.read_segments(database, spec.model_id)
        found = compare_models(
            spec,
            HoldoutRows(
                target=holdout.column(str(spec.columns.target)),
                champion=_answers(spec, database, rivals[0], holdout),
                challenger=_answers(spec, database, rivals[1], holdout),
                segments=segment_masks(spec, entries, holdout),
            ),
        )
        about = (spec.model_id, decision.number)
        comparisons.save_comparisons(database, about, rivals, found)
        return {
            "champion": rivals[0],
            "challenger": rivals[1],
            "rows_held_out": holdout.num_rows,
            **_numbers(found, deciding_metric(spec)),
            "comparison": _table(found),
            "dagster/table_name": "monitoring.model_comparison",
        }

    return build_step(
        spec,
        RetrainingStep.CHALLENGER_EVALUATION,
        "Champion and challenger on the same rows held out, overall and by segment.",
        work,
    )


def rivals_of(spec: ModelSpec, database: Database, decision: Decision) -> tuple[str, str]:
    """Return the versions of champion and challenger.

    The champion is the version that served when the retraining was decided: if a person has gone
    back to another one since, the promotion is refused, and what the person did stays.

    Raises
    ------
    RetrainingError
        Nothing is deployed, or nothing was trained for the decision.
    """
    deployed = models.newest_deployment(database, spec.model_id)
    challenger = versions.version_of_decision(database, decision.number)
    if deployed is None or challenger is None:
        missing = "no version is deployed" if deployed is None else "it has trained no version yet"
        raise RetrainingError(
            f"model '{spec.model_id}', retraining number {decision.number}: {missing}; run the"
            " whole job"
        )
    # Decisions of earlier releases, when asked for by hand, do not say it.
    champion = decision.evidence.get(CHAMPION) or deployed.model_version
    return champion, challenger.model_version


def _answers(spec: ModelSpec, database: Database, version: str, rows: pa.Table) -> pa.Table:
    pipeline = pipeline_of(database, spec.model_id, version)
    return pa.table(fit.answer_columns(spec, fit.predict(pipeline, spec, rows)))


def _numbers(found: Sequence[MetricComparison], metric: str) -> dict[str, float]:
    """Return the deciding numbers over all rows; the UI plots them over retrainings."""
    shown: dict[str, float] = {}
    for one in found:
        if (one.segment, one.metric) == (ALL, metric):
            values = {
                f"{metric}/champion": one.champion,
                f"{metric}/challenger": one.challenger,
                f"{metric}/gain": one.gain,
                f"{metric}/gain_low": one.gain_low,
            }
            shown |= {name: value for name, value in values.items() if value is not None}
    return shown


def _table(found: Sequence[MetricComparison]) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "segment": one.segment,
                    "metric": one.metric,
                    "rows": one.rows,
                    "champion": _shown(one.champion),
                    "challenger": _shown(one.challenger),
                    "gain": "" if one.gain is None else f"{one.gain:+.1%}",
                }
            )
            for one in found
        ]
    )


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
