"""What the shipped model reads from its warehouse, beside a merge of the two tables by pandas."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from monitoring_assets.defs.power_outages.filling import SEED, fill
from monitoring_assets.sources.base import Places
from monitoring_assets.sources.build import build_source
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.defs.power_outages.warehouse import (
    joined,
    outages_spec,
    run,
    table,
    utc,
)

UNTIL = utc(1, 12)
WEEK = (utc(1, 6), utc(1, 13))


@pytest.fixture(scope="module")
def warehouse(new_database: NewDatabase) -> Iterator[Database]:
    """Filled to the last day of the week: of its end nothing is known yet."""
    with new_database() as database:
        fill(database.url, SEED, UNTIL)
        yield database


def merged(warehouse: Database, span: tuple[datetime, datetime] = WEEK) -> pd.DataFrame:
    rows = joined(table(warehouse, "predictions"), table(warehouse, "observations"))
    first, end = (pd.Timestamp(moment) for moment in span)
    inside = (rows["forecast_for"] >= first) & (rows["forecast_for"] < end)
    return rows[inside].reset_index(drop=True)


def test_a_week_equals_the_merge_of_the_two_tables(warehouse: Database) -> None:
    spec = outages_spec(warehouse.url)
    found = build_source(spec, Places(Path())).read(*WEEK)
    expected = merged(warehouse).rename(
        columns={
            "prediction_id": "row_id",
            "forecast_for": "event_time",
            "reported_at": "knowledge_time",
        }
    )
    ours = found.table.drop_columns(["rejected_by"]).to_pandas()
    assert {"outages", "predicted_outages", "model_version", "wind_gust"} <= {*ours.columns}
    pd.testing.assert_frame_equal(ours, expected[[*ours.columns]], check_dtype=False)
    assert found.adjusted == {"unmatched:observations": expected["outages"].isna().sum()}


def test_a_report_counts_until_its_correction_is_there(
    new_database: NewDatabase, warehouse: Database
) -> None:
    spec, day = outages_spec(warehouse.url), (utc(1, 6), utc(1, 7))
    before = build_source(spec, Places(Path())).read(*day).table.to_pandas()
    with new_database(warehouse) as later:
        fill(later.url, SEED, utc(2, 1))
        source = build_source(outages_spec(later.url), Places(Path()))
        after = source.read(*day).table.to_pandas()
        known = before["outages"].notna()
        corrected = known & (before["outages"] != after["outages"])
        assert 0.02 < corrected.mean() < 0.08
        assert (after["knowledge_time"] > before["knowledge_time"])[corrected].all()
        assert after["outages"].equals(merged(later, day)["outages"])


def test_the_newest_prediction_is_that_of_tomorrow_and_december_lies_in_the_reference(
    warehouse: Database,
) -> None:
    spec = outages_spec(warehouse.url)
    source = build_source(spec, Places(Path()))
    assert source.newest_event_time() == utc(1, 12, 23)
    assert spec.reference_period is not None
    reference = spec.period(spec.reference_period)
    outside = source.rows_outside([reference, (utc(1, 1), None)])
    assert set(outside.values()) == {0}


def test_an_index_serves_both_times(warehouse: Database) -> None:
    run(warehouse, "ANALYZE")
    with warehouse.connect() as connection:
        indexes = pd.read_sql_query("SELECT indexdef FROM pg_indexes", connection)["indexdef"]
    for column in ("forecast_for", "reported_at"):
        assert indexes.str.contains(rf"\({column}\)").any()
