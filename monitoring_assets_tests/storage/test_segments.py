"""Segments in the database: what is stored stays as it is, new ones come after it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from monitoring_assets.errors import StorageError
from monitoring_assets.records import SegmentEntry, SegmentKind
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.segments import read_segments, save_segments
from monitoring_assets_tests.storage.samples import number_of, rows_of

CARD = SegmentEntry(segment="card", number=1, kind=SegmentKind.EXPRESSION)
OTHER = SegmentEntry(segment="zone=(other)", number=2, kind=SegmentKind.OTHER, column_name="zone")


def of_value(value: str, number: int = 3) -> SegmentEntry:
    return SegmentEntry(
        segment=f"zone={value}",
        number=number,
        kind=SegmentKind.VALUE,
        column_name="zone",
        value=value,
    )


def test_segments_are_read_as_they_were_stored(database: Database) -> None:
    entries = (CARD, OTHER, of_value("it's; é\\"), of_value("", 4))
    save_segments(database, "small", entries)
    assert read_segments(database, "small") == entries


def test_a_model_that_was_never_measured_has_none(database: Database) -> None:
    save_segments(database, "small", ())
    assert read_segments(database, "small") == ()


def test_models_have_segments_of_their_own(database: Database) -> None:
    save_segments(database, "small", [CARD])
    save_segments(database, "other", [replace(OTHER, number=1)])
    assert read_segments(database, "small") == (CARD,)
    assert read_segments(database, "other") == (replace(OTHER, number=1),)


def test_storing_adds_and_never_changes_or_removes(database: Database) -> None:
    save_segments(database, "small", [CARD, OTHER])
    save_segments(database, "small", [replace(CARD, number=7), of_value("74")])
    assert read_segments(database, "small") == (CARD, OTHER, of_value("74"))


def test_nothing_is_written_where_nothing_is_new(database: Database) -> None:
    save_segments(database, "small", [CARD, OTHER])
    before = rows_of(database, tables.segment)
    save_segments(database, "small", [OTHER])
    assert rows_of(database, tables.segment) == before


def test_runs_that_store_at_once_give_no_number_and_no_name_twice(database: Database) -> None:
    batches = [[CARD, of_value(str(one), 2), of_value("all", 3)] for one in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda batch: save_segments(database, "small", batch), batches))
    assert [entry.number for entry in read_segments(database, "small")] == [*range(1, 11)]
    assert number_of(database, tables.segment) == 10


def test_a_value_the_database_cannot_hold_is_named_and_nothing_is_stored(
    database: Database,
) -> None:
    with pytest.raises(StorageError, match="storing segments of model 'small'"):
        save_segments(database, "small", [CARD, of_value("a\x00b")])
    assert read_segments(database, "small") == ()
