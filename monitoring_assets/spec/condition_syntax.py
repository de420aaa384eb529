"""From the text of a condition to sqlglot's nodes, by the rules of Postgres.

Belongs here: the closed list of what may be written at all, bounds on length and depth, where in
the text a mistake is. Stays out: what the nodes mean to us (expressions.py).

Whatever sqlglot would understand besides, or leave out without a word (comments), is refused before
its parser sees it. Importing sqlglot takes 0.17 s, so only a model that has a condition does it.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlglot import Expr, Token

MOST_CHARACTERS: Final = 5000
"""Enough for a list of 700 zones; reading one takes 0.06 s."""

DEEPEST: Final = 10
"""Parentheses inside each other. Each takes sqlglot up to 25 of the 1000 calls Python allows."""

LEGAL: Final = (
    "legal: a column against values by =, <>, <, <=, >, >=, between, in or is null; and, or, not"
    " and parentheses around those"
)

_SYMBOLS: Final = frozenset({"=", "<>", "!=", "<", "<=", ">", ">=", "(", ")", ",", "-"})
_WORDS: Final = frozenset({"and", "or", "not", "in", "between", "is", "null", "true", "false"})
_HALF: Final = re.compile("[\ud800-\udfff]")
LONGEST_SHOWN: Final = 40
"""Characters of what was found that a message quotes."""


def parsed(text: str) -> "Expr":
    """Return the tree of nodes that sqlglot makes of a condition.

    Raises
    ------
    ValueError
        Something in it has no place in a condition: what, where, and what would be legal.
    """
    from sqlglot import Dialect, ParseError, TokenError
    from sqlglot.expressions import Condition

    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"has {len(text)} characters; legal: at most {MOST_CHARACTERS}")
    if _HALF.search(text):
        raise ValueError(f"has half a character, which no column has; {LEGAL}")
    dialect = Dialect.get_or_raise("postgres")
    try:
        tokens = dialect.tokenize(text)
    except TokenError:
        raise ValueError(f"has a quotation mark or a comment without an end; {LEGAL}") from None
    _require_legal(text, tokens)
    try:
        [node] = dialect.parser().parse_into(Condition, tokens, text)
    except ParseError as error:
        found = error.errors[0]
        near = f"{found['start_context']}{found['highlight']}"[-LONGEST_SHOWN:]
        raise ValueError(f"cannot be read near {near!r}; {LEGAL}") from None
    except RecursionError:
        # Only what is no condition anyway: `a = not b = not c = ...` asks for one inside the other.
        raise ValueError(f"cannot be read: one thing asks for the next; {LEGAL}") from None
    if node is None:
        raise ValueError(f"holds no condition; {LEGAL}")
    return node


def _require_legal(text: str, tokens: "Sequence[Token]") -> None:
    end = depth = 0
    before = None
    for token in tokens:
        _require_blank(text, end, token.start)
        _require_known(text, token)
        depth += {"L_PAREN": 1, "R_PAREN": -1}.get(token.token_type.name, 0)
        if depth > DEEPEST:
            place = f"'(' (character {token.start + 1})"
            raise ValueError(f"{place} is nested too deep; legal: {DEEPEST} levels")
        if before is not None:
            _require_pair(before, token)
        before, end = token, token.end + 1
    _require_blank(text, end, len(text))


def _require_blank(text: str, start: int, end: int) -> None:
    """Refuse what stands between two tokens: a comment."""
    if text[start:end].strip():
        raise _misplaced(text[start:end].strip(), start)


def _require_known(text: str, token: "Token") -> None:
    """Refuse symbols and kinds of values that are not ours; any other word is a column's name."""
    from sqlglot import TokenType

    found = text[token.start : token.end + 1]
    if token.token_type in (TokenType.NUMBER, TokenType.STRING) or found in _SYMBOLS:
        return
    if token.token_type not in (TokenType.VAR, TokenType.IDENTIFIER) and not found.isidentifier():
        raise _misplaced(found, token.start)
    if found.lower() not in _WORDS:
        # As if it stood in quotation marks: `if`, `date` and `any` are names like any other.
        token.token_type = TokenType.IDENTIFIER


def _require_pair(before: "Token", token: "Token") -> None:
    """Refuse a function, and `not not` or `- -`, which nest without a parenthesis."""
    place = f"{shown(before.text)} (character {before.start + 1})"
    kinds = before.token_type.name, token.token_type.name
    if kinds == ("IDENTIFIER", "L_PAREN"):
        raise ValueError(f"{place} is called as a function; {LEGAL}")
    if kinds in {("NOT", "NOT"), ("DASH", "DASH")}:
        raise ValueError(f"{place} stands before {token.text!r}; {LEGAL}")


def shown(found: str) -> str:
    """Return what was found in quotation marks, its beginning if it is long."""
    return repr(found if len(found) <= LONGEST_SHOWN else f"{found[:LONGEST_SHOWN]}...")


def _misplaced(found: str, start: int) -> ValueError:
    return ValueError(f"{shown(found)} (character {start + 1}) has no place there; {LEGAL}")
