"""The files that a path, a folder or a pattern means.

Belongs here: from a text on the command line to files and the YAML's `path`, spreading a look over
files. Stays out: what is in them, reaching object stores (sources).
"""

import glob
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal, TypeVar

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.onboarding.origin import SourceEntry
from monitoring_assets.onboarding.words import TEMPLATE
from monitoring_assets.sources.files.object_store import ObjectStore
from monitoring_assets.sources.files.store import DiskFiles, FileStore, FoundFile
from monitoring_assets.spec.sources import OBJECT_STORES, ObjectStoreSpec

FileKind = Literal["parquet", "csv"]
Item = TypeVar("Item")

_SUFFIXES: Final[dict[str, FileKind]] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".parq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
}
PACKED: Final = (".gz", ".bz2", ".zst", ".lz4", ".br")


@dataclass(frozen=True, kw_only=True)
class Files:
    """Files of one kind.

    Parameters
    ----------
    kind
        What is in them, by their names.
    store, found
        Where they lie, and at least one of them, in the order of their names.
    path
        What the YAML's `path` says.
    object_store
        How they are reached, if they do not lie on a disk.
    """

    kind: FileKind
    store: FileStore
    found: Sequence[FoundFile]
    path: str
    object_store: ObjectStoreSpec | None = None

    def entries(self) -> Iterator[SourceEntry]:
        """Yield the lines of the YAML's section `source` that say what and where."""
        count = len(self.found)
        comment = f"{count:,} files" if count > 1 else "one file; a pattern finds later ones too"
        yield SourceEntry(name="kind", value=self.kind)
        yield SourceEntry(name="path", value=self.path, comment=comment)
        given = self.object_store or ObjectStoreSpec()
        told: dict[str, str | bool] = {}
        for name in ("endpoint", "region", "anonymous"):
            if getattr(given, name):
                told[name] = getattr(given, name)
        if told:
            yield SourceEntry(name="object_store", value=told)

    def describe(self) -> str:
        """Return what these files are, for people."""
        kind = "Parquet" if self.kind == "parquet" else "CSV"
        count = len(self.found)
        return f"{self.path} ({count:,} {kind} file{'s' if count > 1 else ''})"


def find_files(model_id: str, text: str, data_folder: Path, object_store: ObjectStoreSpec) -> Files:
    """Return the files that a path, a folder, a pattern or an address of an object store means.

    Parameters
    ----------
    data_folder
        Where relative paths of a YAML start; those on a command line start where it is typed.

    Raises
    ------
    ConfigurationError
        There is no such file, or none of a kind that can be read.
    """
    if TEMPLATE in text:
        raise ConfigurationError(f"--from: {text!r} holds '{TEMPLATE}', which a YAML cannot name")
    if "://" in text:
        return _in_object_store(model_id, text, object_store)
    pattern = _pattern(text)
    store = DiskFiles(model_id, Path.cwd(), pattern)
    found = store.find()
    if not found:
        raise ConfigurationError(f"--from: no file matches {pattern}")
    return Files(
        kind=_kind_of(found), store=store, found=found, path=_for_yaml(pattern, data_folder)
    )


def evenly(items: Sequence[Item], count: int) -> list[Item]:
    """Return so many of the items, spread over all of them, the first and the last included.

    >>> evenly("abcdefg", 3), evenly("ab", 3)
    (['a', 'd', 'g'], ['a', 'b'])
    """
    if len(items) <= count:
        return list(items)
    if count == 1:
        return [items[0]]
    return [items[place * (len(items) - 1) // (count - 1)] for place in range(count)]


def _in_object_store(model_id: str, text: str, spec: ObjectStoreSpec) -> Files:
    scheme = text.partition("://")[0]
    if scheme not in OBJECT_STORES:
        legal = ", ".join(f"{one}://" for one in OBJECT_STORES)
        raise ConfigurationError(
            f"--from: '{scheme}://' is no place of files; legal: {legal}, a path, or the SQLAlchemy"
            " URL of a database"
        )
    pattern = text if _kind_named(text) or glob.has_magic(text) else f"{text.rstrip('/')}/**/*"
    store = ObjectStore(model_id, "source", pattern, spec)
    found = [one for one in store.find() if _kind_named(one.name)]
    if not found:
        raise ConfigurationError(f"--from: no Parquet or CSV file matches {pattern}")
    kind = _kind_of(found)
    if pattern != text:
        pattern = f"{pattern.removesuffix('*')}*{_usual_suffix(found, kind)}"
        found = [one for one in found if one.name.endswith(_usual_suffix(found, kind))]
    return Files(kind=kind, store=store, found=found, path=pattern, object_store=spec)


def _pattern(text: str) -> str:
    """Return an absolute pattern for a file, a folder or a pattern."""
    path = Path(os.path.normpath(Path(text).expanduser().absolute()))
    if path.is_file():
        return glob.escape(str(path))
    if not path.is_dir():
        if not glob.has_magic(text):
            raise ConfigurationError(f"--from: there is no file or folder {path}")
        return str(path)
    files = [one for one in path.rglob("*") if one.is_file() and not _is_hidden(one, path)]
    known = [one for one in files if _kind_named(one.name)]
    if not known:
        raise ConfigurationError(f"--from: no Parquet or CSV file lies in {path}")
    names = [FoundFile(name=one.name, path=str(one), size=0, changed_ns=0) for one in known]
    suffix = _usual_suffix(names, _kind_of(names))
    below = any(one.parent != path for one in known if one.name.endswith(suffix))
    return str(Path(glob.escape(str(path))) / ("**" if below else "") / f"*{suffix}")


def _kind_of(found: Sequence[FoundFile]) -> FileKind:
    kinds: set[FileKind | None] = {_kind_named(one.name) for one in found}
    if len(kinds) > 1:
        names = ", ".join(sorted({PurePosixPath(one.name).name for one in found})[:5])
        raise ConfigurationError(
            f"--from: files of several kinds: {names}. Name those of one kind by a pattern, such"
            " as 'folder/*.parquet'"
        )
    kind = next(iter(kinds))
    if kind is None:
        raise ConfigurationError(
            f"--from: {found[0].path} is called neither like a Parquet nor like a CSV file"
            f" ({', '.join(_SUFFIXES)})"
        )
    return kind


def _kind_named(name: str) -> FileKind | None:
    path = PurePosixPath(name.lower())
    if path.suffix in PACKED:
        path = path.with_suffix("")
    return _SUFFIXES.get(path.suffix)


def _usual_suffix(found: Sequence[FoundFile], kind: FileKind) -> str:
    """Return the last parts of the names that most files have, such as `.csv.gz`."""
    ends = Counter(_ending(one.name) for one in found if _kind_named(one.name) == kind)
    return ends.most_common(1)[0][0]


def _ending(name: str) -> str:
    path = PurePosixPath(name)
    packed = path.suffix if path.suffix.lower() in PACKED else ""
    return PurePosixPath(path.name.removesuffix(packed)).suffix + packed


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)


def _for_yaml(pattern: str, data_folder: Path) -> str:
    """Return a pattern as short as a YAML may have it: relative to the data folder, if below it."""
    below = glob.escape(str(data_folder)) + "/"
    return pattern.removeprefix(below) if pattern.startswith(below) else pattern
