"""Taking secrets out of texts that others wrote: messages of a team's class, descriptions.

Belongs here: what a secret looks like in a text. Stays out: secrets that are known, such as those
of a URL (sql/address.py).
"""

import re
from collections.abc import Iterator
from typing import Final

_USER: Final = re.compile(r"(\w://)(?:[^\s/?#:@]{0,200}:\S{0,2000}|[^\s/?#]{1,2000})@")
"""`user:password@` of an address; a password may itself hold / and @."""

_NAMED: Final = re.compile(
    r"""
    (
      (?: (?:api|access|account|private|secret|signing)[_-]?key | token | secret | passw(?:or)?d
        | passphrase | pwd | credentials? | signature | authorization | (?<=[?&])(?:key|sig) )
      \w{0,20}
      [\\"']{0,4} \s{0,9} [=:] \s{0,9}         # the name may stand in quotation marks
      (?:(?:bearer|basic|token)\s{1,9})?
    )
    (?: \\?"[^"]*" | \\?'[^']*' | [^\s&;,)}\]"']+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""`name=value` and `'name': value` where the name ends as that of a secret does.

Every repetition before the value has a bound: without, 200,000 letters in a row take over 50 s."""


def without_secrets(text: str) -> str:
    """Return a text with stars in place of what looks like a secret.

    >>> without_secrets("GET postgresql://me:hunter2@db/x?api_key=k17&limit=5 failed")
    'GET postgresql://***@db/x?api_key=***&limit=5 failed'
    """
    return _NAMED.sub(r"\1***", _USER.sub(r"\1***@", text))


def shareable(error: Exception) -> Exception | None:
    """Return an exception; None if its text, or that of one that led to it, holds a secret."""
    holds_secret = any(without_secrets(text) != text for text in _texts(error, set()))
    return None if holds_secret else error


def _texts(error: BaseException | None, seen: set[int]) -> Iterator[str]:
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield from (str(error), *map(str, error.args), *getattr(error, "__notes__", ()))
    yield from _texts(error.__cause__, seen)
    yield from _texts(error.__context__, seen)
