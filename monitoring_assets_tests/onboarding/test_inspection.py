"""A look at one window: what was read, what would be stored, and what if something lacks."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitoring_assets.errors import SourceSchemaError, SourceUnavailableError
from monitoring_assets.onboarding.inspection import inspect_model
from monitoring_assets.sources.base import Places
from monitoring_assets_tests.onboarding.data import ROWS, binary_rows, times, write
from monitoring_assets_tests.onboarding.watched import (
    NOW,
    TRAINED,
    inspected,
    spec_of,
    troubles,
)
from monitoring_assets_tests.specs import simulated_spec

NUMBERS = np.arange(ROWS)
EARLY = NUMBERS < 1000


def test_in_good_rows_nothing_is_wrong(tmp_path: Path) -> None:
    found = inspected(tmp_path)
    assert troubles(found) == {}
    assert (found.seen.chosen.key, found.seen.chosen.count) == ("2025-01-15", 11)
    assert (found.seen.rows.table.num_rows, found.scored, found.labels) == (250, 250, 250)
    assert found.seen.reference is not None
    assert found.seen.reference.table.num_rows == 1000


def test_what_would_be_stored_is_counted(tmp_path: Path) -> None:
    stored = inspected(tmp_path).stored
    # amount, country, score, prediction and label; amount and country also before filters.
    assert stored == {
        "rows of predictions": 250,
        "labels": 250,
        "window profiles": 5 + 2,
        "drift scores": 5,
    }


def test_segments_are_those_of_the_reference_and_each_is_stored_like_all_rows(
    tmp_path: Path,
) -> None:
    found = inspected(tmp_path, segments=[{"column": "country", "most": 2}])
    assert [one.partition("=")[2] for one in found.segments[2:]] == ["(other)", "(missing)"]
    assert found.stored["window profiles"] == 5 * (1 + 4) + 2
    assert found.stored["drift scores"] == 5 * (1 + 4)


def test_without_a_label_the_target_has_no_profile(tmp_path: Path) -> None:
    stored = inspected(tmp_path, binary_rows(label=pa.nulls(ROWS, pa.int64()))).stored
    assert (stored["labels"], stored["window profiles"], stored["drift scores"]) == (0, 4 + 2, 5)


def test_a_wrong_text_is_shown_as_the_file_has_it(tmp_path: Path) -> None:
    written = [f"{number},5" for number in NUMBERS]
    texts = np.where(NUMBERS % 50, written, "1.234,5")
    rows = binary_rows(amount=texts, score=(NUMBERS % 7 / 10).astype(str))
    write(rows, tmp_path / "rows.csv", delimiter=";")
    source = {"kind": "csv", "path": "rows.csv", "delimiter": ";", "decimal_point": ","}
    found = inspect_model(spec_of(source=source), Places(tmp_path), NOW)
    assert "amount: 5 texts could not be read, such as '1.234,5': they count as missing" in (
        troubles(found)
    )


def test_a_window_can_be_asked_for(tmp_path: Path) -> None:
    assert inspected(tmp_path, wanted="2025-01-07").seen.chosen.key == "2025-01-07"


def test_an_empty_window_is_said_to_be_empty(tmp_path: Path) -> None:
    rows = binary_rows()
    days = pc.day(rows["scored_at"])
    found = inspected(tmp_path, rows.filter(pc.not_equal(days, 9)), "2025-01-09")
    assert len(found.troubles) == 1
    assert found.troubles[0].text.startswith("window 2025-01-09 holds no row; look at another")


@pytest.mark.parametrize("granularity", ["month", "week", "hour"])
def test_beside_an_empty_window_all_of_the_reference_is_read(
    tmp_path: Path, granularity: str
) -> None:
    windows = {"granularity": granularity, "start": "2025-09-01"}
    found = inspected(tmp_path, wanted="2025-09-01", windows=windows)
    assert found.seen.reference is not None
    assert found.seen.reference.table.num_rows == 1000


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
    ("rows", "error"),
    [
        (binary_rows(amount=None), SourceSchemaError),
        (binary_rows().slice(0, 0), SourceUnavailableError),
        (None, SourceUnavailableError),
    ],
    ids=["a column lacks", "no row", "no file"],
)
def test_a_source_that_cannot_be_read_says_so(
    tmp_path: Path, rows: pa.Table | None, error: type[Exception]
) -> None:
    if rows is not None:
        write(rows, tmp_path / "rows.parquet")
    with pytest.raises(error, match="model 'small'"):
        inspect_model(spec_of(), Places(tmp_path), NOW)


def test_simulated_trips_are_looked_at_too(tmp_path: Path) -> None:
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
