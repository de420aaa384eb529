"""Files named by a pattern: what a place of files offers, and the disk as such a place.

Belongs here: finding, opening, errors that name the file. Stays out: object stores
(object_store.py), what is in a file (the readers), remembering (known.py).
"""

import glob
import os
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol

import pyarrow as pa

from monitoring_assets.errors import SourceFileError, SourceUnavailableError

UNREADABLE: Final = (pa.ArrowException, OSError, EOFError, UnicodeError)
"""What a file that is damaged, or of another kind, makes a reader raise."""

BUFFER: Final = 1 << 20
"""Bytes asked for at a time: a request to an object store costs as much as a megabyte."""


@dataclass(frozen=True, kw_only=True)
class FoundFile:
    """A file as it is now; equal ones mean that what is remembered of it still holds.

    Parameters
    ----------
    name
        Path from the first folder that the pattern does not fix, such as `a.parquet`.
    path
        The whole path, as messages name it.
    size
        In bytes.
    changed_ns
        When it was last changed, in nanoseconds since 1970. Object stores count whole seconds; they
        set it themselves and replace objects as a whole, so that only a second replacement of the
        same size within the same second stays unseen.
    """

    name: str
    path: str
    size: int
    changed_ns: int


class FileStore(Protocol):
    """A place with files that match a pattern."""

    remote: bool
    """Whether reading costs requests."""

    @property
    def where(self) -> str:
        """The whole pattern."""
        ...

    @property
    def is_folder(self) -> bool:
        """Whether the pattern is no pattern of files but the name of a folder."""
        ...

    def find(self) -> list[FoundFile]:
        """Return all files there are now, by name; `SourceUnavailableError` if nobody can tell."""
        ...

    def has_still(self, file: FoundFile) -> bool:
        """Return whether a file is what it was when it was found, as far as can be told."""
        ...

    def opened(self, file: FoundFile) -> AbstractContextManager[Any]:
        """Open a file for reading anywhere in it: something that Arrow reads from."""
        ...

    def streamed(self, file: FoundFile) -> AbstractContextManager[Any]:
        """Open a file for reading from its beginning, unpacked if its name ends in .gz or so."""
        ...

    def named(self, file: FoundFile, form: str) -> AbstractContextManager[None]:
        """Name the file in whatever goes wrong with it inside.

        Parameters
        ----------
        form
            What it should be, such as `Parquet file`.

        Raises
        ------
        SourceUnavailableError
            It is gone, forbidden or cannot be reached.
        SourceFileError
            It is not what it should be.
        """
        ...


class DiskFiles:
    """A `FileStore` on the machine's own folders.

    Parameters
    ----------
    model_id
        For messages.
    folder
        Where a relative pattern starts.
    pattern
        With `*`, `**`, `?` and `[...]` as in the shell, and `~` for the home folder.
    """

    remote = False

    def __init__(self, model_id: str, folder: Path, pattern: str) -> None:
        self._model_id = model_id
        # Path.expanduser raises where nobody is called so, and a file may be called `~a.csv`.
        fixed, self._pattern = split(os.path.expanduser(pattern))  # noqa: PTH111 - see above
        self._root = folder / fixed

    @property
    def where(self) -> str:
        """The whole pattern."""
        return str(self._root / self._pattern)

    @property
    def is_folder(self) -> bool:
        """See `FileStore.is_folder`."""
        return (self._root / self._pattern).is_dir()

    def find(self) -> list[FoundFile]:
        """Return all files there are now, in the order of their names."""
        found = glob.iglob(  # noqa: PTH207 - Path.glob finds hidden files, those being written too
            self._pattern, root_dir=self._root, recursive=True
        )
        return [file for name in sorted(found) for file in self._look_at(name)]

    def has_still(self, file: FoundFile) -> bool:
        """See `FileStore.has_still`."""
        return [*self._look_at(file.name)] == [file]

    @contextmanager
    def opened(self, file: FoundFile) -> Generator[Any]:
        """Give Arrow the path: it opens and closes the file itself."""
        yield file.path

    @contextmanager
    def streamed(self, file: FoundFile) -> Generator[Any]:
        """See `FileStore.streamed`."""
        with pa.input_stream(file.path, compression="detect", buffer_size=BUFFER) as stream:
            yield stream

    @contextmanager
    def named(self, file: FoundFile, form: str) -> Generator[None]:
        """See `FileStore.named`."""
        try:
            yield
        except (FileNotFoundError, PermissionError) as error:
            raise gone(self._model_id, file.path, error) from error
        except UNREADABLE as error:
            raise damaged(self._model_id, file.path, form, error) from error

    def _look_at(self, name: str) -> Iterator[FoundFile]:
        path = self._root / name
        try:
            if path.is_file():
                state = path.stat()
                yield FoundFile(
                    name=name,
                    path=str(path),
                    size=state.st_size,
                    changed_ns=state.st_mtime_ns,
                )
        except (FileNotFoundError, PermissionError) as error:
            raise gone(self._model_id, str(path), error) from error


def split(pattern: str) -> tuple[PurePosixPath, str]:
    """Return the folders before the first wildcard, and the rest.

    >>> split("scores/2023/**/*.parquet")
    (PurePosixPath('scores/2023'), '**/*.parquet')
    """
    parts = PurePosixPath(pattern).parts
    folder = PurePosixPath(*takewhile(lambda part: not glob.has_magic(part), parts[:-1]))
    return folder, str(PurePosixPath(pattern).relative_to(folder))


def gone(model_id: str, path: str, error: OSError) -> SourceUnavailableError:
    """Return the error for a file that is not there, or only for others."""
    return SourceUnavailableError(
        f"model '{model_id}': {path} is gone or may not be read ({error.strerror or error})"
    )


def damaged(model_id: str, path: str, form: str, error: Exception) -> SourceFileError:
    """Return the error for a file that is not what it should be."""
    return SourceFileError(
        f"model '{model_id}': {path} is cut short or no {form} ({error})."
        " Write it anew; other files and everything stored stay as they are"
    )
