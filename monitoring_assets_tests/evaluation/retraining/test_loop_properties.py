"""What holds for every history, however it comes in (hypothesis)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring_assets.evaluation.retraining.decision import LoopState, decide
from monitoring_assets.evaluation.retraining.episodes import EpisodeChanges, advance
from monitoring_assets.evaluation.retraining.rehearsal import Ledger, Step, after_step, rehearse
from monitoring_assets.records import Decision, RetrainingResult, WindowSignals
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.evaluation.retraining.story import (
    FIRST,
    MAE,
    after,
    always,
    labelled,
    looping,
    numbered_as,
    steps,
    told,
)

DRIFT = "dataset_drift"
LETTERS = st.sampled_from("aaaaoilu-.")
BROKEN = st.dictionaries(
    st.integers(0, 20), st.sampled_from([{"zone": "is missing"}, {"distance": "is infinite"}])
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[WindowSignals, ...]:
    days = draw(st.integers(1, 20))
    line = st.lists(LETTERS, min_size=days, max_size=days).map("".join)
    return told({MAE: draw(line), DRIFT: draw(line)}, draw(BROKEN))


@st.composite
def policies(draw: st.DrawFn, **fixed: Any) -> ModelSpec:
    entries: dict[str, Any] = {
        "verdicts": draw(st.sampled_from([["quality"], ["dataset_drift", "quality"]])),
        "windows_in_a_row": draw(st.integers(1, 4)),
        "attempts": draw(st.integers(1, 3)),
        "cool_down": timedelta(days=draw(st.integers(0, 4))),
        "max_age": timedelta(days=draw(st.integers(0, 5))),
        "minimum_labelled_rows": draw(st.sampled_from([1, 1000, 1001])),
    }
    return looping(**(entries | fixed))


RESULTS = st.lists(st.sampled_from(RetrainingResult), min_size=1, max_size=4)


def answers(results: Sequence[RetrainingResult]) -> Any:
    def answer(decision: Decision) -> RetrainingResult:
        assert decision.decision_id is not None
        return results[decision.decision_id % len(results)]

    return answer


def walk(spec: ModelSpec, looks: Sequence[Step], results: Any) -> list[Ledger]:
    ledgers = [Ledger()]
    for step in looks:
        ledgers.append(after_step(spec, ledgers[-1], step, results))
    return ledgers[1:]


@settings(deadline=None)
@given(policies(), histories(), RESULTS)
def test_looking_again_changes_nothing(
    spec: ModelSpec, history: tuple[WindowSignals, ...], results: list[RetrainingResult]
) -> None:
    answer = answers(results)
    for step, ledger in zip(steps(history), walk(spec, steps(history), answer), strict=True):
        assert after_step(spec, ledger, step, answer) == ledger


@settings(deadline=None)
@given(policies(), histories())
def test_a_retraining_under_way_is_not_decided_on_again(
    spec: ModelSpec, history: tuple[WindowSignals, ...]
) -> None:
    if not history:
        return
    now = after(history)
    changes = advance(spec, (), history, None, now)
    episodes = [numbered_as(i, one) for i, one in enumerate(changes.opened, start=1)]
    assert advance(spec, episodes, history, None, now) == EpisodeChanges()
    state = LoopState(windows=history, episodes=episodes, known=labelled(history))
    first = decide(spec, state, now)
    assert decide(spec, state, now) == first
    if first.decision is not None and first.reason.startswith("retrain"):
        assert decide(spec, replace(state, decisions=[first.decision]), now).decision is None


@settings(deadline=None)
@given(policies(), histories(), RESULTS, st.randoms(use_true_random=False))
def test_an_episode_has_each_attempt_once_in_whatever_order_windows_become_complete(
    spec: ModelSpec, history: tuple[WindowSignals, ...], results: list[RetrainingResult], order: Any
) -> None:
    ledger = walk(spec, shuffled(history, order), answers(results))[-1:]
    rows = [one for last in ledger for one in last.decisions]
    attempts = [(one.episode_id, one.attempt) for last in ledger for one in last.retrainings]
    assert len({*attempts}) == len(attempts)
    assert {one.attempt for one in rows} <= {*range(1, most_attempts(spec) + 1)}
    keys = [(one.episode_id, one.window.end, one.outcome, one.code) for one in rows]
    assert len({*keys}) == len(keys)


@settings(deadline=None)
@given(policies(), histories(), RESULTS, st.integers(-1000, 1000))
def test_another_time_is_the_same_story(
    spec: ModelSpec,
    history: tuple[WindowSignals, ...],
    results: list[RetrainingResult],
    days: int,
) -> None:
    shift, answer = timedelta(days=days), answers(results)
    before = rehearse(spec, steps(history), answer)
    later = rehearse(spec, steps(tuple(moved(one, shift) for one in history)), answer)
    assert [sketch(one, timedelta(0)) for one in before] == [sketch(one, shift) for one in later]


@settings(deadline=None)
@given(st.data(), histories(), st.integers(1, 4))
def test_a_stricter_policy_never_retrains_earlier(
    data: st.DataObject, history: tuple[WindowSignals, ...], k: int
) -> None:
    spec = data.draw(policies(windows_in_a_row=k))
    assert spec.retraining is not None
    stricter = replace(spec, retraining=replace(spec.retraining, windows_in_a_row=k + 1))
    lax, strict = (first_retraining(policy, history) for policy in (spec, stricter))
    assert strict is None or (lax is not None and lax <= strict)


@settings(deadline=None)
@given(policies(), histories(), RESULTS, st.integers(0, 20))
def test_a_rehearsal_may_be_interrupted_anywhere(
    spec: ModelSpec, history: tuple[WindowSignals, ...], results: list[RetrainingResult], cut: int
) -> None:
    looks, answer = steps(history), answers(results)
    begin = [Ledger(), *walk(spec, looks[:cut], answer)][-1]
    assert rehearse(spec, looks[cut:], answer, begin) == rehearse(spec, looks, answer)


def first_retraining(spec: ModelSpec, history: tuple[WindowSignals, ...]) -> datetime | None:
    found = walk(spec, steps(history), always(RetrainingResult.PROMOTED))
    return next((one.decided_at for last in found[-1:] for one in last.retrainings), None)


def most_attempts(spec: ModelSpec) -> int:
    assert spec.retraining is not None
    return spec.retraining.attempts


def shuffled(history: tuple[WindowSignals, ...], order: Any) -> list[Step]:
    """Return a look after each window that becomes complete, in any order, when all have ended."""
    arriving = [*history]
    order.shuffle(arriving)
    complete: list[WindowSignals] = []
    looks: list[Step] = []
    for one in arriving:
        complete = sorted([*complete, one], key=lambda found: found.window.start)
        looks.append(Step(now=after(history), windows=(*complete,), known=labelled((*complete,))))
    return looks


def moved(found: WindowSignals, shift: timedelta) -> WindowSignals:
    start = found.window.start + shift
    later = replace(
        found.window,
        start=start,
        end=found.window.end + shift,
        partition_key=f"{start:%Y-%m-%d}",
    )
    return replace(found, window=later)


def sketch(decision: Decision, shift: timedelta) -> tuple[Any, ...]:
    return (
        decision.window.start - shift - FIRST,
        decision.decided_at - shift - FIRST,
        decision.outcome,
        decision.code,
        decision.cause,
        decision.episode_id,
        decision.attempt,
    )
