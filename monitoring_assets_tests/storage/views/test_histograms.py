"""Packed counts in the database: the same numbers as Python's, beside what they count."""

from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from monitoring_assets.metrics.bins import Bins, CategoricalBins, numerical_bins
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.records import ALL, Layer
from monitoring_assets.storage.bins import write_bins
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.packed import pack, unpack
from monitoring_assets.storage.profiles import window_profile_write
from monitoring_assets.storage.tables import reference_profile
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import a_computation, a_window, compute_all_layers
from monitoring_assets_tests.test_grafana import signed_in

FARES = numerical_bins(np.arange(0.0, 1e3, 0.5))
SEATS = numerical_bins(np.array([1.0, 2.0, 4.0]))
NOTHING = numerical_bins(np.array([np.nan]))
ZONES = CategoricalBins(categories=("north", "any other", "it's"))
BINS: dict[str, Bins] = {"fare": FARES, "seats": SEATS, "nothing": NOTHING, "zone": ZONES}
VALUES = {
    "fare": np.random.default_rng(3).gamma(2.0, 200.0, 5000),
    "seats": np.array([0.5, 1.0, 2.0, 2.0, 3.0, 9.0]),
    "nothing": np.array([1.0, 2.0]),
    "zone": np.array(["it's", "moon", "north", "north", None], object),
}


def counted() -> dict[str, ColumnProfile]:
    return {name: profile(values, BINS[name]) for name, values in VALUES.items()}


@pytest.fixture
def filled(database: Database) -> Database:
    with database.begin() as connection:
        write_bins(connection, "small", BINS)
    compute_all_layers(database, a_window())
    profiles = {(ALL, name): one for name, one in counted().items()}
    made = a_computation(Layer.WINDOW_PROFILES, a_window())
    replace_window(database, made, [window_profile_write(profiles)])
    for layer in (Layer.DATA_DRIFT, Layer.DATA_QUALITY):
        replace_window(database, a_computation(layer, a_window()), [])
    return database


def bars(database: Database, column: str, view: str = "histograms") -> list[dict[str, Any]]:
    query = sa.text(f"SELECT * FROM grafana.{view} WHERE column_name = :column ORDER BY bin")  # noqa: S608 - names of this file
    with database.connect() as connection:
        return [dict(row) for row in connection.execute(query, {"column": column}).mappings()]


def unpacked(database: Database, packed: bytes) -> list[int]:
    query = sa.text("SELECT monitoring.unpacked(:packed)")
    with database.connect() as connection:
        return connection.execute(query, {"packed": packed}).scalar_one()


@pytest.mark.parametrize("most", [0, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**63 - 1])
def test_counts_of_any_width_are_unpacked_as_in_python(database: Database, most: int) -> None:
    generator = np.random.default_rng(most % 97)
    packed = pack([*generator.integers(0, most, 300, endpoint=True).tolist(), most, 0])
    assert unpacked(database, packed) == unpack(packed).tolist()


def test_no_counts_are_an_empty_array(database: Database) -> None:
    assert unpacked(database, pack([])) == []


@pytest.mark.parametrize("column", VALUES)
def test_every_bin_is_a_row_with_its_number(filled: Database, column: str) -> None:
    found = bars(filled, column)
    assert [row["rows"] for row in found] == counted()[column].counts.tolist()
    assert [row["bin"] for row in found] == list(range(BINS[column].size))
    assert {(row["window_start"], row["segment"]) for row in found} == {(a_window().start, ALL)}


def test_edges_and_coarse_groups_stand_beside_the_counts(filled: Database) -> None:
    found = bars(filled, "fare")
    assert [row["lower_edge"] for row in found] == [None, *FARES.edges.tolist()]
    assert [row["upper_edge"] for row in found] == [*FARES.edges.tolist(), None]
    assert [row["coarse_group"] for row in found] == FARES.coarse_groups.tolist()
    inside = found[5]
    values = VALUES["fare"]
    above, upto = inside["lower_edge"], inside["upper_edge"]
    assert inside["rows"] == np.count_nonzero((values > above) & (values <= upto))
    assert inside["label"] == f"above {above:g} up to {upto:g}"


def test_bins_of_single_values_are_called_by_these(filled: Database) -> None:
    found = [(row["label"], row["rows"]) for row in bars(filled, "seats")]
    assert found[1:] == [("1", 1), ("2", 2), ("4", 1), ("above 4", 1)]
    assert found[0][0].startswith("up to 0.999")
    assert [row["label"] for row in bars(filled, "nothing")] == ["any"]


def test_categories_stand_beside_the_counts_and_the_last_bin_holds_all_others(
    filled: Database,
) -> None:
    found = [(row["category"], row["label"], row["rows"]) for row in bars(filled, "zone")]
    assert found == [
        ("north", "north", 2),
        ("any other", "any other", 0),
        ("it's", "it's", 1),
        (None, "any other", 1),
    ]


def test_a_window_counted_over_a_shorter_dictionary_keeps_its_own_last_bin(
    filled: Database,
) -> None:
    with filled.begin() as connection:
        write_bins(connection, "small", {"zone": ZONES.extended(["moon"])})
    assert [row["category"] for row in bars(filled, "zone")] == [*ZONES.categories, None]


def test_windows_that_are_not_complete_are_not_shown(filled: Database) -> None:
    replace_window(filled, a_computation(Layer.PREDICTIONS, a_window()), [])
    assert bars(filled, "zone") == []


def test_references_have_the_same_rows(filled: Database) -> None:
    one = counted()["zone"]
    row = {
        "model_id": "small",
        "reference_version": 2,
        "segment": ALL,
        "column_name": "zone",
        "bins_version": 1,
        "kind": "categorical",
        "counts": one.counts.tolist(),
    }
    numbers = {one.name: 0 for one in reference_profile.c}
    with filled.begin() as connection:
        connection.execute(sa.insert(reference_profile), [numbers | row | {"null_ladder": {}}])
    found = bars(filled, "zone", "reference_histograms")
    assert [row["rows"] for row in found] == one.counts.tolist()
    assert {row["reference_version"] for row in found} == {2}


def test_the_role_of_dashboards_reads_histograms(filled: Database) -> None:
    with signed_in(filled) as reader:
        query = "SELECT sum(rows) FROM histograms WHERE column_name = 'fare'"
        assert reader.execute(query).fetchone() == (5000,)


def test_one_window_is_read_through_the_index(filled: Database) -> None:
    query = """EXPLAIN SELECT label, rows FROM grafana.histograms WHERE model_id = 'small'
        AND granularity = 'day' AND window_start = '2023-02-01Z' AND segment = 'all'
        AND column_name = 'zone'"""
    with filled.connect() as connection:
        connection.execute(sa.text("SET enable_seqscan = off"))
        plan = list(connection.exec_driver_sql(query).scalars())
    asked = ("(model_id = 'small'", "(segment = 'all'", "(column_name = 'zone'", "(window_start =")
    assert [line for line in plan if "Index Cond" in line and all(one in line for one in asked)]
