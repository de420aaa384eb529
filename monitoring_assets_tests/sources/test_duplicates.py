import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from monitoring_assets.sources.duplicates import examples, last_of_each


@given(st.lists(st.sampled_from("abcdefg")))
def test_of_each_id_the_last_row_is_kept(ids: list[str]) -> None:
    keep = last_of_each(pa.array(ids, pa.string()))
    last = {name: place for place, name in enumerate(ids)}
    assert [place for place, kept in enumerate(keep) if kept] == sorted(last.values())


def test_at_most_five_repeated_ids_are_named() -> None:
    ids = pa.array([*"abcdefgh", *"abcdefg", "a"])
    assert examples(ids, last_of_each(ids)) == ["a", "b", "c", "d", "e"]
