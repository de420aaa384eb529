"""What looks wrong with a window, one case each: a warning, or an error that would stop a run."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitoring_assets_tests.onboarding.data import ROWS, binary_rows
from monitoring_assets_tests.onboarding.watched import TRAINED, inspected, troubles

Case = tuple[dict[str, Any], dict[str, Any]]

NUMBERS = np.arange(ROWS)
EARLY = pa.array(NUMBERS < 1000)
NINTH = pa.array(NUMBERS % 9 == 0)
HALF = np.where(NUMBERS % 2, "x", "y")
ANSWERED = {"columns": {"probabilities": {}, "prediction": "answer"}}
X_AND_Y = {"classification": {"classes": ["x", "y"]}, "columns": {"probabilities": {"y": "score"}}}
ONE_DAY = {"period": {"start": "2025-01-01", "end": "2025-01-02"}}
WEEKS = {"granularity": "week", "start": "2025-01-06"}
TEN = {"name": "small", "column": "amount", "maximum": 10}
NONE = {"name": "all", "column": "amount", "maximum": -1}

# What is said -> columns in place of the good ones, sections of the YAML in place of its own.
WARNINGS: dict[str, Case] = {
    "amount: is always 1": ({"amount": np.ones(ROWS)}, {}),
    "amount: has no value in any row": ({"amount": pa.nulls(ROWS, pa.float64())}, {}),
    "amount: 10.0% of the rows": ({"amount": np.where(NUMBERS % 10, NUMBERS, np.nan)}, {}),
    "amount: 5 values are infinite": ({"amount": np.where(NUMBERS % 50, NUMBERS, np.inf)}, {}),
    "amount: 5 texts could not be read, such as 'n/a'": (
        {"amount": np.where(NUMBERS % 50, "7", "n/a")},
        {},
    ),
    "amount: holds only 3 different whole numbers": ({"amount": NUMBERS % 3}, {}),
    "country: every row has a category of its own": ({"country": NUMBERS.astype(str)}, {}),
    "id: is not unique: 125 rows repeat the id": ({"id": (NUMBERS // 2).astype(str)}, {}),
    "amount: has a correlation of -1.0000 with the target": (
        {"amount": (NUMBERS % 2) * 1.5, "label": NUMBERS % 2},
        {},
    ),
    "country: equals the target 'label'": ({"country": HALF, "label": HALF}, X_AND_Y),
    "250 rows have probabilities outside 0 to 1": ({"score": NUMBERS / 10}, {}),
    "label: 50 rows hold '2', which": ({"label": np.where(NUMBERS % 5, "1", "2")}, {}),
    "prediction: class '1' is never predicted": ({"score": np.full(ROWS, 0.1)}, {}),
    "label: 0% of the rows have a label, less": ({"label": pa.nulls(ROWS, pa.int64())}, {}),
    "label: 11% of the rows have a label, less than quality.mature_share (90%)": (
        {"label": pc.if_else(NINTH, 1, None)},
        {},
    ),
    "label: 28 labels are fewer": (
        {"label": pc.if_else(NINTH, 1, None)},
        {"quality": {"mature_share": 0.1}},
    ),
    "answer: 11.2% of the rows": ({"answer": pc.if_else(NINTH, None, "1")}, ANSWERED),
    "label: 28 labels belong": ({"answer": pc.if_else(NINTH, None, "1")}, ANSWERED),
    "answer: equals the target 'label' in 250 of 250": (
        {"answer": NUMBERS % 2, "label": NUMBERS % 2},
        ANSWERED,
    ),
    "answer: is the same in every row": ({"answer": ["1"] * ROWS}, ANSWERED),
    "250 rows are fewer than drift.minimum_rows (300)": ({}, {"drift": {"minimum_rows": 300}}),
    "scored_at: times are stored without a zone and read as UTC": (
        {},
        {"source": {"event_time_zone": None}},
    ),
    "1,250 rows of the source lie between the": ({}, {"windows": {"start": "2025-01-10"}}),
    "the source has not come past the end of": ({}, {"windows": {"start": "2025-01-16"}}),
    "the filters reject 7": ({}, {"filters": [TEN]}),
    "the reference has 250 rows, fewer than": ({}, {"reference": ONE_DAY, "windows": WEEKS}),
}

YEARS_AGO = {"period": {"start": "2020-01-01", "end": "2020-02-01"}}
ERRORS: dict[str, Case] = {
    "the reference holds no row": ({}, {"reference": YEARS_AGO}),
    "the reference none of its 1,000 rows passes": ({}, {"filters": [NONE]}),
    "label: 0 rows of `model.training`": ({"label": pc.if_else(EARLY, None, 1)}, TRAINED),
    "label: holds '2' in `model.training`": ({"label": pc.if_else(EARLY, "2", "1")}, TRAINED),
    "label: each class needs 5 rows": ({"label": pc.if_else(EARLY, "0", "1")}, TRAINED),
    "amount: has no value in any row of": ({"amount": pc.if_else(EARLY, None, 1.5)}, TRAINED),
}


@pytest.mark.parametrize("expected", [*WARNINGS])
def test_a_warning_names_what_looks_wrong(tmp_path: Path, expected: str) -> None:
    columns, sections = WARNINGS[expected]
    found = troubles(inspected(tmp_path, binary_rows(**columns), **sections))
    matching = [text for text in found if text.startswith(expected)]
    assert matching, found
    assert found[matching[0]] == "warning"


@pytest.mark.parametrize("expected", [*ERRORS])
def test_an_error_is_what_would_stop_a_run(tmp_path: Path, expected: str) -> None:
    columns, sections = ERRORS[expected]
    found = inspected(tmp_path, binary_rows(**columns), **sections)
    matching = [text for text in troubles(found) if text.startswith(expected)]
    assert matching, troubles(found)
    assert troubles(found)[matching[0]] == "error"
    assert found.stops
    assert found.troubles[0].stops, "errors come first"
