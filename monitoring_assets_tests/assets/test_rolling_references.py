"""A reference that moves along: each window is compared with those just before it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitoring_assets.records import Verdict
from monitoring_assets.spec.verdicts import QualitySpec
from monitoring_assets.storage import tables
from monitoring_assets_tests.assets.classifier_model import (
    JANUARY,
    SAID,
    Classifier,
    Windows,
    answers,
    classifier_spec,
    computed,
    measured,
    metadata_of,
    probabilities_of,
)
from monitoring_assets_tests.assets.classifier_witness import Witness
from monitoring_assets_tests.assets.small_model import good_rows
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import everything, rows_of

pytestmark = pytest.mark.slow

BEFORE = 3
DAYS = [f"2023-02-{day:02}" for day in range(1, 9)]
FIRST, LAST = DAYS[0], DAYS[-1]


def rolling_spec(**reference: Any) -> Any:
    columns = {"prediction": SAID, "probabilities": probabilities_of("binary")}
    fixed = {"period": {"start": "2023-01-01", "end": "2023-02-01"}}
    return classifier_spec(
        "binary", columns, reference=fixed | ({"rolling_windows": BEFORE} | reference)
    )


def moving_rows(day: str) -> dict[str, Any]:
    """Return a day's rows, whose distances grow from day to day and whose labels get worse."""
    step = DAYS.index(day) if day in DAYS else 0
    labels = answers("binary", day)["answer"]
    return {
        "distance": good_rows(day)["distance"] + 1.5 * step,
        "zone": ["moon"] * 5 * step + [*good_rows(day)["zone"]][5 * step :],
        "answer": [*np.where(labels[: 3 * step] == "no", "yes", "no"), *labels[3 * step :]],
    }


@pytest.fixture(scope="module")
def rolling(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Windows]:
    """Eight days in one run, each compared with the three before it."""
    folder = tmp_path_factory.mktemp("rolling")
    with measured(new_database, folder, rolling_spec()) as model:
        for day in DAYS:
            model.write(day, **moving_rows(day))
        yield computed(model, FIRST, LAST)


def days_before(day: str) -> list[str]:
    """Return the days a window is compared with: those of January for the first ones."""
    place = DAYS.index(day)
    return DAYS[place - BEFORE : place] if place >= BEFORE else JANUARY


def witness(model: Classifier, *days: str) -> Witness:
    rows = model.frame(*days)
    rows = rows.assign(
        label=rows["answer"], said=rows[SAID], yes=rows["p_yes"], no=1 - rows["p_yes"]
    )
    return Witness(rows, ["no", "yes"], "yes")


def close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("column", ["distance", "p_yes"])
def test_numbers_are_compared_with_the_raw_rows_of_the_days_before(
    rolling: Windows, day: str, column: str
) -> None:
    row = rolling.drift(day, column)
    (bins,) = rows_of(rolling.model.database, tables.bins, column_name=column)
    window, usual = (rolling.model.frame(*days)[column] for days in ([day], days_before(day)))
    below = [
        np.searchsorted(np.sort(one), bins["edges"], "right") / len(one) for one in (window, usual)
    ]
    assert row["score"] == close(np.abs(below[0] - below[1]).max())
    assert (row["n_window"], row["n_reference"]) == (len(window), len(usual))


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("column", ["zone", SAID])
def test_categories_are_compared_with_the_raw_rows_of_the_days_before(
    rolling: Windows, day: str, column: str
) -> None:
    window, usual = (rolling.model.frame(*days)[column] for days in ([day], days_before(day)))
    counts = pd.DataFrame({"w": window.value_counts(), "u": usual.value_counts()}).fillna(0)
    rare = counts.sum(axis=1) / counts.to_numpy().sum() * counts.sum().min() < 5
    counts = counts.groupby([str(one) if not rare[one] else "rest" for one in counts.index]).sum()
    shares = counts / counts.sum()
    score = np.sqrt(((shares["w"] - shares["u"]) ** 2 / shares.sum(axis=1)).sum() / 2)
    assert rolling.drift(day, column)["score"] == close(score)


