"""Event time, id, model version, the time labels became known: found by name, type and values."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitoring_assets.errors import ConfigurationError
from monitoring_assets_tests.onboarding.data import (
    ROWS,
    binary_rows,
    proposed_for,
    roles,
    times,
    why,
)

LATER = pc.add(times(), pa.scalar(timedelta(days=2)))
TEXTS = pc.strftime(times(), "%Y-%m-%dT%H:%M:%S")


def test_every_column_of_a_plain_table_is_what_its_name_and_values_say(tmp_path: Path) -> None:
    assert roles(proposed_for(binary_rows(), tmp_path)) == {
        "id": "id",
        "scored_at": "event time",
        "amount": "numerical",
        "country": "categorical",
        "score": "probability",
        "label": "target",
    }


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"ended_at": LATER}, "scored_at"),
        ({"label_time": LATER}, "scored_at"),
        ({"event_time": LATER}, "event_time"),
        ({"scored_at": None, "pickup": times(), "dropoff": LATER}, "pickup"),
        ({"scored_at": TEXTS}, "scored_at"),
        ({"scored_at": pc.cast(times(), pa.date32())}, "scored_at"),
        ({"scored_at": pc.assume_timezone(times(), "UTC")}, "scored_at"),
        (
            {"aaa": pa.array([None] * (ROWS // 2) + [1] * (ROWS // 2)).cast(pa.timestamp("s"))},
            "scored_at",
        ),
    ],
)
def test_the_event_time_is_the_first_thing_that_happens(
    tmp_path: Path, columns: dict[str, Any], expected: str
) -> None:
    proposal = proposed_for(binary_rows(**columns), tmp_path)
    assert proposal.event_time.name == expected


def test_other_times_are_left_out_and_named(tmp_path: Path) -> None:
    proposal = proposed_for(binary_rows(ended_at=LATER), tmp_path)
    assert roles(proposal)["ended_at"] == "left out"
    assert "other times: ended_at" in why(proposal, "scored_at")


def test_the_user_knows_the_event_time_better(tmp_path: Path) -> None:
    proposal = proposed_for(binary_rows(ended_at=LATER), tmp_path, event_time="ended_at")
    assert proposal.event_time.name == "ended_at"
    assert why(proposal, "ended_at") == "--event-time"


def test_no_event_time_is_refused_with_what_comes_near(tmp_path: Path) -> None:
    seconds = pa.array(np.arange(ROWS) + 1_735_689_600)
    rows = binary_rows(scored_at=None, created_ts=seconds, open_date=["soon"] * ROWS)
    with pytest.raises(ConfigurationError) as refused:
        proposed_for(rows, tmp_path)
    assert "'created_ts' holds numbers that look like seconds since 1970" in str(refused.value)
    assert "'open_date' is of type string, such as 'soon'" in str(refused.value)


def test_a_column_that_holds_no_times_is_refused_as_event_time(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"--event-time: column 'amount' \(double\)"):
        proposed_for(binary_rows(), tmp_path, event_time="amount")


@pytest.mark.parametrize("option", ["event_time", "id", "target", "prediction", "knowledge_time"])
def test_a_column_that_is_not_there_is_answered_with_the_likeliest_one(
    tmp_path: Path, option: str
) -> None:
    name = option.replace("_", "-")
    with pytest.raises(ConfigurationError, match=f"--{name}: there is no column 'amoun'; did you"):
        proposed_for(binary_rows(), tmp_path, **{option: "amoun"})


def test_an_id_that_repeats_is_none(tmp_path: Path) -> None:
    repeated = [f"c{number % 300}" for number in range(ROWS)]
    proposal = proposed_for(binary_rows(id=None, customer_id=repeated), tmp_path)
    assert roles(proposal)["customer_id"] == "categorical"
    assert not proposal.of_role("id")


def test_the_version_is_found_by_its_name(tmp_path: Path) -> None:
    found = roles(proposed_for(binary_rows(model_version=["v7"] * ROWS), tmp_path))
    assert found["model_version"] == "model version"


def test_days_in_another_order_are_named_as_what_comes_near(tmp_path: Path) -> None:
    written = pc.strftime(times(), "%d.%m.%Y %H:%M")
    rows = binary_rows(scored_at=None, Bestellzeitpunkt=written)
    with pytest.raises(ConfigurationError) as refused:
        proposed_for(rows, tmp_path)
    assert "'Bestellzeitpunkt' is of type string, such as '01.01.2025 00:0" in str(refused.value)
    assert "', days in another order. A source reads times" in str(refused.value)
