"""Small stored things of the closed loop: episodes, decisions, messages, promotions.

Belongs here: values, and a model whose first version is deployed. Stays out: assertions.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitoring_assets.records import (
    Decision,
    DecisionCode,
    Deployment,
    Episode,
    Layer,
    Message,
    MessageKind,
    Outcome,
    RetrainingResult,
    WindowCounts,
)
from monitoring_assets.storage import models
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.references import ReferenceWrite
from monitoring_assets.storage.retraining import decisions
from monitoring_assets.storage.retraining.locking import loop_transaction
from monitoring_assets.storage.retraining.promoting import Promotion
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import NOW, START, a_computation, a_window
from monitoring_assets_tests.storage.test_models import CONTENT, a_deployment, a_version, store
from monitoring_assets_tests.storage.test_references import BINS, PROFILES, a_reference

PROMOTED = RetrainingResult.PROMOTED
REFUSED = RetrainingResult.REFUSED
FAILED = RetrainingResult.FAILED
AWAITS = RetrainingResult.AWAITS_APPROVAL


def an_episode(cause: str = "quality/mae", **changes: Any) -> Episode:
    values: dict[str, Any] = {
        "model_id": "small",
        "cause": cause,
        "segment": "all",
        "first_window": START,
        "last_window": START + timedelta(days=2),
        "alarming_windows": 3,
        "opened_at": NOW,
        "reason": "mae 4.4 instead of 2.0",
    }
    return Episode(**(values | changes))


def a_decision(day: int = 2, **changes: Any) -> Decision:
    values: dict[str, Any] = {
        "model_id": "small",
        "window": a_window(day),
        "decided_at": NOW,
        "decided_by": "policy",
        "outcome": Outcome.RETRAIN,
        "code": DecisionCode.ALARM,
        "reason": "mae alarms in 3 windows in a row",
        "evidence": {"alarming_windows": 3, "alarm": 'mae "4.4"', "training_start": None},
        "attempt": 1,
        "cause": "quality/mae",
        "episode_id": 1,
    }
    return Decision(**(values | changes))


def by_hand(**changes: Any) -> Decision:
    return a_decision(code=DecisionCode.BY_HAND, episode_id=None, **changes)


def a_message(text: str = "mae alarms", **changes: Any) -> Message:
    values: dict[str, Any] = {
        "model_id": "small",
        "kind": MessageKind.OPENED,
        "text": text,
        "created_at": NOW,
        "episode_id": 1,
    }
    return Message(**(values | changes))


def decide(database: Database, decision: Decision) -> int:
    with loop_transaction(database, decision.model_id) as connection:
        number = decisions.write_decision(connection, decision)
    assert number is not None
    return number


def conclude(database: Database, number: int, result: RetrainingResult, reason: str) -> bool:
    with loop_transaction(database, "small") as connection:
        return decisions.finish(connection, number, (result, reason, "2"), NOW)


def a_champion(database: Database) -> Deployment:
    """Deploy version 1 from the first day on, and store versions 2 and 3."""
    computation = replace(a_computation(Layer.DEPLOYED_MODEL), window=None)
    deployment = a_deployment()
    models.deploy_first_version(database, computation, a_version(), CONTENT, deployment)
    for name in ("2", "3"):
        store(database, a_version(name))
    return deployment


def a_promotion(version: str = "2", **changes: Any) -> Promotion:
    values: dict[str, Any] = {
        "computation": replace(a_computation(Layer.DEPLOYED_MODEL), window=None),
        "model_version": version,
        "champion": "1",
        "not_before": START,
        "decided_at": NOW,
        "decided_by": "a test",
        "reason": "better by 55 %",
    }
    return Promotion(**(values | changes))


def a_measured_reference(version: int, of_version: str | None = None) -> ReferenceWrite:
    record = a_computation(Layer.REFERENCE_DATA, reference_version=version)
    return ReferenceWrite(
        computation=replace(record, window=None),
        reference=a_reference(version, for_model_version=of_version),
        bins=BINS,
        profiles=PROFILES,
    )


def score(database: Database, day: int, version: str = "1") -> None:
    """Write that a window was scored, as long as this version is the one that serves it."""
    counts = WindowCounts(rows_read=3, rows_scored=3, rows_by_version={version: 3})
    record = a_computation(Layer.PREDICTIONS, a_window(day), scored_by=version)
    replace_window(database, record, [], counts=counts)


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of it at the same time, each in a thread of its own; an error is a result too."""

    def done(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(done, works))
