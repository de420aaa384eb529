"""What a look at one window finds wrong, and what it says of windows in which nothing is."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import TypeAdapter

from monitoring_assets.errors import SourceSchemaError, SourceUnavailableError
from monitoring_assets.onboarding.inspection import Inspection, inspect_model
from monitoring_assets.sources.base import Places
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.onboarding.data import ROWS, binary_rows, times, write

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = np.arange(ROWS)
SPEC: dict[str, Any] = {
    "model_id": "small",
    "task": "binary",
    "windows": {"granularity": "day", "start": "2025-01-05"},
    "source": {"kind": "parquet", "path": "rows.parquet", "event_time_zone": "UTC"},
    "classification": {"classes": ["0", "1"]},
    "columns": {
        "event_time": "scored_at",
        "id": "id",
        "numerical": ["amount"],
        "categorical": ["country"],
        "target": "label",
        "probabilities": {"1": "score"},
    },
    "reference": {"period": {"start": "2025-01-01", "end": "2025-01-05"}},
}


def spec_of(**sections: Any) -> ModelSpec:
    """Return the model; a mapping adds to its section, None takes one out."""
    merged = dict(SPEC)
    for name, value in sections.items():
        merged[name] = merged[name] | value if isinstance(value, dict) and name in merged else value
    return TypeAdapter(ModelSpec).validate_python(
        {name: value for name, value in merged.items() if value is not None}
    )


def inspected(
    folder: Path, rows: pa.Table | None = None, wanted: str | None = None, **sections: Any
) -> Inspection:
    write(binary_rows() if rows is None else rows, folder / "rows.parquet")
    return inspect_model(spec_of(**sections), Places(folder), NOW, wanted)


def troubles(found: Inspection) -> dict[str, str]:
    """Return text -> 'error' or 'warning'."""
    texts = {f"{one.column}: {one.text}" if one.column else one.text: one for one in found.troubles}
    return {text: "error" if one.stops else "warning" for text, one in texts.items()}


def test_in_good_rows_nothing_is_wrong(tmp_path: Path) -> None:
    found = inspected(tmp_path)
    assert troubles(found) == {}
    assert (found.seen.chosen.key, found.seen.chosen.count) == ("2025-01-15", 11)
    assert (found.seen.rows.table.num_rows, found.scored, found.labels) == (250, 250, 250)
    assert found.seen.reference is not None
    assert found.seen.reference.table.num_rows == 1000


def test_what_would_be_stored_is_counted(tmp_path: Path) -> None:
    stored = inspected(tmp_path).stored
    # amount, country, score and the prediction; the answers are profiled once.
    assert stored == {
        "rows of predictions": 250,
        "labels": 250,
        "window profiles": 6,
        "drift scores": 4,
    }


def test_a_window_can_be_asked_for(tmp_path: Path) -> None:
    assert inspected(tmp_path, wanted="2025-01-07").seen.chosen.key == "2025-01-07"


HALF = np.where(NUMBERS % 2, "x", "y")
NO_SCORE = {"columns": {"probabilities": {}, "prediction": "answer"}}
CASES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"amount": np.ones(ROWS)}, {}, "amount: is always 1"),
    ({"amount": pa.nulls(ROWS, pa.float64())}, {}, "amount: has no value in any row"),
    ({"amount": np.where(NUMBERS % 10 == 0, np.nan, NUMBERS)}, {}, "amount: 10.0% of the rows"),
    ({"amount": np.where(NUMBERS % 50 == 0, np.inf, NUMBERS)}, {}, "amount: 5 values are infinite"),
    ({"amount": np.where(NUMBERS % 50, "7", "n/a")}, {}, "amount: 5 texts could not be read, such as 'n/a'"),
    ({"amount": NUMBERS % 3}, {}, "amount: holds only 3 different whole numbers"),
    ({"country": NUMBERS.astype(str)}, {}, "country: every row has a category of its own"),
    ({"id": (NUMBERS // 2).astype(str)}, {}, "id: is not unique: 125 rows repeat the id"),
    ({"amount": (NUMBERS % 2) * 1.0, "label": NUMBERS % 2}, {}, "amount: has a correlation of 1.0"),
    ({"country": HALF, "label": HALF}, {"classification": {"classes": ["x", "y"]},
      "columns": {"probabilities": {"y": "score"}}}, "country: equals the target 'label'"),
    ({"score": NUMBERS / 10}, {}, "250 rows have probabilities outside 0 to 1"),
    ({"label": np.where(NUMBERS % 5, "1", "2")}, {}, "label: 50 rows hold '2', which classification"),
    ({"score": np.full(ROWS, 0.1)}, {}, "prediction: class '1' is never predicted"),
    ({"label": pa.nulls(ROWS, pa.int64())}, {}, "label: no row has a label yet"),
    ({"label": pc.if_else(pa.array(NUMBERS % 9 == 0), 1, None)}, {}, "label: 28 labels are fewer"),
    ({"answer": pc.if_else(pa.array(NUMBERS % 9 != 0), "1", None)}, NO_SCORE, "answer: 11.2% of the rows"),
    ({"answer": pc.if_else(pa.array(NUMBERS % 9 != 0), "1", None)}, NO_SCORE, "label: 28 labels belong"),
    ({"answer": NUMBERS % 2, "label": NUMBERS % 2}, NO_SCORE, "answer: equals the target 'label' in 250"),
    ({"answer": ["1"] * ROWS}, NO_SCORE, "answer: is the same in every row"),
    ({}, {"drift": {"minimum_rows": 300}}, "250 rows are fewer than drift.minimum_rows (300)"),
    ({}, {"source": {"event_time_zone": None}}, "scored_at: times are stored without a zone and read as UTC"),
    ({}, {"windows": {"start": "2025-01-10"}}, "1,250 rows of the source lie between the reference and"),
    ({}, {"windows": {"start": "2025-01-16"}}, "the source has not come past the end of window 2025-01-16"),
    ({}, {"filters": [{"name": "small", "column": "amount", "maximum": 10}]}, "the filters reject 7"),
    ({}, {"reference": {"period": {"start": "2025-01-01", "end": "2025-01-02"}},
      "windows": {"granularity": "week", "start": "2025-01-06"}}, "the reference has 250 rows, fewer than"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "sections", "expected"), CASES)
def test_a_warning_names_what_looks_wrong(
    tmp_path: Path, columns: dict[str, Any], sections: dict[str, Any], expected: str
) -> None:
    found = troubles(inspected(tmp_path, binary_rows(**columns), **sections))
    matching = [text for text in found if text.startswith(expected)]
    assert matching, found
    assert found[matching[0]] == "warning"


TRAINED: dict[str, Any] = {
    "model": {"estimator": "linear", "training": {"start": "2025-01-01", "end": "2025-01-05"}},
    "reference": None,
    "columns": {"probabilities": {}},
}
EARLY = NUMBERS < 1000
STOPPING: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"reference": {"period": {"start": "2020-01-01", "end": "2020-02-01"}}}, "the reference holds no row"),
    ({}, {"filters": [{"name": "all", "column": "amount", "maximum": -1}]}, "the reference none of its"),
    ({"label": pc.if_else(pa.array(EARLY), None, 1)}, TRAINED, "label: 0 rows of `model.training`"),
    ({"label": np.where(EARLY, "2", "1")}, TRAINED, "label: holds '2' in `model.training`"),
    ({"label": np.where(EARLY, "0", "1")}, TRAINED, "label: each class needs 5 rows"),
    ({"amount": pc.if_else(pa.array(EARLY), None, 1.5)}, TRAINED, "amount: has no value in any row of"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "sections", "expected"), STOPPING)
def test_an_error_is_what_would_stop_a_run(
    tmp_path: Path, columns: dict[str, Any], sections: dict[str, Any], expected: str
) -> None:
    found = inspected(tmp_path, binary_rows(**columns), **sections)
    matching = [text for text in troubles(found) if text.startswith(expected)]
    assert matching, troubles(found)
    assert troubles(found)[matching[0]] == "error"
    assert found.stops
    assert found.troubles[0].stops, "errors come first"


def test_an_empty_window_is_said_to_be_empty(tmp_path: Path) -> None:
    rows = binary_rows()
    days = pc.day(rows["scored_at"])
    found = inspected(tmp_path, rows.filter(pc.not_equal(days, 9)), "2025-01-09")
    assert [*troubles(found)] == [
        "window 2025-01-09 holds no row; look at another one with --window, or at"
        " `columns.event_time`, `windows.time_zone` and `source.event_time_zone`"
    ]


def test_times_in_the_future_are_noticed(tmp_path: Path) -> None:
    write(binary_rows(), tmp_path / "rows.parquet")
    now = datetime(2025, 1, 10, tzinfo=UTC)
    found = inspect_model(spec_of(), Places(tmp_path), now)
    assert found.seen.chosen.key == "2025-01-09"
    assert any("lies in the future" in text for text in troubles(found))


def test_a_model_to_be_trained_has_no_predictions_yet(tmp_path: Path) -> None:
    found = inspected(tmp_path, **TRAINED)
    assert (found.scored, troubles(found)) == (None, {})


def test_a_regression_s_infinite_target_stops_its_training(tmp_path: Path) -> None:
    target = np.where(NUMBERS % 300 == 0, np.inf, NUMBERS * 1.5)
    sections: dict[str, Any] = TRAINED | {"task": "regression", "classification": None}
    found = troubles(inspected(tmp_path, binary_rows(label=target), **sections))
    assert "label: is infinite in 4 rows of `model.training`; add a filter for it" in found


def test_training_rows_are_looked_at_beside_another_reference(tmp_path: Path) -> None:
    rows = binary_rows(label=np.where(EARLY, "2", "1"))
    write(binary_rows(scored_at=None), tmp_path / "reference.parquet")
    elsewhere = {"source": {"kind": "parquet", "path": "reference.parquet"}}
    spec = spec_of(**TRAINED | {"reference": {"period": None} | elsewhere})
    write(rows, tmp_path / "rows.parquet")
    found = inspect_model(spec, Places(tmp_path), NOW)
    assert found.seen.reference is not None
    assert found.seen.reference.table.num_rows == ROWS
    assert any("label: holds '2' in `model.training`" in text for text in troubles(found))


def test_a_reference_that_cannot_be_read_is_an_error_beside_the_window(tmp_path: Path) -> None:
    elsewhere = {"source": {"kind": "parquet", "path": "absent.parquet"}, "period": None}
    found = inspected(tmp_path, reference=elsewhere)
    assert found.seen.rows.table.num_rows == 250
    assert found.stops
    assert "the reference cannot be read: model 'small': no file matches" in found.troubles[0].text


def test_only_the_last_windows_of_a_large_reference_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring_assets.onboarding.inspection._MOST_ROWS", 600)
    seen = inspected(tmp_path).seen
    assert seen.reference is not None
    assert (seen.reference.table.num_rows, seen.reference_is_whole) == (500, False)


@pytest.mark.parametrize(
    ("break_it", "error"),
    [
        (lambda folder: write(binary_rows(amount=None), folder / "rows.parquet"), SourceSchemaError),
        (lambda folder: write(binary_rows().slice(0, 0), folder / "rows.parquet"), SourceUnavailableError),
        (lambda _: None, SourceUnavailableError),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_read_says_so(
    tmp_path: Path, break_it: Callable[[Path], object], error: type[Exception]
) -> None:
    break_it(tmp_path)
    with pytest.raises(error, match="model 'small'"):
        inspect_model(spec_of(), Places(tmp_path), NOW)


def test_simulated_trips_are_looked_at_too(tmp_path: Path) -> None:
    from monitoring_assets_tests.specs import simulated_spec

    found = inspect_model(simulated_spec(), Places(tmp_path), NOW)
    assert found.seen.chosen.key == "2025-04-01"
    assert not found.stops


def test_hours_that_clocks_repeat_are_mentioned(tmp_path: Path) -> None:
    windows = {"granularity": "day", "start": "2025-01-05", "time_zone": "Europe/Berlin"}
    zone = {"event_time_zone": "Europe/Berlin"}
    october = pc.add(times(), pa.scalar(np.timedelta64(286, "D").astype("timedelta64[us]")))
    rows = binary_rows(scored_at=october)
    period = {"period": {"start": "2025-10-14", "end": "2025-10-20"}}
    found = inspected(tmp_path, rows, "2025-10-26", windows=windows, source=zone, reference=period)
    assert any("that clocks showed twice in Europe/Berlin" in text for text in troubles(found))
