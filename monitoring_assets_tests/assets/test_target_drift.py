"""Drift of what was observed: stored with the labels, beside the drift of inputs."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from monitoring_assets.records import Layer, Verdict
from monitoring_assets.storage import tables
from monitoring_assets.storage.roll_up.spans import read_span
from monitoring_assets.storage.verdicts import window_verdicts
from monitoring_assets_tests.assets.late_model import (
    DAYS,
    Label,
    LateModel,
    labels_of,
    late_model,
    moment,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import comparable, rows_of

pytestmark = pytest.mark.slow

SEGMENTS = [{"column": "zone"}]
INPUTS = (Layer.WINDOW_PROFILES, Layer.DATA_DRIFT, Layer.DATA_QUALITY)
METHODS = {"numerical": {"method": "kolmogorov_smirnov", "threshold": 0.1}, "minimum_rows": 20}


@pytest.fixture(scope="module")
def opened(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LateModel]:
    folder = tmp_path_factory.mktemp("observed")
    with late_model(new_database, folder, segments=SEGMENTS, drift=METHODS) as model:
        yield model


@pytest.fixture
def model(opened: LateModel) -> LateModel:
    """The model, none of whose windows has a label."""
    opened.forget()
    return opened


def twice(labels: list[Label]) -> list[Label]:
    return [(name, 2 * minutes, known) for name, minutes, known in labels]


def of_target(model: LateModel, table: Any, day: str | None = None) -> list[dict[str, Any]]:
    """Return the rows about the target, those of `all` first."""
    equal = {} if day is None else {"window_start": moment(day)}
    rows = rows_of(model.database, table, column_name="minutes", **equal)
    return sorted(rows, key=lambda row: (row["segment"] != "all", row["segment"]))


def verdicts(model: LateModel, day: str) -> dict[str, str]:
    """Return column -> verdict over all rows of a day."""
    rows = rows_of(
        model.database, tables.drift_score, segment="all", window_start=moment(day), deciding=True
    )
    return {row["column_name"]: row["verdict"] for row in rows}


def test_labels_twice_as_large_alarm_and_no_input_does(model: LateModel) -> None:
    model.report(twice(labels_of(DAYS[0])))
    model.read(moment("2023-02-10"))
    found = verdicts(model, DAYS[0])
    assert found.pop("minutes") == Verdict.ALARM
    assert {*found} == {"distance", "zone", "said"}
    assert {*found.values()} == {Verdict.OK}


def test_every_segment_is_counted_and_judged_and_none_of_rejected_rows(model: LateModel) -> None:
    model.report(labels_of(DAYS[1]))
    model.read(moment("2023-02-10"))
    zones = ("(missing)", "(other)", "north", "south", "west")
    expected = ["all", *(f"zone={name}" for name in zones)]
    profiles = of_target(model, tables.window_profile, DAYS[1])
    assert [row["segment"] for row in profiles] == expected
    assert profiles[0]["rows"] == sum(row["rows"] for row in profiles[1:]) == 120
    assert [row["segment"] for row in of_target(model, tables.drift_score, DAYS[1])] == expected


def test_half_of_the_labels_are_immature_and_none_are_said_to_be_none(model: LateModel) -> None:
    model.report(twice(labels_of(DAYS[2]))[:50])
    model.read(moment("2023-02-10"))
    row, *_ = of_target(model, tables.drift_score, DAYS[2])
    assert (row["verdict"], row["score"] is None) == (Verdict.LABELS_IMMATURE, False)
    assert row["reason"] == "41.67 % of scored rows have a label, 50 % are needed"
    dataset, *_ = rows_of(
        model.database, tables.dataset_drift, segment="all", window_start=moment(DAYS[2])
    )
    assert dataset["columns_decided"] == 2


def test_drift_of_inputs_judged_anew_leaves_that_of_the_target_alone(model: LateModel) -> None:
    model.report(labels_of(DAYS[3]))
    model.read(moment("2023-02-10"))
    kept = [of_target(model, one) for one in (tables.window_profile, tables.drift_score)]
    model.runner.span(DAYS[3], DAYS[3], layers=INPUTS)
    assert [of_target(model, tables.window_profile), of_target(model, tables.drift_score)] == kept


def test_it_stands_beside_quality_and_is_no_lack_of_it(model: LateModel) -> None:
    model.report(twice(labels_of(DAYS[4])))
    model.read(moment("2023-02-10"))
    start = moment(DAYS[4])
    found = window_verdicts(model.database, "small", "mean_error", [start])[start]
    assert found.observed_drift is not None
    assert found.observed_drift.verdict is Verdict.ALARM
    assert found.drifted_columns == ("minutes",)
    assert found.quality is not None
    assert found.observed_drift.reason not in found.quality.reason


def test_the_sum_of_the_days_is_that_of_all_their_labels(model: LateModel) -> None:
    for day in DAYS:
        model.report(labels_of(day))
    model.read(moment("2023-02-10"))
    end = moment("2023-02-07")
    week = read_span(model.database, "small", "day", moment(DAYS[0]), end)
    profile = week.columns["all", "minutes"]
    values = [minutes for day in DAYS for _, minutes, _ in labels_of(day)]
    assert (profile.rows, profile.minimum, profile.maximum) == (720, min(values), max(values))


def test_whatever_the_order_of_arrival_the_same_is_stored(model: LateModel) -> None:
    labels = [one for day in DAYS[:3] for one in labels_of(day, moment("2023-02-08"))]
    labels += [(name, value + 7, moment("2023-02-09")) for name, value, _ in labels[::5]]
    stored: list[list[str]] = []
    for seed in range(6):
        model.forget()
        mixed = [labels[place] for place in np.random.default_rng(seed).permutation(len(labels))]
        for number, part in enumerate((mixed[:250], mixed[250:300], mixed[300:])):
            model.report(part)
            model.read(moment(f"2023-02-{10 + number}"))
        tables_of_target = (tables.window_profile, tables.drift_score)
        rows = [row for one in tables_of_target for row in of_target(model, one)]
        stored.append(comparable([row for row in rows if row["window_start"] < moment(DAYS[3])]))
    assert all(one == stored[0] for one in stored)
    assert len(stored[0]) == 2 * 3 * 6