@pytest.mark.parametrize("day", DAYS)
def test_the_references_quality_is_that_of_the_rows_of_the_days_before(
    rolling: Windows, day: str
) -> None:
    window, usual = (witness(rolling.model, *days) for days in ([day], days_before(day)))
    rows = rows_of(rolling.model.database, tables.model_quality)
    rows = [row for row in rows if f"{row['window_start']:%Y-%m-%d}" == day]
    assert len(rows) == 10 + 2 * 5
    for row in rows:
        asked, area = (row["metric"], row["class_name"]), row["metric"] == "roc_auc"
        off = 1e-9 + (usual.near_pairs() if area else 0)
        assert row["reference_value"] == pytest.approx(usual.value(*asked), abs=off), asked
        off = 1e-9 + (window.near_pairs() if area else 0)
        assert row["value"] == pytest.approx(window.value(*asked), abs=off), asked


def test_bounds_move_along_with_the_references_quality(rolling: Windows) -> None:
    for day in DAYS:
        row = rolling.quality(day, "f1")
        assert row["threshold"] == close(0.8 * row["reference_value"])
    references = {rolling.quality(day, "f1")["reference_value"] for day in DAYS}
    assert len(references) == 1 + len(DAYS) - BEFORE


def test_what_is_usual_in_the_days_before_is_not_what_was_usual_in_january(
    rolling: Windows,
) -> None:
    assert rolling.drift(DAYS[2], "distance")["verdict"] == Verdict.ALARM
    bins = rows_of(rolling.model.database, tables.bins, column_name="zone")
    assert "moon" in bins[0]["categories"]
    zone = rolling.drift(LAST, "zone")
    assert zone["verdict"] == Verdict.OK, "five more of them than the day before"


def test_metadata_says_which_days_a_window_was_compared_with(rolling: Windows) -> None:
    for day in (FIRST, LAST):
        start = rolling.ledger(day)["window_start"]
        said = {
            metadata_of(rolling.model, layer, day)["compared_with"]
            for layer in ("data_drift", "model_quality")
        }
        stretch = f"{start - timedelta(days=BEFORE):%Y-%m-%d %H:%M} to {start:%Y-%m-%d %H:%M} UTC"
        fixed = "reference version 1"
        assert said == {fixed if day == FIRST else f"the windows from {stretch}"}


def test_windows_one_by_one_are_the_same_as_in_one_run(
    rolling: Windows, new_database: NewDatabase, tmp_path: Path
) -> None:
    with measured(new_database, tmp_path, rolling_spec()) as model:
        for day in DAYS:
            model.write(day, **moving_rows(day))
        for day in DAYS:
            model.runner.one(day)
        found, expected = everything(model.database), everything(rolling.model.database)
        assert {*found} == {*expected}
        for name in expected:
            assert found[name] == expected[name], name


def test_windows_computed_twice_are_the_same(rolling: Windows) -> None:
    before = everything(rolling.model.database)
    computed(rolling.model, FIRST, LAST)
    assert everything(rolling.model.database) == before


def test_where_the_days_before_have_few_labels_quality_is_held_against_the_fixed_reference(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    spec = replace(rolling_spec(), quality=QualitySpec(minimum_labels=BEFORE * 120 + 1))
    with measured(new_database, tmp_path, spec) as model:
        for day in DAYS[: BEFORE + 1]:
            model.write(day)
        found = computed(model, FIRST, DAYS[BEFORE])
        f1 = {found.quality(day, "f1")["reference_value"] for day in (FIRST, DAYS[BEFORE])}
        assert [*f1] == [close(witness(model, *JANUARY).value("f1"))]
        shown = metadata_of(model, "model_quality", DAYS[BEFORE])["compared_with"]
    assert shown == "reference version 1"
