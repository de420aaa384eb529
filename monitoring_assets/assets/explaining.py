"""What is stored about a window, gathered for its explanation.

Belongs here: the questions to the tables, for the command line and for assets. Stays out: what is
said (evaluation/explaining), how it is shown.
"""

from collections.abc import Callable, Iterator, Sequence
from shlex import quote

from monitoring_assets.assets.metadata import compared_with
from monitoring_assets.assets.moving import spans_of
from monitoring_assets.evaluation.explaining.normal import Compared, compared, normal_sums
from monitoring_assets.evaluation.explaining.said import ComputedBy, Surroundings, thing_of
from monitoring_assets.evaluation.explaining.text import explanation_text
from monitoring_assets.evaluation.explaining.window import (
    Evidence,
    Focus,
    WindowExplanation,
    explain_window,
    layer_of,
)
from monitoring_assets.evaluation.moving_reference import Span
from monitoring_assets.evaluation.target_drift import without_target
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.records import (
    ALL,
    WINDOW_LAYERS,
    DataQuality,
    DriftScore,
    Layer,
    ModelQuality,
    Reference,
    Since,
    Thing,
    Verdict,
    Window,
    WindowStatus,
)
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import profiles, references, segments
from monitoring_assets.storage.alarm_runs import FIRST_LOOK, alarm_runs
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.in_force import bins_of
from monitoring_assets.storage.ledger import WindowState
from monitoring_assets.storage.ready_sql import history_query, window_query
from monitoring_assets.storage.stored_results import computed_layers, read_results

Result = DriftScore | DataQuality | ModelQuality


def gather(
    database: Database, spec: ModelSpec, state: WindowState, focus: Focus | None = None
) -> Evidence:
    """Return all that is stored about a window and what it was compared with.

    Parameters
    ----------
    state
        The window's row of the ledger.
    focus
        What will be asked: the sums of quality are those that its segment was compared with.
    """
    window, asked = state.window, focus or Focus()
    results = read_results(database, window)
    span = spans_of(database, spec, [window]).get(window.start)
    newest = max((one.reference_version for one in results.datasets), default=None)
    reference = (
        references.newest_reference(database, spec.model_id)
        if newest is None
        else references.read_reference(database, spec.model_id, newest)
    )
    return Evidence(
        window=window,
        complete=state.status is WindowStatus.COMPLETE,
        counts=state.counts,
        labels=state.labels,
        drift=results.drift,
        datasets=results.datasets,
        data_quality=results.data_quality,
        model_quality=results.model_quality,
        entries=segments.read_segments(database, spec.model_id),
        compared=_compared(database, spec, window, reference, span),
        quality_before=_normal_sums(database, spec, window, (reference, asked.segment, span)),
        quality_now=profiles.read_quality_profiles(database, window),
        compared_with=(
            "" if reference is None else compared_with(reference.reference_version, span)
        ),
        versions_before=_versions_before(reference, span),
    )


def alarm_text(
    database: Database,
    spec: ModelSpec,
    results: Sequence[DriftScore | ModelQuality],
    evidence: Callable[[], Evidence],
) -> str | None:
    """Return what a layer's asset says of a window in Markdown; None if nothing in it alarms.

    Parameters
    ----------
    results
        All results of the layer, stored already.
    evidence
        What the layer has at hand; asked for only if something alarms.
    """
    alarming = [one for one in results if one.verdict is Verdict.ALARM]
    if not alarming:
        return None
    layer = layer_of(spec, alarming[0])
    found = explain_window(spec, evidence(), Focus(layers=(layer,)))
    runs = since(database, found, FIRST_LOOK)
    around = Surroundings(since=runs, command=command(found))
    return explanation_text(spec, found, around)


def surroundings(
    database: Database, found: WindowExplanation, pages: str | None = None
) -> Surroundings:
    """Return since when each thing alarms, which runs computed it, and where to look further.

    Parameters
    ----------
    pages
        Address of Dagster's web pages.
    """
    window = found.evidence.window
    computed = computed_layers(database, window)
    return Surroundings(
        since=since(database, found),
        computed=[
            ComputedBy(
                layer=layer,
                run_id=computed[layer].run_id,
                finished_at=computed[layer].finished_at,
                link=f"{pages}/runs/{computed[layer].run_id}" if pages else "",
            )
            for layer in WINDOW_LAYERS
            if layer in computed
        ],
        queries=[window_query(window), *_queries(found)],
    )


def since(
    database: Database, found: WindowExplanation, most: int | None = None
) -> dict[Thing, Since]:
    """Return since when each thing alarms of all that is explained.

    Parameters
    ----------
    most
        Look at so many windows before; without it, as far back as it takes.
    """
    alarming = dict.fromkeys(
        thing_of(one) for one in _results(found) if one.verdict is Verdict.ALARM
    )
    return alarm_runs(database, found.evidence.window, alarming, most)


def command(found: WindowExplanation) -> str:
    """Return the command that says all there is to say about a window."""
    window, segment = found.evidence.window, found.focus.segment
    named = "" if segment == ALL else f" --segment {quote(segment)}"
    return f"monitoring-assets explain {window.model_id} {window.partition_key}{named}"


def _compared(
    database: Database,
    spec: ModelSpec,
    window: Window,
    reference: Reference | None,
    span: Span | None,
) -> Compared:
    model_id, history = window.model_id, None
    fixed = (
        {}
        if reference is None
        else references.read_reference_profiles(database, model_id, reference.reference_version)
    )
    if span is not None:
        read = profiles.read_profiles_between
        # The target is compared with the fixed reference, also where others are with windows.
        between = read(database, model_id, window.granularity, *span, segments=None).values()
        history = [without_target(spec, one) for one in between]
    now = profiles.read_window_profiles(database, window)
    bins = {} if reference is None else bins_of(database, reference)
    return compared(fixed, now, bins, history)


def _versions_before(reference: Reference | None, span: Span | None) -> list[str]:
    """Return who scored the fixed reference; nothing of windows before, which change with time."""
    if reference is None or span is not None or reference.model_version == "none":
        return []
    return [name for name in reference.model_version.split(",") if name]


def _normal_sums(
    database: Database,
    spec: ModelSpec,
    window: Window,
    normal: tuple[Reference | None, str, Span | None],
) -> dict[str, QualityProfile]:
    (reference, segment, span), history = normal, None
    if reference is None or spec.columns.target is None:
        return {}
    if span is not None:
        read = profiles.read_quality_profiles_between
        found = read(database, window.model_id, window.granularity, *span, segments=None)
        history = [*found.values()]
    return normal_sums(spec, reference.quality, segment, history)


def _results(found: WindowExplanation) -> Iterator[Result]:
    yield from (one.quality for one in found.quality)
    yield from (one.score for one in found.drift)
    yield from found.data_quality


def _queries(found: WindowExplanation) -> Iterator[str]:
    """Yield what to ask about each thing that is explained, each question once."""
    window, asked = found.evidence.window, dict.fromkeys(map(thing_of, _results(found)))
    for thing in asked:
        equal = {"segment": thing.segment}
        match thing.layer:
            case Layer.DATA_DRIFT:
                equal |= {"column_name": thing.column_name}
                yield from history_query("drift_scores", window, **equal)
            case Layer.DATA_QUALITY:
                equal |= {"column_name": thing.column_name, "metric": thing.metric}
                yield from history_query("data_quality", window, **equal)
            case _:
                equal |= {"metric": thing.metric}
                if thing.class_name:
                    equal |= {"class_name": thing.class_name}
                view = "model_quality_by_class" if thing.class_name else "model_quality"
                yield from history_query(view, window, **equal)
