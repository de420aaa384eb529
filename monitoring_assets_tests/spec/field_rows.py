"""What a row of the table of fields is, and values that several fields refuse.

Belongs here: the row. Stays out: any one field (field_table.py and the modules it gathers).
"""

from dataclasses import dataclass
from typing import Any

NAN, INFINITY = float("nan"), float("inf")
NO_NAME = ["", "x" * 201, 5]
NO_NUMBER = [NAN, INFINITY, "low", True]
SEEDS = [0, 20250201, 2**32 - 1], [-1, 2**32, "x", True, None]


@dataclass(frozen=True)
class Row:
    """One field: values that are taken, and values that are refused by name."""

    section: type
    field: str
    legal: list[Any]
    illegal: list[Any]

    def __str__(self) -> str:
        return f"{self.section.__name__}.{self.field}"
