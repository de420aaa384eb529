"""What the ledger notes of the rows that were read, to tell later whether they are still the same.

Belongs here: which columns and counts tell one window's rows from another's, the code of a team's
class. Stays out: digits of a table (sources/fingerprint.py), comparing (planning/sources.py).
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pyarrow as pa

from monitoring_assets.resources.runtime import Runtime
from monitoring_assets.sources.base import SourceRows
from monitoring_assets.sources.fingerprint import fingerprint
from monitoring_assets.sources.python_classes import code_fingerprint
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import CustomSourceSpec

_MARK: Final = "."
"""Between the fingerprint of rows and that of the code that read them."""


@dataclass(frozen=True)
class Fingerprints:
    """Fingerprints of what a model's source gives.

    Parameters
    ----------
    python_folders
        Where a team's own classes are looked for.
    """

    spec: ModelSpec
    python_folders: tuple[Path, ...]

    @cached_property
    def code(self) -> str:
        """Fingerprint of the team's classes that read rows; '' if there are none.

        Known once a row was read: then these classes have been found.
        """
        spec = self.spec
        sources = (spec.source, *(one.source for one in spec.joined), spec.reference.source)
        return "-".join(
            code_fingerprint(one.python_class, self.python_folders)
            for one in sources
            if isinstance(one, CustomSourceSpec)
        )

    def of_rows(self, found: SourceRows) -> str:
        """Return the fingerprint of a window's rows, before they are scored.

        Labels do not count, they have a layer of their own; nor do counts of labels that come late.
        """
        columns = {"knowledge_time", self.spec.columns.target}
        names = [name for name in found.table.column_names if name not in columns]
        late = _counts_of_late_labels(self.spec)
        adjusted = sorted((name, n) for name, n in found.adjusted.items() if name not in late)
        return self._with_code(f"{fingerprint(found.table.select(names))} {adjusted}")

    def of_table(self, rows: pa.Table) -> str:
        """Return the fingerprint of rows of which every column counts."""
        return self._with_code(fingerprint(rows))

    def _with_code(self, content: str) -> str:
        digest = hashlib.sha256(content.encode()).hexdigest()[:32]
        return f"{digest}{_MARK}{self.code}" if self.code else digest


def fingerprints_of(spec: ModelSpec, runtime: Runtime) -> Fingerprints:
    """Return what fingerprints a model's rows, in one process."""
    return Fingerprints(spec, runtime.places.python_folders)


def same_rows(one: str, other: str | None) -> bool:
    """Say whether two fingerprints are of the same rows, whatever code read them."""
    return other is not None and one.partition(_MARK)[0] == other.partition(_MARK)[0]


def same_code(one: str, other: str | None) -> bool:
    """Say whether the rows of two fingerprints were read by the same code."""
    return other is not None and one.partition(_MARK)[2] == other.partition(_MARK)[2]


def _counts_of_late_labels(spec: ModelSpec) -> set[str]:
    if not spec.labels_have_times:
        return set()
    target = str(spec.columns.target)
    joined = (f"unmatched:{one.name}" for one in spec.joined if target in one.columns)
    return {f"invalid:{target}", *joined}
