"""Which numbers are asked about a model's quality, and which rows each of them is read from.

Belongs here: metrics of the whole and of single classes, rows that a metric leaves out, profiles
that do not fit the YAML any more. Stays out: verdicts (model_quality.py), formulas
(metrics.quality).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from monitoring_assets.evaluation.profiling import positive_class
from monitoring_assets.metrics.entries import QualityMetric
from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.profiles import QualityProfile, Task, task_of
from monitoring_assets.metrics.registry import QUALITY_METRICS, metrics_for
from monitoring_assets.metrics.result import Estimate, Undefined
from monitoring_assets.spec.model import ModelSpec

GUESSING: Final = {"roc_auc": 0.5}
"""What guessing gives, of metrics that can be worse than that: a model is as good as it is above.

They also have a rule of their own for how many rows of each kind an interval needs.
"""

COUNTING_UNLISTED: Final = frozenset({"accuracy", "precision"})
"""To these any answer to a row whose label is no listed class is wrong.

Others leave such rows out; f1 misses those that are answered with another class.
"""


@dataclass(frozen=True)
class Asked:
    """A metric, and the class that it is about; '' for the whole."""

    metric: str
    class_name: str = ""

    @property
    def entry(self) -> QualityMetric:
        """What the registry says of the metric."""
        return QUALITY_METRICS[self.metric]

    @property
    def key(self) -> str:
        """Where the reference's value stands."""
        return f"{self.metric}/{self.class_name}" if self.class_name else self.metric

    @property
    def words(self) -> str:
        """What a reason calls it."""
        return f"{self.metric} of {self.class_name!r}" if self.class_name else self.metric

    @property
    def guessing(self) -> float | None:
        """What guessing gives; None where it gives nothing in particular."""
        return GUESSING.get(self.metric)

    def compute(self, profile: QualityProfile) -> Estimate | Undefined:
        """Return the number, or why there is none."""
        return self.entry.compute(profile, self.class_name)


def asked_of(spec: ModelSpec) -> tuple[Asked, ...]:
    """Return what is asked of a model: metrics of the whole, then those of each class."""
    classes = spec.classification.classes if spec.classification else ()
    return tuple(_each(spec.quality_metrics, classes))


def quality_values(profile: QualityProfile) -> dict[str, float]:
    """Return the defined metrics of a profile; used for the reference.

    Returns
    -------
    dict
        Metric, or `metric/class` for those of a class, -> value.
    """
    classes = profile.classes if isinstance(profile, ClassificationProfile) else ()
    names = (metric.name for metric in metrics_for(task_of(profile)))
    found = {one.key: one.compute(profile) for one in _each(tuple(names), classes)}
    return {key: one.value for key, one in found.items() if isinstance(one, Estimate)}


def unfit(spec: ModelSpec, profile: QualityProfile) -> Undefined | None:
    """Return why a profile says nothing about a model whose task or classes have changed since."""
    classes = spec.classification.classes if spec.classification else ()
    now = _in_words(spec.task, classes, positive_class(spec))
    before = _in_words("regression", (), None)
    if isinstance(profile, ClassificationProfile):
        before = _in_words(task_of(profile), profile.classes, profile.positive)
    if before == now:
        return None
    return Undefined(
        f"the window was profiled as {before}, the YAML says {now}; materialize"
        f" {spec.model_id}/quality_profiles once more"
    )


def rows_measured(asked: Asked, profile: QualityProfile) -> int:
    """Return the rows that a metric is read from."""
    if isinstance(profile, ClassificationProfile) and asked.entry.needs_probabilities:
        return profile.probability_rows
    return profile.rows - rows_unlisted(asked, profile)


def rows_unlisted(asked: Asked, profile: QualityProfile) -> int:
    """Return the rows that a metric leaves out since their label is no listed class."""
    if not isinstance(profile, ClassificationProfile) or asked.metric in COUNTING_UNLISTED:
        return 0
    return profile.unlisted_target_rows


def rows_named(asked: Asked, profile: QualityProfile) -> int:
    """Return those of them whose label is the class that is asked about; all for the whole."""
    if not asked.class_name or not isinstance(profile, ClassificationProfile):
        return rows_measured(asked, profile)
    if asked.class_name not in profile.classes:
        return 0
    if not asked.entry.needs_probabilities:
        return int(profile.confusion[profile.classes.index(asked.class_name)].sum())
    if asked.class_name in profile.scores:
        return int(profile.scores[asked.class_name].own.sum())
    return sum(int(of_positive.others.sum()) for of_positive in profile.scores.values())


def left_out(asked: Asked, profile: QualityProfile) -> str:
    """Return what a reason adds about rows that a metric cannot count in full; '' without any."""
    if not isinstance(profile, ClassificationProfile):
        return ""
    notes = {"a label that is no listed class": profile.unlisted_target_rows}
    if asked.entry.needs_probabilities:
        notes["invalid probabilities"] = profile.invalid_probability_rows
    else:
        notes["a prediction that is no listed class"] = profile.unlisted_prediction_rows
    found = [f"{rows} have {what}" for what, rows in notes.items() if rows]
    return f"; of {profile.rows} labelled rows {' and '.join(found)}" if found else ""


def _in_words(task: Task, classes: Sequence[str], positive: str | None) -> str:
    named = f" {', '.join(map(repr, classes))}" if classes else ""
    return f"{task}{named}" + ("" if positive is None else f" (positive: {positive!r})")


def _each(metrics: Iterable[str], classes: Iterable[str]) -> Iterator[Asked]:
    names = tuple(metrics)
    yield from map(Asked, names)
    for class_name in classes:
        for name in names:
            if QUALITY_METRICS[name].by_class:
                yield Asked(name, class_name)
