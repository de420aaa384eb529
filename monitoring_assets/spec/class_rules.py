"""Rules about classes: what task, classes, probabilities and metrics must have in common.

Belongs here: rules between `task`, `classification`, `columns.probabilities` and `quality`. Stays
out: other rules between sections (rules.py).
"""

from collections.abc import Iterator, Mapping

from monitoring_assets.metrics.entries import Task
from monitoring_assets.metrics.registry import QUALITY_METRICS, metrics_for
from monitoring_assets.spec.base import Mistake
from monitoring_assets.spec.classification import ClassificationSpec, no_class
from monitoring_assets.spec.columns import ColumnsSpec
from monitoring_assets.spec.verdicts import QualitySpec, QualityThresholdSpec


def classification_mistakes(
    task: Task, classification: ClassificationSpec | None, columns: ColumnsSpec
) -> Iterator[Mistake]:
    """Yield what does not fit the task: classes missing or too many, probabilities of no class."""
    if task == "regression":
        if classification is not None:
            yield Mistake(("classification",), "leave it out: a regression has no classes")
        if columns.probabilities:
            yield Mistake(("columns", "probabilities"), "leave it out: a regression has none")
    elif classification is None:
        yield Mistake(("classification",), f"is needed for task {task}: name the classes")
    else:
        yield from _class_list_mistakes(task, classification)
        yield from _probability_mistakes(task, classification, columns)


def threshold_mistakes(
    classification: ClassificationSpec | None, columns: ColumnsSpec, *, decided_here: bool
) -> Iterator[Mistake]:
    """Yield a threshold that decides nothing, because the class comes from the source."""
    if classification is None or classification.decision_threshold is None or decided_here:
        return
    if columns.probabilities:
        text = "leave it out, or columns.prediction: that class comes from the source, decided"
    else:
        text = "needs columns.probabilities: without them the class comes from the source, decided"
    yield Mistake(("classification", "decision_threshold"), text)


def metric_mistakes(
    task: Task,
    classification: ClassificationSpec | None,
    quality: QualitySpec,
    *,
    probabilities: bool,
) -> Iterator[Mistake]:
    """Yield metrics of another task, of no class, or that need probabilities there are none of."""
    legal = {one.name for one in metrics_for(task) if probabilities or not one.needs_probabilities}
    if quality.main_metric is not None:
        yield from metric_mistake(("quality", "main_metric"), quality.main_metric, task, legal)
    for name in quality.thresholds:
        yield from metric_mistake(("quality", "thresholds", name), name, task, legal)
    if quality.by_class and task == "regression":
        yield Mistake(("quality", "by_class"), "leave it out: a regression has no classes")
    elif classification is not None:
        for name, limits in quality.by_class.items():
            path = ("quality", "by_class", name)
            if name not in classification.classes:
                yield Mistake(path, no_class(name, classification.classes))
            else:
                yield from _limits_of_class(path, limits, task, legal)


def _limits_of_class(
    path: tuple[str | int, ...],
    limits: Mapping[str, QualityThresholdSpec],
    task: Task,
    legal: set[str],
) -> Iterator[Mistake]:
    single = {name for name in legal if QUALITY_METRICS[name].by_class}
    for name in limits:
        if name in legal and name not in single:
            text = f"{name!r} is no metric of a single class; legal: {', '.join(sorted(single))}"
            yield Mistake((*path, name), text)
        else:
            yield from metric_mistake((*path, name), name, task, legal)


def metric_mistake(
    path: tuple[str | int, ...], name: str, task: Task, legal: set[str]
) -> Iterator[Mistake]:
    """Yield that a metric is none of those that can be computed."""
    if name in legal:
        return
    if task in QUALITY_METRICS[name].tasks:
        yield Mistake(path, f"{name!r} needs `columns.probabilities`")
    else:
        yield Mistake(path, f"{name!r} is no metric of {task}; legal: {', '.join(sorted(legal))}")


def _class_list_mistakes(task: Task, classification: ClassificationSpec) -> Iterator[Mistake]:
    count = len(classification.classes)
    if task == "binary" and count != 2:
        yield Mistake(
            ("classification", "classes"),
            f"a binary model has two classes, here are {count}; write task: multiclass",
        )
    if task == "multiclass":
        if count < 3:
            text = f"a multiclass model has three or more, here are {count}; write task: binary"
            yield Mistake(("classification", "classes"), text)
        for name in ("positive_class", "decision_threshold"):
            if getattr(classification, name) is not None:
                yield Mistake(("classification", name), "leave it out: it is for task binary")


def _probability_mistakes(
    task: Task, classification: ClassificationSpec, columns: ColumnsSpec
) -> Iterator[Mistake]:
    named, classes = columns.probabilities, classification.classes
    path = ("columns", "probabilities")
    for name in named:
        if name not in classes:
            yield Mistake((*path, name), no_class(name, classes))
    if not named:
        return
    needed = (classification.positive,) if task == "binary" else classes
    missing = [repr(one) for one in needed if one not in named]
    if missing:
        yield Mistake(path, f"lacks the probability of {', '.join(missing)}; name its column")
