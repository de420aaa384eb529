"""Features: numbers, categories, and what is left out with its reason."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
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

NUMBERS = np.arange(ROWS)


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("amount2", NUMBERS / 7, "numerical"),
        ("age", NUMBERS % 80, "numerical"),
        ("passenger_count", NUMBERS % 6, "numerical"),
        ("VendorID", NUMBERS % 2 + 1, "categorical"),
        ("PULocationID", NUMBERS % 260, "categorical"),
        ("grade", NUMBERS % 5, "categorical"),
        ("is_new", NUMBERS % 2 == 0, "categorical"),
        ("digits", pa.array((NUMBERS / 7).astype(str)), "numerical"),
        ("town", np.array(["Ulm", "Bonn"])[NUMBERS % 2], "categorical"),
        (
            "town2",
            pa.array(np.array(["Ulm", "Bonn"])[NUMBERS % 2]).dictionary_encode(),
            "categorical",
        ),
        ("comment", [f"text {n}" for n in range(ROWS)], "left out"),
        ("fixed", np.ones(ROWS), "left out"),
        ("nothing", pa.nulls(ROWS), "left out"),
        ("blank", [" "] * ROWS, "left out"),
        ("other_time", times(), "left out"),
        ("items", pa.array([[1]] * ROWS), "left out"),
        ("session_id", NUMBERS + 17, "left out"),
        ("__index_level_0__", NUMBERS, "left out"),
        ("", NUMBERS, "left out"),
        ("{{ env.HOME }}", NUMBERS, "left out"),
        ("x" * 201, NUMBERS, "left out"),
    ],
)
def test_a_column_is_a_feature_of_the_kind_its_values_are(
    tmp_path: Path, name: str, values: Any, role: str
) -> None:
    proposal = proposed_for(binary_rows(**{name: values}), tmp_path)
    assert roles(proposal)[name] == role
    assert why(proposal, name)


def test_two_columns_of_one_name_are_left_out(tmp_path: Path) -> None:
    rows = binary_rows()
    doubled = rows.append_column("amount", rows["amount"])
    proposal = proposed_for(doubled.append_column("size", rows["amount"]), tmp_path)
    assert why(proposal, "amount") == "2 columns are called so"
    assert [one.name for one in proposal.columns].count("amount") == 1


@pytest.mark.parametrize("name", ["rejected_by", "row_id", "knowledge_time"])
def test_a_name_that_every_row_has_already_is_renamed(tmp_path: Path, name: str) -> None:
    proposal = proposed_for(binary_rows(**{name: NUMBERS % 7 * 1.5}), tmp_path)
    assert roles(proposal)[name] == "numerical"
    assert proposal.rename == {f"{name}_of_source": name}


def test_a_table_without_any_feature_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no column is left.*country: always 'DE'"):
        proposed_for(binary_rows(amount=None, country=["DE"] * ROWS), tmp_path)
