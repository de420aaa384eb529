"""Rules that tie the sections of a model's YAML together: what no section can check by itself.

Belongs here: one function for each theme, sections in, mistakes out. Stays out: rules inside one
section (that section's class), about classes (class_rules.py) and sources (source_rules.py).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from monitoring_assets.records import ColumnEntry, ColumnKind, ColumnRole
from monitoring_assets.spec.base import Mistake
from monitoring_assets.spec.columns import (
    RESERVED_NAMES,
    ColumnsSpec,
    DerivedSpec,
    FilterSpec,
    MinutesBetween,
)
from monitoring_assets.spec.reference import ReferenceSpec
from monitoring_assets.spec.training import TrainingSpec
from monitoring_assets.spec.verdicts import DataQualitySpec, DriftSpec
from monitoring_assets.spec.windows import WindowsSpec

ANSWERS: Final = (ColumnRole.PREDICTION, ColumnRole.PROBABILITY)
"""Roles of the columns that a model fills."""

# As Dagster has it: an owner that only Dagster refuses would take all models away.
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}")


def owner_mistakes(owners: Sequence[str]) -> Iterator[Mistake]:
    """Yield owners that are neither an e-mail address nor a team."""
    for i, owner in enumerate(owners):
        if not (_EMAIL.fullmatch(owner) or (owner.startswith("team:") and len(owner) > 5)):
            yield Mistake(("owners", i), f"{owner!r} is neither an e-mail address nor 'team:name'")


def role_mistakes(columns: ColumnsSpec, entries: Sequence[ColumnEntry]) -> Iterator[Mistake]:
    """Yield columns that have two roles or a name that is taken, and a model without features."""
    names = [entry.column_name for entry in entries]
    for name, times in Counter(names).items():
        path = _place(columns, name)
        if times > 1:
            yield Mistake(path, f"{name!r} is named {times} times; a column has one role")
        if name in RESERVED_NAMES:
            taken = ", ".join(RESERVED_NAMES)
            yield Mistake(
                path,
                f"{name!r} is a name that every stored row has already ({taken});"
                " choose another one, with `source.rename` where the source calls it so",
            )
    if not columns.features:
        yield Mistake(("columns",), "name at least one numerical or categorical feature")
    for name in columns.units:
        if name not in names:
            yield unknown(("columns", "units", name), name, names)


def derived_mistakes(
    entries: Sequence[ColumnEntry], derived: Mapping[str, DerivedSpec], *, trained_here: bool
) -> Iterator[Mistake]:
    """Yield computed columns that nobody uses, or that are computed from computed ones."""
    roles = {entry.column_name: entry.role for entry in entries}
    for name, one in derived.items():
        path = ("derived", name)
        if name not in roles:
            yield Mistake(path, f"{name!r} is used by no column role; {', '.join(roles)} are")
        elif trained_here and roles[name] in ANSWERS:
            yield Mistake(
                path,
                f"{name!r} is the {roles[name].value}, which the model trained here makes",
            )
        if isinstance(one, MinutesBetween):
            for end in ("start", "end"):
                if getattr(one, end) in derived:
                    text = f"{getattr(one, end)!r} is computed itself; name a time of the source"
                    yield Mistake((*path, end), text)


def filter_mistakes(
    dictionary: Sequence[ColumnEntry], filters: Sequence[FilterSpec], *, trained_here: bool
) -> Iterator[Mistake]:
    """Yield filters of one name, and conditions that do not fit their column."""
    entries = {entry.column_name: entry for entry in dictionary}
    seen: set[str] = set()
    for i, rule in enumerate(filters):
        if rule.name in seen:
            yield Mistake(("filters", i, "name"), f"{rule.name!r} is the name of another filter")
        seen.add(rule.name)
        entry = entries.get(rule.column)
        if entry is None:
            yield unknown(("filters", i, "column"), rule.column, list(entries))
        elif trained_here and entry.role in ANSWERS:
            text = f"{rule.column!r} is the {entry.role.value}, made after rows are filtered"
            yield Mistake(("filters", i, "column"), text)
        else:
            yield from _unfit_conditions(i, rule, entry.kind)


def verdict_mistakes(
    entries: Sequence[ColumnEntry], drift: DriftSpec, data_quality: DataQualitySpec
) -> Iterator[Mistake]:
    """Yield bounds on columns that are not judged, and methods that do not fit their column."""
    judged = {e.column_name: e for e in entries if e.role is not ColumnRole.TARGET}
    for name in drift.columns:
        if name not in judged:
            yield unknown(("drift", "columns", name), name, list(judged))
            continue
        for one in drift.mistakes_about(name, judged[name].kind):
            yield Mistake(("drift", "columns", name, *one.path), one.text)
    delivered = [name for name, e in judged.items() if e.role not in ANSWERS]
    for name in data_quality.columns:
        if name not in delivered:
            yield unknown(("data_quality", "columns", name), name, delivered)


def period_mistakes(
    columns: ColumnsSpec,
    windows: WindowsSpec,
    model: TrainingSpec | None,
    reference: ReferenceSpec,
) -> Iterator[Mistake]:
    """Yield what is missing to train or to compare, and windows that were trained on."""
    if model is None:
        if reference.period is None and reference.source is None:
            text = "is needed when predictions come from the source (there is no section `model`)"
            yield Mistake(("reference", "period"), text)
        if reference.since_deployment:
            text = "is for a model that is trained here; only there we know what was deployed when"
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
            f"{model.training.end} lies after windows.start {windows.start}: windows would be"
            " scored by a model that learned from them",
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
    return places[-1] if places else ("columns",)


def unknown(path: tuple[str | int, ...], name: str, legal: Sequence[str]) -> Mistake:
    """Return the mistake of a name that is none of the legal ones."""
    return Mistake(path, f"{name!r} is not a column of this model; {', '.join(legal)} are")
