"""A reference that grows since the version in force was deployed, and laws drawn for one window."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from scipy.stats import wasserstein_distance

from monitoring_assets.storage import tables
from monitoring_assets_tests.assets.classifier_model import (
    JANUARY,
    Classifier,
    Windows,
    classifier_spec,
    computed,
    measured,
    metadata_of,
)
from monitoring_assets_tests.assets.small_model import ROWS, good_rows
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import everything, rows_of, stored_rows

pytestmark = pytest.mark.slow

DAYS = [f"2023-02-{day:02}" for day in range(1, 9)]
PROMOTED = 4
"""Place of the first day that another deployment serves."""

FEWEST = 2
USUAL = dict.fromkeys((*DAYS[:FEWEST], *DAYS[PROMOTED : PROMOTED + FEWEST]), JANUARY) | {
    DAYS[2]: DAYS[:2],
    DAYS[3]: DAYS[:3],
    DAYS[6]: DAYS[4:6],
    DAYS[7]: DAYS[4:7],
}
"""Window -> the days it is to be compared with."""

SPEC = classifier_spec(
    "binary",
    {},
    model={"estimator": "linear", "training": {"start": "2023-01-01", "end": "2023-02-01"}},
    reference={"since_deployment": True, "minimum_windows": FEWEST},
)

DRAWN = classifier_spec(
    "binary",
    {"prediction": "said", "categorical": []},
    drift={"columns": {"distance": {"method": "wasserstein"}}},
    reference={"period": {"start": "2023-01-01", "end": "2023-02-01"}, "rolling_windows": 2},
)


@pytest.fixture(scope="module")
def growing(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Windows]:
    """Eight days in one run; from the fifth on, another deployment serves."""
    with measured(new_database, tmp_path_factory.mktemp("growing"), SPEC) as model:
        prepare(model)
        yield computed(model, DAYS[0], DAYS[-1])


def prepare(model: Classifier) -> None:
    for place, day in enumerate(DAYS):
        model.write(day, distance=good_rows(day)["distance"] + place)
    (first,) = rows_of(model.database, tables.deployment)
    second = first | {"valid_from": datetime(2023, 2, 1 + PROMOTED, tzinfo=UTC)}
    with model.database.begin() as connection:
        connection.execute(sa.insert(tables.deployment).values(second))


@pytest.mark.parametrize("day", DAYS)
def test_drift_is_measured_from_the_days_of_the_same_deployment(growing: Windows, day: str) -> None:
    row = growing.drift(day, "distance")
    (bins,) = rows_of(growing.model.database, tables.bins, column_name="distance")
    window, usual = (growing.model.frame(*days)["distance"] for days in ([day], USUAL[day]))
    below = [
        np.searchsorted(np.sort(one), bins["edges"], "right") / len(one) for one in (window, usual)
    ]
    assert row["score"] == pytest.approx(np.abs(below[0] - below[1]).max(), rel=1e-9)
    assert row["n_reference"] == ROWS * len(USUAL[day])


@pytest.mark.parametrize("day", DAYS)
def test_quality_is_held_against_that_of_the_days_of_the_same_deployment(
    growing: Windows, day: str
) -> None:
    kind = "reference" if USUAL[day] is JANUARY else "predictions"
    rows = stored_rows(growing.model.database, "small", kind).to_pandas()
    rows = rows[rows["event_time"].dt.strftime("%Y-%m-%d").isin(USUAL[day])]
    labels = growing.model.frame(*USUAL[day])[["id", "answer"]].rename(columns={"answer": "truth"})
    rows = rows.merge(labels, left_on="row_id", right_on="id")
    assert len(rows) == ROWS * len(USUAL[day])
    accuracy = growing.quality(day, "accuracy")["reference_value"]
    assert accuracy == pytest.approx((rows["truth"] == rows["prediction"]).mean())
    squares = (rows["probability_yes"] - (rows["truth"] == "yes")) ** 2
    loss = growing.quality(day, "brier_loss")["reference_value"]
    assert loss == pytest.approx(squares.mean(), rel=1e-9)


def test_metadata_says_from_when_on_the_windows_are_it_is_compared_with(growing: Windows) -> None:
    shown = {day: metadata_of(growing.model, "data_drift", day)["compared_with"] for day in DAYS}
    fixed = {day for day, text in shown.items() if text == "reference version 1"}
    assert fixed == {day for day, days in USUAL.items() if days is JANUARY}
    assert shown[DAYS[-1]] == (f"the windows from {DAYS[PROMOTED]} 00:00 to {DAYS[-1]} 00:00 UTC")


def test_windows_one_by_one_are_the_same_as_in_one_run(
    growing: Windows, new_database: NewDatabase, tmp_path: Path
) -> None:
    with measured(new_database, tmp_path, SPEC) as model:
        prepare(model)
        for day in DAYS:
            model.runner.one(day)
        found, expected = everything(model.database), everything(growing.model.database)
        for name in {*found, *expected}:
            assert found[name] == expected[name], name


def test_the_law_of_a_quiet_window_is_that_of_the_rows_it_is_compared_with(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    with measured(new_database, tmp_path, DRAWN) as model:
        for day in DAYS[:3]:
            model.write(day, distance=good_rows(day)["distance"] * 3)
        found = computed(model, DAYS[0], DAYS[2])
        row, usual = found.drift(DAYS[2], "distance"), model.frame(*DAYS[:2])["distance"]
        (bins,) = rows_of(model.database, tables.bins, column_name="distance")
        before = everything(model.database)["drift_score"]
        computed(model, DAYS[0], DAYS[2])
        assert everything(model.database)["drift_score"] == before
    quiet = drawn(usual, bins)
    assert row["expected"] == pytest.approx(np.median(quiet), rel=0.15)
    assert row["p_value"] == pytest.approx((quiet >= row["score"]).mean(), abs=0.1)


def drawn(usual: "pd.Series[float]", bins: dict[str, Any]) -> Any:
    """Draw quiet windows and references from the rows; return their distances in scales."""
    random = np.random.default_rng(7)
    inside = usual.clip(bins["edges"][0], bins["edges"][-1]).to_numpy()
    pairs = ((random.choice(inside, n) for n in (len(usual), ROWS)) for _ in range(400))
    return np.array([wasserstein_distance(*pair) for pair in pairs]) / bins["scale"]
