"""Which layers of which windows are out of date: the rule, without asking anyone.

Belongs here: comparing what the ledger says of windows with what there is now. Stays out: the
ledger, the YAML and the source (stored.py, sources.py), why a reference is another one (taken.py).

A layer of a window is out of date if it was never computed, if its part of the YAML or its code has
changed, if what it takes from the reference has, if its rows in the source have, if a layer it is
computed from is newer or itself out of date, or if it compares with earlier windows of which one of
these is true.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np

from monitoring_assets.assets.planning.reasons import Found, OutOfDate, Reason
from monitoring_assets.evaluation.moving_reference import Span
from monitoring_assets.records import FOLLOWS, WINDOW_LAYERS, Layer, Window
from monitoring_assets.spec.layer_hash import same_yaml
from monitoring_assets.storage.staleness import Computed

RESTS_ON_REFERENCE: Final = frozenset(WINDOW_LAYERS) - {Layer.PREDICTIONS, Layer.LABELS}
"""Layers that look at the reference."""

AgainstReference = Callable[[Window, Layer, int | None], Reason | None]
"""A layer of a window, and the version of the reference it was computed with -> why that does not
stand."""


@dataclass(frozen=True, kw_only=True)
class Present:
    """What stored results have to agree with.

    Parameters
    ----------
    hashes
        Layer -> fingerprint of its part of the YAML and its code.
    reference
        Why what was computed with a version of the reference does not stand.
    found
        What else is known, such as rows that have changed in the source.
    """

    hashes: Mapping[Layer, str]
    reference: AgainstReference
    found: Found = field(default_factory=dict[Layer, Mapping[datetime, Reason]])


def out_of_date(
    windows: Sequence[Window],
    computed: Mapping[datetime, Mapping[Layer, Computed]],
    present: Present,
    spans: Mapping[datetime, Span] | None = None,
) -> OutOfDate:
    """Return what has to be computed.

    Parameters
    ----------
    windows
        In order of time.
    computed
        Start of a window -> layer -> newest line of the ledger.
    spans
        Start of a window -> the stretch of earlier windows it is compared with; without those that
        are compared with the fixed reference.
    """
    stale = [_of_window(one, computed.get(one.start, {}), present) for one in windows]
    if spans:
        _add_followers(windows, computed, stale, spans)
    return {
        window: {layer: reasons[layer] for layer in WINDOW_LAYERS if layer in reasons}
        for window, reasons in zip(windows, stale, strict=True)
        if reasons
    }


def own_reason(line: Computed | None, wanted: str) -> Reason | None:
    """Return why a layer is out of date by itself: never computed, other YAML, other code."""
    if line is None:
        return Reason.MISSING
    if line.spec_hash == wanted:
        return None
    return Reason.CODE if same_yaml(line.spec_hash, wanted) else Reason.YAML


def _of_window(
    window: Window, lines: Mapping[Layer, Computed], present: Present
) -> dict[Layer, Reason]:
    reasons: dict[Layer, Reason] = {}
    for layer, upstream in WINDOW_LAYERS.items():
        line = lines.get(layer)
        reason = own_reason(line, present.hashes[layer])
        reason = reason or present.found.get(layer, {}).get(window.start)
        if reason is None and line is not None:
            if layer in RESTS_ON_REFERENCE:
                reason = present.reference(window, layer, line.reference_version)
            if reason is None and _is_behind(line, upstream, lines, reasons):
                reason = Reason.UPSTREAM
        if reason is not None:
            reasons[layer] = reason
    return reasons


def _is_behind(
    line: Computed,
    upstream: Sequence[Layer],
    lines: Mapping[Layer, Computed],
    reasons: Mapping[Layer, Reason],
) -> bool:
    return any(one in reasons or lines[one].number > line.number for one in upstream)


def _add_followers(
    windows: Sequence[Window],
    computed: Mapping[datetime, Mapping[Layer, Computed]],
    stale: Sequence[dict[Layer, Reason]],
    spans: Mapping[datetime, Span],
) -> None:
    """Add the layers that compare with earlier windows which are newer, or will be."""
    starts = np.array([one.start.timestamp() for one in windows])
    for layer, upstream in FOLLOWS.items():
        numbers = np.array([_number(computed, one, upstream) for one in windows])
        pending = np.cumsum([0, *(upstream in reasons for reasons in stale)])
        for window, reasons in zip(windows, stale, strict=True):
            line = computed.get(window.start, {}).get(layer)
            span = spans.get(window.start)
            if span is None or line is None or layer in reasons:
                continue
            first, last = np.searchsorted(starts, [one.timestamp() for one in span])
            if pending[last] > pending[first] or np.any(numbers[first:last] > line.number):
                reasons[layer] = Reason.EARLIER_WINDOWS


def _number(
    computed: Mapping[datetime, Mapping[Layer, Computed]], window: Window, layer: Layer
) -> int:
    line = computed.get(window.start, {}).get(layer)
    return line.number if line else 0
