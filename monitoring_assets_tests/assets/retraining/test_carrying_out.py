"""A decision to retrain is carried out: what is stored, shown, and changed for later windows."""

import json
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest

from monitoring_assets.assets import names
from monitoring_assets.assets.partitions import ready_windows
from monitoring_assets.assets.planning.stored import stored_out_of_date
from monitoring_assets.records import RetrainingResult, RetrainingStep
from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.storage import tables
from monitoring_assets.storage.retraining import signals
from monitoring_assets_tests.assets.retraining.loop_model import (
    AFTER,
    BAD,
    BEFORE,
    FEATURES,
    LATER,
    Loop,
)
from monitoring_assets_tests.stored import Row, stored_rows

pytestmark = pytest.mark.slow


def materialized(result: dg.ExecuteInProcessResult, step: RetrainingStep) -> dict[str, Any]:
    """Return what the UI shows of a step."""
    key = names.step_key("quick", step)
    (event,) = [one for one in result.get_asset_materialization_events() if one.asset_key == key]
    return {
        name: one if isinstance(one, dg.TableMetadataValue) else one.value
        for name, one in event.materialization.metadata.items()
    }


def reference_rows(loop: Loop, version: str) -> Any:
    """Return the rows of the references that a version answered."""
    rows = stored_rows(loop.database, loop.model_id, "reference").to_pandas()
    return rows[rows["model_version"] == version].sort_values("row_id")


def test_the_challenger_is_promoted_and_the_ledger_says_why(promoted: Loop) -> None:
    made = promoted.decision()
    assert (made.result, made.model_version) == (RetrainingResult.PROMOTED, "2")
    assert made.reason.startswith("mae alarms in 3 windows in a row since 2025-03-18: mae 4.44")
    assert "better" in str(made.result_reason)


def test_it_serves_from_the_end_of_the_newest_scored_window_on(promoted: Loop) -> None:
    first, second = sorted(promoted.rows(tables.deployment), key=lambda row: row["valid_from"])
    (third_bad,) = promoted.rows(tables.window, partition_key=BAD[-1])
    assert second["valid_from"] == third_bad["window_end"]
    assert (first["model_version"], second["model_version"]) == ("1", "2")
    assert second["decision_id"] == promoted.decision().decision_id


def test_every_open_episode_is_closed_by_the_promotion(promoted: Loop) -> None:
    episodes = promoted.rows(tables.episode)
    assert [one["cause"] for one in episodes] == ["quality/mae"]
    assert {one["closed_by"] for one in episodes} == {"promotion"}


def test_the_promoted_version_is_the_one_that_was_compared(promoted: Loop) -> None:
    compared = promoted.rows(tables.model_comparison)
    assert {one["segment"] for one in compared} == {"all", "far"}
    assert {one["challenger_version"] for one in compared} == {"2"}
    (version,) = promoted.rows(tables.model_version, model_version="2")
    (used,) = promoted.rows(tables.training_set)
    assert (version["decision_id"], version["data_hash"]) == (1, used["data_hash"])
    assert len(used["windows"]) == len(BAD)


def test_no_row_is_both_learned_from_and_judged_on(promoted: Loop) -> None:
    (used,) = promoted.rows(tables.training_set)
    (compared,) = promoted.rows(tables.model_comparison, segment="all", metric="mae")
    labelled = sum(
        one.labelled
        for one in signals.labelled_windows(promoted.database, "quick", "day")
        if one.window.partition_key in BAD
    )
    assert compared["rows"] == used["holdout_rows"] > 100
    assert used["training_rows"] + used["holdout_rows"] == labelled


def test_each_step_shows_what_it_did(alarmed: Loop) -> None:
    result = alarmed.retrain(alarmed.decide())
    shown = {step: materialized(result, step) for step in RetrainingStep}
    assert {one["decision"] for one in shown.values()} == {1}
    assert shown[RetrainingStep.TRAINING_DATA]["first_window"] == BAD[0]
    assert shown[RetrainingStep.CANDIDATE_MODEL]["model_version"] == "2"
    assert shown[RetrainingStep.PROMOTION]["result"] == "promoted"


