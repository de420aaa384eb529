"""Two who measure a reference at once: each gets a number of its own, with its own rows."""

from dataclasses import replace

import pytest

from monitoring_assets.errors import ReferenceTakenError
from monitoring_assets.records import Layer
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.references import ReferenceWrite, read_references, save_reference
from monitoring_assets.storage.row_read import read_reference_rows
from monitoring_assets.storage.row_shape import RowTable
from monitoring_assets.storage.row_tables import ensure_row_table
from monitoring_assets.storage.row_write import replace_reference_rows
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.retraining.loop import a_measured_reference
from monitoring_assets_tests.storage.samples import a_computation, a_window, prediction_rows

ROWS = prediction_rows(a_window(), 4)


def row_table(database: Database) -> RowTable:
    return ensure_row_table(database, small_spec(), "reference", ROWS.schema)


def store_rows(database: Database, version: int, number: int) -> int:
    record = replace(a_computation(Layer.REFERENCE_DATA, reference_version=version), window=None)
    rows = ROWS.slice(0, number)
    return replace_reference_rows(database, record, row_table(database), rows)


def measured(stored_by: int, version: int, of_version: str | None = None) -> ReferenceWrite:
    return replace(a_measured_reference(version, of_version), rows_stored_by=stored_by)


def rows_of_reference(database: Database, version: int) -> int:
    return read_reference_rows(database, row_table(database), version).num_rows


def test_rows_under_a_number_that_a_reference_has_are_refused(database: Database) -> None:
    save_reference(database, measured(store_rows(database, 1, 3), 1))
    with pytest.raises(ReferenceTakenError, match=r"version 1 .* measure once more"):
        store_rows(database, 1, 2)
    assert rows_of_reference(database, 1) == 3


def test_a_reference_whose_rows_were_replaced_meanwhile_is_refused(database: Database) -> None:
    mine, others = (store_rows(database, 1, number) for number in (3, 2))
    with pytest.raises(ReferenceTakenError, match="somebody else"):
        save_reference(database, measured(mine, 1))
    save_reference(database, measured(others, 1, of_version="2"))
    assert [one.for_model_version for one in read_references(database, "small")] == ["2"]
    assert rows_of_reference(database, 1) == 2


@pytest.mark.parametrize("other", [{"for_model_version": "2"}, {"fingerprint": "e" * 32}], ids=str)
def test_a_reference_does_not_take_the_place_of_another(
    database: Database, other: dict[str, str]
) -> None:
    first = a_measured_reference(1)
    save_reference(database, first)
    with pytest.raises(ReferenceTakenError, match="somebody else"):
        save_reference(database, replace(first, reference=replace(first.reference, **other)))
    assert read_references(database, "small") == (first.reference,)


def test_rows_whose_reference_was_never_stored_are_replaced(database: Database) -> None:
    store_rows(database, 1, 4)
    save_reference(database, measured(store_rows(database, 1, 3), 1))
    assert rows_of_reference(database, 1) == 3
