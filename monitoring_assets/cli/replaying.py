"""The work of a replay: history walked window by window, with the clock set to each.

Belongs here: for each window the runs that production would have made at that moment, and the
decision after it. Stays out: options and what is printed (replay.py), the decision itself
(assets/retraining/thinking.py).

A retraining runs at once and to its end: what follows is scored by whichever version won. A run
that fails is tried again at once, as often as the policy allows.

Windows on which nothing can be decided yet are computed in one run, since a run of its own for each
takes more than twice the time. Decisions are still taken window by window.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import dagster as dg

from monitoring_assets.assets import names
from monitoring_assets.assets.jobs import range_tags
from monitoring_assets.assets.label_jobs import nothing_to_read
from monitoring_assets.assets.partitions import ready_at, ready_windows
from monitoring_assets.assets.retraining.promotion import conclude
from monitoring_assets.assets.retraining.rows import policy_of
from monitoring_assets.assets.retraining.steps import run_tags
from monitoring_assets.assets.retraining.telling import teller_of
from monitoring_assets.assets.retraining.thinking import think
from monitoring_assets.cli.backfilling import (
    CHUNK,
    PROCESS_TAG,
    QUIET,
    first_error,
    pass_on_interruption,
    this_process,
)
from monitoring_assets.cli.days import Days
from monitoring_assets.components.loading import LoadedModels
from monitoring_assets.definitions import build_definitions
from monitoring_assets.errors import MonitoringError, RetrainingUnderwayError
from monitoring_assets.evaluation.retraining.alarm_runs import alarm_run, in_force_since, trailing
from monitoring_assets.evaluation.retraining.causes import counting_causes
from monitoring_assets.evaluation.retraining.decision import Thought
from monitoring_assets.records import Decision, RetrainingResult, Window
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ledger import complete_windows
from monitoring_assets.storage.models import deployments
from monitoring_assets.storage.retraining import decisions
from monitoring_assets.storage.retraining.locking import replaying
from monitoring_assets.storage.retraining.signals import signals_in

if TYPE_CHECKING:
    from dagster import DagsterInstance


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What one step of a replay came to.

    Parameters
    ----------
    computed
        False for a window that was complete already.
    decision
        What was decided after it, with its result; None if nothing new was.
    """

    window: Window
    computed: bool
    thought: Thought
    decision: Decision | None