def test_the_comparison_is_shown_as_a_table_with_segments(alarmed: Loop) -> None:
    result = alarmed.retrain(alarmed.decide())
    shown = materialized(result, RetrainingStep.CHALLENGER_EVALUATION)
    table = [one.data for one in shown["comparison"].records]
    mae = {one["segment"]: one for one in table if one["metric"] == "mae"}
    assert {*mae} == {"all", "far"}
    assert float(mae["all"]["champion"]) == pytest.approx(shown["mae/champion"], rel=1e-5)
    assert shown["mae/challenger"] < shown["mae/champion"]


def test_its_reference_are_the_rows_it_learned_from_answered_out_of_fold(promoted: Loop) -> None:
    rows = reference_rows(promoted, "2")
    (used,) = promoted.rows(tables.training_set)
    assert len(rows) == used["training_rows"]
    fitted = promoted.pipeline("2").predict(rows[FEATURES])
    assert np.isclose(rows["prediction"], fitted).mean() < 0.02
    assert np.corrcoef(rows["prediction"], fitted)[0, 1] > 0.99


def test_later_windows_are_scored_by_the_new_version(promoted: Loop) -> None:
    for day in AFTER:
        rows = promoted.predictions(day)
        assert {*rows["model_version"]} == {"2"}
        expected = promoted.pipeline("2").predict(rows[FEATURES])
        assert rows["prediction"].to_numpy() == pytest.approx(expected, rel=1e-12)


def test_each_window_is_compared_with_the_reference_of_its_time(promoted: Loop) -> None:
    for day in (*BEFORE, *BAD, *AFTER):
        expected = 2 if day in AFTER else 1
        for table in (tables.drift_score, tables.dataset_drift):
            starts = promoted.of_day(tables.window, day)["window_start"]
            found = {
                row["reference_version"]
                for row in promoted.rows(table)
                if row["window_start"] == starts
            }
            assert found == {expected}, (day, table.name)


def test_the_error_falls_below_the_bound_again(promoted: Loop) -> None:
    assert {promoted.mae(day)["verdict"] for day in BAD} == {"alarm"}
    assert {promoted.mae(day)["verdict"] for day in AFTER} == {"ok"}


def test_the_bound_of_later_windows_comes_from_the_new_reference(promoted: Loop) -> None:
    rows = reference_rows(promoted, "2")
    truth = labels_of(promoted, rows)
    normal = np.abs(rows["prediction"].to_numpy() - truth).mean()
    assert f"worse than the reference's {normal:.4g}" in promoted.mae(AFTER[0])["reason"]


def labels_of(loop: Loop, rows: Any) -> Any:
    labels = stored_rows(loop.database, loop.model_id, "labels").to_pandas().set_index("row_id")
    return labels.loc[rows["row_id"], "target"].to_numpy()


def test_history_is_untouched(alarmed: Loop) -> None:
    before = alarmed.until(BAD[-1])
    alarmed.carry_out()
    with alarmed.at(LATER) as later:
        later.runner.one(AFTER[0])
    assert alarmed.until(BAD[-1]) == before


def test_nothing_is_out_of_date_after_a_promotion(promoted: Loop) -> None:
    runner = promoted.runner
    now = Runtime(frozen_now=LATER).now()
    days = ready_windows(runner.spec, now, now, (None, None))
    known = [one for one in days if one.partition_key in (*BEFORE, *BAD, *AFTER)]
    assert len(known) == 7
    assert stored_out_of_date(promoted.database, runner.spec, known) == {}


def test_a_plan_after_a_promotion_finds_only_windows_never_computed(
    promoted: Loop, tmp_path: Path
) -> None:
    done = promoted.command(tmp_path / "line")("plan", "quick", "--json")
    assert done.code == 0, done.errors
    plan = json.loads(done.output)
    assert plan["out_of_date"]
    assert {line["reason"] for line in plan["out_of_date"]} == {"missing"}


def test_the_job_run_again_for_a_decision_with_a_result_changes_nothing(promoted: Loop) -> None:
    before = {table.name: promoted.rows(table) for table in LEDGER}
    assert promoted.retrain(promoted.decision(), 2).success
    assert {table.name: promoted.rows(table) for table in LEDGER} == before


LEDGER = (
    tables.model_version,
    tables.deployment,
    tables.reference,
    tables.retraining_decision,
    tables.computation,
)


def test_looking_again_decides_nothing(promoted: Loop) -> None:
    with pytest.raises(LookupError):
        promoted.decide()
    rows: list[Row] = promoted.rows(tables.retraining_decision)
    assert len(rows) == 1
