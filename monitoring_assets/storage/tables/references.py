"""What "normal" is: the reference, the frozen bins and the reference counted by them.

Belongs here: versioned, unpartitioned tables. Stays out: rows of the reference (schema rows).
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from monitoring_assets.records import ColumnKind
from monitoring_assets.storage.tables.base import (
    METADATA,
    column_key,
    count,
    finite,
    instant,
    model_key,
    number,
    one_of,
    segment_key,
    text,
    version,
    written_by,
)
from monitoring_assets.storage.tables.profiles import PROFILE_NUMBERS, profile_columns

reference = sa.Table(
    "reference",
    METADATA,
    model_key(),
    version("reference_version", "Version of the reference, from 1.", key=True),
    instant("period_start", "First moment of its rows, UTC."),
    instant("period_end", "First moment after its rows, UTC."),
    count("rows", "Rows it was measured from."),
    text("model_version", "Version whose predictions its rows carry."),
    text(
        "for_model_version",
        "Version whose windows are compared with it; null: the reference that the YAML names.",
        optional=True,
    ),
    text("fingerprint", "Changes when its rows or the way they are counted change."),
    sa.Column("quality", JSONB, nullable=False, comment="Quality metric -> value on these rows."),
    written_by(),
    instant("created_at", "When it was stored, UTC."),
    comment="The rows that normal is measured from, version by version.",
)

bins = sa.Table(
    "bins",
    METADATA,
    model_key(),
    column_key(),
    version("bins_version", "Version of this column's bins, from 1.", key=True),
    text("kind", "numerical or categorical."),
    sa.Column(
        "edges",
        ARRAY(sa.Double),
        comment="Edges between bins, ascending; bin i is (edge i-1, edge i]; null for categories.",
    ),
    sa.Column(
        "coarse_groups",
        ARRAY(sa.BigInteger),
        comment="Coarse group of each fine bin, for divergences; null for categories.",
    ),
    sa.Column(
        "categories",
        ARRAY(sa.Text),
        comment="Categories in the order of counts, only ever appended to; null for numbers.",
    ),
    count("cap", "Most categories that are told apart; null for numbers.", optional=True),
    number("centre", "Frozen centre of the moments; null for categories."),
    number("scale", "Robust scale of the reference; null for categories or if it has none."),
    sa.Column("is_discrete", sa.Boolean, comment="One bin for each value; null for categories."),
    one_of("kind", ColumnKind),
    *finite("centre", "scale"),
    comment="How the values of a column are counted: frozen edges or a growing list of categories.",
)

reference_profile = sa.Table(
    "reference_profile",
    METADATA,
    model_key(),
    version("reference_version", "Version of the reference.", key=True),
    segment_key(),
    column_key(),
    *profile_columns(),
    sa.Column(
        "null_ladder",
        JSONB,
        nullable=False,
        server_default="{}",
        comment="Method -> what a quiet window scores, on a ladder of window sizes.",
    ),
    written_by(),
    *finite(*PROFILE_NUMBERS),
    comment="What was counted of one column of the reference.",
)
