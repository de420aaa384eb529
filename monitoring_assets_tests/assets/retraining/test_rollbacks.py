"""Going back to an earlier version, and two who deploy at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from monitoring_assets.assets.retraining.deploying import deploy_by_hand
from monitoring_assets.errors import PromotionRefusedError, RetrainingError
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.retraining.locking import loop_transaction
from monitoring_assets_tests.assets.retraining.loop_model import (
    AFTER,
    FEATURES,
    LATER,
    Loop,
    opened,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.waiting import wait_for_waiters

pytestmark = pytest.mark.slow

NEXT: Final = "2025-03-23"
MUCH_LATER: Final = "2025-03-25T12:00:00+00:00"


def versions(loop: Loop) -> list[str]:
    found = sorted(loop.rows(tables.deployment), key=lambda row: row["valid_from"])
    return [row["model_version"] for row in found]


def roll_back(loop: Loop, folder: Path, *more: str) -> str:
    done = loop.command(folder / "line")("rollback", "quick", *more)
    assert done.code == 0, done.errors
    return done.output


def test_windows_after_a_rollback_are_those_of_version_1_bit_for_bit(
    promoted: Loop, tmp_path: Path
) -> None:
    roll_back(promoted, tmp_path)
    with promoted.at(MUCH_LATER) as later:
        later.runner.one(NEXT)
    rows = promoted.predictions(NEXT)
    directly = promoted.pipeline("1").predict(rows[FEATURES])
    assert {*rows["model_version"]} == {"1"}
    assert rows["prediction"].to_numpy().tobytes() == directly.tobytes()


def test_a_rolled_back_window_equals_one_that_no_promotion_came_before(
    promoted: Loop, new_database: NewDatabase, alarmed_template: Database, tmp_path: Path
) -> None:
    roll_back(promoted, tmp_path)
    with promoted.at(MUCH_LATER) as later:
        later.runner.one(NEXT)
    with opened(new_database, alarmed_template, tmp_path / "never", now=MUCH_LATER) as never:
        never.runner.one(NEXT)
        assert promoted.references_of(NEXT) == never.references_of(NEXT) == {1}
        assert promoted.mae(NEXT)["value"] == never.mae(NEXT)["value"]
        assert promoted.mae(NEXT)["reason"] == never.mae(NEXT)["reason"]
        assert promoted.predictions(NEXT).equals(never.predictions(NEXT))


def test_a_rollback_leaves_history_as_it_was(promoted: Loop, tmp_path: Path) -> None:
    before = promoted.until(AFTER[-1])
    assert "version 1 serves from 2025-03-23 04:00 UTC on" in roll_back(promoted, tmp_path)
    with promoted.at(MUCH_LATER) as later:
        later.runner.one(NEXT)
    assert promoted.until(AFTER[-1]) == before
    assert versions(promoted) == ["1", "2", "1"]


def test_a_rollback_makes_nothing_out_of_date(promoted: Loop, tmp_path: Path) -> None:
    roll_back(promoted, tmp_path)
    done = promoted.command(tmp_path / "line")("plan", "quick", "--json")
    assert done.code == 0, done.errors
    assert {line["reason"] for line in json.loads(done.output)["out_of_date"]} == {"missing"}


def test_a_rollback_before_any_window_was_scored_takes_the_promotion_back(
    alarmed: Loop, tmp_path: Path
) -> None:
    alarmed.carry_out()
    roll_back(alarmed, tmp_path)
    assert versions(alarmed) == ["1", "1"]
    with alarmed.at(LATER) as later:
        later.runner.one(AFTER[0])
    assert {*alarmed.predictions(AFTER[0])["model_version"]} == {"1"}
    assert alarmed.references_of(AFTER[0]) == {1}


def test_what_was_rolled_back_can_be_promoted_again(promoted: Loop, tmp_path: Path) -> None:
    roll_back(promoted, tmp_path)
    assert "version 2 serves" in roll_back(promoted, tmp_path, "--to", "2")
    with promoted.at(MUCH_LATER) as later:
        later.runner.one(NEXT)
    assert {*promoted.predictions(NEXT)["model_version"]} == {"2"}
    assert promoted.references_of(NEXT) == {2}
    assert len(promoted.rows(tables.reference)) == 2


def test_there_is_nothing_before_the_first_version(alarmed: Loop, tmp_path: Path) -> None:
    done = alarmed.command(tmp_path / "line")("rollback", "quick")
    assert (done.code, versions(alarmed)) == (1, ["1"])
    assert "no version served before 1" in done.errors


def test_the_finished_retraining_does_not_deploy_again_after_a_rollback(
    promoted: Loop, tmp_path: Path
) -> None:
    roll_back(promoted, tmp_path)
    promoted.retrain(promoted.decision(), 2)
    assert versions(promoted) == ["1", "2", "1"]


def test_nobody_goes_back_from_a_version_that_was_not_looked_at(
    promoted: Loop, tmp_path: Path
) -> None:
    roll_back(promoted, tmp_path)
    spec, what = promoted.runner.spec, ("2", "worse", "somebody who saw version 3 serve")
    with pytest.raises(PromotionRefusedError, match="version 1 was deployed meanwhile"):
        deploy_by_hand(spec, promoted.database, promoted.runner.instance, what, in_place_of="3")
    assert versions(promoted) == ["1", "2", "1"]


def two_waiting(loop: Loop) -> None:
    """Train two challengers that wait for a person."""
    for _ in range(2):
        loop.retrain(None)
    results = {one["result"] for one in loop.rows(tables.retraining_decision)}
    assert results == {"awaits_approval"}


def promoted_or_told_why(loop: Loop, version: str) -> str:
    try:
        what = (version, "by hand", f"person {version}")
        made = deploy_by_hand(loop.runner.spec, loop.database, loop.runner.instance, what)
    except RetrainingError as refused:
        return str(refused)
    return made.model_version


def at_once(loop: Loop, chosen: tuple[str, str]) -> list[str]:
    """Promote two versions by two people who both saw the same champion."""
    with ThreadPoolExecutor(2) as both:
        with loop_transaction(loop.database, loop.model_id):
            ends = [both.submit(promoted_or_told_why, loop, one) for one in chosen]
            wait_for_waiters(loop.database, 2)
        return [one.result(timeout=120) for one in ends]


def test_of_two_promotions_at_once_one_wins_and_the_other_is_told_why(
    new_database: NewDatabase, alarmed_template: Database, tmp_path: Path
) -> None:
    manual = {"minimum_rows: 50": "minimum_rows: 50, mode: manual"}
    with opened(new_database, alarmed_template, tmp_path, manual) as loop:
        two_waiting(loop)
        ends = at_once(loop, ("2", "3"))
        (winner,) = [one for one in ends if one in ("2", "3")]
        (told,) = [one for one in ends if one not in ("2", "3")]
        assert versions(loop) == ["1", winner]
        assert f"person {winner}" in told or "reference" in told
        (own,) = [row for row in loop.rows(tables.reference) if row["for_model_version"]]
        assert own["for_model_version"] == winner
        assert {one["result"] for one in loop.rows(tables.retraining_decision)} == {
            "promoted",
            "awaits_approval",
        }
