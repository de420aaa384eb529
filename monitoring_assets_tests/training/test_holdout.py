"""The split into rows to learn from and rows held out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from monitoring_assets.records import Window
from monitoring_assets.spec.retraining import HoldoutSpec
from monitoring_assets.training.holdout import shares, split

START = datetime(2025, 3, 1, tzinfo=UTC)
# The first two of the test vectors that came with SipHash-2-4 (Aumasson and Bernstein, 2012), of
# no bytes and of the bytes 0 to 14, under the key of the bytes 0 to 15.
SIPHASH = {"": 0x726FDB47DD0E0E31, "".join(map(chr, range(15))): 0xA129CA6149BE45E5}
GOLDEN = {"trip-1": 0.5980334939916255, "trip-2": 0.8466562837974867}


def day(number: int) -> Window:
    start = START + timedelta(days=number)
    return Window(
        model_id="small",
        granularity="day",
        start=start,
        end=start + timedelta(days=1),
        partition_key=f"{start:%Y-%m-%d}",
    )


def trips(n: int = 2000, days: int = 5) -> pa.Table:
    generator = np.random.default_rng(1)
    times = [START + timedelta(days=days * i / n) for i in range(n)]
    return pa.table(
        {
            "row_id": pa.array([f"trip-{i}" for i in range(n)], pa.string()),
            "event_time": pa.array(times, pa.timestamp("us", "UTC")),
            "distance": generator.gamma(2, 2, n),
            "zone": pa.array(generator.choice(["north", "south"], n).tolist(), pa.string()),
        }
    )


def ids(table: pa.Table) -> set[str]:
    return set(table.column("row_id").to_pylist())


def changed(table: pa.Table, column: str, values: list[Any]) -> pa.Table:
    place = table.column_names.index(column)
    kind = table.column(column).type
    return table.set_column(place, column, pa.array(values, kind))


def finalised(value: int) -> int:
    """Return SplitMix64's finaliser of a number, with Python's integers."""
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB % 2**64
    return value ^ (value >> 31)


@pytest.mark.parametrize("text", SIPHASH)
def test_the_hash_is_siphash_and_a_finaliser(text: str) -> None:
    from pandas.util import hash_array

    key = "".join(map(chr, range(16)))
    found = hash_array(np.array([text], object), hash_key=key, categorize=False)
    assert int(found[0]) == finalised(SIPHASH[text])


def test_the_numbers_of_known_ids_never_change() -> None:
    assert shares(pa.chunked_array([list(GOLDEN)]), 0).tolist() == list(GOLDEN.values())


def test_ids_of_any_letters_have_a_number() -> None:
    found = shares(pa.chunked_array([["", "Ω", "a" * 1000, "NaN", "None"]]), 7)
    assert len({*found.tolist()}) == 5


def test_another_seed_chooses_other_rows() -> None:
    windows = [day(number) for number in range(5)]
    chosen = [ids(split(trips(), HoldoutSpec(windows=5, seed=seed), windows)[1]) for seed in (0, 1)]
    overlap = len(chosen[0] & chosen[1]) / 2000
    assert 0.06 < overlap < 0.12  # 0.3 * 0.3 of independent choices


def test_the_share_lies_within_binomial_bounds() -> None:
    for seed in range(20):
        _, held = split(trips(), HoldoutSpec(share=0.3, windows=1, seed=seed), [day(4)])
        assert binomtest(held.num_rows, 400, 0.3).pvalue > 1e-4


def test_only_rows_of_the_newest_windows_are_held_out() -> None:
    windows = [day(number) for number in (3, 0, 4, 1, 2)]
    _, held = split(trips(), HoldoutSpec(share=0.5, windows=2), windows)
    times = held.column("event_time").to_pylist()
    assert START + timedelta(days=3) <= min(times) < START + timedelta(days=3, hours=1)
    assert len({time.date() for time in times}) == 2


def test_a_window_is_half_open() -> None:
    times = [START + timedelta(days=1), START + timedelta(days=2)]
    rows = changed(trips(2), "event_time", times)
    training, held = split(rows, HoldoutSpec(share=0.99, windows=1), [day(1)])
    assert (ids(training), ids(held)) == ({"trip-1"}, {"trip-0"})


def test_no_row_is_in_both_parts_and_none_is_lost() -> None:
    training, held = split(trips(), HoldoutSpec(), [day(2), day(4), day(3)])
    assert not ids(training) & ids(held)
    assert ids(training) | ids(held) == ids(trips())
    assert training.num_rows + held.num_rows == 2000


def test_without_windows_or_rows_nothing_is_held_out() -> None:
    assert split(trips(), HoldoutSpec(), [])[1].num_rows == 0
    assert [part.num_rows for part in split(trips().slice(0, 0), HoldoutSpec(), [day(1)])] == [0, 0]


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(60)), cut=st.integers(0, 60))
def test_order_and_chunks_of_rows_do_not_matter(order: list[int], cut: int) -> None:
    rows, windows = trips(60), [day(number) for number in range(5)]
    shuffled = rows.take(order)
    pieces = pa.concat_tables([shuffled.slice(0, cut), shuffled.slice(cut)])
    expected, found = (split(table, HoldoutSpec(), windows) for table in (rows, pieces))
    assert found == expected


def test_a_row_goes_the_same_way_whatever_other_rows_there_are() -> None:
    windows = [day(number) for number in range(5)]
    held = ids(split(trips(), HoldoutSpec(windows=5), windows)[1])
    some = trips().slice(100, 300)
    assert ids(split(some, HoldoutSpec(windows=5), windows)[1]) == held & ids(some)
