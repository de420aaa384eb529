"""A short text of headings, sentences, tables and statements, for a terminal or as Markdown.

Belongs here: how each kind of block is written out. Stays out: what they say (the modules
of text).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Final

LONGEST_CELL: Final = 40
"""Characters of a table's first cell; a category may be a whole sentence."""

SMALLEST_CELL: Final = 12
"""Characters of it that are shown however narrow the terminal is."""

_GAP: Final = "  "
_INDENT: Final = "  "
_HELD: Final = "\N{NO-BREAK SPACE}"
_ESCAPED: Final = re.compile(r"([\\`*\[\]~|])")
_CUT: Final = "\n\n…the rest is left out here\n"


@dataclass(frozen=True)
class Heading:
    """A line above what belongs together."""

    text: str


@dataclass(frozen=True)
class Sentences:
    """Sentences, each on a line of its own."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells; all but the first column stand at the right."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Statements:
    """SQL to be copied."""

    texts: tuple[str, ...]


Block = Heading | Sentences | Table | Statements


def plain(blocks: Iterable[Block], width: int) -> str:
    """Return the text for a terminal of so many columns.

    Examples
    --------
    >>> print(plain([Heading("drift"), Sentences(("one two three",))], 11))
    drift
      one two
        three
    """
    lines = list[str]()
    for block in blocks:
        match block:
            case Heading():
                lines += ["", printable(block.text)] if lines else [printable(block.text)]
            case Sentences():
                for text in block.texts:
                    lines += _wrapped(printable(text), width)
            case Table():
                lines += _aligned(block, width)
            case Statements():
                lines += [_INDENT + text for text in block.texts]
    return "\n".join(lines)


def markdown(blocks: Iterable[Block], most: int) -> str:
    r"""Return the text as Markdown of at most so many characters, cut between two blocks.

    Examples
    --------
    >>> table = Table(("bin", "share", "part"))
    >>> print(markdown([Heading("drift"), Sentences(("a*b",)), table], 50))
    #### drift
    <BLANKLINE>
    - a\*b
    <BLANKLINE>
    …the rest is left out here
    <BLANKLINE>
    """
    text, blocks = "", list(blocks)
    for place, block in enumerate(blocks):
        added = ("\n\n" if text else "") + _marked(block)
        kept = 0 if place == len(blocks) - 1 else len(_CUT)
        if len(text) + len(added) + kept > most:
            return text + _CUT
        text += added
    return text


def printable(text: str) -> str:
    """Return the text without line breaks and whatever else moves a terminal's cursor."""
    return "".join(one if one.isprintable() else " " for one in text)


def _marked(block: Block) -> str:
    match block:
        case Heading():
            return f"#### {_escaped(block.text)}"
        case Sentences():
            return "\n".join(f"- {_escaped(text)}" for text in block.texts)
        case Table():
            rule = "|".join(("---", *["---:"] * (len(block.headings) - 1)))
            rows = [_row(block.headings), f"|{rule}|", *map(_row, block.rows)]
            return "\n".join(rows)
        case Statements():
            return "\n".join(("```sql", *block.texts, "```"))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_escaped(_short(cell, LONGEST_CELL)) for cell in cells)} |"


def _aligned(table: Table, width: int) -> list[str]:
    rows = [tuple(map(printable, row)) for row in (table.headings, *table.rows)]
    others = [max(map(len, column)) for column in [*zip(*rows, strict=True)][1:]]
    room = width - len(_INDENT) * 2 - sum(others) - len(_GAP) * len(others)
    most = min(max(room, SMALLEST_CELL), LONGEST_CELL)
    first = [_short(row[0], most) for row in rows]
    widest = max(map(len, first))
    return [
        (
            _INDENT * 2
            + _GAP.join(
                (name.ljust(widest), *(c.rjust(n) for c, n in zip(row[1:], others, strict=True)))
            )
        ).rstrip()
        for name, row in zip(first, rows, strict=True)
    ]


def _wrapped(text: str, width: int) -> list[str]:
    lines = wrap(
        text.replace(" %", _HELD + "%"),
        width,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT * 2,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_HELD, " ") for line in lines]


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _escaped(text: str) -> str:
    return _ESCAPED.sub(r"\\\1", printable(text)).replace("<", "&lt;")
