"""Classes of a team's own, beside their models' YAML and installed."""

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from monitoring_assets.errors import (
    ConfigurationError,
    SourceFailedError,
    SourceSchemaError,
    SourceUnavailableError,
)
from monitoring_assets.sources.base import Places, Source, SourceRows
from monitoring_assets.sources.build import build_source
from monitoring_assets_tests.sources.small_files import utc
from monitoring_assets_tests.specs import small_columns, small_spec

Maker = Callable[..., Source]

READS = """
    import pyarrow as pa
    from datetime import UTC, datetime, timedelta

    class Scores:
        def __init__(self, rows=3, step=12):
            self.rows, self.step, self.asked = rows, step, []

        def read(self, start, end):
            self.asked.append((start, end))
            begin = datetime(2023, 2, 1, tzinfo=UTC)
            times = [begin + timedelta(hours=self.step * n) for n in range(self.rows)]
            number = [float(n) for n in range(self.rows)]
            return pa.table({
                "id": [f"r{n}" for n in range(self.rows)], "time": times, "distance": number,
                "zone": ["x"] * self.rows, "minutes": number, "more": number,
            })
"""
BROKEN = (
    READS.replace("{", "{{").replace("}", "}}")
    + """
    class Broken(Scores):
        def {}:
            {}
"""
)
NOTHING: Mapping[str, str] = {}
DAY = (utc(2023, 2, 1), utc(2023, 2, 2))


@pytest.fixture
def make(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Maker]:
    """Write a module into a folder of models, and build the source that names its class.

    PACKAGE in its code, and in that of further modules, becomes the name of its package.
    """
    known, path = {*sys.modules}, list(sys.path)
    folder, stem = tmp_path / "models", f"model_{abs(hash(request.node.nodeid))}"
    numbers = count()

    def made(
        code: str = READS,
        attribute: str = "Scores",
        *,
        more: Mapping[str, str] = NOTHING,
        **options: Any,
    ) -> Source:
        package = f"{stem}_{next(numbers)}"
        (folder / package).mkdir(parents=True)
        for name, text in {"source": dedent(code), **more}.items():
            (folder / package / f"{name}.py").write_text(text.replace("PACKAGE", package))
        return source_of(f"{package}.source:{attribute}", folder, **options)

    yield made
    assert sys.path == path
    for name in {*sys.modules} - known:
        if name.startswith(stem):
            del sys.modules[name]


def source_of(python_class: str, folder: Path, **options: Any) -> Source:
    columns = options.pop("columns", small_columns())
    source = {"kind": "custom", "python_class": python_class, "options": options}
    spec = small_spec(source=source, columns=columns)
    return build_source(spec, Places(folder, python_folders=(folder / "none", folder)))


def ids(rows: SourceRows) -> list[str]:
    return rows.table["row_id"].to_pylist()


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


@pytest.mark.parametrize("answer", ["datetime(2023, 2, 5)", "'2023-02-05'"])
def test_how_far_it_has_come_must_be_an_instant(make: Maker, answer: str) -> None:
    code = READS + f"    \n        def newest_event_time(self):\n            return {answer}\n"
    with pytest.raises(SourceSchemaError, match="must return a datetime with a time zone"):
        make(code).newest_event_time()


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
    with pytest.raises(SourceSchemaError, match=r"describe\(\) returned builtins\.list"):
        make(code.replace("{'place': 7}", "[]")).describe()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("no_such_package.source:Scores", "No module named 'no_such_package'"),
        ("json.no_such_module:Scores", "No module named 'json.no_such_module'"),
        ("json:NoSuchClass", "module 'json' has no attribute 'NoSuchClass'"),
        ("json:__doc__", "is builtins.str, no class"),
        ("json:JSONEncoder", r"has no method `read\(start, end\)`"),
    ],
)
def test_a_class_that_is_not_there_or_does_not_do_is_named(
    tmp_path: Path, name: str, problem: str
) -> None:
    with pytest.raises(ConfigurationError, match=rf"model 'small': `source` {name}: .*{problem}"):
        source_of(name, tmp_path).read(*DAY)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("import no_such_package", "No module named 'no_such_package'"),
        ("1 / 0", "importing it failed: ZeroDivisionError: division by zero"),
        ("class Scores:", "importing it failed: IndentationError"),
    ],
)
def test_a_module_that_cannot_be_imported_is_named(make: Maker, code: str, problem: str) -> None:
    source = make(code)
    for _ in range(2):  # nothing half-loaded is left behind
        with pytest.raises(ConfigurationError, match=problem):
            source.read(*DAY)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"row": 1}, r"unexpected keyword argument 'row'. Legal: rows, step"),
        ({"rows": 1, "other": 2}, r"unexpected keyword argument 'other'"),
    ],
)
def test_options_the_class_does_not_take_are_named(
    make: Maker, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"made with the YAML's `options`: .*{problem}"):
        make(**options).read(*DAY)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("return None", r"read\(\) returned builtins\.NoneType; it must return a pyarrow\.Table"),
        ("return [{'id': 1}]", r"read\(\) returned builtins\.list"),
        ("return super().read(start, end).drop(['zone'])", r"lacks column 'zone'"),
        (
            "t = super().read(start, end); return t.append_column('id', t['id'])",
            "returned column 'id' more than once",
        ),
        (
            "f = super().read(start, end).to_pandas(); f['zone'] = [1, 'x', b'y']; return f",
            "column of values that do not belong together",
        ),
        (
            "t = super().read(start, end); return t.set_column(1, 'time', t['distance'])",
            "'time' of what .*:Broken reads is of type double",
        ),
    ],
)
def test_what_is_read_must_be_the_rows_of_the_model(make: Maker, body: str, problem: str) -> None:
    code = BROKEN.format("read(self, start, end)", body)
    with pytest.raises(SourceSchemaError, match=problem):
        make(code, "Broken").read(*DAY)


@pytest.mark.parametrize("method", ["__init__(self)", "read(self, start, end)"])
def test_an_exception_of_the_class_is_kept_as_the_cause(make: Maker, method: str) -> None:
    code = BROKEN.format(method, "raise KeyError('x')")
    with pytest.raises(SourceFailedError, match=r":Broken: failed in .*KeyError") as e:
        make(code, "Broken").read(*DAY)
    assert isinstance(e.value.__cause__, KeyError)
    assert not e.value.retryable


def test_a_class_may_say_that_its_rows_are_not_there_yet(make: Maker) -> None:
    code = (
        READS
        + """
    from monitoring_assets.errors import SourceUnavailableError

    class Later(Scores):
        def read(self, start, end):
            raise SourceUnavailableError("the export of today is not there yet")
    """
    )
    with pytest.raises(SourceUnavailableError, match="the export of today") as caught:
        make(code, "Later").read(*DAY)
    assert caught.value.retryable


def test_without_an_id_column_a_row_has_no_id(make: Maker) -> None:
    source: Any = make()
    piece = next(source.raw.pieces(*DAY))
    with pytest.raises(ConfigurationError, match=r"`columns\.id` is needed for what .* reads"):
        piece.row_ids()


def test_nobody_knows_the_truth_about_a_teams_rows(make: Maker) -> None:
    assert make().planted_changes() == ()
