"""Classes of a team's own, beside their models' YAML and installed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from monitoring_assets.errors import ConfigurationError
from monitoring_assets_tests.sources.custom.classes import DAY, READS, Maker, ids, source_of
from monitoring_assets_tests.sources.small_files import utc


def test_a_class_beside_its_models_yaml_is_found_and_read(make: Maker) -> None:
    assert ids(make().read(*DAY)) == ["r0", "r1"]


def test_the_yamls_options_make_the_class(make: Maker) -> None:
    assert ids(make(rows=1).read(*DAY)) == ["r0"]


def test_an_installed_class_goes_before_one_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("JSONDecoder = None")
    with pytest.raises(ConfigurationError, match=r"json:JSONDecoder: has no method `read\(start"):
        source_of("json:JSONDecoder", tmp_path).read(*DAY)


def test_a_module_may_import_its_neighbours_then_and_later(make: Maker) -> None:
    code = (
        READS
        + """
    from PACKAGE.helpers import FIRST

    class Later(Scores):
        def read(self, start, end):
            from PACKAGE import late
            return late.change(super().read(start, end))
    """
    )
    more = {
        "helpers": "FIRST = 1",
        "late": "from .helpers import FIRST\ndef change(table):\n    return table.slice(FIRST)",
    }
    assert ids(make(code, "Later", more=more).read(*DAY)) == ["r1"]


def test_a_package_in_a_package_is_found_too(make: Maker, tmp_path: Path) -> None:
    make()
    (outer,) = (tmp_path / "models").iterdir()
    inner = outer / "inner"
    inner.mkdir()
    for place in (inner, outer):
        (place / "__init__.py").write_text("loaded = True")
    (inner / "source.py").write_text(dedent(READS))
    name = f"{outer.name}.inner.source:Scores"
    assert ids(source_of(name, tmp_path / "models").read(*DAY)) == ["r0", "r1"]


def test_a_frame_of_pandas_is_read_as_a_table_is(make: Maker) -> None:
    code = (
        READS
        + """
    class Frames(Scores):
        def read(self, start, end):
            frame = super().read(start, end).to_pandas()
            frame["more"] = [object()] * len(frame)
            return frame.astype({"zone": "category"})

    class Indexed(Frames):
        def read(self, start, end):
            return super().read(start, end).set_index("id")
    """
    )
    expected = make(code).read(*DAY).table
    assert make(code, "Frames").read(*DAY).table == expected
    assert make(code, "Indexed").read(*DAY).table == expected


def test_without_a_method_for_it_the_source_has_come_as_far_as_the_clock(make: Maker) -> None:
    assert make().newest_event_time() == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("answer", ["None", "datetime(2023, 2, 5, tzinfo=UTC)"])
def test_the_class_may_say_how_far_it_has_come(make: Maker, answer: str) -> None:
    code = READS + f"    \n        def newest_event_time(self):\n            return {answer}\n"
    expected = None if answer == "None" else utc(2023, 2, 5)
    assert make(code).newest_event_time() == expected


def test_rows_outside_are_asked_for_between_the_periods_only(make: Maker) -> None:
    source: Any = make(rows=9)
    start, middle, end = (utc(2023, 2, 2), utc(2023, 2, 3), utc(2023, 2, 4))
    day = timedelta(days=1)
    assert source.rows_outside([(start, start + day), (end, end + day)]) == {
        "before_every_period": 2,
        "between_periods": 2,
        "after_every_period": 1,
        "event_time_missing": 0,
    }
    assert source.raw._source.asked == [(None, start), (middle, end), (end + day, None)]
    assert source.rows_outside([(start, None)])["after_every_period"] == 0


def test_rows_without_an_event_time_come_with_the_first_ones(make: Maker) -> None:
    code = (
        READS
        + """
    class Gaps(Scores):
        def read(self, start, end):
            table = super().read(start, end)
            return table.set_column(1, "time", pa.array([None, "?", "2023-02-01"]))
    """
    )
    outside = make(code, "Gaps").rows_outside([(utc(2023, 2, 1), utc(2023, 2, 2))])
    assert outside["event_time_missing"] == 2
    assert sum(outside.values()) == 2


def test_a_description_names_the_class_and_what_it_says(make: Maker) -> None:
    assert set(make().describe()) == {"kind", "python_class"}
    code = READS + "    \n        def describe(self):\n            return {'place': 7}\n"
    assert make(code).describe()["place"] == "7"


def test_without_an_id_column_a_row_has_no_id(make: Maker) -> None:
    source: Any = make()
    piece = next(source.raw.pieces(*DAY))
    with pytest.raises(ConfigurationError, match=r"`columns\.id` is needed for what .* reads"):
        piece.row_ids()


def test_nobody_knows_the_truth_about_a_teams_rows(make: Maker) -> None:
    assert make().planted_changes() == ()
