"""Conditions on columns, as segments declare them: `payment_type = 2 and not tip is null`.

Belongs here: what a condition is made of, and translating one. Stays out: its text
(condition_syntax.py), which columns there are (segment_rules.py), which rows it is true of
(evaluation/conditions.py).

Each of sqlglot's nodes is translated into one of ours, and what is not listed here is refused. No
text of a condition ever becomes part of a statement.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from monitoring_assets.spec.condition_syntax import LEGAL, parsed, shown

if TYPE_CHECKING:
    from sqlglot import Expr

Constant = int | float | str
Order = Literal["<", "<=", ">", ">="]


@dataclass(frozen=True)
class OneOf:
    """The column has one of these values: `=` and `in`."""

    column: str
    values: tuple[Constant, ...]


@dataclass(frozen=True)
class Ordered:
    """The column is a number on this side of another: `<`, `<=`, `>`, `>=` and `between`."""

    column: str
    order: Order
    value: int | float


@dataclass(frozen=True)
class Missing:
    """The column has no value: `is null`. Never unknown."""

    column: str


@dataclass(frozen=True)
class Not:
    """The condition is false; unknown where that is unknown."""

    condition: "Condition"


@dataclass(frozen=True)
class AllOf:
    """`and` of two conditions or more."""

    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True)
class AnyOf:
    """`or` of two conditions or more."""

    conditions: "tuple[Condition, ...]"


Simple = OneOf | Ordered | Missing
Condition = Simple | Not | AllOf | AnyOf


@lru_cache(maxsize=1000)
def parse_condition(text: str) -> Condition:
    """Read a condition.

    Raises
    ------
    ValueError
        It is none: what was found where, and what would be legal.

    Examples
    --------
    >>> parse_condition("zone in (74, 'JFK')")
    OneOf(column='zone', values=(74, 'JFK'))
    """
    return _condition(parsed(text))


def simple_parts(condition: Condition) -> Iterator[Simple]:
    """Yield the parts of a condition that speak of one column each, from left to right."""
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.conditions:
            yield from simple_parts(part)
    elif isinstance(condition, Not):
        yield from simple_parts(condition.condition)
    else:
        yield condition


def columns_of(condition: Condition) -> tuple[str, ...]:
    """Return the columns that a condition looks at, each once.

    Examples
    --------
    >>> columns_of(parse_condition('a = 1 or "b c" is null or a = 3'))
    ('a', 'b c')
    """
    return tuple(dict.fromkeys(part.column for part in simple_parts(condition)))


def category_text(value: Constant) -> str:
    """Return a value as a column of categories holds it; a whole number has no decimals.

    Examples
    --------
    >>> [category_text(one) for one in (2, 2.0, 0.5, "02")]
    ['2', '2', '0.5', '02']
    """
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_ORDERS: Final[Mapping[str, Order]] = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def _condition(node: "Expr") -> Condition:
    translate = _TRANSLATED_BY.get(node.key)
    if translate is None:
        raise ValueError(f"{_described(node)} is no condition by itself; {LEGAL}")
    return translate(node)


def _in_parentheses(node: "Expr") -> Condition:
    return _condition(_part(node))


def _not(node: "Expr") -> Condition:
    return Not(_condition(_part(node)))


def _connected(node: "Expr") -> Condition:
    parts = tuple(_condition(part) for part in node.flatten(unnest=False))
    return AllOf(parts) if node.key == "and" else AnyOf(parts)


def _equal(node: "Expr") -> Condition:
    name, values = _column(_part(node, "expression")), (_constant(node.expression),)
    return OneOf(name, values) if node.key == "eq" else Not(OneOf(name, values))


def _ordered(node: "Expr") -> Condition:
    name = _column(_part(node, "expression"))
    return Ordered(name, _ORDERS[node.key], _number(node.expression))


def _between(node: "Expr") -> Condition:
    name = _column(_part(node, "low", "high"))
    low, high = _number(node.args["low"]), _number(node.args["high"])
    return AllOf((Ordered(name, ">=", low), Ordered(name, "<=", high)))


def _in(node: "Expr") -> Condition:
    name = _column(_part(node, "expressions"))
    values = tuple(_constant(value) for value in node.expressions)
    if not values:
        raise ValueError(f"in () has no values; {LEGAL}")
    return OneOf(name, values)


def _is(node: "Expr") -> Condition:
    name = _column(_part(node, "expression", "negate"))
    if node.expression.key != "null":
        raise ValueError(f"'is' stands before {_described(node.expression)}; {LEGAL}")
    return Not(Missing(name)) if node.args.get("negate") else Missing(name)


_TRANSLATED_BY: Final[Mapping[str, Callable[["Expr"], Condition]]] = {
    "paren": _in_parentheses,
    "not": _not,
    "and": _connected,
    "or": _connected,
    "eq": _equal,
    "neq": _equal,
    **dict.fromkeys(_ORDERS, _ordered),
    "between": _between,
    "in": _in,
    "is": _is,
}


def _part(node: "Expr", *others: str) -> "Expr":
    """Return what a node is about, if it says nothing besides that and these others."""
    said = {name for name, value in node.args.items() if value not in (None, False, [])}
    unknown = sorted(said - {"this", *others})
    if unknown:
        raise ValueError(f"{_described(node)} with {unknown[0]} has no place there; {LEGAL}")
    return node.this


def _column(node: "Expr") -> str:
    node = node.unnest()
    if node.key != "column" or _part(node).key != "identifier":
        raise ValueError(f"{_described(node)} stands where a column is expected; {LEGAL}")
    return node.name


def _constant(node: "Expr") -> Constant:
    value = node.unnest()
    if value.key == "literal" and value.is_string:
        return value.name
    return _number(value, wanted="value")


def _number(node: "Expr", wanted: str = "number") -> int | float:
    value = node.unnest()
    sign, digits = (-1, _part(value)) if value.key == "neg" else (1, value)
    if digits.key != "literal" or digits.is_string:
        hint = _INSTEAD.get(digits.key, "")
        raise ValueError(f"{_described(digits)} stands where a {wanted} is expected{hint}; {LEGAL}")
    if not _NUMBER.fullmatch(digits.name) or not math.isfinite(float(digits.name)):
        raise ValueError(f"{shown(digits.name)} is no finite number; {LEGAL}")
    return sign * (int(digits.name) if digits.name.isdecimal() else float(digits.name))


_INSTEAD: Final[Mapping[str, str]] = {
    "column": " (columns are compared with values; text stands in single quotes)",
    "boolean": " (write 1 and 0, or 'true' and 'false')",
    "null": " (nothing equals null; write is null)",
}
_CALLED: Final[Mapping[str, str]] = {
    "sub": "a subtraction",
    "neg": "a minus",
    "tuple": "a list",
    "paren": "a parenthesis",
    **dict.fromkeys(("eq", "neq", "in", "is", "between", *_ORDERS), "a comparison"),
}


def _described(node: "Expr") -> str:
    match node.key:
        case "column":
            return f"column {shown(node.name)}"
        case "literal":
            return f"{'text' if node.is_string else 'number'} {shown(node.name)}"
        case "boolean":
            return str(node.this).lower()
        case _:
            return _CALLED.get(node.key, node.key)
