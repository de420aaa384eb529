"""One statement, two drivers: the same rows whichever it runs over."""

import contextlib
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from monitoring_assets.storage.database import Database
from monitoring_assets.storage.statements import (
    SqlTransaction,
    Transaction,
    arrow_transaction,
)
from monitoring_assets.storage.tables import computation, window

AT = datetime(2023, 3, 12, 7, 30, 1, 123456, tzinfo=UTC)
ROW: dict[str, Any] = {
    "model_id": 'it\'s "quoted"; DROP TABLE x; --',
    "granularity": "day",
    "window_start": AT,
    "window_end": AT,
    "partition_key": "$1 %s :name",
    "rows_read": None,
    "rows_rejected": {"a'b": 1},
    "label_coverage": 0.1,
    "status": "incomplete",
    "computed_at": AT,
    "computation_id": 7,
}


@contextmanager
def sql_transaction(database: Database) -> Generator[SqlTransaction]:
    with database.begin() as connection:
        yield SqlTransaction(connection)


def insert_and_read(transaction: Transaction) -> dict[str, Any]:
    assert transaction.run(sa.insert(window).values(ROW)) == []
    names = [name for name in ROW if name != "rows_rejected"]
    found = transaction.run(
        sa.select(
            *(window.c[name] for name in names),
            window.c.rows_rejected["a'b"].as_integer().label("rejected"),
        ).where(window.c.model_id == ROW["model_id"], window.c.window_start >= AT)
    )
    return dict(found[0])


@pytest.mark.parametrize("opened", [sql_transaction, arrow_transaction])
def test_values_come_back_as_they_were(database: Database, opened: Any) -> None:
    with opened(database) as transaction:
        found = insert_and_read(transaction)
    assert found.pop("rejected") == 1
    assert found == {name: value for name, value in ROW.items() if name != "rows_rejected"}


@pytest.mark.parametrize("opened", [sql_transaction, arrow_transaction])
def test_an_upsert_returns_its_row(database: Database, opened: Any) -> None:
    statement = insert(window).values(ROW).returning(window.c.computation_id)
    key = ["model_id", "granularity", "window_start"]
    again = (
        insert(window)
        .values(ROW)
        .on_conflict_do_update(index_elements=key, set_={"computation_id": 8})
        .returning(window.c.computation_id)
    )
    with opened(database) as transaction:
        assert transaction.run(statement) == [{"computation_id": 7}]
        assert transaction.run(again) == [{"computation_id": 8}]


@pytest.mark.parametrize("opened", [sql_transaction, arrow_transaction])
def test_an_error_rolls_everything_back(database: Database, opened: Any) -> None:
    with contextlib.suppress(RuntimeError), opened(database) as transaction:
        transaction.run(sa.insert(window).values(ROW))
        raise RuntimeError("half-way")
    with database.connect() as connection:
        assert connection.execute(sa.select(window)).all() == []


def test_a_query_without_rows_gives_none_over_both(database: Database) -> None:
    query = sa.select(computation).where(computation.c.run_id == "nobody's")
    with sql_transaction(database) as one, arrow_transaction(database) as other:
        assert one.run(query) == other.run(query) == []


def test_staged_rows_can_be_asked_for_and_are_gone_afterwards(database: Database) -> None:
    rows = pa.table({"id": ["a", None, "b"], "at": pa.array([AT] * 3), "n": [1, 2, 2**62]})
    for _ in range(2):
        with arrow_transaction(database) as transaction:
            staged = transaction.stage(rows, "some rows")
            found = transaction.table(sa.select(staged).where(staged.c.n > 1))
            assert found.to_pydict() == rows.slice(1).to_pydict()
    with database.connect() as connection:
        assert not connection.dialect.has_table(connection, "some rows")