@dataclass(frozen=True)
class Replay:
    """A model whose history is walked."""

    spec: ModelSpec
    database: Database
    instance: "DagsterInstance"

    def windows(self, span: Days) -> tuple[Window, ...]:
        """Return the windows of a span of days (last day included) that are ready by now."""
        runtime = Runtime()
        newest = runtime.source(self.spec).newest_event_time()
        return ready_windows(self.spec, runtime.now(), newest, span)

    def walk(self, windows: Sequence[Window]) -> Iterator[Replayed]:
        """Compute windows in order, deciding after each as would have been decided then.

        Raises
        ------
        MonitoringError
            A window could not be computed: what comes after it would be decided otherwise.
        RetrainingError
            Somebody else replays the model's past, or a retraining of the present is underway.
        """
        with replaying(self.database, self.spec.model_id) as require_alone:
            self._require_no_other()
            yield from self._walk(windows, require_alone)

    def _require_no_other(self) -> None:
        for decision in decisions.retrain_decisions(self.database, self.spec.model_id):
            if decision.result is None and not decision.replayed:
                raise RetrainingUnderwayError(
                    f"model '{self.spec.model_id}': retraining number {decision.number}, decided"
                    f" at {decision.decided_at:%Y-%m-%d %H:%M} UTC, is underway; wait for its"
                    " result, then replay"
                )

    def _walk(
        self, windows: Sequence[Window], require_alone: Callable[[], None]
    ) -> Iterator[Replayed]:
        model = self.spec.model_id, self.spec.windows.granularity
        done = {state.window.start for state in complete_windows(self.database, *model)}
        ahead: set[datetime] = set()
        for place, window in enumerate(windows):
            require_alone()
            now = ready_at(self.spec, window)
            self._read_labels(now)
            computed = window.start not in done
            if computed and window.start not in ahead:
                ahead |= self._compute([*_missing(windows[place:], done)])
            yield self._decided(window, now, computed=computed)

    def _compute(self, missing: Sequence[Window]) -> set[datetime]:
        """Compute the first of these windows, with those that can go with it; return starts."""
        job = names.monitoring_job(self.spec.model_id)
        chunk = missing[: self._together(missing[0])]
        try:
            self._run(job, ready_at(self.spec, chunk[-1]), range_tags(chunk))
        except MonitoringError:
            if len(chunk) == 1:
                raise
            # One bad window must not take good ones before it along.
            chunk = missing[:1]
            self._run(job, ready_at(self.spec, chunk[0]), range_tags(chunk))
        return {one.start for one in chunk}

    def _together(self, first: Window) -> int:
        """Return how many windows can be computed before anything may be decided on them."""
        spec = self.spec
        if spec.labels_have_times or spec.labels.expected_delay:
            return 1  # what is known of a window depends on the moment
        if spec.retraining is None:
            return CHUNK
        causes = counting_causes(spec)
        model = spec.model_id, spec.windows.granularity
        with self.database.connect() as connection:
            known = signals_in(connection, model, causes, until=first.start)
        newest = deployments(self.database, spec.model_id)[-1:]
        stretch = trailing(known, in_force_since(newest[0] if newest else None))
        runs = (alarm_run(stretch, cause) for cause in causes)
        alarming = max((run.alarming for run in runs if run), default=0)
        return max(1, min(CHUNK, spec.retraining.windows_in_a_row - alarming))

    def _decided(self, window: Window, now: datetime, *, computed: bool) -> Replayed:
        runtime = Runtime(frozen_now=now.isoformat())
        teller = teller_of(self.spec, self.database, runtime)
        thought = think(self.spec, self.database, now, teller, in_the_past=True)
        for decision in decisions.retrain_decisions(self.database, self.spec.model_id):
            # One that a replay before this one left open has its turn at the moment of its own.
            if decision.result is None and decision.decided_at <= now:
                self._retrain(decision, now, runtime)
        made = thought.decision
        if made is not None:
            made = decisions.read_decision(self.database, made.number)
        return Replayed(window=window, computed=computed, thought=thought, decision=made)

    def _retrain(self, decision: Decision, now: datetime, runtime: Runtime) -> None:
        tries, error = policy_of(self.spec).tries, "its process ended without a word"
        while decision.tries < tries:
            number = decisions.request_try(self.database, decision.number, now)
            decision = replace(decision, tries=number, requested_at=now)
            job = names.retraining_job(self.spec.model_id)
            try:
                self._run(job, now, run_tags(decision, number))
            except MonitoringError as failed:
                error = str(failed)
            else:
                return
        failed_so = (RetrainingResult.FAILED, error, None)
        conclude(self.spec, self.database, runtime, decision, failed_so)

    def _read_labels(self, now: datetime) -> None:
        """Take in the labels that had become known by then, as the labels schedule would have."""
        if not self.spec.labels_have_times:
            return
        runtime = Runtime(frozen_now=now.isoformat())
        feed = runtime.label_feed(self.spec)
        if nothing_to_read(self.spec, self.database, feed, runtime) is None:
            self._run(names.labels_job(self.spec.model_id), now, {})

    @cached_property
    def _definitions(self) -> dg.Definitions:
        return build_definitions(LoadedModels((self.spec,), ()))

    def _run(self, job_name: str, now: datetime, tags: dict[str, str]) -> None:
        job = self._definitions.resolve_job_def(job_name)
        result = job.execute_in_process(
            instance=self.instance,
            tags={PROCESS_TAG: this_process(), **tags},
            run_config=QUIET,
            raise_on_error=False,
            resources={"runtime": Runtime(frozen_now=now.isoformat())},
        )
        pass_on_interruption(result)
        if not result.success:
            _, text = first_error(result)
            raise MonitoringError(
                f"model '{self.spec.model_id}', replay at {now:%Y-%m-%d %H:%M} UTC: {job_name}"
                f" failed (run {result.run_id}): {text}"
            )


def _missing(windows: Sequence[Window], done: Collection[datetime]) -> Iterator[Window]:
    """Yield windows that are to be computed, up to the first that need not or is no neighbour."""
    end = windows[0].start
    for one in windows:
        if one.start in done or one.start != end:
            return
        end = one.end
        yield one
