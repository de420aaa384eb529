"""One input of each kind changes: the plan is what an empty database finds, and doing it is enough.

What is stored is compared window by window and layer by layer: rows, labels, profiles, results, the
reference. Numbers of computations and times are left out.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from monitoring_assets.records import Layer
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.cli.planned_model import (
    CHANGED,
    DAYS,
    LATE,
    Planned,
    by_window_and_layer,
    differences,
    measure,
    planned_set,
    rebuilt,
)
from monitoring_assets_tests.conftest import NewDatabase

pytestmark = pytest.mark.slow


def another_distance(model: Planned) -> None:
    rows = model.rows(CHANGED)
    rows["distance"][3] += 2.0
    model.write(CHANGED, rows)


def one_row_more(model: Planned) -> None:
    rows = model.rows(CHANGED)
    more = {name: [*values, values[0]] for name, values in rows.items()}
    more["id"][-1] = "more"
    model.write(CHANGED, more)
    model.write_labels("more", ["more"], [12.0], datetime(2023, 2, 9, tzinfo=UTC))


def late_label(model: Planned) -> None:
    model.write_labels("late", [LATE], [12.0], datetime(2023, 2, 9, tzinfo=UTC))


def corrected_label(model: Planned) -> None:
    model.write_labels("corrections", [f"{CHANGED}-7"], [55.0], datetime(2023, 2, 9, tzinfo=UTC))


def withdrawn_label(model: Planned) -> None:
    model.write_labels("corrections", [f"{CHANGED}-7"], [None], datetime(2023, 2, 9, tzinfo=UTC))


def drift_threshold(model: Planned) -> None:
    model.rewrite("method: kolmogorov_smirnov", "method: kolmogorov_smirnov, threshold: 0.3")


def quality_bound(model: Planned) -> None:
    model.rewrite("  drift:", "  quality: {thresholds: {mae: {absolute: 1.5}}}\n  drift:")


def data_quality_bound(model: Planned) -> None:
    model.rewrite("  drift:", "  data_quality: {missing_share_margin: 0.2}\n  drift:")


def method(model: Planned) -> None:
    model.rewrite("method: kolmogorov_smirnov", "method: kolmogorov_smirnov, also: [psi]")


def threshold_of_the_target(model: Planned) -> None:
    own = "columns: {minutes: {threshold: 0.3}}"
    model.rewrite("method: kolmogorov_smirnov}", f"method: kolmogorov_smirnov}}\n    {own}")


def method_of_the_target(model: Planned) -> None:
    own = "columns: {minutes: {method: psi}}"
    model.rewrite("method: kolmogorov_smirnov}", f"method: kolmogorov_smirnov}}\n    {own}")


def reference_with_the_same_bins(model: Planned) -> None:
    model.rewrite("{start: 2023-01-11, end: 2023-01-21}", "{start: 2023-01-21, end: 2023-01-26}")


def reference_with_other_bins(model: Planned) -> None:
    model.rewrite("{start: 2023-01-11, end: 2023-01-21}", "{start: 2023-01-26, end: 2023-01-31}")


def row_of_the_reference(model: Planned) -> None:
    rows = model.rows("2023-01-15")
    rows["distance"][3] += 2.0
    rows["tip"][3] = None
    model.write("2023-01-15", rows)


def code_of_the_class(model: Planned) -> None:
    model.rewrite_class("FACTOR = 1.0", "FACTOR = 1.609344")


def segments(model: Planned) -> None:
    model.rewrite("  drift:", "  segments: [{column: zone}]\n  drift:")


def a_filter(model: Planned) -> None:
    far = "{name: far, column: distance, maximum: 6}"
    model.rewrite("  drift:", f"  filters: [{far}]\n  drift:")


def moving_reference(model: Planned) -> None:
    model.rewrite("end: 2023-01-21}", "end: 2023-01-21}\n    rolling_windows: 2")


def nothing_but_text(model: Planned) -> None:
    model.rewrite("  task:", "  description: Minutes of a trip.\n  owners: ['team:trips']\n  task:")


def a_file_that_is_written_again(model: Planned) -> None:
    model.write(CHANGED, model.rows(CHANGED))
    model.write_labels("empty", [], [], datetime(2023, 2, 9, tzinfo=UTC))


CHANGES = (
    another_distance,
    one_row_more,
    late_label,
    corrected_label,
    withdrawn_label,
    drift_threshold,
    quality_bound,
    data_quality_bound,
    method,
    threshold_of_the_target,
    method_of_the_target,
    reference_with_the_same_bins,
    reference_with_other_bins,
    row_of_the_reference,
    code_of_the_class,
    a_filter,
    nothing_but_text,
    a_file_that_is_written_again,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_plan_is_what_an_empty_database_finds_and_doing_it_is_enough(
    model: Planned,
    new_database: NewDatabase,
    measured: Database,
    change: Callable[[Planned], None],
) -> None:
    before = by_window_and_layer(model.database)
    change(model)
    planned = planned_set(model)
    with rebuilt(new_database, model, measured) as found:
        assert planned == differences(before, found)
        done = model("plan", "planned", "--apply")
        assert done.code == 0, done.errors
        assert differences(by_window_and_layer(model.database), found) == set()
    assert planned_set(model) == set()


@pytest.mark.parametrize("change", [segments, moving_reference], ids=lambda one: one.__name__)
def test_what_comes_out_the_same_may_be_planned_too(
    model: Planned,
    new_database: NewDatabase,
    measured: Database,
    change: Callable[[Planned], None],
) -> None:
    before = by_window_and_layer(model.database)
    change(model)
    planned = planned_set(model)
    with rebuilt(new_database, model, measured) as found:
        more = planned - differences(before, found)
        assert more == UNCHANGED_ALL_THE_SAME[change.__name__]
        assert differences(before, found) < planned
        assert model("plan", "planned", "--apply").code == 0
        assert differences(by_window_and_layer(model.database), found) == set()
    assert planned_set(model) == set()


UNCHANGED_ALL_THE_SAME = {
    # A window is complete when each layer was computed after those it is computed from.
    "segments": {(day, Layer.DATA_QUALITY) for day in DAYS},
    # The first windows have too few before them, and stay compared with the fixed reference.
    "moving_reference": {
        (day, layer) for day in DAYS[:2] for layer in (Layer.DATA_DRIFT, Layer.MODEL_QUALITY)
    },
}
"""Windows and layers that a plan lists although they come out as they were."""


def test_windows_whose_rows_lie_in_a_table_of_a_yaml_that_was_taken_back_are_planned(
    model: Planned, new_database: NewDatabase, measured: Database
) -> None:
    feature = "    monitored: {numerical: [tip]}\n"
    model.rewrite(feature, "")
    measure(model)
    assert model("backfill", "planned", "--start", CHANGED, "--end", CHANGED).code == 0
    model.rewrite("    target: minutes\n", feature + "    target: minutes\n")
    measure(model)
    planned = planned_set(model)
    assert {day for day, layer in planned if layer is Layer.PREDICTIONS} == {*DAYS}
    with rebuilt(new_database, model, measured) as found:
        assert model("plan", "planned", "--apply").code == 0
        # What names a version of the reference names the third one now.
        other = {layer for _, layer in differences(by_window_and_layer(model.database), found)}
        assert other == {Layer.REFERENCE_DATA, Layer.DATA_DRIFT, Layer.MODEL_QUALITY}
    assert planned_set(model) == set()


def test_where_the_reference_moves_later_windows_follow(
    model: Planned, new_database: NewDatabase, measured: Database
) -> None:
    moving_reference(model)
    assert model("plan", "planned", "--apply").code == 0
    before = by_window_and_layer(model.database)
    rows = model.rows(CHANGED)
    model.write(CHANGED, rows | {"distance": [one + 3 for one in rows["distance"]]})
    planned = planned_set(model)
    assert {key for key, _ in planned} == {*DAYS[1:4]}
    with rebuilt(new_database, model, measured) as found:
        assert planned == differences(before, found)
        assert model("plan", "planned", "--apply").code == 0
        assert differences(by_window_and_layer(model.database), found) == set()
