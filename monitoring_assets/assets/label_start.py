"""From which knowledge time on labels are still to be read, where they come late.

Belongs here: noting how far a source had come before windows are first read from it, and where the
next reading begins. Stays out: reading what comes after that (late_labels.py), the watermark as it
is stored (storage/label_progress.py).

What counts is how far the *source* had come, never the clock: a warehouse that is filled nightly
brings labels that became known long before they can be seen.
"""

from datetime import datetime
from typing import Final

from monitoring_assets.records import Layer
from monitoring_assets.sources.label_feed import LabelFeed
from monitoring_assets.sources.sql.bounds import FIRST
from monitoring_assets.spec.layer_hash import layer_hash
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import label_progress
from monitoring_assets.storage.database import Database

FROM_THE_FIRST: Final = FIRST
"""Stands for reading all labels there are."""


def note_reading_start(
    spec: ModelSpec, database: Database, feed: LabelFeed | None, now: datetime
) -> None:
    """Note how far the source has come, if no window's labels were read yet under this YAML.

    To be called before these are read: all labels known until then are among them, and those that
    come after are found from here on. Another target, or another source of it, begins anew.
    """
    model = spec.model_id, spec.windows.granularity
    if feed is None or label_progress.labels_were_read(
        database, *model, layer_hash(spec, Layer.LABELS)
    ):
        return
    newest = feed.newest_knowledge_time()
    # Of labels dated in the future nothing tells what was known by now, but reading all of them.
    known = newest if newest is not None and newest < now else None
    label_progress.begin_watermark(database, spec.model_id, known, now)


def reading_start(spec: ModelSpec, database: Database) -> datetime | None:
    """Return the knowledge time from which on labels are still to be read.

    An overlap before the watermark; without one, all are. None if no window's labels were ever
    read.
    """
    if not label_progress.labels_were_read(database, spec.model_id, spec.windows.granularity):
        return None
    watermark = label_progress.read_watermark(database, spec.model_id)
    if watermark is None:
        return FROM_THE_FIRST
    return watermark.knowledge_time - spec.labels.overlap
