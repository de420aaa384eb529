"""The closed list of mistakes in `mistakes.yaml`, read, and the file each of them is made in.

Belongs here: reading the list. Stays out: the mistakes (mistakes.yaml) and assertions.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from monitoring_assets_tests.components.yaml_models import BASES, written


@dataclass(frozen=True)
class Listed:
    """One mistake: the file it is in, what the loader says, whether the schema refuses it."""

    name: str
    text: str
    message: str
    in_schema: bool

    def __str__(self) -> str:
        return self.name


def _read(entry: dict[str, Any]) -> Listed:
    base = BASES[entry.pop("base", "watched")]
    fragment, without = entry.pop("yaml", ""), entry.pop("without", ())
    text = entry.pop("file", None)
    made = written(fragment, base, without) if text is None else text
    return Listed(text=made, **entry)


_ENTRIES: Final = yaml.safe_load(Path(__file__).with_name("mistakes.yaml").read_text("utf-8"))

MISTAKES: Final = [_read(entry) for entry in _ENTRIES]
