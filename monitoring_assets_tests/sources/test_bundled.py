"""Scikit-learn's data sets as rows of days, beside the sets themselves."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import datasets

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.sources.base import Places, Source
from monitoring_assets.sources.build import build_source
from monitoring_assets.sources.bundled import BundledRows
from monitoring_assets.sources.layouts import main_layout
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import BundledSourceSpec
from monitoring_assets_tests.specs import small_spec

FEATURES = {
    "breast_cancer": ("mean_radius", "worst_fractal_dimension"),
    "diabetes": ("age", "s6"),
    "digits": ("pixel_0_0", "pixel_7_7"),
    "iris": ("sepal_length_cm", "petal_width_cm"),
    "wine": ("alcohol", "proline"),
}
WINDOWS = {"granularity": "day", "start": "2023-03-01", "time_zone": "America/New_York"}


def spec_of(dataset: str, **source: Any) -> ModelSpec:
    columns = {"id": "row_id", "event_time": "event_time", "numerical": FEATURES[dataset]}
    columns |= source.pop("columns", {})
    classes = sorted(map(str, getattr(datasets, f"load_{dataset}")().get("target_names", [])))
    number = dataset == "diabetes"
    return small_spec(
        task="regression" if number else "multiclass" if len(classes) > 2 else "binary",
        classification=None if number else {"classes": classes},
        windows=WINDOWS,
        source={"kind": "bundled", "dataset": dataset} | source,
        columns=columns | {"target": "target", "prediction": "answer"},
        derived={},
    )


def source_of(dataset: str, **source: Any) -> Source:
    return build_source(spec_of(dataset, **source), Places(Path("/nowhere")))


def day(number: int, count: int = 1) -> tuple[datetime, datetime]:
    midnight = spec_of("iris").windows.midnight
    first = date(2023, 3, 1) + timedelta(days=number)
    return midnight(first), midnight(first + timedelta(days=count))


@pytest.mark.parametrize("dataset", list(FEATURES))
def test_every_row_of_a_day_is_a_row_of_the_set(dataset: str) -> None:
    rows = source_of(dataset, rows_per_day=300).read(*day(0)).table
    whole = getattr(datasets, f"load_{dataset}")()
    first, last = FEATURES[dataset]
    target = whole.target
    if dataset != "diabetes":
        target = np.asarray(whole.target_names).astype(str)[target]
    known = {*zip(whole.data[:, 0], whole.data[:, -1], target, strict=True)}
    found = {*zip(*(rows[name].to_pylist() for name in (first, last, "target")), strict=True)}
    assert len(rows) == 300
    assert found <= known
    assert len(found) > 100 or dataset in ("digits", "iris")


def test_columns_are_called_as_in_scikit_learn_without_blanks_and_brackets() -> None:
    columns = {"numerical": ["od280/od315_of_diluted_wines", "malic_acid"]}
    source = build_source(spec_of("wine", columns=columns), Places(Path("/nowhere")))
    drawn = set(source.read(*day(0)).table["od280/od315_of_diluted_wines"].to_pylist())
    whole: Any = datasets.load_wine()
    assert drawn <= set(whole.data[:, 11])


def test_names_of_rows_say_their_day() -> None:
    rows = source_of("iris", rows_per_day=3).read(*day(1)).table
    assert rows["row_id"].to_pylist() == ["2023-03-02-0", "2023-03-02-1", "2023-03-02-2"]


def test_a_day_alone_is_the_same_as_inside_a_long_stretch() -> None:
    source = source_of("wine", rows_per_day=20)
    whole = source.read(*day(8, 8)).table
    assert pa.concat_tables([source.read(*day(8 + n)).table for n in range(8)]) == whole


def test_hours_of_a_day_on_which_clocks_change_are_the_day() -> None:
    source, (start, end) = source_of("iris", rows_per_day=50), day(11)
    hours = [start + timedelta(hours=n) for n in range(24)]
    assert end - start == timedelta(hours=23)
    parts = [source.read(*ends).table for ends in pairwise(hours)]
    assert pa.concat_tables(parts) == source.read(start, end).table


def test_rows_are_spread_over_the_whole_day() -> None:
    rows = source_of("iris", rows_per_day=5000).read(*day(11)).table
    hours = [time.hour for time in rows["event_time"].to_pylist()]
    counts = np.bincount(hours, minlength=24)
    assert (counts > 0).sum() == 23
    assert counts[counts > 0].min() > 150


def test_another_seed_draws_other_rows() -> None:
    first, second = (source_of("iris", seed=seed).read(*day(0)).table for seed in (1, 2))
    assert first["sepal_length_cm"] != second["sepal_length_cm"]
    assert first == source_of("iris", seed=1).read(*day(0)).table


def test_there_are_rows_for_any_day_anyone_asks_for() -> None:
    source = source_of("iris")
    assert source.newest_event_time() == datetime.max.replace(tzinfo=UTC)
    assert sum(source.rows_outside([day(0)]).values()) == 0
    assert source.planted_changes() == ()


def test_a_description_says_how_to_get_the_same_rows_again() -> None:
    assert source_of("iris").describe() == {
        "kind": "bundled",
        "dataset": "iris",
        "rows_per_day": "200",
        "seed": "1",
    }


def test_all_rows_there_are_cannot_be_read() -> None:
    spec = spec_of("iris")
    assert isinstance(spec.source, BundledSourceSpec)
    layout = main_layout(spec)
    rows = BundledRows(spec=spec.source, windows=spec.windows, layout=layout)
    with pytest.raises(ConfigurationError, match=r"model 'small': `source` draws rows of 'iris'"):
        next(rows.pieces(None, None))
