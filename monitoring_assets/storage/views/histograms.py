"""Counts of single bins and categories, which are stored packed: as an array, and as rows.

Belongs here: the function that unpacks, views with one row for each bin beside its edges or its
category. Stays out: packing (storage/packed.py), numbers of whole columns (sums.py).
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BIT, aggregate_order_by, array

from monitoring_assets.records import ColumnKind
from monitoring_assets.storage.tables import bins, reference_profile, window, window_profile
from monitoring_assets.storage.views.conditions import WINDOW_KEY, is_complete, same
from monitoring_assets.storage.views.function import Function, parameter
from monitoring_assets.storage.views.view import View

_NAME: Final = "unpacked"
_ARRAY: Final = ARRAY(sa.BigInteger)
_BITS: Final = 64
"""Of the widest count, and of the type that a count is given as."""


def _unpack(packed: sa.ColumnElement[bytes]) -> sa.Select[Any]:
    """Return the query for the counts: the first byte says how many bytes each of them has."""
    width = sa.func.get_byte(packed, 0)
    first = (
        sa.func.generate_series(2, sa.func.length(packed), width)
        .table_valued("first", name="places")
        .render_derived()
    ).c.first
    digits = sa.func.encode(sa.func.substring(packed, first, width), "hex", type_=sa.Text)
    filled = sa.func.lpad(digits, _BITS // 4, "0", type_=sa.Text)
    count = sa.cast(sa.cast(sa.literal("x", sa.Text) + filled, BIT(_BITS)), sa.BigInteger)
    counts = sa.func.array_agg(aggregate_order_by(count, first), type_=_ARRAY)
    return sa.select(sa.func.coalesce(counts, sa.cast(array([]), _ARRAY)).label(_NAME))


UNPACKED: Final = Function(
    schema="monitoring",
    name=_NAME,
    parameters={"counts": sa.LargeBinary()},
    query=_unpack(parameter(_NAME, "counts", sa.LargeBinary())),
    returns=_ARRAY,
    comment="Counts of window_profile or reference_profile as an array, bin by bin.",
)


def _bin_by_bin(table: sa.Table) -> tuple[sa.FromClause, tuple[sa.ColumnElement[Any], ...]]:
    """Return one row for each bin of each profile, and what a reader sees of it."""
    own_bins = same(table, bins, "model_id", "column_name", "bins_version")
    counted = (
        sa.func.unnest(sa.func.monitoring.unpacked(table.c.counts))
        .table_valued(sa.column("rows", sa.BigInteger), with_ordinality="number", name="counted")
        .render_derived()
    )
    number = counted.c.number
    # Counted over a dictionary that was shorter then, as its last place every other category.
    size = (sa.func.length(table.c.counts) - 1) // sa.func.get_byte(table.c.counts, 0)
    is_last = number == size
    category = sa.case((~is_last, bins.c.categories[number]))
    edges = bins.c.edges[number - 1], bins.c.edges[number]
    columns = (
        table.c.segment,
        table.c.column_name,
        table.c.bins_version,
        table.c.kind,
        sa.cast(number - 1, sa.Integer).label("bin"),
        _label(table.c.kind, category, *edges).label("label"),
        category.label("category"),
        edges[0].label("lower_edge"),
        edges[1].label("upper_edge"),
        bins.c.coarse_groups[number].label("coarse_group"),
        counted.c.rows,
    )
    return table.outerjoin(bins, own_bins).join(counted, sa.true()), columns


def _label(
    kind: sa.ColumnElement[str],
    category: sa.ColumnElement[str],
    lower: sa.ColumnElement[float],
    upper: sa.ColumnElement[float],
) -> sa.ColumnElement[str]:
    """Return what stands below a bar."""
    low, high = (sa.cast(edge, sa.Text) for edge in (lower, upper))
    return sa.case(
        (kind == ColumnKind.CATEGORICAL.value, sa.func.coalesce(category, "any other")),
        (lower.is_(None), sa.func.coalesce("up to " + high, "any")),
        (upper.is_(None), "above " + low),
        (bins.c.is_discrete, high),
        else_="above " + low + " up to " + high,
    )


def _of_windows() -> sa.Select[*tuple[Any, ...]]:
    table = window_profile
    found, columns = _bin_by_bin(table)
    return (
        sa.select(*(table.c[name] for name in WINDOW_KEY), window.c.window_end, *columns)
        .select_from(found.join(window, same(table, window)))
        .where(is_complete())
    )


def _of_references() -> sa.Select[*tuple[Any, ...]]:
    table = reference_profile
    found, columns = _bin_by_bin(table)
    return sa.select(table.c.model_id, table.c.reference_version, *columns).select_from(found)


_COMMENTS: Final = {
    "bin": "Number of the bin or category, from 0.",
    "label": "What it holds, in words.",
    "category": "The category; null for numbers, and for all that the dictionary does not hold.",
    "lower_edge": "Values are above it; null for categories and for the first bin.",
    "upper_edge": "Values are at most this; null for categories and for the last bin.",
    "coarse_group": "Group of bins that divergences are taken over; null for categories.",
    "rows": "Rows in this bin.",
}

HISTOGRAMS: Final = View(
    name="histograms",
    query=_of_windows(),
    comment="Rows of complete windows bin by bin; those without a value: see column_profiles.",
    comments=_COMMENTS,
)

REFERENCE_HISTOGRAMS: Final = View(
    name="reference_histograms",
    query=_of_references(),
    comment="Rows of references bin by bin.",
    comments=_COMMENTS,
)
