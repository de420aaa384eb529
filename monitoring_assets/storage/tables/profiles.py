"""What was counted in a window: numbers that add up over windows.

Belongs here: profiles of columns and of predictions against labels. Stays out: the reference's
profiles (references.py) and anything judged (results.py).
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from monitoring_assets.storage.packed import PackedCounts
from monitoring_assets.storage.tables.base import (
    METADATA,
    column_key,
    count,
    finite,
    number,
    segment_key,
    text,
    version,
    window_key,
    written_by,
)

PROFILE_NUMBERS = ("minimum", "maximum", "moment_1", "moment_2")
"""Columns of a profile that hold a measured number."""


def profile_columns() -> tuple[sa.Column[Any], ...]:
    """Return the columns of a profile of one column of rows, key excluded."""
    return (
        version("bins_version", "Bins it was counted by; two versions are never compared."),
        text("kind", "numerical or categorical: the kind of these bins."),
        count("rows", "Rows counted, with and without a value."),
        count("missing", "Rows without a value."),
        count("positive_infinite", "Rows whose value is plus infinity."),
        count("negative_infinite", "Rows whose value is minus infinity."),
        number("minimum", "Smallest finite value; null without one."),
        number("maximum", "Largest finite value; null without one."),
        number("moment_1", "Sum of (value - frozen centre) over finite values.", optional=False),
        number("moment_2", "Sum of their squares; 0 for categories.", optional=False),
        sa.Column(
            "counts",
            PackedCounts,
            nullable=False,
            comment="Rows in each bin or category of these bins, in their order: one byte with the"
            " bytes of a count, then the counts, high byte first.",
        ),
        count("outside", "Finite values outside the reference's range, or in no category."),
        sa.Column(
            "quantiles",
            JSONB(none_as_null=True),
            comment="Name -> exact quantile of the finite values; these do not add up.",
        ),
    )


window_profile = sa.Table(
    "window_profile",
    METADATA,
    *window_key(),
    segment_key(),
    column_key(),
    *profile_columns(),
    written_by(),
    *finite(*PROFILE_NUMBERS),
    comment="What was counted of one column in one window and segment.",
)
sa.Index(
    "window_profile_by_column",
    window_profile.c.model_id,
    window_profile.c.segment,
    window_profile.c.column_name,
    window_profile.c.window_start,
)

quality_profile = sa.Table(
    "quality_profile",
    METADATA,
    *window_key(),
    segment_key(),
    text("model_version", "Version that made the predictions.", key=True),
    count("labels", "Rows with both prediction and label."),
    count(
        "scored",
        "Rows of the segment with a prediction by any version; null if not counted.",
        optional=True,
    ),
    sa.Column(
        "sums",
        JSONB,
        nullable=False,
        comment="Name of an additive sum over these rows -> its value.",
    ),
    written_by(),
    comment="Sums over predictions and labels of one window, from which quality is computed.",
)
