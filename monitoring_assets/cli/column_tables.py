"""Tables with a line for each column of a data set; the last cell is cut where the line ends.

Belongs here: widths. Stays out: what stands in the cells, tables of verdicts (tables.py).
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.table import Table

_LEAST: Final = 12
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
    from rich.cells import cell_len, set_cell_size
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    fixed = list(zip(headings, *rows, strict=True))[:-1]
    taken = sum(max(map(cell_len, column)) + _GAP for column in fixed)
    room = max(width - taken - _GAP, _LEAST)
    for heading in headings:
        shown = set_cell_size(heading, min(cell_len(heading), room))
        table.add_column(shown, no_wrap=True, justify="right" if heading in right else "left")
    for row in rows:
        last = Text(row[-1])
        last.truncate(room, overflow="ellipsis")
        table.add_row(*map(Text, row[:-1]), last)
    return table
