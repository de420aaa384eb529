"""Rules that tie the sections of a model's YAML together: what no section can check by itself.

Belongs here: one function for each theme, sections in, mistakes out. Stays out: rules inside one
section (that section's class), about classes (class_rules.py) and sources (source_rules.py).
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from monitoring_assets.records import ANSWER_ROLES, ColumnEntry, ColumnKind, ColumnRole
from monitoring_assets.spec.base import LIST_IT, Mistake
from monitoring_assets.spec.columns import (
    RESERVED_NAMES,
    ColumnsSpec,
    DerivedSpec,
    FilterSpec,
    MinutesBetween,
)
from monitoring_assets.spec.labels import LabelsSpec
from monitoring_assets.spec.reference import ReferenceSpec
from monitoring_assets.spec.training import TrainingSpec
from monitoring_assets.spec.verdicts import DataQualitySpec, DriftSpec, QualitySpec
from monitoring_assets.spec.windows import WindowsSpec

_NAMED_BY: Final = {
    ColumnRole.PREDICTION: "prediction",
    ColumnRole.PROBABILITY: "probabilities",
}

_MADE_HERE: Final = {
    ColumnRole.PREDICTION: "the prediction, which is made here",
    ColumnRole.PROBABILITY: "a probability, which the model trained here makes",
}

# As Dagster has it: an owner that only Dagster refuses would take all models away.
EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}")


def owner_mistakes(owners: Sequence[str]) -> Iterator[Mistake]:
    """Yield owners that are neither an e-mail address nor a team."""
    for i, owner in enumerate(owners):
        if not (EMAIL.fullmatch(owner) or (owner.startswith("team:") and len(owner) > 5)):
            yield Mistake(("owners", i), f"{owner!r} is neither an e-mail address nor 'team:name'")


def role_mistakes(columns: ColumnsSpec, entries: Sequence[ColumnEntry]) -> Iterator[Mistake]:
    """Yield columns that have two roles or a name that is taken, and a model without features."""
    roles: dict[str, list[ColumnRole]] = {}
    for entry in entries:
        roles.setdefault(entry.column_name, []).append(entry.role)
    for name, given in roles.items():
        yield from _name_mistakes(columns, name, given)
    if not columns.features:
        yield Mistake(("columns",), "name at least one numerical or categorical feature")
    if columns.id is not None and columns.id == columns.event_time:
        yield Mistake(("columns", "id"), f"{columns.id!r} is the event time; name a unique id")
    for name in columns.units:
        if name not in roles:
            yield unknown(("columns", "units", name), name, [*roles])


def target_mistakes(
    columns: ColumnsSpec, quality: QualitySpec, labels: LabelsSpec
) -> Iterator[Mistake]:
    """Yield what speaks of labels where there are none: it would be ignored, unsaid."""
    if columns.target is not None:
        return
    if columns.knowledge_time is not None:
        text = "says when the target became known, but there is no columns.target; name it"
        yield Mistake(("columns", "knowledge_time"), text)
    if labels != LabelsSpec():
        text = "needs columns.target: without it no labels are waited for"
        yield Mistake(("labels",), text)
    for name in ("main_metric", "thresholds", "by_class"):
        if getattr(quality, name):
            text = "needs columns.target: without labels quality is unknown"
            yield Mistake(("quality", name), text)


def derived_mistakes(
    entries: Sequence[ColumnEntry],
    derived: Mapping[str, DerivedSpec],
    made_here: Collection[ColumnRole],
) -> Iterator[Mistake]:
    """Yield computed columns that nobody uses, or that are computed from computed ones."""
    roles = {entry.column_name: entry.role for entry in entries}
    for name, one in derived.items():
        path = ("derived", name)
        if name not in roles:
            yield Mistake(path, f"{name!r} is used by no column role; legal: {', '.join(roles)}")
        elif roles[name] in made_here:
            yield Mistake(path, f"{name!r} is {_MADE_HERE[roles[name]]}; leave it out")
        if isinstance(one, MinutesBetween):
            yield from _time_mistakes(path, one, derived)


def filter_mistakes(
    dictionary: Sequence[ColumnEntry], filters: Sequence[FilterSpec], *, trained_here: bool
) -> Iterator[Mistake]:
    """Yield filters of one name, and conditions that do not fit their column."""
    entries = {entry.column_name: entry for entry in dictionary}
    seen: set[str] = set()
    for i, rule in enumerate(filters):
        if rule.name in seen:
            yield Mistake(
                ("filters", i, "name"), f"{rule.name!r} is the name of another filter; choose one"
            )
        seen.add(rule.name)
        entry = entries.get(rule.column)
        if entry is None:
            yield unknown(("filters", i, "column"), rule.column, list(entries))
        elif trained_here and entry.role in ANSWER_ROLES:
            text = f"{rule.column!r} is the {entry.role.value}, made after rows are filtered"
            yield Mistake(("filters", i, "column"), text)
        else:
            yield from _unfit_conditions(i, rule, entry.kind)


def verdict_mistakes(
    entries: Sequence[ColumnEntry], drift: DriftSpec, data_quality: DataQualitySpec
) -> Iterator[Mistake]:
    """Yield bounds on columns that are not judged, and methods that do not fit their column."""
    watched = {e.column_name: e for e in entries}
    roles = {name: e.role for name, e in watched.items()}
    for name in drift.columns:
        if name not in watched:
            yield unknown(("drift", "columns", name), name, list(watched))
            continue
        for one in drift.mistakes_about(name, watched[name].kind):
            yield Mistake(("drift", "columns", name, *one.path), one.text)
    given = [name for name, role in roles.items() if role not in (*ANSWER_ROLES, ColumnRole.TARGET)]
    for name in data_quality.columns:
        if name not in given:
            yield _unjudged(("data_quality", "columns", name), roles, given)


def period_mistakes(
    columns: ColumnsSpec,
    windows: WindowsSpec,
    model: TrainingSpec | None,
    reference: ReferenceSpec,
) -> Iterator[Mistake]:
    """Yield what is missing to train or to compare, and windows that were trained on."""
    if model is None:
        if reference.period is None and reference.source is None:
            text = "is needed where there is no section `model`: the days that count as normal"
            yield Mistake(("reference", "period"), text)
        if reference.since_deployment:
            text = "leave it out: what was deployed when is known of models trained here only"
            yield Mistake(("reference", "since_deployment"), text)
        return
    if columns.target is None:
        yield Mistake(("columns", "target"), "is needed for a model that is trained here")
    if columns.model_version is not None:
        text = "leave it out: versions are ours when the model is trained here"
        yield Mistake(("columns", "model_version"), text)
    if model.training.end > windows.start:
        yield Mistake(
            ("model", "training", "end"),
            f"{model.training.end} lies after windows.start {windows.start}; let it end by then, or"
            " windows are scored by a model that learned from them",
        )
    own, learned = reference.period, model.training
    if (
        reference.source is None
        and own not in (None, learned)
        and own.start < learned.end
        and learned.start < own.end
    ):
        yield Mistake(
            ("reference", "period"),
            "covers a part of model.training: name the same days (predictions are then"
            " out-of-fold) or days the model did not learn from",
        )


def _name_mistakes(
    columns: ColumnsSpec, name: str, roles: Sequence[ColumnRole]
) -> Iterator[Mistake]:
    path, times = _place(columns, name), len(roles)
    if times > 1 and len(_places(columns, name)) < times:
        ours = next(role for role in roles if role in ANSWER_ROLES)
        text = f"{name!r} is what the {ours.value} is called without columns.{_NAMED_BY[ours]}"
        yield Mistake(path, f"{text}; give it another name there")
    elif times > 1:
        yield Mistake(
            path, f"{name!r} is named {times} times; a column has one role, so leave one out"
        )
    if name in RESERVED_NAMES:
        taken = ", ".join(RESERVED_NAMES)
        yield Mistake(
            path,
            f"{name!r} is a name that every stored row has already ({taken});"
            " choose another one, with `source.rename` where the source calls it so",
        )
    elif name in (columns.event_time, columns.knowledge_time):
        yield Mistake(path, f"{name!r} is a time; leave it out here")


def _time_mistakes(
    path: tuple[str | int, ...], one: MinutesBetween, derived: Mapping[str, DerivedSpec]
) -> Iterator[Mistake]:
    for end in ("start", "end"):
        if getattr(one, end) in derived:
            text = f"{getattr(one, end)!r} is computed itself; name a time of the source"
            yield Mistake((*path, end), text)
    if one.start == one.end:
        yield Mistake((*path, "end"), f"{one.end!r} is the start too; name another time")


def _unjudged(
    path: tuple[str | int, ...], roles: Mapping[str, ColumnRole], legal: Sequence[str]
) -> Mistake:
    name = str(path[-1])
    if name not in roles:
        return unknown(path, name, legal)
    text = f"{name!r} is the {roles[name].value}, which is not judged here"
    return Mistake(path, f"{text}; legal: {', '.join(legal)}")


def _unfit_conditions(i: int, rule: FilterSpec, kind: ColumnKind) -> Iterator[Mistake]:
    if rule.allowed is not None and kind is ColumnKind.NUMERICAL:
        text = f"{rule.column!r} is a number; use minimum and maximum"
        yield Mistake(("filters", i, "allowed"), text)
    for bound in ("minimum", "maximum"):
        if getattr(rule, bound) is not None and kind is ColumnKind.CATEGORICAL:
            text = f"{rule.column!r} is a category; use allowed"
            yield Mistake(("filters", i, bound), text)


def _place(columns: ColumnsSpec, name: str) -> tuple[str | int, ...]:
    """Return where a column is named last: a second role stands below the first."""
    return next(reversed(_places(columns, name)), ("columns",))


def _places(columns: ColumnsSpec, name: str) -> list[tuple[str | int, ...]]:
    lists = (
        (("columns", "numerical"), columns.numerical),
        (("columns", "categorical"), columns.categorical),
        (("columns", "monitored", "numerical"), columns.monitored.numerical),
        (("columns", "monitored", "categorical"), columns.monitored.categorical),
    )
    places: list[tuple[str | int, ...]] = [
        (*path, i) for path, named in lists for i, one in enumerate(named) if one == name
    ]
    places += [
        ("columns", "probabilities", one) for one, of in columns.probabilities.items() if of == name
    ]
    places += [
        ("columns", role) for role in ("target", "prediction") if getattr(columns, role) == name
    ]
    return places


def unknown(path: tuple[str | int, ...], name: str, legal: Sequence[str]) -> Mistake:
    """Return the mistake of a name that is none of the legal ones."""
    legal_names = ", ".join(legal)
    text = f"{name!r} is not a column of this model; legal: {legal_names}; {LIST_IT}"
    return Mistake(path, text)
