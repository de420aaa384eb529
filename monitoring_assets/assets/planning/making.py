"""Making a plan: the ledger, the references and the source are asked one after the other.

Belongs here: which questions are asked, and what is said where one has no answer. Stays out: the
questions themselves (stored.py, reference.py, sources.py), the rule (out_of_date.py).
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from monitoring_assets.assets.deployed_model import FIRST_VERSION
from monitoring_assets.assets.partitions import ended_windows, is_ready
from monitoring_assets.assets.planning.costs import Costs
from monitoring_assets.assets.planning.out_of_date import AgainstReference, Present, own_reason
from monitoring_assets.assets.planning.plan import Plan
from monitoring_assets.assets.planning.reasons import Found, Reason
from monitoring_assets.assets.planning.reference import ReferenceLook, look_at_reference
from monitoring_assets.assets.planning.sources import Lines, SourceLook, look_at_source
from monitoring_assets.assets.planning.stored import (
    Computations,
    against_reference,
    foreseen,
)
from monitoring_assets.errors import DataError, MonitoringError
from monitoring_assets.records import Deployment, Layer, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.layer_hash import layer_hash, layer_hashes
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import ledger, models, references, staleness
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ledger import WindowState
from monitoring_assets.storage.staleness import Computed

_NOT_READ: Final = (
    "the source was not asked: changed rows, new labels and windows that were never computed are"
    " not looked for"
)
_JUDGING: Final = frozenset({Layer.DATA_DRIFT, Layer.DATA_QUALITY, Layer.MODEL_QUALITY})
_SHOWN: Final = 3
"""Windows named in a note; of more there is only the number."""


@dataclass(frozen=True, kw_only=True)
class _Stored:
    """What is known of a model without asking its source.

    Parameters
    ----------
    states
        Start of a window -> its row in the ledger.
    lines
        Newest lines of the layers without windows.
    prepared
        Which of these layers are out of date.
    computed
        Newest lines of windows.
    deployment
        The newest one; None if there is none.
    """

    states: Mapping[datetime, WindowState]
    computed: Computations
    lines: Mapping[Layer, Computed]
    prepared: Mapping[Layer, Reason]
    deployment: Deployment | None


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What the source said.

    Parameters
    ----------
    windows
        Those that can be computed, or were.
    reference
        None if its rows were not looked at.
    """

    windows: tuple[Window, ...]
    notes: tuple[str, ...] = ()
    reference: ReferenceLook | None = None
    look: SourceLook = field(default_factory=SourceLook)


def make_plan(
    spec: ModelSpec, runtime: Runtime, database: Database, *, read_source: bool, rescore: bool
) -> Plan:
    """Return what is out of date of a model.

    Parameters
    ----------
    read_source
        Compare with the rows and labels that the source holds now; otherwise only what is stored is
        looked at, and windows that were never computed are not looked for.
    rescore
        Predictions of windows for which another model version is deployed by now are out of date
        too.
    """
    stored = _stored(spec, database)
    told = _Told(windows=_windows(spec, runtime, None, stored.states), notes=(_NOT_READ,))
    if read_source:
        told = _asked(spec, runtime, database, stored)
    prepared = dict(stored.prepared)
    if told.reference is not None and told.reference.reason is not None:
        prepared[Layer.REFERENCE_DATA] = told.reference.reason
    scored_otherwise = _scored_otherwise(spec, database, told.windows, stored.states)
    found = _with_rescoring(told.look.found, scored_otherwise if rescore else ())
    against = _against(spec, database, told.reference, prepared)
    present = Present(hashes=layer_hashes(spec), reference=against, found=found)
    windows = foreseen(database, spec, told.windows, present, stored.computed)
    kept = (one for one in scored_otherwise if Layer.PREDICTIONS not in windows.get(one, {}))
    stamps = {**told.look.stamps, **(told.reference.stamps if told.reference else {})}
    return Plan(
        model_id=spec.model_id,
        looked_at=told.windows,
        prepared={layer: prepared[layer] for layer in Layer if layer in prepared},
        windows=windows,
        kept=tuple(kept),
        notes=(*told.notes, *_notes(spec, stored, told, prepared)),
        found=found,
        stamps=stamps,
        costs=_costs(database, spec, stored.states),
    )


def plan_again(plan: Plan, spec: ModelSpec, database: Database) -> Plan:
    """Return the plan once the reference has been measured: it is what windows are compared with.

    The source is not asked once more.
    """
    against = against_reference(database, spec)
    present = Present(hashes=layer_hashes(spec), reference=against, found=plan.found)
    windows = foreseen(database, spec, plan.looked_at, present)
    return replace(plan, prepared={}, windows=windows)


def _stored(spec: ModelSpec, database: Database) -> _Stored:
    granularity = spec.windows.granularity
    found = ledger.windows_of(database, spec.model_id, granularity=granularity)
    states = {state.window.start: state for state in found}
    lines = staleness.newest_without_window(database, spec.model_id)
    prepared: dict[Layer, Reason] = {}
    deployment = models.newest_deployment(database, spec.model_id)
    if spec.model is not None and deployment is None:
        prepared[Layer.DEPLOYED_MODEL] = Reason.MISSING
    reference, deployed = lines.get(Layer.REFERENCE_DATA), lines.get(Layer.DEPLOYED_MODEL)
    reason = own_reason(reference, layer_hash(spec, Layer.REFERENCE_DATA))
    newer = reference and deployed and deployed.number > reference.number
    if reason is None and (newer or prepared):
        reason = Reason.UPSTREAM
    if reason is not None:
        prepared[Layer.REFERENCE_DATA] = reason
    computed = staleness.newest_by_window(database, spec.model_id, granularity)
    return _Stored(
        states=states, computed=computed, lines=lines, prepared=prepared, deployment=deployment
    )


