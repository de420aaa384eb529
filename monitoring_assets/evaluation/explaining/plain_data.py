"""An explanation as plain data, for programs: the same parts, none of them left out or rounded.

Belongs here: names and nesting of what `--json` prints. Stays out: words (the modules of text).
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from monitoring_assets.evaluation.explaining.drift import ScoreParts
from monitoring_assets.evaluation.explaining.parts import MixAndRate, Split
from monitoring_assets.evaluation.explaining.said import Surroundings, thing_of
from monitoring_assets.evaluation.explaining.window import QualityParts, WindowExplanation
from monitoring_assets.records import DataQuality, DriftScore, ModelQuality, Since, Thing


def as_data(found: WindowExplanation, around: Surroundings) -> dict[str, Any]:
    """Return dictionaries, lists, texts and numbers; moments are in ISO format, UTC."""
    evidence = found.evidence
    window = evidence.window
    return {
        "model_id": window.model_id,
        "window": window.partition_key,
        "window_start": window.start.isoformat(),
        "window_end": window.end.isoformat(),
        "complete": evidence.complete,
        "segment": found.focus.segment,
        "alarms": found.alarms,
        "compared_with": evidence.compared_with,
        "rows": None if evidence.counts is None else asdict(evidence.counts),
        "labels": None if evidence.labels is None else _labels(asdict(evidence.labels)),
        "dataset_drift": None if found.dataset is None else asdict(found.dataset),
        "quality": [_quality(one, around.since) for one in found.quality],
        "drift": [_score(one, around.since) for one in found.drift],
        "data_quality": [asdict(one) | _since(one, around.since) for one in found.data_quality],
        "other_segments": [asdict(one) for one in found.elsewhere],
        "not_judged": [asdict(one) for one in found.unjudged],
        "nearest": [asdict(one) for one in found.nearest],
        "computed_by": [
            asdict(one) | {"finished_at": one.finished_at.isoformat()} for one in around.computed
        ],
        "queries": list(around.queries),
    }


def _labels(counts: dict[str, Any]) -> dict[str, Any]:
    newest = counts["newest_knowledge_time"]
    return counts | {"newest_knowledge_time": None if newest is None else newest.isoformat()}


def _quality(found: QualityParts, runs: Mapping[Thing, Since]) -> dict[str, Any]:
    change = found.change
    return (
        asdict(found.quality)
        | _since(found.quality, runs)
        | {
            "before": change.before,
            "now": change.now,
            "change": change.change,
            "not_split": change.why_not or None,
            "by": [_split(split) for split in change.splits],
            "blame": [
                {
                    "by": one.cut,
                    "segment": one.part.segment,
                    "excess": one.part.excess,
                    "error": one.part.error,
                    "share": one.share,
                    "standing": one.standing,
                    "needed": one.needed,
                    "stands_out": one.stands_out,
                }
                for one in change.suspects
            ],
        }
    )


def _score(found: ScoreParts, runs: Mapping[Thing, Since]) -> dict[str, Any]:
    return (
        asdict(found.score)
        | _since(found.score, runs)
        | {
            "recomputed": found.whole,
            "no_parts": found.why_not or None,
            "parts": [asdict(part) for part in found.parts],
            "by": [_split(split) for split in found.splits],
        }
    )


def _split(split: Split[Any]) -> dict[str, Any]:
    parts: tuple[MixAndRate, ...] = split.parts
    return {
        "by": split.name,
        "mix": split.mix,
        "rate": split.rate,
        "not_split": split.why_not or None,
        "parts": [asdict(part) for part in parts],
    }


def _since(
    result: DriftScore | DataQuality | ModelQuality, runs: Mapping[Thing, Since]
) -> dict[str, Any]:
    run = runs.get(thing_of(result))
    if run is None:
        return {"alarming_since": None, "alarming_windows": 0, "alarming_at_least": False}
    return {
        "alarming_since": run.partition_key,
        "alarming_windows": run.windows,
        "alarming_at_least": run.at_least,
    }
