"""What is predicted: target, prediction, probabilities, and the task that follows from them.

Belongs here: choosing these columns by name and values. Stays out: naming the classes (classes.py),
all other roles (roles.py, features.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.metrics.entries import Task
from monitoring_assets.onboarding.classes import Classes, distinct_texts, guess_classes
from monitoring_assets.onboarding.facts import shortened
from monitoring_assets.onboarding.looks import Look
from monitoring_assets.onboarding.roles import Assigned, Looks, Wishes
from monitoring_assets.onboarding.words import (
    CLASS_WORDS,
    PREDICTIONS,
    TARGETS,
    class_part,
    has,
    is_outcome,
    is_prediction,
    is_probability,
    is_target,
    plain,
    rank,
    says_outcome,
    what_it_predicts,
)

MOST_CLASSES: Final = 50
"""Different texts up to which a column can be a target."""

_MOST_NUMBERED: Final = 20
"""Different whole numbers up to which they can be classes."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the model says, and what turns out to be true.

    Parameters
    ----------
    task, task_why
        What is predicted, and what makes us think so.
    target, prediction
        None: no column is.
    classes
        None for a regression.
    """

    task: Task
    task_why: str
    target: Assigned | None
    prediction: Assigned | None
    classes: Classes | None

    @property
    def none_given(self) -> bool:
        """Whether the data has no answers, so that a model has to be trained on it."""
        return self.prediction is None and not (self.classes and self.classes.probabilities)

    @property
    def columns(self) -> tuple[Assigned, ...]:
        """All columns with one of these roles."""
        probabilities = self.classes.probabilities.values() if self.classes else ()
        return (*(one for one in (self.target, self.prediction) if one), *probabilities)


@dataclass(frozen=True, kw_only=True)
class _Candidates:
    """The columns that may be what they are called."""

    target: Look | None
    prediction: Look | None
    probabilities: tuple[Look, ...]


def find_answers(looks: Looks, wishes: Wishes) -> Answers:
    """Return what is predicted.

    Parameters
    ----------
    looks
        Columns that have no other role.

    Raises
    ------
    ConfigurationError
        Neither a target nor a prediction was found, or what the user said does not fit the data.
    """
    found = _candidates(looks, wishes)
    if found.target is None and found.prediction is None and not found.probabilities:
        raise ConfigurationError(
            "found neither a prediction nor a target: without a prediction there is nothing to"
            " watch, and without a target no model can be trained here. Name one by --prediction"
            f" or --target. Columns: {', '.join(map(shortened, looks))}"
        )
    task, why = (wishes.task, "--task") if wishes.task else _task(found)
    if task == "regression":
        return _regression(found, wishes, why)
    prediction, probabilities = found.prediction, found.probabilities
    if prediction is not None and _is_fraction(prediction):
        if task == "binary":
            probabilities = (prediction, *(one for one in probabilities if one is not prediction))
        prediction = None
    classes = guess_classes(task, found.target, prediction, probabilities)
    return Answers(
        task=task,
        task_why=why,
        target=_assigned(found.target, "target", wishes.target),
        prediction=_assigned(prediction, "prediction", wishes.prediction),
        classes=classes,
    )


def _regression(found: _Candidates, wishes: Wishes, why: str) -> Answers:
    prediction = found.prediction or next(iter(found.probabilities), None)
    for look, option in ((found.target, "target"), (prediction, "prediction")):
        if look is not None and look.shape != "number":
            raise ConfigurationError(
                f"a regression predicts numbers, but the {option} '{shortened(look.name)}' holds"
                f" texts such as {look.categories.range_text}; name another one by --{option}, or"
                " give --task binary or multiclass"
            )
    return Answers(
        task="regression",
        task_why=why,
        target=_assigned(found.target, "target", wishes.target),
        prediction=_assigned(prediction, "prediction", wishes.prediction),
        classes=None,
    )


def _candidates(looks: Looks, wishes: Wishes) -> _Candidates:
    usable = [one for one in looks.values() if one.shape in ("number", "category")]
    wished, asked = _wished(looks, "--target", wishes.target), wishes.prediction
    target = wished or _likeliest_target(usable)
    left = [one for one in usable if one is not target and one.name != asked]
    shares = [one for one in left if one.shape == "number" and one.is_share]
    probabilities = tuple(one for one in shares if is_probability(one.name))
    named = [one for one in left if is_prediction(one.name) and one not in probabilities]
    prediction = _wished(looks, "--prediction", asked) or _first(named, PREDICTIONS)
    target = target or _outcome(left, prediction, probabilities)
    return _Candidates(target=target, prediction=prediction, probabilities=probabilities)


def _outcome(looks: list[Look], prediction: Look | None, shares: Sequence[Look]) -> Look | None:
    """Return the one column of two values that a binary model's answers may be about.

    Flags such as `is_weekend` are features as often as targets: of several, none is taken, unless
    its name, or that of a probability, says that it is predicted.
    """
    answers = [*shares, *([prediction] if prediction and _may_be_binary(prediction) else [])]
    able = [one for one in looks if one not in answers and one is not prediction]
    flags = [one for one in able if one.facts.distinct == 2 and is_outcome(one.name)]
    classes = {class_part(one.name) for one in answers} - {""}
    told = [one for one in flags if says_outcome(one.name) or _without_is(one) in classes]
    found = told or flags
    return found[0] if answers and len(found) == 1 else None


def _may_be_binary(look: Look) -> bool:
    return look.facts.distinct <= 2 or (look.shape == "number" and look.is_share)


def _without_is(look: Look) -> str:
    """Return `late` of `was_late`."""
    return plain(look.name).partition("_")[2]


def _likeliest_target(looks: list[Look]) -> Look | None:
    predicted = {what_it_predicts(one.name) for one in looks} - {""}
    others = [one for one in looks if not is_prediction(one.name)]
    named = [one for one in others if is_target(one.name) or plain(one.name) in predicted]
    able = [one for one in named if one.shape == "number" or one.facts.distinct <= MOST_CLASSES]
    return _first(able, TARGETS)


def _first(looks: Sequence[Look], names: Sequence[str]) -> Look | None:
    return min(looks, key=lambda one: rank(one.name, names), default=None)


def _task(found: _Candidates) -> tuple[Task, str]:
    basis = found.target or found.prediction
    if basis is None:
        many = len(found.probabilities)
        return (
            "multiclass" if many > 2 else "binary"
        ), f"{many} column{'s' * (many > 1)} of probabilities"
    if basis.shape == "category":
        distinct = basis.facts.distinct
        task = "binary" if distinct <= 2 else "multiclass"
        return task, f"'{shortened(basis.name)}' holds {distinct} texts"
    return _task_of_numbers(found, basis)


def _task_of_numbers(found: _Candidates, basis: Look) -> tuple[Task, str]:
    name, distinct = shortened(basis.name), basis.facts.distinct
    if not basis.is_whole:
        return "regression", f"'{name}' holds numbers with decimals"
    if distinct <= 2 and not _predicts_numbers(found, basis):
        return "binary", f"'{name}' holds {distinct} whole numbers"
    if _are_classes(found, basis):
        return "multiclass", f"'{name}' holds {distinct} whole numbers; else regression"
    return "regression", f"'{name}' holds {distinct:,} different whole numbers"


def _predicts_numbers(found: _Candidates, basis: Look) -> bool:
    """Return whether the answer to a target of two numbers is something else than these."""
    answer = found.prediction
    if answer is None or answer is basis or answer.shape != "number":
        return False
    return not answer.is_share and answer.facts.distinct > 2


def _are_classes(found: _Candidates, basis: Look) -> bool:
    if basis.facts.distinct > _MOST_NUMBERED:
        return False
    if len(found.probabilities) > 2 or has(basis.name, CLASS_WORDS):
        return True
    answer = found.prediction
    if answer is not None and answer is not basis:
        return answer.is_whole and {*distinct_texts(answer)} <= {*distinct_texts(basis)}
    numbers = basis.facts.numbers
    if numbers is None or numbers.smallest not in (0, 1):
        return False
    return numbers.largest - numbers.smallest == basis.facts.distinct - 1


def _is_fraction(look: Look) -> bool:
    return look.shape == "number" and look.is_share and not look.is_whole


def _assigned(
    look: Look | None, role: Literal["target", "prediction"], wish: str | None
) -> Assigned | None:
    if look is None:
        return None
    why = f"its name; {_values(look)}" if wish is None else f"--{role}"
    return Assigned(name=look.name, role=role, why=why, given=wish is not None)


def _values(look: Look) -> str:
    missing = f", {look.facts.missing_share:.1%} missing" if look.facts.missing else ""
    return f"{look.facts.range_text}{missing}"


def _wished(looks: Looks, option: str, name: str | None) -> Look | None:
    """Return the column that an option names, if it can be a number or a class."""
    look = looks[name] if name is not None else None
    texts = {"time": "holds times", "empty": "has no value", "other": "cannot be read"}
    if look is not None and look.shape in texts:
        raise ConfigurationError(
            f"{option}: column '{shortened(look.name)}' {texts[look.shape]}"
            f" ({look.column.type}): it can be neither a number nor a class"
        )
    return look
