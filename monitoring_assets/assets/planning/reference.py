"""What the reference would be if it were measured now.

Belongs here: whether its rows have changed, measuring it without storing anything. Stays out: what
windows take from it (taken.py), measuring it for good (assets/reference_data.py).

A new reference may keep its bins or not, and add segments or not, which decides whether windows
have to be counted anew: so that a plan can say it, the reference is counted for the plan as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from monitoring_assets.assets.fingerprints import fingerprints_of, same_code, same_rows
from monitoring_assets.assets.measuring import measured_rows, reference_fingerprint
from monitoring_assets.assets.planning.reasons import Reason
from monitoring_assets.assets.planning.taken import Taken, taken_from
from monitoring_assets.assets.reference_data import (
    answered_rows,
    reference_span,
)
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import references
from monitoring_assets.storage.bins import settled_bins
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.in_force import references_in_force
from monitoring_assets.storage.reference_numbers import next_number
from monitoring_assets.storage.staleness import Computed


@dataclass(frozen=True, kw_only=True)
class ReferenceLook:
    """What looking at the reference's rows came to.

    Parameters
    ----------
    reason
        Why it has to be measured anew; None if it has not.
    taken
        What windows will be compared with; None: the newest version that is stored.
    stamps
        See `SourceLook`.
    """

    reason: Reason | None
    taken: Taken | None = None
    stamps: Mapping[int, str] = field(default_factory=dict[int, str])


def look_at_reference(
    spec: ModelSpec, runtime: Runtime, database: Database, line: Computed, reason: Reason | None
) -> ReferenceLook:
    """Return whether the reference has to be measured anew, and what windows then take from it.

    Parameters
    ----------
    line
        Its newest line in the ledger.
    reason
        Why it is out of date, as far as that is known without its rows.
    """
    source, span = runtime.reference_source(spec), reference_span(spec)
    stamp = source.stamp(*span)
    if reason is None and stamp is not None and stamp == line.source_stamp:
        return ReferenceLook(reason=None)
    rows = source.read(*span).table
    if reason is None:
        known = fingerprints_of(spec, runtime).of_table(rows)
        if same_rows(known, line.source_fingerprint):
            noted = {} if stamp is None else {line.number: stamp}
            return ReferenceLook(reason=None, stamps=noted)
        same = same_code(known, line.source_fingerprint)
        reason = Reason.ROWS if same else Reason.TEAM_CODE
    answered = answered_rows(spec, rows, database)
    current = references_in_force(database, spec.model_id).of_yaml
    if reference_fingerprint(spec, answered) == current.fingerprint:
        return ReferenceLook(reason=reason)
    counted = measured_rows(database, spec, answered, ladders=False)
    settled = settled_bins(references.read_bins(database, spec.model_id), counted.bins)
    profiles = {
        (segment, column): replace(one, bins_version=settled[column].version)
        for (segment, column), one in counted.profiles.items()
    }
    number = next_number(database, spec.model_id)
    taken = taken_from(number, profiles, counted.quality, spec.columns.target)
    return ReferenceLook(reason=reason, taken=taken)
