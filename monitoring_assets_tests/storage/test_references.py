"""The reference: saved, replaced, renewed, and its growing dictionaries."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from monitoring_assets.errors import StorageError
from monitoring_assets.metrics.bins import (
    Bins,
    CategoricalBins,
    categorical_bins,
    numerical_bins,
)
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.records import Layer, Reference
from monitoring_assets.storage import references, tables
from monitoring_assets.storage.database import Database
from monitoring_assets_tests.storage.samples import NOW, START, a_computation, rows_of

DISTANCES = np.array([1.0, 2.5, 2.5, 7.0, np.nan, np.inf])
ZONES = np.array(["north", "south", "north", None, "it's", "south"], dtype=object)
BINS: dict[str, Bins] = {"distance": numerical_bins(DISTANCES), "zone": categorical_bins(ZONES)}
PROFILES = {
    ("all", "distance"): profile(DISTANCES, BINS["distance"]),
    ("all", "zone"): profile(ZONES, BINS["zone"]),
    ("unfiltered", "zone"): profile(ZONES[:2], BINS["zone"]),
}


def a_reference(version: int = 1, **changes: Any) -> Reference:
    values: dict[str, Any] = {
        "model_id": "small",
        "reference_version": version,
        "period_start": START,
        "period_end": NOW,
        "rows": 6,
        "model_version": "1",
        "fingerprint": "f" * 32,
        "quality": {"centre": 0.1, "metrics": {"mae": 2.96}, "sums": {}},
    }
    return Reference(**(values | changes))


def save(database: Database, reference: Reference, bins: dict[str, Bins] | None = None) -> None:
    counted: dict[tuple[str, str], ColumnProfile] = {}
    for (segment, column), one in PROFILES.items():
        values = {"distance": DISTANCES, "zone": ZONES}[column]
        counted[segment, column] = profile(values, bins[column]) if bins else one
    computation = replace(
        a_computation(Layer.REFERENCE_DATA, reference_version=reference.reference_version),
        window=None,
    )
    write = references.ReferenceWrite(
        computation=computation, reference=reference, bins=bins or BINS, profiles=counted
    )
    references.save_reference(database, write)


def as_values(profiles: dict[tuple[str, str], ColumnProfile]) -> dict[Any, Any]:
    return {key: vars(one) | {"counts": one.counts.tolist()} for key, one in profiles.items()}


def test_a_reference_comes_back_as_it_was(database: Database) -> None:
    save(database, a_reference())
    assert references.newest_reference(database, "small") == a_reference()
    assert references.read_bins(database, "small") == BINS
    stored = references.read_reference_profiles(database, "small", 1)
    assert as_values(stored) == as_values(PROFILES)


def test_a_reference_is_read_by_its_version(database: Database) -> None:
    assert references.read_references(database, "small") == ()
    assert references.newest_reference(database, "small") is None
    versions = a_reference(1), a_reference(2, rows=7)
    for one in reversed(versions):
        save(database, one)
    assert references.read_references(database, "small") == versions
    found = [references.read_reference(database, "small", number) for number in (1, 2, 3)]
    assert found == [*versions, None]


def test_a_version_saved_again_replaces_itself(database: Database) -> None:
    save(database, a_reference())
    save(database, a_reference(rows=7))
    assert references.newest_reference(database, "small") == a_reference(rows=7)
    assert len(rows_of(database, tables.reference_profile)) == len(PROFILES)


def test_bins_that_are_the_same_keep_their_version(database: Database) -> None:
    save(database, a_reference(1))
    save(database, a_reference(2))
    assert references.newest_reference(database, "small") == a_reference(2)
    assert {row["bins_version"] for row in rows_of(database, tables.bins)} == {1}
    assert len(references.read_reference_profiles(database, "small", 1)) == len(PROFILES)


def test_other_bins_get_the_next_version_and_the_old_ones_stay(database: Database) -> None:
    other: dict[str, Bins] = {
        "distance": numerical_bins(DISTANCES * 2),
        "zone": categorical_bins(np.array(["west", "north"], dtype=object)),
    }
    save(database, a_reference(1))
    save(database, a_reference(2), other)
    newest = references.read_bins(database, "small")
    assert newest == {name: replace(bins, version=2) for name, bins in other.items()}
    assert len(rows_of(database, tables.bins)) == 4
    versions = [
        {
            one.bins_version
            for one in references.read_reference_profiles(database, "small", v).values()
        }
        for v in (1, 2)
    ]
    assert versions == [{1}, {2}]


def test_a_dictionary_that_has_grown_is_not_shortened_by_a_new_reference(
    database: Database,
) -> None:
    save(database, a_reference(1))
    references.extend_categories(database, a_reference(), {"zone": ["east"]})
    save(database, a_reference(2))
    zones = references.read_bins(database, "small")["zone"]
    assert isinstance(zones, CategoricalBins)
    assert (zones.categories[-1], zones.version) == ("east", 1)


def test_unseen_categories_are_appended_once_and_up_to_the_cap(database: Database) -> None:
    small = {**BINS, "zone": CategoricalBins(categories=("north",), cap=3)}
    save(database, a_reference(), small)
    grown = references.extend_categories(database, a_reference(), {"zone": ["a", "north", "a"]})
    again = references.extend_categories(database, a_reference(), {"zone": ["b", "c"]})
    assert grown["zone"] == CategoricalBins(categories=("north", "a"), cap=3)
    assert again["zone"] == CategoricalBins(categories=("north", "a", "b"), cap=3)
    assert again == references.read_bins(database, "small")


def test_many_who_append_at_once_lose_nothing(database: Database) -> None:
    save(database, a_reference())
    new = [f"zone {number}" for number in range(12)]

    def append(name: str) -> None:
        references.extend_categories(database, a_reference(), {"zone": [name, "everyone's"]})

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(append, new))
    zones = references.read_bins(database, "small")["zone"]
    assert isinstance(zones, CategoricalBins)
    assert sorted(zones.categories[3:]) == sorted([*new, "everyone's"])


def test_a_column_without_dictionary_cannot_be_extended(database: Database) -> None:
    save(database, a_reference())
    with pytest.raises(StorageError, match="column 'distance' has no dictionary"):
        references.extend_categories(database, a_reference(), {"distance": ["x"]})


def test_null_ladders_come_back_with_their_column(database: Database) -> None:
    ladder = {"jensen_shannon": {"sizes": [100, 1000], "median": [0.1, 0.03]}}
    computation = replace(a_computation(Layer.REFERENCE_DATA), window=None)
    write = references.ReferenceWrite(
        computation=computation,
        reference=a_reference(),
        bins=BINS,
        profiles=PROFILES,
        ladders={("all", "zone"): ladder},
    )
    references.save_reference(database, write)
    found = references.read_null_ladders(database, "small", 1)
    assert found == {**{key: {} for key in PROFILES}, ("all", "zone"): ladder}
