"""Conditions: what is read, what is refused with which words, and that no text breaks it."""

import logging
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring_assets.spec.condition_syntax import DEEPEST, LEGAL, MOST_CHARACTERS
from monitoring_assets.spec.expressions import (
    AllOf,
    AnyOf,
    Condition,
    Missing,
    Not,
    OneOf,
    Ordered,
    category_text,
    columns_of,
    parse_condition,
)
from monitoring_assets_tests.spec.conditions import CATEGORY, CONDITIONS, NUMBER, Written

READ: list[tuple[str, Condition]] = [
    ("payment_type = 2", OneOf("payment_type", (2,))),
    ("a<>'x'", Not(OneOf("a", ("x",)))),
    ("a != -1.5e3", Not(OneOf("a", (-1500.0,)))),
    ("a IN (1, 'it''s')", OneOf("a", (1, "it's"))),
    ("a not in ('74', '75')", Not(OneOf("a", ("74", "75")))),
    ("a < 1", Ordered("a", "<", 1)),
    ("a <= 1.", Ordered("a", "<=", 1.0)),
    ("a > -0.5", Ordered("a", ">", -0.5)),
    ("(a) >= (3)", Ordered("a", ">=", 3)),
    ("hour between 6 and 9", AllOf((Ordered("hour", ">=", 6), Ordered("hour", "<=", 9)))),
    ("a is null", Missing("a")),
    ("a Is Not Null", Not(Missing("a"))),
    ("a = 1 and b = 2 and c = 3", AllOf((OneOf("a", (1,)), OneOf("b", (2,)), OneOf("c", (3,))))),
    (
        "a = 1 or b = 2 and not c = 3",
        AnyOf((OneOf("a", (1,)), AllOf((OneOf("b", (2,)), Not(OneOf("c", (3,))))))),
    ),
    (
        "not (a = 1 or b = 2)\n\tand c is null",
        AllOf((Not(AnyOf((OneOf("a", (1,)), OneOf("b", (2,))))), Missing("c"))),
    ),
]

REFUSED = [
    ("", "holds no condition"),
    ("  \n", "holds no condition"),
    ("a", "column 'a' is no condition by itself"),
    ("1", "number '1' is no condition by itself"),
    ("true", "true is no condition by itself"),
    ("a = 1 and b", "column 'b' is no condition by itself"),
    ("a =", "cannot be read near 'a ='"),
    ("a = 1 b = 2", "cannot be read near 'a = 1 b'"),
    ("(a = 1", "cannot be read near '(a = 1'"),
    ("a = 1, b = 2", "cannot be read near 'a = 1,'"),
    ("a like 'x%'", "cannot be read near 'a like'"),
    ("case when a = 1 then 2 end", "cannot be read near 'case when'"),
    ("a in (select 1)", "cannot be read near 'a in (select 1'"),
    ("a is distinct from 1", "cannot be read near 'a is distinct from'"),
    ("exists (select 1)", "'exists' (character 1) is called as a function"),
    ("abs(a) = 1", "'abs' (character 1) is called as a function"),
    ('a = 1 or "pg_sleep"(9) = 1', "'pg_sleep' (character 10) is called as a function"),
    ("cast(a as int) = 1", "'cast' (character 1) is called as a function"),
    ("a::int = 1", "'::' (character 2) has no place there"),
    ("a + 1 = 2", "'+' (character 3) has no place there"),
    ("a - 1 = 2", "a subtraction stands where a column is expected"),
    ("a = 2 - 1", "a subtraction stands where a value is expected"),
    ("-a = 1", "a minus stands where a column is expected"),
    ("a = - -1", "'-' (character 5) stands before '-'"),
    ("not not a = 1", "'not' (character 1) stands before 'not'"),
    ("a = b", "column 'b' stands where a value is expected (columns are compared"),
    ('zone = "74"', "column '74' stands where a value is expected (columns are compared"),
    ("1 = a", "number '1' stands where a column is expected"),
    ("a = 1 = 2", "a comparison stands where a column is expected"),
    ("(a = 1) is null", "a comparison stands where a column is expected"),
    ("a = null", "null stands where a value is expected (nothing equals null; write is null)"),
    ("a = true", "true stands where a value is expected (write 1 and 0, or 'true' and 'false')"),
    ("a is true", "'is' stands before true"),
    ("a < 'x'", "text 'x' stands where a number is expected"),
    ("a between 'b' and 'c'", "text 'b' stands where a number is expected"),
    ("a in ()", "in () has no values"),
    ("(a, b) = (1, 2)", "a list stands where a column is expected"),
    ("trips.a = 1", "'.' (character 6) has no place there"),
    ("a = 1; drop table rows", "';' (character 6) has no place there"),
    ("a = 1 -- and so on", "'-- and so on' (character 6) has no place there"),
    ("a = /* or */ 1", "'/* or */' (character 4) has no place there"),
    ("a = :fare", "':' (character 5) has no place there"),
    ("a = %(fare)s", "'%' (character 5) has no place there"),
    ("a = $1", "'$' (character 5) has no place there"),
    ("a = ?", "'?' (character 5) has no place there"),
    ("a == 1", "'==' (character 3) has no place there"),
    ("a = e'\\n'", "\"e'\\\\n'\" (character 5) has no place there"),
    ("a = 0x1f", "'0x1f' (character 5) has no place there"),
    ("a = 1e999", "'1e999' is no finite number"),
    ("a = 'x", "has a quotation mark or a comment without an end"),
    ("a = '\ud800'", "has half a character, which no column has"),
    ("a = 1 or 1 = 1", "number '1' stands where a column is expected"),
    ("a = 1 union select 1", "cannot be read near 'a = 1 union'"),
    ("{{ env.X }} = 1", "'{' (character 1) has no place there"),
]


