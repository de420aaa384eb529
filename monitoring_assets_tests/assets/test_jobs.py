"""The schedule asks for ready windows that are not complete, the newest first, a run's worth."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from monitoring_assets.assets import names
from monitoring_assets.assets.data_drift import build_data_drift
from monitoring_assets.assets.jobs import RANGE_END, RANGE_START
from monitoring_assets.assets.partitions import windows_for_keys
from monitoring_assets.records import WINDOW_LAYERS, Layer
from monitoring_assets.spec.layer_hash import layer_hash, layer_hashes
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.assets.small_model import SECOND, SmallModel
from monitoring_assets_tests.dagster_runs import QUICK, Runner, quick_spec
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.samples import a_computation, compute_all_layers

BEFORE = "2025-01-20T00:00:00+00:00"
MARCH_10 = "2025-03-10T12:00:00+00:00"


def at(runner: Runner, now: str) -> Runner:
    return replace(runner, now=now, recorded_in=runner.instance)


def spans(runner: Runner) -> list[tuple[str, str]]:
    """Return first and last window of each run that the schedule asks for."""
    requests = runner.tick().run_requests or ()
    return [(one.tags[RANGE_START], one.tags[RANGE_END]) for one in requests]


def complete(runner: Runner, keys: Iterable[str]) -> None:
    for window in windows_for_keys(runner.spec, keys):
        for layer, known in layer_hashes(runner.spec).items():
            if layer in WINDOW_LAYERS:
                record = a_computation(layer, window, spec_hash=known, reference_version=1)
                replace_window(runner.database, record, [])


def february(first: int, last: int) -> list[str]:
    return [f"2025-02-{day:02}" for day in range(first, last + 1)]


def test_before_the_first_window_is_over_nothing_is_asked_for(quick: Runner) -> None:
    said = at(quick, BEFORE).tick()
    assert not said.run_requests
    assert said.skip_message == "all 0 ready windows are complete"


def test_without_a_reference_it_says_which_job_to_launch(
    database: Database, tmp_path: Path
) -> None:
    with Runner(quick_spec(tmp_path), database, tmp_path, MARCH_10) as runner:
        said = runner.tick()
    assert not said.run_requests
    assert said.skip_message == (
        "37 windows are ready, but the reference has not been measured under the present YAML:"
        " launch the job quick__setup once"
    )


def test_it_asks_for_one_runs_worth_of_the_newest_windows(quick: Runner) -> None:
    assert spans(at(quick, MARCH_10)) == [("2025-02-07", "2025-03-09")]


def test_windows_that_are_complete_are_not_asked_for(quick: Runner) -> None:
    complete(quick, february(7, 28))
    assert spans(at(quick, MARCH_10)) == [
        ("2025-02-01", "2025-02-06"),
        ("2025-03-01", "2025-03-09"),
    ]


def test_once_all_ready_windows_are_complete_it_says_so(quick: Runner) -> None:
    complete(quick, february(1, 5))
    said = at(quick, "2025-02-06T12:00:00+00:00").tick()
    assert not said.run_requests
    assert said.skip_message == "all 5 ready windows are complete"


def test_windows_computed_under_another_yaml_are_asked_for_again(quick: Runner) -> None:
    for window in windows_for_keys(quick.spec, february(1, 5)):
        compute_all_layers(quick.database, window, spec_hash="another")
    assert spans(at(quick, "2025-02-06T12:00:00+00:00")) == [("2025-02-01", "2025-02-05")]


def test_after_a_changed_threshold_only_what_it_judges_is_asked_for(
    quick: Runner, tmp_path: Path
) -> None:
    complete(quick, february(1, 5))
    changed = quick_spec(
        tmp_path / "changed", QUICK.replace("dataset_share: 0.25", "dataset_share: 0.5")
    )
    later = at(replace(quick, spec=changed), "2025-02-06T12:00:00+00:00")
    (asked,) = later.tick().run_requests
    assert (asked.tags[RANGE_START], asked.tags[RANGE_END]) == ("2025-02-01", "2025-02-05")
    assert asked.asset_selection == [names.asset_key("quick", Layer.DATA_DRIFT)]


def test_windows_that_need_other_layers_are_asked_for_in_runs_of_their_own(quick: Runner) -> None:
    complete(quick, february(1, 3))
    (second,) = windows_for_keys(quick.spec, ["2025-02-02"])
    again = a_computation(Layer.LABELS, second, spec_hash=layer_hash(quick.spec, Layer.LABELS))
    replace_window(quick.database, again, [])
    asked = at(quick, "2025-02-05T12:00:00+00:00").tick().run_requests
    layers = [
        one.asset_selection and [key.path[-1] for key in one.asset_selection] for one in asked
    ]
    assert [one.tags[RANGE_START] for one in asked] == ["2025-02-02", "2025-02-04"]
    assert layers == [["quality_profiles", "model_quality"], None]


def test_another_reference_has_to_be_measured_first(quick: Runner, tmp_path: Path) -> None:
    complete(quick, february(1, 5))
    period = "reference: {period: {start: 2024-12-01, end: 2024-12-20}}"
    changed = quick_spec(tmp_path / "changed", QUICK + f"  {period}\n")
    said = at(replace(quick, spec=changed), "2025-02-06T12:00:00+00:00").tick()
    assert "5 windows are ready, but the reference has not been measured" in said.skip_message


def test_a_window_is_not_asked_for_before_its_delay_is_over(quick: Runner, tmp_path: Path) -> None:
    delayed = QUICK.replace("granularity: day", "granularity: day, delay: 3 hours")
    runner = replace(quick, spec=quick_spec(tmp_path / "delayed", delayed))
    runner.set_up()
    assert spans(at(runner, "2025-02-06T07:59:00+00:00")) == [("2025-02-01", "2025-02-04")]
    assert spans(at(runner, "2025-02-06T08:00:00+00:00")) == [("2025-02-01", "2025-02-05")]


def test_windows_that_failed_are_asked_for_again_under_another_key(quick: Runner) -> None:
    keys = {
        request.run_key
        for hour in (12, 13)
        for request in at(quick, f"2025-03-10T{hour}:00:00+00:00").tick().run_requests or ()
    }
    assert len(keys) == 2


def test_a_run_that_it_asks_for_completes_its_windows(quick: Runner) -> None:
    runner = at(quick, "2025-02-03T12:00:00+00:00")
    ((first, last),) = spans(runner)
    runner.span(first, last)
    assert runner.tick().skip_message == "all 2 ready windows are complete"


@pytest.mark.parametrize(
    ("granularity", "delay", "cron"),
    [
        ("day", "0 hours", "5 1 * * *"),
        ("day", "6 hours", "5 7 * * *"),
        ("day", "30 hours", "5 7 * * *"),
        ("week", "6 hours", "5 7 * * *"),
        ("hour", "10 minutes", "15 * * * *"),
    ],
)
def test_it_looks_a_little_after_windows_become_ready(
    quick: Runner, tmp_path: Path, granularity: str, delay: str, cron: str
) -> None:
    windows = f"granularity: {granularity}, delay: {delay}, start: 2025-02-03"
    text = QUICK.replace("granularity: day, start: 2025-02-01, end: 2025-03-20", windows)
    runner = replace(quick, spec=quick_spec(tmp_path / "other", text))
    schedule = runner.definitions.resolve_schedule_def(names.ready_windows_schedule("quick"))
    assert schedule.cron_schedule == cron
    assert schedule.execution_timezone == "America/New_York"


def test_windows_of_a_run_that_failed_are_asked_for_one_by_one(small: SmallModel) -> None:
    days = [f"2023-02-0{day}" for day in (1, 2, 3)]
    for day in days:
        small.write(day)
    small.write(SECOND, distance=None)
    with dg.DagsterInstance.local_temp() as lasting:
        runner = replace(small.runner, now="2023-02-04T12:00:00+00:00", recorded_in=lasting)
        assert spans(runner) == [(days[0], days[-1])]
        runner.span(days[0], days[-1], raises=False)
        assert spans(runner) == [(day, day) for day in days]
        for day in days:
            runner.span(day, day, raises=False)
        assert spans(runner) == [(SECOND, SECOND)]


@pytest.mark.parametrize(("rolling", "most"), [(None, 31), (7, None)])
def test_a_backfill_is_one_run_where_the_reference_moves(
    rolling: int | None, most: int | None
) -> None:
    spec = small_spec(reference={"rolling_windows": rolling})
    policy = build_data_drift(spec).backfill_policy
    assert policy is not None
    assert policy.max_partitions_per_run == most
