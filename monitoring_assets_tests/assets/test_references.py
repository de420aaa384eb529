"""The fixed reference: days of the source, or a file of its own, with times and without."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn import metrics

from monitoring_assets.assets import names
from monitoring_assets.records import Layer
from monitoring_assets.storage import tables
from monitoring_assets_tests.assets.classifier_model import (
    JANUARY,
    SAID,
    Classifier,
    classifier_spec,
    measured,
    probabilities_of,
    write_answers,
)
from monitoring_assets_tests.assets.classifier_witness import Witness
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import Row, rows_of, stored_rows

pytestmark = pytest.mark.slow

DAY = "2023-02-01"
OWN_DAYS = ("2022-06-01", "2022-06-02", "2022-06-03")
JUNE_2 = {"start": "2022-06-02", "end": "2022-06-03"}
FILTER = {"name": "too_far", "column": "distance", "maximum": 8}
PARQUET = {"kind": "parquet", "path": "own/*.parquet"}
CSV = {"kind": "csv", "path": "own/*.csv", "rename": {"p_yes": "probability", "id": "number"}}

REFERENCES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "days of the source": ({"period": {"start": "2023-01-03", "end": "2023-01-05"}}, ()),
    "a Parquet file": ({"source": PARQUET}, OWN_DAYS),
    "days of a Parquet file": ({"source": PARQUET, "period": JUNE_2}, OWN_DAYS[1:2]),
    "a CSV file": ({"source": CSV}, OWN_DAYS),
    "days of a CSV file": ({"source": CSV, "period": JUNE_2}, OWN_DAYS[1:2]),
    "a Parquet file without times": ({"source": PARQUET}, OWN_DAYS),
}


@dataclass(frozen=True, eq=False)
class Referred:
    """A classifier, one window of it, and the raw rows that are its reference."""

    model: Classifier
    usual: pd.DataFrame

    @property
    def passing(self) -> pd.DataFrame:
        """Rows of the reference that pass the filter."""
        return self.usual[self.usual["distance"] <= 8]

    def number(self, table: Any, **key: Any) -> Row:
        """Return the one row of a table."""
        (found,) = rows_of(self.model.database, table, **key)
        return found


@pytest.fixture(scope="module", params=REFERENCES)
def referred(
    request: pytest.FixtureRequest,
    new_database: NewDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Referred]:
    """A day compared with each kind of fixed reference."""
    folder = tmp_path_factory.mktemp("referred")
    with opened(new_database, folder, request.param) as found:
        yield found


@contextmanager
def opened(new_database: NewDatabase, folder: Path, name: str) -> Iterator[Referred]:
    reference, days = REFERENCES[name]
    write_own(folder, [] if "times" not in name else ["time"])
    columns = {"prediction": SAID, "probabilities": probabilities_of("binary")}
    spec = classifier_spec("binary", columns, reference=reference, filters=[FILTER])
    with measured(new_database, folder, spec) as model:
        model.write(DAY)
        model.runner.one(DAY)
        days_of_source = model.frame("2023-01-03", "2023-01-04")
        yield Referred(model, own_rows(folder, days) if days else days_of_source)


def write_own(folder: Path, without: list[str]) -> None:
    """Write three days of June as the reference's own files, in both formats."""
    (folder / "own").mkdir()
    for day in OWN_DAYS:
        path = write_answers(folder, "binary", day, distance=distances(day))
        rows = pd.read_parquet(path)
        path.unlink()
        rows.drop(columns=without).to_parquet(folder / "own" / f"{day}.parquet")
        rows = rows.rename(columns={"p_yes": "probability", "id": "number"})
        rows.to_csv(folder / "own" / f"{day}.csv", index=False)


def distances(day: str) -> Any:
    """Return distances that are not those of the source's own days."""
    return np.random.default_rng(int(day[-2:])).gamma(2, 2.5, 120)


def own_rows(folder: Path, days: tuple[str, ...]) -> pd.DataFrame:
    return pd.concat(
        [pd.read_parquet(folder / "own" / f"{day}.parquet") for day in days], ignore_index=True
    )


def close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


def test_the_reference_is_those_rows_and_no_others(referred: Referred) -> None:
    stored = stored_rows(referred.model.database, "small", "reference").to_pandas()
    stored = stored.sort_values("row_id", ignore_index=True)
    usual = referred.usual.sort_values("id", ignore_index=True)
    assert stored["row_id"].tolist() == usual["id"].tolist()
    for name in ("distance", "p_yes", SAID, "zone", "answer"):
        assert stored[name].tolist() == usual[name].tolist(), name
    assert (stored["rejected_by"] == "too_far").sum() == len(usual) - len(referred.passing)
    assert referred.number(tables.reference)["rows"] == len(referred.passing)


def test_a_reference_says_what_time_it_is_of(referred: Referred) -> None:
    days = referred.model.spec.reference.period
    start, end = (days.start, days.end) if days else (date(2023, 2, 1), date(2023, 2, 1))
    row = referred.number(tables.reference)
    assert row["period_start"] == datetime.combine(start, time(), UTC)
    assert row["period_end"] == datetime.combine(end, time(), UTC)


