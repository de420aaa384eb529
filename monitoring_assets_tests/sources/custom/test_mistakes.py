"""What is wrong with a team's class, told with the model, the class and what to do."""

import traceback
from pathlib import Path
from typing import Any

import pytest

from monitoring_assets.errors import (
    ConfigurationError,
    SourceFailedError,
    SourceSchemaError,
    SourceUnavailableError,
)
from monitoring_assets_tests.sources.custom.classes import BROKEN, DAY, READS, Maker, source_of


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
    source = make(code, "Broken")
    for ask in (source.read, lambda *ends: source.rows_outside([ends])):
        with pytest.raises(SourceSchemaError, match=problem):
            ask(*DAY)


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


@pytest.mark.parametrize("answer", ["datetime(2023, 2, 5)", "'2023-02-05'"])
def test_how_far_it_has_come_must_be_an_instant(make: Maker, answer: str) -> None:
    code = READS + f"    \n        def newest_event_time(self):\n            return {answer}\n"
    with pytest.raises(SourceSchemaError, match="must return a datetime with a time zone"):
        make(code).newest_event_time()


def test_a_description_must_be_texts_by_name(make: Maker) -> None:
    code = READS + "    \n        def describe(self):\n            return []\n"
    with pytest.raises(SourceSchemaError, match=r"describe\(\) returned builtins\.list"):
        make(code).describe()


FOUND = "rows?api_key=hunter2 of postgresql://me:hunter2@db/x"
STARRED = r"rows\?api_key=\*\*\* of postgresql://\*\*\*@db/x"


@pytest.mark.parametrize(
    "body",
    [
        f"raise ConnectionError('GET {FOUND} failed')",
        f"raise ConnectionError('{FOUND}') from KeyError('password=hunter2')",
        f"from monitoring_assets.errors import StorageError; raise StorageError('{FOUND}')",
    ],
)
@pytest.mark.parametrize("method", ["__init__(self)", "read(self, start, end)"])
def test_a_secret_is_neither_repeated_nor_kept(make: Maker, method: str, body: str) -> None:
    with pytest.raises(SourceFailedError, match=STARRED) as caught:
        make(BROKEN.format(method, body), "Broken").read(*DAY)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value)).replace(body, "")
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_secret_in_what_comes_later_is_not_repeated_and_it_may_still_come(make: Maker) -> None:
    body = f"from monitoring_assets.errors import SourceUnavailableError as E; raise E('{FOUND}')"
    with pytest.raises(SourceUnavailableError, match=f":Broken: {STARRED}") as caught:
        make(BROKEN.format("read(self, start, end)", body), "Broken").read(*DAY)
    assert caught.value.__context__ is None


def test_a_secret_in_a_module_that_cannot_be_imported_is_not_repeated(make: Maker) -> None:
    with pytest.raises(ConfigurationError, match=f"importing it failed.*{STARRED}") as caught:
        make(f"raise OSError('{FOUND}')").read(*DAY)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_secret_in_a_description_becomes_stars(make: Maker) -> None:
    code = READS + f"    \n        def describe(self):\n            return {{'from': '{FOUND}'}}\n"
    assert "hunter2" not in str(make(code).describe())


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("return f.set_index('id', drop=False)", "column 'id' more than once"),
        ("f['distance'] = pd.Series([2**70, 1, 2], dtype=object); return f", "do not belong"),
    ],
)
def test_a_frame_that_cannot_be_read_is_a_named_mistake(
    make: Maker, body: str, problem: str
) -> None:
    body = f"import pandas as pd; f = super().read(start, end).to_pandas(); {body}"
    code = BROKEN.format("read(self, start, end)", body)
    with pytest.raises(SourceSchemaError, match=rf"model 'small': .*:Broken: .*{problem}"):
        make(code, "Broken").read(*DAY)


def test_an_index_beside_a_column_nobody_needs_does_no_harm(make: Maker) -> None:
    body = "f = super().read(start, end).to_pandas(); return f.set_index('more', drop=False)"
    code = BROKEN.format("read(self, start, end)", body)
    assert len(make(code, "Broken").read(*DAY).table) == 2


def test_what_reads_need_not_be_a_function(make: Maker) -> None:
    body = "from functools import partial; self.read = partial(lambda *ends: 1 / 0)"
    with pytest.raises(SourceFailedError, match=r"model 'small': .*:Broken: .*ZeroDivisionError"):
        make(BROKEN.format("__init__(self)", body), "Broken").read(*DAY)


def test_an_option_may_have_any_name(make: Maker) -> None:
    code = BROKEN.format("__init__(self, what)", "super().__init__(rows=what)")
    assert len(make(code, "Broken", what=1).read(*DAY).table) == 1


@pytest.mark.parametrize(
    ("name", "kind", "problem"),
    [
        ("builtins:dict", ConfigurationError, r"has no method `read\(start, end\)`"),
        ("builtins:map", SourceFailedError, "failed in map: TypeError"),
    ],
)
def test_a_class_without_a_signature_is_tried(
    tmp_path: Path, name: str, kind: type[Exception], problem: str
) -> None:
    with pytest.raises(kind, match=rf"model 'small': `source` {name}: {problem}"):
        source_of(name, tmp_path).read(*DAY)
