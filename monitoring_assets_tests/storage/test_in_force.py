"""Which reference is in force for a window, before, between and after promotions and rollbacks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from monitoring_assets.errors import ReferenceMissingError
from monitoring_assets.metrics.bins import Bins, CategoricalBins, categorical_bins, numerical_bins
from monitoring_assets.metrics.profile import profile
from monitoring_assets.records import Deployment, Reference
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.in_force import ReferencesInForce, bins_of, references_in_force
from monitoring_assets.storage.references import extend_categories, read_bins, save_reference
from monitoring_assets.storage.retraining.promoting import promote
from monitoring_assets_tests.storage.retraining.loop import (
    a_champion,
    a_measured_reference,
    a_promotion,
    score,
)
from monitoring_assets_tests.storage.samples import START
from monitoring_assets_tests.storage.test_models import a_deployment
from monitoring_assets_tests.storage.test_references import (
    BINS,
    DISTANCES,
    ZONES,
    a_reference,
)


def in_force(database: Database, days: Sequence[int]) -> list[int]:
    """Return the numbers of the references in force on these days."""
    found = references_in_force(database, "small")
    return [found.at(START + timedelta(days=day)).reference_version for day in days]


def first_version(database: Database) -> None:
    a_champion(database)
    save_reference(database, a_measured_reference(1))


def promote_at(
    database: Database, day: int, version: str, champion: str, reference: int | None = None
) -> None:
    """Promote from a day on; the window before it has been scored."""
    score(database, day - 1, champion)
    measured = None if reference is None else a_measured_reference(reference, of_version=version)
    promote(database, a_promotion(version, champion=champion, reference=measured))


def test_without_a_reference_the_message_says_what_to_do(database: Database) -> None:
    a_champion(database)
    with pytest.raises(ReferenceMissingError, match="materialize small/reference_data once"):
        references_in_force(database, "small")


def test_the_reference_of_the_yaml_is_in_force_until_something_is_promoted(
    database: Database,
) -> None:
    first_version(database)
    assert in_force(database, [-1, 0, 99]) == [1, 1, 1]


def test_a_model_without_deployments_has_the_reference_of_its_yaml(database: Database) -> None:
    save_reference(database, a_measured_reference(1))
    found = references_in_force(database, "small")
    assert (found.newest, found.all) == (a_reference(1), (a_reference(1),))


def test_a_promotion_brings_its_own_reference_and_history_keeps_the_one_of_its_time(
    database: Database,
) -> None:
    first_version(database)
    promote_at(database, 3, "2", "1", reference=2)
    promote_at(database, 6, "3", "2", reference=3)
    assert in_force(database, [-1, 0, 2, 3, 5, 6, 9]) == [1, 1, 1, 2, 2, 3, 3]


def test_a_rollback_brings_back_the_reference_of_the_version(database: Database) -> None:
    first_version(database)
    promote_at(database, 3, "2", "1", reference=2)
    promote_at(database, 6, "3", "2", reference=3)
    promote_at(database, 8, "2", "3")
    promote_at(database, 9, "1", "2")
    assert in_force(database, [2, 5, 7, 8, 9, 30]) == [1, 2, 3, 2, 1, 1]
    assert references_in_force(database, "small").newest == a_reference(1)


def test_a_rollback_before_any_window_leaves_no_day_of_the_promoted_reference(
    database: Database,
) -> None:
    first_version(database)
    promote_at(database, 3, "2", "1", reference=2)
    promote(database, a_promotion("1", champion="2"))
    assert in_force(database, [2, 3, 9]) == [1, 1, 1]
    assert references_in_force(database, "small").all == (a_reference(1),)


def test_a_reference_that_is_measured_anew_is_in_force_for_the_windows_of_its_version(
    database: Database,
) -> None:
    first_version(database)
    promote_at(database, 3, "2", "1", reference=2)
    save_reference(database, a_measured_reference(3))
    assert in_force(database, [0, 3]) == [3, 2]
    save_reference(database, a_measured_reference(4, of_version="2"))
    assert in_force(database, [0, 3]) == [3, 4]


def test_all_that_may_be_compared_with_are_named_once(database: Database) -> None:
    first_version(database)
    promote_at(database, 3, "2", "1", reference=2)
    promote_at(database, 4, "3", "2", reference=3)
    promote_at(database, 5, "2", "3")
    found = [one.reference_version for one in references_in_force(database, "small").all]
    assert found == [1, 2, 3]


def a_history(generator: np.random.Generator) -> list[Deployment]:
    days = np.sort(generator.choice(50, generator.integers(0, 9), replace=False))
    return [a_deployment(str(generator.integers(1, 5)), int(day)) for day in days]


@pytest.mark.parametrize("seed", range(20))
def test_the_reference_in_force_is_the_one_found_by_walking_through_the_history(seed: int) -> None:
    generator = np.random.default_rng(seed)
    history = a_history(generator)
    own: dict[str, Reference] = {name: a_reference(int(name) * 10) for name in ("2", "3")}
    found = ReferencesInForce(of_yaml=a_reference(1), of_versions=own, deployments=history)
    for hours in generator.integers(-48, 60 * 24, 50):
        moment, expected = START + timedelta(hours=int(hours)), a_reference(1)
        for one in history:
            if one.valid_from <= moment:
                expected = own.get(one.model_version, a_reference(1))
        assert found.at(moment) == expected


def save_with_other_bins(database: Database) -> None:
    """Store reference 2 of version 2, whose distance is counted by other bins."""
    other: dict[str, Bins] = {
        "distance": numerical_bins(DISTANCES * 2),
        "zone": categorical_bins(ZONES),
    }
    profiles = {
        ("all", "distance"): profile(DISTANCES, other["distance"]),
        ("all", "zone"): profile(ZONES, other["zone"]),
    }
    measured = a_measured_reference(2, of_version="2")
    save_reference(database, replace(measured, bins=other, profiles=profiles))


def test_a_reference_keeps_the_bins_it_was_counted_by(database: Database) -> None:
    first_version(database)
    save_with_other_bins(database)
    old, new = (a_reference(number) for number in (1, 2))
    assert bins_of(database, old) == BINS
    assert bins_of(database, new) == read_bins(database, "small")
    versions = {column: one.version for column, one in bins_of(database, new).items()}
    assert versions == {"distance": 2, "zone": 1}


def test_a_dictionary_that_grows_grows_for_every_reference_that_counts_by_it(
    database: Database,
) -> None:
    first_version(database)
    save_with_other_bins(database)
    extend_categories(database, a_reference(1), {"zone": ["east"]})
    zones = [bins_of(database, a_reference(number))["zone"] for number in (1, 2)]
    assert all(isinstance(one, CategoricalBins) for one in zones)
    assert zones[0] == zones[1]
    assert isinstance(zones[0], CategoricalBins)
    assert zones[0].categories[-1] == "east"


def test_a_reference_of_which_nothing_was_counted_has_no_bins(database: Database) -> None:
    save_reference(database, replace(a_measured_reference(1), bins={}, profiles={}))
    assert bins_of(database, a_reference(1)) == {}