@pytest.mark.parametrize(("text", "condition"), READ, ids=[text for text, _ in READ])
def test_a_condition_is_read(text: str, condition: Condition) -> None:
    assert parse_condition(text) == condition


@pytest.mark.parametrize(("text", "says"), REFUSED, ids=[text for text, _ in REFUSED])
def test_anything_else_is_refused_by_what_it_is_and_told_what_is_legal(
    text: str, says: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is compared below
        parse_condition(text)
    assert str(caught.value).startswith(says)
    assert str(caught.value).endswith(f"; {LEGAL}")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Zone", "Zone"),
        ("größe", "größe"),
        ("a_1", "a_1"),
        ("date", "date"),
        ("If", "If"),
        ('"Weird Name"', "Weird Name"),
        ('"say ""so"""', 'say "so"'),
        ('"a.b"', "a.b"),
        ('"null"', "null"),
        ('"--"', "--"),
    ],
)
def test_a_column_is_called_as_it_is_written(written: str, name: str) -> None:
    assert columns_of(parse_condition(f"{written} = 1")) == (name,)


def test_columns_are_those_of_all_parts_each_once() -> None:
    text = "b = 1 or not (a is null and b > 2) or c in ('x')"
    assert columns_of(parse_condition(text)) == ("b", "a", "c")


@pytest.mark.parametrize(
    ("value", "text"), [(2, "2"), (2.0, "2"), (-0.0, "0"), (10**20, "1" + "0" * 20), (2.5, "2.5")]
)
def test_a_number_against_categories_is_their_text(value: float, text: str) -> None:
    assert category_text(value) == text


def test_parentheses_are_legal_to_a_depth() -> None:
    def nested(depth: int) -> str:
        return "not (" * depth + "a in (1)" + ")" * depth

    assert columns_of(parse_condition(nested(DEEPEST - 1))) == ("a",)
    with pytest.raises(ValueError, match=f"is nested too deep; legal: {DEEPEST} levels"):
        parse_condition(nested(DEEPEST))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "a = 1" + ")" * 10_000,
        "(" * 2_000 + "a = 1" + ")" * 2_000,
        "not " * 1_200 + "a = 1",
        "a = " + "- " * 2_000 + "1",
        "a = not b " * 490,
        "and not between " * 300,
        "a = 1 or " * 550 + "b",
        "a in (" * 800,
        "case " * 900,
        "[" * 4_000,
        "'" * 4_999,
    ],
    ids=lambda text: text[:12],
)
def test_a_hostile_text_is_a_mistake_and_no_crash(text: str) -> None:
    with pytest.raises(ValueError, match="legal: "):
        parse_condition(text)


def test_a_long_condition_is_read_up_to_a_bound() -> None:
    text = " or ".join(f"a = {number}" for number in range(400))
    assert len(text) < MOST_CHARACTERS
    assert isinstance(parse_condition(text), AnyOf)
    with pytest.raises(ValueError, match=r"has 5003 characters; legal: at most 5000"):
        parse_condition("a = " + "1" * 4999)


TOKENS = """a 1 2.5 'x' = <> < >= ( ) , - and or not in between is null true if any case date select
interval exists array at time zone escape symmetric unnest distinct from like :: . * ? ;"""


def answer(text: str) -> str:
    """Return what is said to whoever writes this."""
    try:
        return f"looks at {columns_of(parse_condition(text))}"
    except ValueError as error:
        return str(error)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(TOKENS.split()), max_size=12).map(" ".join) | st.text(max_size=20))
def test_any_text_is_a_condition_or_a_mistake_with_advice(text: str) -> None:
    assert re.search(r"^looks at \('.|; legal: ", answer(text))


@settings(max_examples=200, deadline=None)
@given(CONDITIONS)
def test_every_condition_of_the_grammar_is_read(condition: Written) -> None:
    assert {*columns_of(parse_condition(condition.ours))} <= {NUMBER, CATEGORY}


def test_reading_writes_nothing_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert columns_of(parse_condition("if = 1 and comment = 2")) == ("if", "comment")
    assert caplog.records == []


@pytest.mark.parametrize(("segment", "imported"), [({"column": "zone"}, False), (None, True)])
def test_only_a_model_with_a_condition_imports_the_parser(
    segment: dict[str, str] | None, imported: bool
) -> None:
    segments = [segment or {"name": "far", "where": "distance > 5"}]
    program = (
        "import sys; from monitoring_assets_tests.specs import small_spec;"
        f" small_spec(segments={segments}); print('sqlglot' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(imported)
