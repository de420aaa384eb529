"""Random conditions as a team may write them, and the same for Postgres with values apart.

Belongs here: strategies for hypothesis. Stays out: assertions, reading conditions.
"""

from dataclasses import dataclass
from typing import Final, LiteralString, cast

from hypothesis import strategies as st
from psycopg import sql

NUMBER: Final = "fare"
CATEGORY: Final = "Zone Name"
NUMBERS: Final = [-1.5, -1, 0, 1, 2, 2.5, 1e3]
CATEGORIES: Final = ["", "2", "02", "2.5", "x", "it's", 'a"b', "\\", "100 %", ":x", "é", "null"]


@dataclass(frozen=True)
class Written:
    """A condition with a place `{}` for each of its values."""

    template: str
    values: tuple[int | float | str, ...] = ()

    @property
    def ours(self) -> str:
        """As it stands in a YAML."""
        return self.template.format(*(_literal(value) for value in self.values))

    @property
    def theirs(self) -> sql.Composed:
        """As Postgres takes it."""
        made_here = cast("LiteralString", self.template)
        return sql.SQL(made_here).format(*(sql.Literal(value) for value in self.values))

    def joined(self, word: str, other: "Written") -> "Written":
        return Written(f"{self.template} {word} {other.template}", self.values + other.values)

    def within(self, before: str, after: str) -> "Written":
        return Written(before + self.template + after, self.values)


def _literal(value: float | str) -> str:
    if not isinstance(value, str):
        return repr(value)
    return "'" + value.replace("'", "''") + "'"


def _comparisons(column: str, words: list[str], values: list[float] | list[str]):
    return st.builds(
        lambda word, value: Written(f"{column}{word}{{}}", (value,)),
        st.sampled_from(words),
        st.sampled_from(values),
    )


def _lists(column: str, values: list[float] | list[str]):
    return st.builds(
        lambda word, these: Written(
            f"{column} {word} ({', '.join(['{}'] * len(these))})", tuple(these)
        ),
        st.sampled_from(["in", "not in", "IN", "Not\n In"]),
        st.lists(st.sampled_from(values), min_size=1, max_size=4),
    )


def _ranges(column: str, values: list[float]):
    return st.builds(
        lambda word, low, high: Written(f"{column} {word} {{}} and {{}}", (low, high)),
        st.sampled_from(["between", "not between", "BETWEEN"]),
        st.sampled_from(values),
        st.sampled_from(values),
    )


_SIMPLE = st.one_of(
    _comparisons(NUMBER, [" = ", "<>", " != ", " <", "<= ", ">", ">="], NUMBERS),
    _comparisons(f'"{CATEGORY}"', ["=", " <> ", "!="], CATEGORIES),
    _lists(NUMBER, NUMBERS),
    _lists(f'"{CATEGORY}"', CATEGORIES),
    _ranges(NUMBER, NUMBERS),
    st.sampled_from(
        [
            Written(f"{one} {what}")
            for one in (NUMBER, f'"{CATEGORY}"')
            for what in ("is null", "IS NOT NULL")
        ]
    ),
)


def _larger(inner: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    return st.one_of(
        st.builds(Written.joined, inner, st.sampled_from(["and", "or", "AND", "Or"]), inner),
        inner.map(lambda one: one.within("(", ")")),
        # Twice `not` needs a parenthesis, and binds closer than `and` and `or` without one.
        inner.map(lambda one: one.within("not (", ")")),
        inner.filter(lambda one: not one.template.startswith("not")).map(
            lambda one: one.within("not ", "")
        ),
    )


CONDITIONS: Final = st.recursive(_SIMPLE, _larger, max_leaves=8).filter(
    lambda one: one.template.count("(") <= 10
)

ROWS: Final = st.lists(
    st.tuples(
        st.sampled_from([None, -0.0, float("inf"), *map(float, NUMBERS)]),
        st.sampled_from([None, *CATEGORIES]),
    ),
    max_size=30,
)
