"""Messages about a YAML never show what stands behind `://`: it may hold a password.

Belongs here: taking addresses out of messages. Stays out: wording (wording.py), which field is a
secret by its type (spec/sources.py).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

SECRET_FIELDS: Final = ("url", "webhook")
"""Fields whose value is not even shown in part, whatever is wrong with it."""

_ADDRESS: Final = re.compile(r"(\w://).+", re.DOTALL)
_HIDDEN: Final = r"\1***"


def without_addresses(text: str) -> str:
    """Return a text of the file without anything that follows `://`.

    >>> without_addresses("postgresql://me:secret@warehouse/sales")
    'postgresql://***'
    """
    return _ADDRESS.sub(_HIDDEN, text)


class Masks:
    """Takes the addresses of a YAML, as written and as rendered, out of messages about it."""

    def __init__(self, *values: Any) -> None:
        texts = {text for value in values for text in _texts(value) if _ADDRESS.search(text)}
        self._texts = sorted(texts, key=len, reverse=True)

    def apply(self, message: str) -> str:
        """Return a message with the addresses hidden, also where `repr` has escaped them."""
        for text in self._texts:
            for spelling in (text, repr(text)[1:-1]):
                message = message.replace(spelling, without_addresses(text))
        return message


def is_secret(path: tuple[str | int, ...]) -> bool:
    """Whether a place in the YAML holds a secret, or is part of one."""
    return any(part in SECRET_FIELDS for part in path)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _texts(key)
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