def test_profiles_of_the_reference_count_its_passing_rows(referred: Referred) -> None:
    for name in ("distance", "p_yes"):
        bins = referred.number(tables.bins, column_name=name)
        key = {"segment": "all", "column_name": name}
        profile = referred.number(tables.reference_profile, **key)
        edges = [-np.inf, *bins["edges"], np.inf]
        counted = pd.cut(referred.passing[name], edges).value_counts(sort=False)
        assert profile["counts"] == counted.tolist(), name


def test_quality_of_the_reference_is_that_of_its_passing_rows(referred: Referred) -> None:
    rows = referred.passing
    rows = rows.assign(
        label=rows["answer"], said=rows[SAID], yes=rows["p_yes"], no=1 - rows["p_yes"]
    )
    again = Witness(rows, ["no", "yes"], "yes")
    for row in rows_of(referred.model.database, tables.model_quality):
        asked = row["metric"], row["class_name"]
        off = 1e-9 + (again.near_pairs() if row["metric"] == "roc_auc" else 0)
        assert row["reference_value"] == pytest.approx(again.value(*asked), abs=off), asked


def test_the_window_is_compared_with_it(referred: Referred) -> None:
    window = referred.model.frame(DAY)
    window = window[window["distance"] <= 8]
    for name in ("distance", "p_yes"):
        row = referred.number(tables.drift_score, column_name=name, deciding=True)
        edges = referred.number(tables.bins, column_name=name)["edges"]
        below = [
            np.searchsorted(np.sort(one[name]), edges, "right") / len(one)
            for one in (window, referred.passing)
        ]
        assert row["score"] == close(np.abs(below[0] - below[1]).max())
        assert (row["n_window"], row["n_reference"]) == (len(window), len(referred.passing))


def test_the_window_says_what_it_was_compared_with(referred: Referred) -> None:
    for layer in (Layer.DATA_DRIFT, Layer.MODEL_QUALITY):
        key = names.asset_key("small", layer)
        wanted = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[DAY])
        (record, *_) = referred.model.runner.instance.fetch_materializations(wanted, 1).records
        assert record.asset_materialization
        shown = record.asset_materialization.metadata["compared_with"].value
        assert shown == "reference version 1"


def test_measured_again_nothing_is_stored_anew_and_other_rows_are_version_2(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    with opened(new_database, tmp_path, "a CSV file") as referred:
        before = rows_of(referred.model.database, tables.reference)
        referred.model.runner.set_up()
        assert rows_of(referred.model.database, tables.reference) == before
        (tmp_path / "own" / f"{OWN_DAYS[0]}.csv").unlink()
        referred.model.runner.set_up()
        referred.model.runner.one(DAY)
        versions = {
            r["reference_version"] for r in rows_of(referred.model.database, tables.reference)
        }
        assert versions == {1, 2}
        scores = rows_of(referred.model.database, tables.drift_score, column_name="distance")
        n_reference = {row["reference_version"]: row["n_reference"] for row in scores}
        assert n_reference[1] > n_reference[2] > 0


def test_a_model_trained_here_answers_for_the_rows_of_a_reference_of_its_own(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    write_own(tmp_path, ["p_yes", SAID])
    model = {"estimator": "linear", "training": {"start": "2023-01-01", "end": "2023-02-01"}}
    spec = classifier_spec("binary", {}, model=model, reference={"source": PARQUET})
    with measured(new_database, tmp_path, spec) as trained:
        stored = stored_rows(trained.database, "small", "reference").to_pandas()
        (file,) = rows_of(trained.database, tables.artifact)
    usual = own_rows(tmp_path, OWN_DAYS).sort_values("id", ignore_index=True)
    content = bytes(file["content"])
    pipeline = skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))
    yes = pipeline.predict_proba(usual[["distance", "zone"]])[
        :, list(pipeline.classes_).index("yes")
    ]
    stored = stored.sort_values("row_id", ignore_index=True)
    assert stored["probability_yes"].tolist() == close(yes.tolist())
    assert set(stored["model_version"]) == {"1"}


def test_another_positive_class_is_another_reference(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    columns = {"prediction": SAID}
    with measured(new_database, tmp_path, classifier_spec("binary", columns)) as model:
        classes = {"classes": ["no", "yes"], "positive_class": "no"}
        changed = classifier_spec("binary", columns, classification=classes)
        later = replace(model.runner, spec=changed, recorded_in=model.runner.instance)
        model.write(DAY)
        later.set_up()
        later.one(DAY)
        (row,) = rows_of(model.database, tables.model_quality, metric="f1", class_name="")
        usual = model.frame(*JANUARY)
        f1 = metrics.f1_score(usual["answer"] == "no", usual[SAID] == "no")
        assert row["reference_value"] == close(f1)
        assert len(rows_of(model.database, tables.reference)) == 2
