"""Tables with a line for each column of a data set; the last cell is cut where the line ends.

Belongs here: widths. Stays out: what stands in the cells, tables of verdicts (tables.py).
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.table import Table

_LEAST: Final = 20
"""Characters of the last cell that are shown in any case."""

_GAP: Final = 2


def column_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    right: Collection[str] = (),
) -> "Table":
    """Return one line for each row; texts are taken as they are, brackets included.

    Parameters
    ----------
    width
        Columns of the terminal.
    right
        Headings of cells that stand at the right, such as numbers.
    """
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    for heading in headings:
        table.add_column(heading, no_wrap=True, justify="right" if heading in right else "left")
    fixed = list(zip(headings, *rows, strict=True))[:-1]
    taken = sum(max(map(cell_len, column)) + _GAP for column in fixed)
    room = max(width - taken, _LEAST)
    for row in rows:
        last = Text(row[-1])
        last.truncate(room, overflow="ellipsis")
        table.add_row(*map(Text, row[:-1]), last)
    return table
