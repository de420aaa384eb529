"""Two runs that measure the same reference at once: it is there once, whenever the other comes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from monitoring_assets.assets import measuring, reference_data
from monitoring_assets.assets.measuring import About, next_version
from monitoring_assets.assets.retraining import new_reference
from monitoring_assets.records import Computation, Layer, RetrainingResult
from monitoring_assets.storage import references, tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.reference_numbers import next_number
from monitoring_assets.storage.references import read_references, save_reference
from monitoring_assets.storage.row_read import read_reference_rows
from monitoring_assets.storage.row_tables import row_table
from monitoring_assets_tests.assets.retraining.loop_model import LATER, Loop, opened
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.dagster_runs import Runner, quick_spec
from monitoring_assets_tests.stored import everything, rows_of

pytestmark = pytest.mark.slow

OTHERWISE = {"numerical: {method: kolmogorov_smirnov}": "numerical: {method: missing_share_change}"}


def after_the_first(
    patch: pytest.MonkeyPatch, place: tuple[ModuleType, str], other: Callable[[], object]
) -> None:
    """Let something else happen, in another thread, just after a function is called first."""
    module, name = place
    real, left = getattr(module, name), [other]

    def looked(*args: Any, **options: Any) -> Any:
        found = real(*args, **options)
        if left:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(left.pop()).result()
        return found

    patch.setattr(module, name, looked)


OF_YAML = {
    "its number was chosen": (reference_data, "next_number"),
    "it was looked for": (references, "newest_reference"),
    "its rows were measured": (measuring, "measured_rows"),
    "its rows were stored": (measuring, "replace_reference_rows"),
}


@pytest.mark.parametrize("place", OF_YAML.values(), ids=OF_YAML)
def test_a_reference_that_another_run_stores_meanwhile_is_not_stored_twice(
    place: tuple[ModuleType, str],
    quick: Runner,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Runner(quick_spec(tmp_path / "twice"), database, tmp_path) as runner:
        after_the_first(monkeypatch, place, runner.set_up)
        runner.set_up()
    assert [row["reference_version"] for row in rows_of(database, tables.reference)] == [1]
    assert everything(database) == everything(quick.database)


OF_VERSIONS = {
    "the number was chosen": (new_reference, "next_number"),
    "they were looked at": (new_reference, "references_in_force"),
    "its rows were read": (new_reference, "read_reference_rows"),
}


@pytest.mark.parametrize("place", OF_VERSIONS.values(), ids=OF_VERSIONS)
def test_a_promoted_versions_reference_that_another_run_measures_anew_is_not_measured_twice(
    place: tuple[ModuleType, str],
    new_database: NewDatabase,
    promoted_template: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with opened(new_database, promoted_template, tmp_path, OTHERWISE, LATER) as loop:
        after_the_first(monkeypatch, place, loop.runner.set_up)
        loop.runner.set_up()
        found = loop.rows(tables.reference)
    of_whom = {row["reference_version"]: row["for_model_version"] for row in found}
    assert of_whom == {1: None, 2: "2", 3: None, 4: "2"}


def store_another(loop: Loop) -> None:
    """Measure and store a reference for version 1, as somebody else may do meanwhile."""
    spec, database = loop.runner.spec, loop.database
    rows = read_reference_rows(database, row_table(database, spec.model_id, "reference"), 1)
    [known] = read_references(database, spec.model_id)
    about = About(
        number=next_number(database, spec.model_id),
        period=(known.period_start, known.period_end),
        fingerprint="e" * 32,
        for_model_version="1",
    )
    record = Computation(
        model_id=spec.model_id,
        layer=Layer.REFERENCE_DATA,
        run_id="",
        code_version="",
        spec_hash="",
        started_at=known.period_end,
    )
    save_reference(database, next_version(database, spec, record, rows, about))


OF_PROMOTION = {
    "its number was chosen": (new_reference, "next_number"),
    "its rows were measured": (measuring, "measured_rows"),
    "its rows were stored": (measuring, "replace_reference_rows"),
}


@pytest.mark.parametrize("place", OF_PROMOTION.values(), ids=OF_PROMOTION)
def test_a_promotion_whose_number_is_taken_measures_its_reference_once_more(
    place: tuple[ModuleType, str], alarmed: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_the_first(monkeypatch, place, lambda: store_another(alarmed))
    made = alarmed.carry_out()
    assert made.result is RetrainingResult.PROMOTED
    found = alarmed.rows(tables.reference)
    of_whom = {row["reference_version"]: row["for_model_version"] for row in found}
    assert of_whom == {1: None, 2: "1", 3: "2"}
