"""What is out of date by what is stored: the ledger, the references, the YAML.

Belongs here: the questions to the tables that the rule needs; no source is asked. Stays out: the
rule (out_of_date.py), the source (sources.py).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby

from monitoring_assets.assets.moving import spans_of
from monitoring_assets.assets.partitions import contiguous_chunks
from monitoring_assets.assets.planning.out_of_date import (
    AgainstReference,
    Present,
    out_of_date,
)
from monitoring_assets.assets.planning.reasons import OutOfDate, Reason
from monitoring_assets.assets.planning.taken import Taken, difference, taken_from
from monitoring_assets.records import Layer, Window
from monitoring_assets.spec.layer_hash import layer_hashes
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import references, staleness
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.in_force import references_in_force
from monitoring_assets.storage.staleness import Computed

Computations = Mapping[datetime, Mapping[Layer, Computed]]
"""Start of a window -> layer -> newest line of the ledger."""

Chunk = tuple[tuple[Window, ...], tuple[Layer, ...]]
"""Neighbouring windows, and the layers of each that one run computes."""


def stored_out_of_date(database: Database, spec: ModelSpec, windows: Sequence[Window]) -> OutOfDate:
    """Return what the ledger tells to be out of date.

    Each window is looked at by itself: those that are compared with earlier ones which change
    follow once these are computed (assets/moving.py).
    """
    computed = staleness.newest_by_window(database, spec.model_id, spec.windows.granularity)
    present = Present(hashes=layer_hashes(spec), reference=against_reference(database, spec))
    return out_of_date(windows, computed, present)


def foreseen(
    database: Database,
    spec: ModelSpec,
    windows: Sequence[Window],
    present: Present,
    computed: Computations | None = None,
) -> OutOfDate:
    """Return what has to be computed until nothing is out of date, later windows included.

    Parameters
    ----------
    present
        What the YAML, the source and the reference tell.
    computed
        The newest lines of the ledger, if they have been read already.
    """
    if computed is None:
        computed = staleness.newest_by_window(database, spec.model_id, spec.windows.granularity)
    return out_of_date(windows, computed, present, spans_of(database, spec, windows))


def against_reference(
    database: Database, spec: ModelSpec, now: Taken | None = None
) -> AgainstReference:
    """Return the question what of an earlier version of the reference does not stand.

    Parameters
    ----------
    now
        What windows are to be compared with whose reference is the one that the YAML names; None:
        its newest version that is stored.
    """
    stored = references.read_references(database, spec.model_id)
    qualities = {one.reference_version: one.quality for one in stored}
    present = references_in_force(database, spec.model_id) if stored else None

    @cache
    def taken(version: int) -> Taken:
        profiles = references.read_reference_profiles(database, spec.model_id, version)
        return taken_from(version, profiles, qualities[version], spec.columns.target)

    def reason(window: Window, layer: Layer, version: int | None) -> Reason | None:
        if present is None or version not in qualities:
            return Reason.REFERENCE
        wanted = present.at(window.start)
        measured = None if wanted.for_model_version is not None else now
        if measured is None and version == wanted.reference_version:
            return None
        return difference(layer, taken(version), measured or taken(wanted.reference_version))

    return reason


def chunks_by_layers(
    all_windows: Sequence[Window], wanted: Mapping[Window, Collection[Layer]], size: int
) -> tuple[Chunk, ...]:
    """Cut what is out of date into runs: at most `size` neighbours that need the same layers."""
    chunks: list[Chunk] = []
    for neighbours in contiguous_chunks(all_windows, wanted, len(all_windows)):
        for layers, group in groupby(neighbours, key=lambda window: tuple(wanted[window])):
            alike = tuple(group)
            chunks += [(alike[i : i + size], layers) for i in range(0, len(alike), size)]
    return tuple(chunks)
