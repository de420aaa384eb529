"""The classes of a classifier, and which column is whose probability.

Belongs here: class list, its order, the positive class, matching probabilities to classes. Stays
out: choosing target and prediction (answers.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow.compute as pc

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.metrics.entries import Task
from monitoring_assets.onboarding.facts import shortened
from monitoring_assets.onboarding.looks import Look
from monitoring_assets.onboarding.roles import Assigned
from monitoring_assets.onboarding.words import (
    OPPOSITES,
    POSITIVE,
    TEMPLATE,
    class_part,
    plain,
)


@dataclass(frozen=True, kw_only=True)
class Classes:
    """What the classes are.

    Parameters
    ----------
    names, why
        All classes in order, and where they were seen.
    positive, positive_why
        Of a binary task.
    probabilities
        Class -> column of its probability.
    """

    names: tuple[str, ...]
    why: str
    positive: str | None
    positive_why: str
    probabilities: Mapping[str, Assigned]


def guess_classes(
    task: Task, target: Look | None, prediction: Look | None, probabilities: Sequence[Look]
) -> Classes:
    """Return the classes that were seen.

    Raises
    ------
    ConfigurationError
        They are not two, or fewer than three, or nothing names them.
    """
    seen = [one for one in (target, prediction) if one is not None]
    for look in seen:
        _require_nameable(look)
    names = _sorted({text for look in seen for text in distinct_texts(look)})
    why = f"seen in {' and '.join(repr(shortened(one.name)) for one in seen)}"
    if task == "binary":
        names, why = _two(names, why)
        positive, positive_why = _positive(names, target or prediction)
        found = _of_two(names, positive, probabilities)
    else:
        if not seen:
            names = [class_part(one.name) for one in probabilities]
            why = "from the names of their probabilities"
        _require_three(names)
        positive, positive_why = None, ""
        found = _of_many(names, probabilities)
    return Classes(
        names=tuple(names),
        why=why,
        positive=positive,
        positive_why=positive_why,
        probabilities=found,
    )


def _require_nameable(look: Look) -> None:
    for text in distinct_texts(look):
        if TEMPLATE in text:
            raise ConfigurationError(
                f"'{shortened(look.name)}' holds the class {shortened(text)!r}: a YAML cannot name"
                f" it, since '{TEMPLATE}' begins a template there"
            )


def distinct_texts(look: Look) -> list[str]:
    """Return the different values of a column as categories read."""
    return pc.drop_null(pc.unique(look.as_categories)).to_pylist()


def _two(names: list[str], why: str) -> tuple[list[str], str]:
    if len(names) == 2:
        return names, why
    if not names:
        return ["0", "1"], "nothing in the data names them"
    if len(names) == 1:
        pairs = {**OPPOSITES, **{other: one for one, other in OPPOSITES.items()}}
        other = pairs.get(names[0].casefold())
        if other is not None:
            return _sorted({names[0], other}), f"{why}, where only {names[0]!r} occurs"
        raise ConfigurationError(
            f"a binary model has two classes, but only {shortened(names[0])!r} was {why}; give"
            " more data, or name another target by --target"
        )
    shown = ", ".join(repr(shortened(one)) for one in names[:5])
    raise ConfigurationError(
        f"a binary model has two classes, but {len(names)} were {why}: {shown}; give --task"
        " multiclass, or name other columns by --target and --prediction"
    )


def _require_three(names: list[str]) -> None:
    if len(names) < 3 or len({*names}) < len(names) or not all(names):
        shown = ", ".join(map(repr, names)) or "none"
        raise ConfigurationError(
            f"a multiclass model has three classes or more, found: {shown}; give --task binary,"
            " or name the target by --target"
        )


def _positive(names: list[str], seen: Look | None) -> tuple[str, str]:
    for word in POSITIVE:
        for name in names:
            if name.casefold() == word:
                return name, "its name"
    if seen is None:
        return names[-1], "the last one"
    counts = dict.fromkeys(names, 0) | dict(seen.categories.top)
    rarer = min(names, key=lambda one: counts[one])
    return rarer, "the rarer one"


def _of_two(names: list[str], positive: str, probabilities: Sequence[Look]) -> dict[str, Assigned]:
    """Return the positive class's probability, and the other one's if it is there too."""
    by_class = _by_name(names, probabilities)
    if positive not in by_class:
        others = [one for one in probabilities if one not in by_class.values()]
        if not others:
            return {}
        by_class[positive] = others[0]
    return {name: _assigned(by_class[name], name) for name in names if name in by_class}


def _of_many(names: list[str], probabilities: Sequence[Look]) -> dict[str, Assigned]:
    """Return all classes' probabilities, or none."""
    by_class = _by_name(names, probabilities)
    if len(by_class) < len(names):
        numbers = [class_part(one.name) for one in probabilities]
        counted = [str(number) for number in range(len(names))]
        if numbers != counted:
            return {}
        by_class = dict(zip(names, probabilities, strict=True))
    return {name: _assigned(by_class[name], name) for name in names}


def _by_name(names: list[str], probabilities: Sequence[Look]) -> dict[str, Look]:
    by_part = {class_part(one.name): one for one in probabilities}
    spelt = {name: plain(name) or name for name in names}
    return {name: by_part[part] for name, part in spelt.items() if part in by_part}


def _assigned(look: Look, name: str) -> Assigned:
    why = f"its name and values from 0 to 1; probability of {shortened(name)!r}"
    return Assigned(name=look.name, role="probability", why=why)


def _sorted(names: set[str]) -> list[str]:
    """Return classes in order: numbers by size, texts by the alphabet."""
    try:
        return sorted(names, key=float)
    except ValueError:
        return sorted(names)
