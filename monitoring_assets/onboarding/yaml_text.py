"""Lines of a YAML file with comments behind them.

Belongs here: quoting, indenting, where a comment goes. Stays out: what the lines say (written.py).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from monitoring_assets.onboarding.facts import shortened

_PLAIN: Final = re.compile(r"[A-Za-z_/][\w./*-]*", re.ASCII)
_WIDTH: Final = 100
_COMMENT_AT: Final = 40


def scalar(value: Any) -> str:
    """Return a value as one line of YAML that reads back as the same value.

    >>> scalar("amount"), scalar("no"), scalar("a: #1"), scalar(True)
    ('amount', '"no"', '"a: #1"', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if _PLAIN.fullmatch(value) and yaml.safe_load(value) == value:
        return value
    quoted = yaml.safe_dump(value, default_style='"', allow_unicode=True, width=10**9)
    return quoted.removesuffix("\n")


@dataclass(frozen=True)
class YamlLines:
    """A text that grows line by line."""

    lines: list[str] = field(default_factory=list[str])

    def add(self, depth: int, text: str, comment: str = "") -> None:
        """Add a line; a comment that does not fit behind it stands above it."""
        line = "  " * depth + text
        if not comment:
            self.lines.append(line)
            return
        padded = f"{line:<{_COMMENT_AT}}  # {comment}"
        if len(padded) <= _WIDTH:
            self.lines.append(padded)
        else:
            self.remark(depth, comment)
            self.lines.append(line)

    def remark(self, depth: int, text: str) -> None:
        """Add a comment on lines of its own."""
        begin = f"{'  ' * depth}# "
        for part in _folded(text.split(" "), _WIDTH - len(begin)):
            self.lines.append(begin + part)

    def pair(self, depth: int, name: str, value: Any, comment: str = "") -> None:
        """Add a name with its value."""
        self.add(depth, f"{scalar(name)}: {scalar(value)}", comment)

    def values(self, depth: int, name: str, values: Iterable[str], comment: str = "") -> None:
        """Add a name with a list."""
        self.add(depth, f"{scalar(name)}: [{', '.join(map(scalar, values))}]", comment)

    def text(self) -> str:
        """Return all lines."""
        return "".join(f"{line}\n" for line in self.lines)


def _folded(words: Sequence[str], width: int) -> Iterable[str]:
    line = ""
    for word in words:
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def quoted(name: str) -> str:
    """Return a name of a column as a comment may hold it, on one line.

    >>> quoted("two" + chr(10) + "lines") == "'two" + chr(0xFFFD) + "lines'"
    True
    """
    return f"'{shortened(name)}'"
