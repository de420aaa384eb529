"""The ledger: what was computed when by whom, and the state of every window.

Belongs here: tables by which resuming, lateness and staleness go. Stays out: results.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from monitoring_assets.records import Layer, WindowStatus
from monitoring_assets.storage.tables.base import (
    METADATA,
    count,
    finite,
    instant,
    model_key,
    number,
    one_of,
    text,
    version,
    window_key,
)

computation = sa.Table(
    "computation",
    METADATA,
    sa.Column(
        "id",
        sa.BigInteger,
        sa.Identity(always=True),
        primary_key=True,
        comment="Number of the computation; grows with every write of a window.",
    ),
    text("model_id", "Folder name of the monitored model."),
    text("layer", "Asset that was computed: the last part of its Dagster key."),
    text("granularity", "Length of the window; null for an asset without windows.", optional=True),
    instant("window_start", "First moment of the window, UTC; null without one.", optional=True),
    instant("window_end", "First moment after the window, UTC; null without one.", optional=True),
    text("run_id", "Dagster run that did it."),
    text("code_version", "Version of this application."),
    text("spec_hash", "Fingerprint of the part of the YAML that the layer depends on."),
    version("reference_version", "Reference compared with; null if none.", optional=True),
    version("bins_version", "Newest bins counted by; null if none.", optional=True),
    text(
        "source_fingerprint",
        "Fingerprint of the rows read from the source; null if none were.",
        optional=True,
    ),
    text(
        "source_stamp",
        "What tells cheaply that the source holds the same rows; null where nothing does.",
        optional=True,
    ),
    instant("started_at", "When the computation began, UTC."),
    instant("finished_at", "When its rows were written, UTC."),
    one_of("layer", Layer),
    comment="One line for each time an asset was computed; every stored row names its line.",
)
sa.Index(
    "computation_by_window",
    computation.c.model_id,
    computation.c.window_start,
    computation.c.layer,
    computation.c.id,
)

window = sa.Table(
    "window",
    METADATA,
    *window_key(),
    instant("window_end", "First moment after the window, UTC."),
    text("partition_key", "Dagster's name of the window."),
    count("rows_read", "Rows whose event time lies in the window; null until read.", optional=True),
    count("rows_scored", "Rows that pass the filters and have a prediction.", optional=True),
    sa.Column(
        "rows_rejected",
        JSONB,
        nullable=False,
        server_default="{}",
        comment="Filter name -> rows it was the first to reject.",
    ),
    sa.Column(
        "rows_adjusted",
        JSONB,
        nullable=False,
        server_default="{}",
        comment="What was mended on reading -> rows.",
    ),
    count("labels", "Scored rows with a label; null until labels were read.", optional=True),
    number("label_coverage", "labels / rows_scored, 0 to 1; null without scored rows."),
    instant("newest_knowledge_time", "Latest moment at which a label became known.", optional=True),
    text("status", "complete: every layer was computed after all it is computed from."),
    instant("computed_at", "When any layer of the window was last written, UTC."),
    count("computation_id", "The computation that last wrote to the window."),
    sa.Column(
        "rows_by_version",
        JSONB,
        nullable=False,
        server_default="{}",
        comment="Model version -> rows it scored.",
    ),
    one_of("status", WindowStatus),
    *finite("label_coverage"),
    comment="State of every window; what is resumed, late or stale is decided by this table.",
)
sa.Index("window_by_status", window.c.model_id, window.c.status, window.c.window_start.desc())

rows_outside_windows = sa.Table(
    "rows_outside_windows",
    METADATA,
    model_key(),
    text("reason", "Where they lie, such as before_every_period or event_time_missing.", key=True),
    count("rows", "How many rows of the source."),
    instant("counted_at", "When this number was first found, UTC."),
    comment="Rows of the source that belong to no window, reference or training period.",
)

label_watermark = sa.Table(
    "label_watermark",
    METADATA,
    model_key(),
    instant("knowledge_time", "Labels known until then have been looked at, UTC."),
    count("orphans", "Labels read so far whose id no stored prediction has."),
    instant("updated_at", "When labels were last looked for, UTC."),
    comment="How far the labels that come late have been read.",
)
