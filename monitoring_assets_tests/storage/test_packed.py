"""Packed counts: any come back, as narrow as they can be; what an upgrade finds stays readable."""

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from monitoring_assets.storage.database import Database
from monitoring_assets.storage.packed import PackedCounts, pack, summed, unpack
from monitoring_assets.storage.schema import upgrade
from monitoring_assets_tests.storage.test_schema import at_revision_with_rows

counts = st.lists(st.integers(0, 2**63 - 1), max_size=20)


@given(counts)
def test_any_counts_come_back(given_counts: list[int]) -> None:
    assert unpack(pack(given_counts)).tolist() == given_counts


@pytest.mark.parametrize(
    ("most", "width"), [(0, 1), (255, 1), (256, 2), (65535, 2), (65536, 4), (2**32, 8)]
)
def test_counts_are_as_wide_as_the_largest_needs(most: int, width: int) -> None:
    packed = pack([0, most])
    assert (packed[0], len(packed)) == (width, 1 + 2 * width)


def test_less_than_no_row_is_refused() -> None:
    with pytest.raises(ValueError, match="a count of -1 rows"):
        pack([3, -1])


@given(st.lists(st.lists(st.integers(0, 70_000), min_size=3, max_size=3), min_size=1, max_size=9))
def test_packed_counts_of_one_width_add_up_where_they_lie(rows: list[list[int]]) -> None:
    widest = max(max(row) for row in rows)
    alike = [[*row, widest] for row in rows]
    block = b"".join(map(pack, alike))
    assert summed(block, len(rows)).tolist() == np.sum(alike, axis=0).tolist()


def test_a_column_of_counts_holds_numbers_for_whoever_reads_it(database: Database) -> None:
    table = sa.table("pile", sa.column("counts", PackedCounts))
    with database.begin() as connection:
        connection.execute(sa.text("CREATE TEMPORARY TABLE pile (counts BYTEA)"))
        connection.execute(sa.insert(table), [{"counts": [1, 300]}, {"counts": None}])
        assert list(connection.execute(sa.select(table.c.counts)).scalars()) == [[1, 300], None]


OF_0002 = """
    INSERT INTO monitoring.{table} (model_id, {key}, segment, column_name, bins_version, kind, rows,
        missing, positive_infinite, negative_infinite, moment_1, moment_2, counts, outside,
        computation_id)
    SELECT 'taxi', {values}, 'all', name, 1, 'numerical', 0, 0, 0, 0, 0, 0, counts, 0, 1
    FROM (VALUES ('a', ARRAY[0, 7, 2147483647]), ('b', ARRAY[5]), ('c', '{{}}')) AS v(name, counts)
"""


def test_counts_that_an_upgrade_finds_are_the_same_afterwards(empty_database: Database) -> None:
    keys = {
        "window_profile": ("granularity, window_start", "'day', '2023-02-01Z'"),
        "reference_profile": ("reference_version", "1"),
    }
    filled = [OF_0002.format(table=t, key=k, values=v) for t, (k, v) in keys.items()]
    with empty_database.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA monitoring"))
    at_revision_with_rows(empty_database, "0002", filled)
    upgrade(empty_database)
    for name in keys:
        table = sa.table(name, sa.column("counts", PackedCounts), schema="monitoring")
        with empty_database.connect() as connection:
            found = connection.execute(
                sa.select(table.c.counts).order_by(sa.text("column_name"))
            ).scalars()
            assert list(found) == [[0, 7, 2147483647], [5], []]
