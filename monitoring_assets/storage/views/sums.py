"""Views of schema `grafana` with what adds up over windows. No verdicts.

Belongs here: their queries. Stays out: roll-ups themselves, which need a period as argument
(column_roll_up.py, quality_roll_up.py), counts of single bins (histograms.py).
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from monitoring_assets.storage.tables import bins, model, quality_profile, window, window_profile
from monitoring_assets.storage.views.conditions import WINDOW_KEY, is_complete, same
from monitoring_assets.storage.views.view import View

_MODEL: Final = ("model_id", "granularity")
"""Windows of a length that the model had before would count twice."""


def _column_profiles() -> sa.Select[*tuple[Any, ...]]:
    table = window_profile
    own_bins = same(table, bins, "model_id", "column_name", "bins_version")
    return (
        sa.select(
            *(table.c[name] for name in WINDOW_KEY),
            window.c.window_end,
            model.c.time_zone,
            table.c.segment,
            table.c.column_name,
            table.c.bins_version,
            table.c.kind,
            table.c.rows,
            table.c.missing,
            (table.c.positive_infinite + table.c.negative_infinite).label("infinite"),
            table.c.outside,
            table.c.minimum,
            table.c.maximum,
            bins.c.centre,
            table.c.moment_1,
            table.c.moment_2,
        )
        .select_from(_with_window(table).outerjoin(bins, own_bins))
        .where(is_complete())
    )


def _with_window(table: sa.Table) -> sa.Join:
    return table.join(window, same(table, window)).join(model, same(table, model, *_MODEL))


_SUMS: Final = quality_profile.c.sums
_FLOATS: Final = ("target", "squared_target", "percentage_error", "log_loss", "brier")
_COUNTS: Final = ("percentage_rows", "probability_rows")


def _of_quality() -> tuple[sa.ColumnElement[Any], ...]:
    """Return the columns that say what a row of `quality_profile` is about."""
    table = quality_profile
    return (
        *(table.c[name] for name in WINDOW_KEY),
        window.c.window_end,
        model.c.time_zone,
        table.c.segment,
        table.c.model_version,
        table.c.labels,
    )


def _quality_sums() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            *_of_quality(),
            *(_number(name) for name in ("error", "absolute_error", "squared_error")),
            _agreeing().label("agreeing"),
            *(_number(name) for name in _FLOATS),
            *(_number(name, sa.BigInteger) for name in _COUNTS),
            _about().label("about"),
        )
        .select_from(_with_window(quality_profile))
        .where(is_complete())
    )


def _number(name: str, kind: type[sa.types.TypeEngine[Any]] = sa.Double) -> sa.Label[Any]:
    return sa.cast(_SUMS[name].astext, kind).label(name)


def _about() -> sa.ColumnElement[str]:
    """Return what two rows have to share to add up."""
    classes = sa.func.jsonb_build_array(_SUMS["classes"], _SUMS["positive"])
    return sa.func.coalesce(
        _SUMS["target_centre"].astext,
        sa.case((sa.func.jsonb_exists(_SUMS, "classes"), sa.cast(classes, sa.Text))),
    )


def _cells() -> tuple[sa.FromClause, tuple[sa.ColumnElement[int], ...]]:
    """Return the occupied cells of the confusion matrix: label, answer and rows of each."""
    cells = (
        sa.func.jsonb_array_elements(_SUMS["confusion"])
        .table_valued(sa.column("cell", JSONB), name="cells")
        .render_derived()
    )
    return cells, tuple(sa.cast(cells.c.cell[n].astext, sa.BigInteger) for n in range(3))


def _agreeing() -> sa.ColumnElement[int]:
    """Return the rows whose label is the predicted class; null for errors of numbers."""
    _, (target, prediction, rows) = _cells()
    # The last place is any class that the YAML does not list.
    listed = sa.func.jsonb_array_length(_SUMS["classes"])
    right = (
        sa.select(sa.func.coalesce(sa.func.sum(rows), 0))
        .where(target == prediction, target < listed)
        .scalar_subquery()
    )
    return sa.cast(right + sa.cast(_SUMS["unlisted_agreeing"].astext, sa.BigInteger), sa.BigInteger)


def _class_sums() -> sa.Select[*tuple[Any, ...]]:
    classes = (
        sa.func.jsonb_array_elements_text(_SUMS["classes"])
        .table_valued(sa.column("class_name", sa.Text), with_ordinality="number", name="classes")
        .render_derived()
    )
    named = _named()
    here = named.c.place == classes.c.number - 1
    return (
        sa.select(
            *_of_quality(),
            classes.c.class_name,
            (classes.c.class_name == _SUMS["positive"].astext).label("is_positive"),
            *(_whole(named.c[name]).label(name) for name in ("labelled", "predicted", "agreeing")),
            _about().label("about"),
        )
        .select_from(_with_window(quality_profile).join(classes, sa.true()).outerjoin(named, here))
        .where(is_complete())
    )


def _named() -> sa.FromClause:
    """Return of each place in the list of classes the rows that a label or an answer names so."""
    cells, (target, prediction, rows) = _cells()
    none = sa.literal_column("0", sa.BigInteger)
    agreeing = sa.case((target == prediction, rows), else_=none)
    numbers = ("labelled", "predicted", "agreeing")
    one = (
        sa.values(*(sa.column(name, sa.BigInteger) for name in ("place", *numbers)), name="one")
        .data([(target, rows, none, agreeing), (prediction, none, rows, none)])
        .lateral()
    )
    return (
        sa.select(one.c.place, *(sa.func.sum(one.c[name]).label(name) for name in numbers))
        .select_from(cells.join(one, sa.true()))
        .group_by(one.c.place)
        .lateral("named")
    )


def _whole(number: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.coalesce(number, 0), sa.BigInteger)


COLUMN_PROFILES: Final = View(
    name="column_profiles",
    query=_column_profiles(),
    comment="What was counted of each column in complete windows: numbers that add up.",
    comments={
        "infinite": "Rows whose value is plus or minus infinity.",
        "centre": "Frozen centre that the moments are about; null for categories.",
    },
)

_ABOUT: Final = (
    "What two rows have to share to add up: the centre, or classes and the positive one."
)

QUALITY_SUMS: Final = View(
    name="quality_sums",
    query=_quality_sums(),
    comment="Sums over predictions and labels of complete windows: numbers that add up.",
    comments={
        "error": "Sum of prediction - target; null for classes.",
        "absolute_error": "Sum of its absolute value; null for classes.",
        "squared_error": "Sum of its square; null for classes.",
        "agreeing": "Rows whose label is the predicted class; null for numbers.",
        "target": "Sum of target - its frozen centre; null for classes.",
        "squared_target": "Sum of the square of target - its frozen centre; null for classes.",
        "percentage_error": "Sum of abs(error / target) where the target is not 0; no classes.",
        "log_loss": "Sum of -log(probability of the label); null for numbers.",
        "brier": "Sum of the squared error of a row's probabilities; null for numbers.",
        "percentage_rows": "Rows whose target is not 0; null for classes.",
        "probability_rows": "Rows with a listed label and valid probabilities; null for numbers.",
        "about": _ABOUT,
    },
)

CLASS_SUMS: Final = View(
    name="class_sums",
    query=_class_sums(),
    comment="Rows of each listed class in complete windows, by label and prediction; they add up.",
    comments={
        "class_name": "The class.",
        "is_positive": "Whether it is the positive one of two; null where there is none.",
        "labelled": "Rows whose label it is.",
        "predicted": "Rows whose prediction it is.",
        "agreeing": "Rows of which both are.",
        "about": _ABOUT,
    },
)
