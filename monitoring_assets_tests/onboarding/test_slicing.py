"""Segments worth watching: proposed as a comment where the sample shows an obvious column."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitoring_assets.components.loading import load_model
from monitoring_assets.onboarding.slicing import Slices
from monitoring_assets.onboarding.written import defs_yaml
from monitoring_assets.spec.segments import SegmentSpec
from monitoring_assets_tests.onboarding.data import ROWS, binary_rows, proposed_for

NUMBERS = np.arange(ROWS)
HALVES = np.where(NUMBERS % 2, "card", "cash")
UNEVEN = np.where(NUMBERS % 10 == 0, "rare", HALVES)  # 250 rows a day: 100, 125 and 25 of a kind
MANY = (NUMBERS % 40).astype(str)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"country": HALVES}, Slices(column="country", values=2, whole=True)),
        ({"country": UNEVEN}, Slices(column="country", values=2, whole=False)),
        ({"country": MANY}, None),
        ({"country": MANY, "paid by": HALVES}, Slices(column="paid by", values=2, whole=True)),
        ({"country": None}, None),
    ],
    ids=["two halves", "one is rare", "each too small", "the other column", "no category"],
)
def test_a_column_of_which_several_values_have_rows_enough_is_found(
    tmp_path: Path, columns: dict[str, Any], expected: Slices | None
) -> None:
    assert proposed_for(binary_rows(**columns), tmp_path).slices == expected


def test_of_several_columns_that_with_the_most_slices_is_found(tmp_path: Path) -> None:
    rows = binary_rows(24 * ROWS, aisle=np.arange(24 * ROWS) % 5 + 0.5, shop=[*"abcd"] * 6 * ROWS)
    slices = proposed_for(rows, tmp_path).slices
    assert slices == Slices(column="shop", values=4, whole=True)


@pytest.mark.parametrize(
    ("values", "expected"),
    [(HALVES, SegmentSpec(column="paid by")), (UNEVEN, SegmentSpec(column="paid by", most=2))],
)
def test_the_comment_is_legal_as_soon_as_it_is_none(
    tmp_path: Path, values: Any, expected: SegmentSpec
) -> None:
    proposal = proposed_for(binary_rows(country=None, **{"paid by": values}), tmp_path)
    text = defs_yaml(proposal, "small", "../model.schema.json")
    file = tmp_path / "small" / "defs.yaml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    assert load_model(file).segments == ()
    file.write_text(re.sub(r"^  # (segments:|  - \{column)", r"  \1", text, flags=re.M), "utf-8")
    assert load_model(file).segments == (expected,)


def test_the_comment_is_marked_as_a_guess_with_its_reason(tmp_path: Path) -> None:
    text = defs_yaml(proposed_for(binary_rows(country=HALVES), tmp_path), "small", "x")
    assert re.search(r"# guess: 2 of its values have rows enough in a day to be watched", text)
