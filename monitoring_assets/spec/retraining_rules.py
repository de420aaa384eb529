"""Rules about `retraining`: what can set one off, block it and decide on its result.

Belongs here: rules between `retraining` and the columns, `drift`, `quality` and `model`. Stays out:
rules inside the section (retraining.py), applying it (evaluation/retraining).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitoring_assets.metrics.entries import Task
from monitoring_assets.records import ANSWER_ROLES, ColumnEntry, ColumnRole
from monitoring_assets.spec.base import Mistake
from monitoring_assets.spec.class_rules import metric_mistake
from monitoring_assets.spec.retraining import RetrainingSpec
from monitoring_assets.spec.rules import unknown
from monitoring_assets.spec.verdicts import DriftSpec


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """The quality metrics of a model.

    Parameters
    ----------
    computable
        Those that can be computed.
    bounded
        Those that have a threshold.
    """

    task: Task
    main: str
    computable: Sequence[str]
    bounded: Sequence[str]


def retraining_mistakes(
    policy: RetrainingSpec | None,
    entries: Sequence[ColumnEntry],
    drift: DriftSpec,
    metrics: Metrics,
    *,
    trained_here: bool,
) -> Iterator[Mistake]:
    """Yield what can never alarm, columns there are none of, and a model that is trained elsewhere.

    A model that is trained here has a target: that is a rule of its own (rules.py).
    """
    if policy is None:
        return
    if not trained_here:
        text = "needs section `model`: only a model that is trained here is trained anew here"
        yield Mistake(("retraining",), text)
    yield from _metric_mistakes(policy, metrics)
    yield from _drift_mistakes(policy, entries, drift)
    yield from _blocking_mistakes(policy, entries)


def _metric_mistakes(policy: RetrainingSpec, metrics: Metrics) -> Iterator[Mistake]:
    legal = {*metrics.computable}
    for i, name in enumerate(policy.metrics):
        path = ("retraining", "metrics", i)
        yield from metric_mistake(path, name, metrics.task, legal)
        if name in legal and name not in metrics.bounded:
            text = f"{name!r} has no threshold, so it never alarms; give it one under"
            yield Mistake(path, f"{text} quality.thresholds")
    if "quality" in policy.verdicts and not policy.metrics and metrics.main not in metrics.bounded:
        text = f"`quality` stands for {metrics.main!r}, which has no threshold and never alarms;"
        path = ("retraining", "verdicts", policy.verdicts.index("quality"))
        yield Mistake(path, f"{text} give it one under quality.thresholds, or name metrics")
    deciding = policy.promotion.metric
    if deciding is not None:
        path = ("retraining", "promotion", "metric")
        yield from metric_mistake(path, deciding, metrics.task, legal)


def _drift_mistakes(
    policy: RetrainingSpec, entries: Sequence[ColumnEntry], drift: DriftSpec
) -> Iterator[Mistake]:
    kinds = {one.column_name: one.kind for one in entries}
    named = [
        (("retraining", field, i), name)
        for field in ("columns", "blocked_by_drift")
        for i, name in enumerate(getattr(policy, field))
    ]
    if "prediction_drift" in policy.verdicts:
        place = ("retraining", "verdicts", policy.verdicts.index("prediction_drift"))
        answers = [one.column_name for one in entries if one.role is ColumnRole.PREDICTION]
        named += [(place, name) for name in answers]
    for path, name in named:
        if name not in kinds:
            yield unknown(path, name, [*kinds])
        elif not drift.for_column(name, kinds[name])[2]:
            text = f"the drift of {name!r} has no verdict (deciding: false), so it never alarms;"
            yield Mistake(path, f"{text} leave one of them out")


def _blocking_mistakes(policy: RetrainingSpec, entries: Sequence[ColumnEntry]) -> Iterator[Mistake]:
    for i, name in enumerate(policy.blocked_by_drift):
        if name in policy.columns:
            text = f"the drift of {name!r} cannot both count and block; leave it out here or there"
            yield Mistake(("retraining", "blocked_by_drift", i), text)
    if isinstance(policy.blocked_by, str):
        return
    roles = {one.column_name: one.role for one in entries}
    judged = [name for name, role in roles.items() if role not in ANSWER_ROLES]
    for i, name in enumerate(policy.blocked_by):
        path = ("retraining", "blocked_by", i)
        if name not in roles:
            yield unknown(path, name, judged)
        elif name not in judged:
            text = f"{name!r} is the {roles[name].value}, whose data quality is not judged"
            yield Mistake(path, f"{text}; legal: {', '.join(judged)}")
