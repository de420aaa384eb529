"""Windows told in letters, and what a loop would know of them.

Belongs here: short ways to say what windows say. Stays out: assertions.

One letter is one day: `a` alarm, `o` ok, `i` insufficient data, `l` labels immature, `u` undefined,
`-` not judged, `.` a day whose window is missing or not complete.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from monitoring_assets.evaluation.retraining.decision import LoopState, Thought, decide
from monitoring_assets.evaluation.retraining.episodes import advance
from monitoring_assets.evaluation.retraining.rehearsal import Step
from monitoring_assets.records import (
    Decision,
    DecisionCode,
    Deployment,
    Episode,
    Finding,
    LabelledWindow,
    Outcome,
    RetrainingResult,
    Verdict,
    Window,
    WindowSignals,
)
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.specs import small_spec

MAE: Final = "quality/mae"
FIRST: Final = datetime(2025, 3, 1, tzinfo=UTC)
DAY: Final = timedelta(days=1)
ROWS: Final = 500
"""Labelled rows of a window."""

_VERDICTS: Final = {
    "a": Verdict.ALARM,
    "o": Verdict.OK,
    "i": Verdict.INSUFFICIENT_DATA,
    "l": Verdict.LABELS_IMMATURE,
    "u": Verdict.UNDEFINED,
}


def looping(**retraining: Any) -> ModelSpec:
    """Return a small model with this policy; without entries the default one."""
    return small_spec(retraining=retraining)


def day(number: int) -> datetime:
    """Return the beginning of a day; 0 is the first of March."""
    return FIRST + number * DAY


def window(number: int, shift: timedelta = timedelta(0)) -> Window:
    start = day(number) + shift
    return Window(
        model_id="small",
        granularity="day",
        start=start,
        end=start + DAY,
        partition_key=f"{start:%Y-%m-%d}",
    )


def told(
    story: str | Mapping[str, str],
    broken: Mapping[int, Mapping[str, str]] | None = None,
    shift: timedelta = timedelta(0),
) -> tuple[WindowSignals, ...]:
    """Return the windows of a story.

    Parameters
    ----------
    story
        Letters of the mean absolute error, or of several causes side by side.
    broken
        Day -> column -> what is wrong with it.
    """
    lines = {MAE: story} if isinstance(story, str) else dict(story)
    days = range(max(map(len, lines.values())))
    return tuple(
        WindowSignals(
            window=window(number, shift),
            findings={
                cause: Finding(verdict=_VERDICTS[letters[number]], reason=f"{cause} on {number}")
                for cause, letters in lines.items()
                if letters[number] in _VERDICTS
            },
            broken=(broken or {}).get(number, {}),
            labelled=ROWS,
        )
        for number in days
        if not all(letters[number] == "." for letters in lines.values())
    )


def labelled(windows: tuple[WindowSignals, ...]) -> tuple[LabelledWindow, ...]:
    return tuple(LabelledWindow(window=one.window, labelled=one.labelled) for one in windows)


def deployed(number: int, version: str = "2", by: str = "promotion") -> Deployment:
    """Return a deployment that is valid from a day on."""
    return Deployment(
        model_id="small",
        model_version=version,
        valid_from=day(number),
        decided_at=day(number),
        decided_by=by,
        reason="",
    )


def episode(first: int, last: int, alarming: int, cause: str = MAE, number: int = 1) -> Episode:
    return Episode(
        model_id="small",
        cause=cause,
        segment="all",
        first_window=day(first),
        last_window=day(last),
        alarming_windows=alarming,
        opened_at=day(last + 1),
        reason="",
        episode_id=number,
    )


def retraining(
    number: int, result: RetrainingResult | None, attempt: int = 1, **changes: Any
) -> Decision:
    """Return a decision to retrain, taken when the window of that day was the newest."""
    fields: dict[str, Any] = {
        "code": DecisionCode.ALARM,
        "episode_id": 1,
        "cause": MAE,
        "decision_id": number,
        "result": result,
    }
    return Decision(
        model_id="small",
        window=window(number),
        decided_at=day(number + 1),
        decided_by="policy",
        outcome=Outcome.RETRAIN,
        reason="",
        evidence={},
        attempt=attempt,
        **(fields | changes),
    )


def after(windows: tuple[WindowSignals, ...]) -> datetime:
    """Return the moment at which the newest window ends."""
    return windows[-1].window.end


def thought(
    spec: ModelSpec,
    windows: tuple[WindowSignals, ...],
    now: datetime | None = None,
    **known: Any,
) -> Thought:
    """Return what is thought of windows, with the episodes that they open, numbered from 1."""
    now, deployment = now or after(windows), known.get("deployment")
    present = known.pop("episodes", ())
    opened = advance(spec, present, windows, deployment, now).opened
    numbered = [*present, *(numbered_as(i, one) for i, one in enumerate(opened, start=1))]
    state: dict[str, Any] = {"episodes": numbered, "known": labelled(windows)} | known
    return decide(spec, LoopState(windows=windows, **state), now)


def numbered_as(number: int, opened: Episode) -> Episode:
    return replace(opened, episode_id=number)


def steps(windows: tuple[WindowSignals, ...]) -> tuple[Step, ...]:
    """Return a look at the end of each window, at all that ended by then."""
    return tuple(
        Step(now=one.window.end, windows=windows[: i + 1], known=labelled(windows[: i + 1]))
        for i, one in enumerate(windows)
    )


def always(result: RetrainingResult) -> Any:
    """Return that every retraining ends so."""

    def answer(_decision: Decision) -> RetrainingResult:
        return result

    return answer
