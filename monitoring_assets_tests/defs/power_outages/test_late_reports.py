"""Reports that come late, and corrections of them: which windows follow, and what they say then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from monitoring_assets.assets import names
from monitoring_assets.defs.power_outages.filling import SEED, fill
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import QUIET, Runner
from monitoring_assets_tests.defs.power_outages.warehouse import joined, outages_spec, table, utc
from monitoring_assets_tests.stored import rows_of

pytestmark = pytest.mark.slow

FIRST, EARLY, LATER = utc(1, 1), utc(1, 16), utc(1, 18)
"""First window; when windows were computed; when labels were read anew."""

DAYS = [f"{FIRST + timedelta(days=number):%Y-%m-%d}" for number in range(15)]


@dataclass(frozen=True)
class Moment:
    """What was said of every window's error at a moment, and what pandas makes of the tables."""

    said: Mapping[str, Mapping[str, Any]]
    by_pandas: Mapping[str, float]


@dataclass(frozen=True)
class Story:
    """Fifteen windows, computed when the last one ends; then two days go by.

    Parameters
    ----------
    touched, again
        Windows that the job of late labels did then, and when it ran once more.
    reports
        What was reported meanwhile, with the day it is about.
    kept
        Day -> error that was said of it before it was said otherwise.
    gone
        Why the schedule of late labels skips where the warehouse is gone.
    """

    before: Moment
    after: Moment
    touched: set[str]
    again: set[str]
    reports: pd.DataFrame
    kept: Mapping[str, float]
    gone: str


@pytest.fixture(scope="module")
def story(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with new_database() as warehouse, new_database() as database:
        fill(warehouse.url, SEED, EARLY)
        spec, folder = outages_spec(warehouse.url), tmp_path_factory.mktemp("late")
        with Runner(spec, database, folder, now=EARLY.isoformat()) as runner:
            runner.set_up()
            runner.span(DAYS[0], DAYS[-1])
            before = moment(database, warehouse)
            fill(warehouse.url, SEED, LATER)
            touched, again = read_late(runner), read_late(runner)
            gone = look_for_labels(replace(runner, spec=outages_spec("monitoring:///test_gone")))
        yield Story(
            before=before,
            after=moment(database, warehouse),
            touched=touched,
            again=again,
            reports=reports_since(warehouse),
            kept={day: row["value"] for day, row in errors(database, history=True).items()},
            gone=gone,
        )


def read_late(runner: Runner) -> set[str]:
    """Run the job of late labels; return the windows it brought up to date."""
    later = replace(runner, now=LATER.isoformat(), recorded_in=runner.instance)
    job = later.definitions.resolve_job_def(names.labels_job(runner.spec.model_id))
    result = job.execute_in_process(instance=runner.instance, run_config=QUIET)
    key = names.asset_key(runner.spec.model_id, Layer.MODEL_QUALITY)
    events = [one for one in result.all_events if one.is_step_materialization]
    return {str(one.partition) for one in events if one.asset_key == key}


def look_for_labels(runner: Runner) -> str:
    """Evaluate the schedule of late labels, which has to skip; return why."""
    schedule = runner.definitions.resolve_schedule_def(names.labels_schedule(runner.spec.model_id))
    with (
        dg.DagsterInstance.local_temp() as instance,
        dg.build_schedule_context(instance, resources=runner.resources) as context,
    ):
        return str(schedule.evaluate_tick(context).skip_message)


def moment(database: Database, warehouse: Database) -> Moment:
    rows = joined(table(warehouse, "predictions"), table(warehouse, "observations"))
    by_day = rows["error"].abs().groupby(rows["forecast_for"].dt.strftime("%Y-%m-%d")).mean()
    return Moment(errors(database), {str(day): value for day, value in by_day.dropna().items()})


def errors(database: Database, *, history: bool = False) -> dict[str, dict[str, Any]]:
    """Return the rows about the mean absolute error, by day."""
    source = tables.model_quality_history if history else tables.model_quality
    rows = rows_of(database, source, metric="mae", segment="all")
    return {f"{row['window_start']:%Y-%m-%d}": row for row in rows}


def reports_since(warehouse: Database) -> pd.DataFrame:
    observations = table(warehouse, "observations")
    rows = observations[observations["reported_at"] > pd.Timestamp(EARLY)]
    day = pd.to_datetime(rows["prediction_id"].str[:8]).dt.strftime("%Y-%m-%d")
    return rows.assign(day=day)


def test_exactly_the_windows_that_reports_came_for_are_done_again(story: Story) -> None:
    assert story.touched == {*story.reports["day"]} & {*DAYS}
    assert {*DAYS} - story.touched == {"2025-01-01", "2025-01-02", "2025-01-04"}
    assert story.again == set()


def test_the_error_is_that_of_the_newest_reports_before_and_after(story: Story) -> None:
    for one in (story.before, story.after):
        said = {day: row["value"] for day, row in one.said.items() if row["value"] is not None}
        expected = {day: value for day, value in one.by_pandas.items() if day in DAYS}
        assert said == pytest.approx(expected, rel=1e-12)
    assert story.before.said["2025-01-15"]["value"] is None


def test_a_day_is_judged_once_nine_tenths_of_it_are_reported(story: Story) -> None:
    for one, young in ((story.before, DAYS[-4:]), (story.after, DAYS[-2:])):
        verdicts = {day: row["verdict"] for day, row in one.said.items()}
        assert verdicts == dict.fromkeys(DAYS, "ok") | dict.fromkeys(young, "labels_immature")
        assert all((row["coverage"] < 0.9) == (day in young) for day, row in one.said.items())


def test_a_correction_alone_changes_what_is_said_and_what_was_said_is_kept(story: Story) -> None:
    before, after = story.before.said, story.after.said
    corrected = [day for day in story.touched if before[day]["coverage"] == after[day]["coverage"]]
    assert corrected
    assert all(before[day]["value"] != after[day]["value"] for day in corrected)
    changed = {day for day in DAYS if before[day]["value"] != after[day]["value"]}
    assert {day: before[day]["value"] for day in changed}.items() <= story.kept.items()


def test_where_the_warehouse_is_gone_the_schedule_of_late_labels_skips_and_says_so(
    story: Story,
) -> None:
    assert "there is no database 'test_gone' on the server of the monitoring" in story.gone
