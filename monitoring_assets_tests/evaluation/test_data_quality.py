"""Data quality: every number has a row, a bound where there is one, and a reason."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from monitoring_assets.evaluation.data_quality import judge_data_quality, missing_share
from monitoring_assets.metrics.profile import QUANTILE_LEVELS
from monitoring_assets.records import DataQuality, Verdict, WindowCounts
from monitoring_assets_tests.evaluation.cases import Case, rows, usual_rows

INFINITE = float("inf")
NUMBERS = {"minimum", "maximum", "mean", "standard_deviation", *QUANTILE_LEVELS}


@pytest.fixture(scope="module")
def case() -> Case:
    return Case()


def test_every_number_of_a_window_has_one_row(case: Case) -> None:
    window = {"rows", "rejected_share", "unscored_share", "missing_share"}
    window |= {"duplicate_id_rows", "missing_hour_rows", "repeated_hour_rows"}
    bounded = {"missing_share", "invalid_share", "unseen_share"}
    expected = {("", metric) for metric in window}
    expected |= {("distance", metric) for metric in bounded | NUMBERS | {"infinite_share"}}
    expected |= {("zone", metric) for metric in bounded} | {("minutes", "invalid_share")}
    assert {*case.data_quality(usual_rows(50))} == expected


ODD_WINDOWS: dict[str, Any] = {
    "empty": rows([], []),
    "one row": rows([1.0], ["north"]),
    "missing": rows([None] * 12, [None] * 12),
    "infinite": rows([INFINITE, -INFINITE] * 6, ["north"] * 12),
    "huge": rows([1e130, -1e130] * 6, ["north"] * 12),
    "rejected": rows([1.0] * 12, ["north"] * 12, ["too_short"] * 12),
}


@pytest.mark.parametrize("window", ODD_WINDOWS.values(), ids=ODD_WINDOWS)
def test_no_window_loses_a_row_or_gives_nan_or_infinity(case: Case, window: pa.Table) -> None:
    found = case.data_quality(window)
    assert {*found} == {*case.data_quality(usual_rows(50))}
    assert all(one.value is None or math.isfinite(one.value) for one in found.values())
    assert all((one.value is None) == (one.verdict == "undefined") for one in found.values())
    assert all(len(one.reason) > 5 for one in found.values())


def test_a_usual_window_is_ok_everywhere(case: Case) -> None:
    found = case.data_quality(usual_rows(200, 1))
    assert {one.verdict for one in found.values()} == {Verdict.OK}


def test_an_empty_window_alarms_once_and_is_undefined_elsewhere(case: Case) -> None:
    found = case.data_quality(rows([], []))
    assert found["", "rows"].reason == "the window holds no row at all"
    alarms = [key for key, one in found.items() if one.verdict is Verdict.ALARM]
    assert alarms == [("", "rows")]
    assert found["distance", "missing_share"].reason == "the window holds no row"
    assert found["distance", "quantile_0.25"].verdict is Verdict.UNDEFINED


def test_the_numbers_describe_all_rows_before_any_filter(case: Case) -> None:
    values = [1.0, 2.0, 3.0, 90.0, None]
    found = case.data_quality(rows(values, ["north"] * 5, [None] * 3 + ["too_long"] * 2))
    present = np.array(values[:4], dtype=float)
    assert found["distance", "median"].value == 2.5
    assert found["distance", "maximum"].value == 90.0
    assert found["distance", "quantile_0.75"].value == np.quantile(present, 0.75)
    assert found["distance", "mean"].value == pytest.approx(present.mean(), abs=1e-9)
    spread = float(present.std(ddof=1))
    assert found["distance", "standard_deviation"].value == pytest.approx(spread, rel=1e-9)


def test_one_value_has_a_mean_but_no_standard_deviation(case: Case) -> None:
    found = case.data_quality(rows([4.0], ["north"]))
    assert found["distance", "mean"].value == 4.0
    assert found["distance", "standard_deviation"].reason == "a standard deviation needs two values"


def test_an_all_missing_column_alarms_and_its_numbers_say_why_there_are_none(case: Case) -> None:
    found = case.data_quality(rows([None] * 100, ["north"] * 100))
    missing = found["distance", "missing_share"]
    assert (missing.value, missing.verdict) == (1.0, Verdict.ALARM)
    assert missing.reason == "100 %, more than the 5 % allowed (the reference has 0 %, margin 5 %)"
    assert found["distance", "unseen_share"].reason == (
        "every value of the column is missing or infinite"
    )
    assert found["zone", "missing_share"].verdict is Verdict.OK


@pytest.mark.parametrize(("missing", "verdict"), [(25, Verdict.OK), (26, Verdict.ALARM)])
def test_as_much_may_be_missing_as_in_the_reference_and_the_margin_more(
    missing: int, verdict: Verdict
) -> None:
    reference = rows([None] * 200 + [5.0] * 800, ["north"] * 1000)
    case = Case(reference)
    found = case.data_quality(rows([None] * missing + [5.0] * (100 - missing), ["north"] * 100))
    assert found["distance", "missing_share"].expectation == "at most 0.25"
    assert found["distance", "missing_share"].verdict is verdict


def test_a_columns_own_bounds_go_before_the_general_ones() -> None:
    own = {"maximum_missing_share": 0.5, "maximum_unseen_share": 1}
    case = Case(data_quality={"columns": {"zone": own}})
    found = case.data_quality(rows([5.0] * 100, [None] * 50 + ["elsewhere"] * 50))
    assert found["zone", "missing_share"].verdict is Verdict.OK
    assert "maximum_missing_share of the column" in found["zone", "missing_share"].reason
    assert (found["zone", "unseen_share"].value, found["zone", "unseen_share"].verdict) == (
        1.0,
        "ok",
    )


def test_infinite_values_are_counted_and_none_is_legal(case: Case) -> None:
    found = case.data_quality(rows([INFINITE, -INFINITE, 5.0, 5.0], ["north"] * 4))
    infinite = found["distance", "infinite_share"]
    assert (infinite.value, infinite.verdict) == (0.5, Verdict.ALARM)
    assert infinite.reason == "50 %, more than the 0 % allowed (none is legal)"
    assert ("zone", "infinite_share") not in found


def test_categories_the_reference_does_not_have_are_unseen(case: Case) -> None:
    zones = ["north"] * 90 + ["elsewhere"] * 6 + [None] * 4
    unseen = case.data_quality(rows([5.0] * 100, zones))["zone", "unseen_share"]
    assert unseen.value == pytest.approx(6 / 96)
    assert unseen.verdict is Verdict.ALARM
    assert unseen.reason == "6.25 %, more than the 5 % allowed (maximum_unseen_share)"


def test_numbers_outside_the_references_range_are_unseen(case: Case) -> None:
    distances = case.rows.column("distance").to_numpy()
    values = [float(distances.min()) - 1, float(distances.max()) + 1, *distances[:8].tolist()]
    unseen = case.data_quality(rows(values, ["north"] * 10))["distance", "unseen_share"]
    assert unseen.value == pytest.approx(0.2)


def test_counts_over_other_bins_have_no_unseen_share(case: Case) -> None:
    window = usual_rows(20)
    counted = {key: replace(one, bins_version=3) for key, one in case.profiles(window).items()}
    counts = WindowCounts(rows_read=20, rows_scored=20)
    found = judge_data_quality(
        case.spec, counted, case.reference.profiles, case.bins(window), counts
    )
    [unseen] = [one for one in found if (one.column_name, one.metric) == ("zone", "unseen_share")]
    assert unseen.verdict is Verdict.UNDEFINED
    assert unseen.reason.startswith("bins changed: the reference was counted over version 1")


@pytest.mark.parametrize("column", ["distance", "minutes"])
def test_text_in_a_number_is_counted_and_none_is_legal(case: Case, column: str) -> None:
    found = case.data_quality(usual_rows(10_000), adjusted={f"invalid:{column}": 1})
    invalid = found[column, "invalid_share"]
    assert (invalid.value, invalid.verdict) == (0.0001, Verdict.ALARM)
    assert invalid.reason == "0.01 %, more than the 0 % allowed (none is legal)"


@pytest.mark.parametrize(("rejected", "verdict"), [(20, Verdict.OK), (21, Verdict.ALARM)])
def test_filters_may_reject_a_fifth(case: Case, rejected: int, verdict: Verdict) -> None:
    by = ["too_short"] * (rejected - 1) + ["too_long"] + [None] * (100 - rejected)
    found = case.data_quality(rows([5.0] * 100, ["north"] * 100, by))
    assert found["", "rejected_share"].value == rejected / 100
    assert found["", "rejected_share"].verdict is verdict


@pytest.mark.parametrize(("scored", "verdict"), [(95, Verdict.OK), (94, Verdict.ALARM)])
def test_at_most_a_twentieth_of_the_passing_rows_may_lack_a_prediction(
    case: Case, scored: int, verdict: Verdict
) -> None:
    window = usual_rows(100)
    found = judge_data_quality(
        case.spec,
        case.profiles(window),
        case.reference.profiles,
        case.bins(window),
        WindowCounts(rows_read=100, rows_scored=scored),
    )
    unscored = next(one for one in found if one.metric == "unscored_share")
    assert unscored.verdict is verdict


def test_what_was_mended_on_reading_is_described(case: Case) -> None:
    adjusted = {"duplicate_id": 3, "missing_hour": 2}
    found = case.data_quality(usual_rows(10), adjusted=adjusted)
    described = [found["", f"{what}_rows"] for what in (*adjusted, "repeated_hour")]
    assert [one.value for one in described] == [3.0, 2.0, 0.0]
    assert {one.reason for one in described} == {"described, no bound is set"}


def test_the_windows_missing_share_is_over_all_cells_of_all_columns(case: Case) -> None:
    window = rows([None, 1.0], ["north", None], [None, "too_short"])
    found = case.data_quality(window)
    assert found["", "missing_share"].value == 0.5
    assert missing_share(case.profiles(window)) == 0.5
    assert missing_share(case.profiles(rows([], []))) is None


def test_a_model_without_target_has_no_row_about_it() -> None:
    columns = {"id": "id", "event_time": "time", "numerical": ["distance"], "categorical": ["zone"]}
    period = {"start": "2023-01-01", "end": "2023-02-01"}
    case = Case(columns=columns, model=None, reference={"period": period})
    found: dict[tuple[str, str], DataQuality] = case.data_quality(usual_rows(10))
    assert {column for column, _ in found} == {"", "distance", "zone"}
