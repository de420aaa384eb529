"""Which rows keep the model's conditions, and which condition the others break first.

Belongs here: the arithmetic of `filters` in the YAML. Stays out: dropping rows (rejected rows count
for data quality, so nobody drops them here).
"""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from monitoring_assets.spec.columns import FilterSpec


def first_rejection(table: pa.Table, filters: Sequence[FilterSpec]) -> pa.Array:
    """Return for each row the name of the first filter it breaks, null if it passes all."""
    names = pa.nulls(len(table), pa.string())
    for rule in reversed(filters):
        names = pc.if_else(_passes(table[rule.column].combine_chunks(), rule), names, rule.name)
    return names


def _passes(column: pa.Array, rule: FilterSpec) -> pa.Array:
    passes = column.is_valid()
    if rule.minimum is not None:
        passes = pc.and_kleene(passes, pc.greater_equal(column, rule.minimum))
    if rule.maximum is not None:
        passes = pc.and_kleene(passes, pc.less_equal(column, rule.maximum))
    if rule.allowed is not None:
        passes = pc.and_kleene(passes, pc.is_in(column, pa.array(rule.allowed, pa.string())))
    return pc.if_else(column.is_null(), rule.allow_missing, passes)