def _asked(spec: ModelSpec, runtime: Runtime, database: Database, stored: _Stored) -> _Told:
    """Ask the source; where it cannot answer, say so and go by what is stored."""
    try:
        newest = runtime.source(spec).newest_event_time()
    except DataError as error:
        told = f"the source could not be asked, only what is stored was looked at: {error}"
        return _Told(windows=_windows(spec, runtime, None, stored.states), notes=(told,))
    windows = _windows(spec, runtime, newest, stored.states)
    reference, notes = None, list[str]()
    line = stored.lines.get(Layer.REFERENCE_DATA)
    if line is not None and Layer.DEPLOYED_MODEL not in stored.prepared:
        reason = stored.prepared.get(Layer.REFERENCE_DATA)
        try:
            reference = look_at_reference(spec, runtime, database, line, reason)
        except DataError as error:
            notes.append(f"the rows of the reference could not be looked at: {error}")
    lines = _lines_to_compare(spec, stored.computed)
    look = look_at_source(spec, runtime, database, windows, lines)
    return _Told(windows=windows, notes=tuple(notes), reference=reference, look=look)


def _lines_to_compare(spec: ModelSpec, computed: Computations) -> dict[Layer, Lines]:
    """Return the lines of the layers that read the source, unless the YAML outdates them anyway."""
    hashes = layer_hashes(spec)
    return {
        layer: {
            start: lines[layer]
            for start, lines in computed.items()
            if layer in lines and own_reason(lines[layer], hashes[layer]) is None
        }
        for layer in (Layer.PREDICTIONS, Layer.LABELS)
    }


def _windows(
    spec: ModelSpec,
    runtime: Runtime,
    newest: datetime | None,
    states: Mapping[datetime, WindowState],
) -> tuple[Window, ...]:
    """Return the windows that are ready or in the ledger, in order of time."""
    now = runtime.now()
    return tuple(
        window
        for window in ended_windows(spec, now)
        if window.start in states or is_ready(spec, window, now, newest)
    )


def _scored_otherwise(
    spec: ModelSpec,
    database: Database,
    windows: Sequence[Window],
    states: Mapping[datetime, WindowState],
) -> list[Window]:
    """Return the windows that another model version scored than the one deployed for them by now.

    One that was never scored since there was no model then counts as well.
    """
    if spec.model is None:
        return []
    deployed = models.deployments(database, spec.model_id)
    starts = [one.valid_from for one in deployed]
    found: list[Window] = []
    for window in windows:
        state, place = states.get(window.start), bisect_right(starts, window.start)
        counts = state.counts if state else None
        if counts is None or not place:
            continue
        passing = counts.rows_read - sum(counts.rows_rejected.values())
        if passing and set(counts.rows_by_version) != {deployed[place - 1].model_version}:
            found.append(window)
    return found


def _with_rescoring(found: Found, windows: Sequence[Window]) -> Found:
    others = {window.start: Reason.MODEL_VERSION for window in windows}
    return {**found, Layer.PREDICTIONS: {**others, **found.get(Layer.PREDICTIONS, {})}}


def _against(
    spec: ModelSpec,
    database: Database,
    looked: ReferenceLook | None,
    prepared: Mapping[Layer, Reason],
) -> AgainstReference:
    """Return the question what does not stand with the reference that windows are compared with."""
    if looked is not None:
        return against_reference(database, spec, looked.taken)
    if Layer.REFERENCE_DATA not in prepared:
        return against_reference(database, spec)
    return lambda _window, layer, _version: Reason.UPSTREAM if layer in _JUDGING else None


def _notes(
    spec: ModelSpec, stored: _Stored, told: _Told, prepared: Mapping[Layer, Reason]
) -> Iterator[str]:
    trained = stored.lines.get(Layer.DEPLOYED_MODEL)
    is_first = stored.deployment and stored.deployment.model_version == FIRST_VERSION
    if is_first and trained and trained.spec_hash != layer_hash(spec, Layer.DEPLOYED_MODEL):
        yield (
            "the deployed version was trained under another YAML; it stays until another one is"
            " deployed"
        )
    if told.reference is None and prepared.get(Layer.REFERENCE_DATA) not in (None, Reason.MISSING):
        yield (
            "the reference has to be measured anew; whether windows have to be counted anew as well"
            " shows once it is"
        )
    if told.look.failed:
        yield _failures(told.look.failed)


def _failures(failed: Mapping[Window, MonitoringError]) -> str:
    shown = [f"{window.partition_key}: {error}" for window, error in failed.items()][:_SHOWN]
    if len(failed) > len(shown):
        shown.append(f"and {len(failed) - len(shown)} more")
    if any(error.retryable for error in failed.values()):
        shown.append("the source was not asked about any other window after that")
    lines = "\n  ".join(shown)
    return f"windows of which nothing is known, since their rows could not be read:\n  {lines}"


def _costs(database: Database, spec: ModelSpec, states: Mapping[datetime, WindowState]) -> Costs:
    # Those of promoted versions are stored rows; the source is read for the YAML's.
    reference = references.newest_reference(database, spec.model_id, of_yaml=True)
    return Costs(
        paces=staleness.paces(database, spec.model_id),
        rows={start: one.counts.rows_read for start, one in states.items() if one.counts},
        reference_rows=reference.rows if reference else 0,
    )
