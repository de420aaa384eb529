"""Which rows a condition is true of, by hand and as Postgres says."""

from collections.abc import Iterator

import numpy as np
import psycopg
import pyarrow as pa
import pytest
from hypothesis import given, settings
from psycopg import sql

from monitoring_assets.evaluation.conditions import rows_where
from monitoring_assets.records import ColumnKind
from monitoring_assets.spec.expressions import parse_condition
from monitoring_assets_tests.spec.conditions import CATEGORY, CONDITIONS, NUMBER, ROWS, Written

KINDS = {NUMBER: ColumnKind.NUMERICAL, CATEGORY: ColumnKind.CATEGORICAL}
FARES = pa.array([1.0, 2.0, None, 10.5], pa.float64())
ZONES = pa.array(["74", None, "2", "it's"], pa.string())
Rows = list[tuple[float | None, str | None]]


@pytest.fixture(scope="module")
def postgres(database_server_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_server_url, autocommit=True) as connection:
        yield connection


def table(rows: Rows) -> pa.Table:
    return pa.table(
        {
            NUMBER: pa.array([fare for fare, _ in rows], pa.float64()),
            CATEGORY: pa.array([zone for _, zone in rows], pa.string()),
        }
    )


def places(text: str, rows: pa.Table) -> list[int]:
    return np.flatnonzero(rows_where(parse_condition(text), rows, KINDS)).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fare = 2", [1]),
        ("fare <> 2", [0, 3]),
        ("not fare <> 2", [1]),
        ("fare between 2 and 10.5", [1, 3]),
        ("fare not between 2 and 10.5", [0]),
        ("fare between 10.5 and 2", []),
        ("fare in (1, 3)", [0]),
        ("fare not in (1, 3)", [1, 3]),
        ("fare is null", [2]),
        ("fare is not null", [0, 1, 3]),
        ('"Zone Name" = 74', [0]),
        ("\"Zone Name\" in (74.0, 'it''s')", [0, 3]),
        ("\"Zone Name\" <> '74'", [2, 3]),
        ("fare > 1 and \"Zone Name\" = '74'", []),
        ('fare > 1 or "Zone Name" = 2', [1, 2, 3]),
        ('not (fare > 1 and "Zone Name" = 74)', [0, 2, 3]),
        ('not (fare = 2 or "Zone Name" is null)', [0, 3]),
    ],
)
def test_a_condition_is_true_of_these_rows(text: str, expected: list[int]) -> None:
    assert places(text, pa.table({NUMBER: FARES, CATEGORY: ZONES})) == expected


@settings(max_examples=400, deadline=None)
@given(CONDITIONS, ROWS)
def test_postgres_finds_the_same_rows(
    postgres: psycopg.Connection, condition: Written, rows: Rows
) -> None:
    fares, zones = sql.Literal([one for one, _ in rows]), sql.Literal([one for _, one in rows])
    found = postgres.execute(
        sql.SQL(
            "SELECT place - 1 FROM unnest({}::float8[], {}::text[]) WITH ORDINALITY"
            ' AS rows(fare, "Zone Name", place) WHERE {} ORDER BY place'
        ).format(fares, zones, condition.theirs)
    )
    assert places(condition.ours, table(rows)) == [place for (place,) in found]


def test_not_a_number_is_missing_and_negative_zero_is_zero() -> None:
    rows = pa.table({NUMBER: pa.array([float("nan"), -0.0, 0.0], pa.float64())})
    assert places("fare is null", rows) == [0]
    assert places("fare in (0)", rows) == places("fare = -0", rows) == [1, 2]


def test_columns_may_come_in_pieces_as_dictionaries_or_as_whole_numbers() -> None:
    pieces = pa.chunked_array([["74"], ["75", None]]).dictionary_encode()
    rows = pa.table({CATEGORY: pieces, NUMBER: pa.array([1, None, 3])})
    assert places('"Zone Name" = 75 or fare = 1', rows) == [0, 1]


def test_no_rows_have_an_empty_mask() -> None:
    assert rows_where(parse_condition("fare = 1"), table([]), KINDS).shape == (0,)
