"""The plan of a model: what is out of date, why, and what bringing it up to date costs.

Belongs here: the plan, and its lines by layer and reason. Stays out: making it (making.py),
printing and doing it (package cli).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from monitoring_assets.assets.planning.costs import Cost, Costs
from monitoring_assets.assets.planning.reasons import Found, OutOfDate, Reason
from monitoring_assets.records import Layer, Window


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """One layer, out of date for one reason.

    Parameters
    ----------
    windows
        In order of time; none for a layer without windows.
    """

    layer: Layer
    reason: Reason
    windows: tuple[Window, ...]
    cost: Cost


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is out of date of a model.

    Parameters
    ----------
    looked_at
        Windows, in order of time.
    prepared
        Layers without windows that are out of date, in the order in which they are computed.
    windows
        What is out of date of windows.
    kept
        Windows scored by another model version than the one that is deployed for them by now; they
        keep their predictions unless it is asked for.
    notes
        What could not be looked at, and what else a person should know.
    found, stamps
        What the source told, see `SourceLook`.
    """

    model_id: str
    looked_at: tuple[Window, ...]
    prepared: Mapping[Layer, Reason]
    windows: OutOfDate
    kept: tuple[Window, ...] = ()
    notes: tuple[str, ...] = ()
    found: Found = field(default_factory=dict[Layer, Mapping[datetime, Reason]])
    stamps: Mapping[int, str] = field(default_factory=dict[int, str])
    costs: Costs = field(default_factory=lambda: Costs({}, {}))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is out of date."""
        return not self.prepared and not self.windows

    def lines(self) -> Iterator[PlanLine]:
        """Yield what is out of date by layer and reason, in the order of computation."""
        for layer, reason in self.prepared.items():
            cost = self.costs.of_layer(layer)
            yield PlanLine(layer=layer, reason=reason, windows=(), cost=cost)
        for layer in Layer:
            by_reason: dict[Reason, list[Window]] = {}
            for window, reasons in self.windows.items():
                if layer in reasons:
                    by_reason.setdefault(reasons[layer], []).append(window)
            for reason in sorted(by_reason, key=list(Reason).index):
                windows = tuple(by_reason[reason])
                cost = self.costs.of_windows(layer, windows)
                yield PlanLine(layer=layer, reason=reason, windows=windows, cost=cost)
