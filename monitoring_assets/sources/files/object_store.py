"""Object stores as places of files: S3 and whatever speaks it, Google Cloud Storage, Azure.

Belongs here: how each kind is reached, listing, errors that name object and endpoint. Stays out:
the disk (store.py), what is in a file (the readers).

Keys come from where each store's own tools look for them, which Arrow does by itself: environment
variables, files in the home folder, the machine's role. None is ever taken from the YAML or shown.
"""

import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from glob import has_magic
from typing import Any, Final
from urllib.parse import urlsplit

import pyarrow as pa

from monitoring_assets.errors import ConfigurationError, SourceUnavailableError
from monitoring_assets.sources.files.store import (
    BUFFER,
    UNREADABLE,
    FoundFile,
    damaged,
    gone,
    split,
)
from monitoring_assets.spec.sources import ObjectStoreSpec

_PATIENCE: Final = 5
"""Seconds until a connection or an answer is given up. Arrow tries three times, so that an endpoint
which takes connections and never answers is reported after 16 s, one that refuses after 1 s."""

_WORDS_OF_STORES: Final = re.compile(r"AWS Error|google::cloud|Azure Error|Azure::|Azure4Core")
"""In errors of a store itself; all others are about what was read from it."""

_HIDDEN: Final = re.compile(r"(^|/)\.")
_AZURE: Final = ("abfs", "abfss")
_SECOND: Final = 1_000_000_000


class ObjectStore:
    """A `FileStore` on objects whose keys match a pattern.

    Parameters
    ----------
    model_id, section
        For messages: whose YAML, and which section of it.
    path
        Scheme, bucket and a pattern as in the shell: `s3://bucket/scores/**/*.parquet`. For Azure
        the bucket is `container@account.dfs.core.windows.net`, or `container` alone if the
        environment names the account in AZURE_STORAGE_ACCOUNT.
    spec
        How the store is reached.
    """

    remote = True

    def __init__(self, model_id: str, section: str, path: str, spec: ObjectStoreSpec) -> None:
        self._model_id = model_id
        self._section = section
        self._spec = spec
        self.where = path
        self._scheme, _, rest = path.partition("://")
        self._bucket, _, key = rest.partition("/")
        folder, self._pattern = split(key)
        self._root = "/".join([self._bucket.partition("@")[0], *folder.parts])

    @property
    def is_folder(self) -> bool:
        """See `FileStore.is_folder`."""
        from pyarrow.fs import FileType

        if has_magic(self._pattern):
            return False
        return any(info.type == FileType.Directory for info in self._asked(self._listed))

    def find(self) -> list[FoundFile]:
        """Return all objects there are now, in the order of their names, by one listing."""
        from pyarrow.fs import FileType

        listed = self._asked(self._listed)
        files = [self._file(info) for info in listed if info.type == FileType.File]
        return sorted(filter(self._matches, files), key=lambda file: file.name)

    def has_still(self, file: FoundFile) -> bool:
        """See `FileStore.has_still`; stores tell fractions of a second in listings only."""
        from pyarrow.fs import FileType

        path = f"{self._root}/{file.name}"
        now = self._asked(lambda: iter([self._filesystem.get_file_info(path)]))
        return [
            (info.size, info.mtime_ns // _SECOND) for info in now if info.type == FileType.File
        ] == [(file.size, file.changed_ns // _SECOND)]

    @contextmanager
    def opened(self, file: FoundFile) -> Generator[Any]:
        """See `FileStore.opened`."""
        with self._filesystem.open_input_file(f"{self._root}/{file.name}") as opened:
            yield opened

    @contextmanager
    def streamed(self, file: FoundFile) -> Generator[Any]:
        """See `FileStore.streamed`."""
        with self._filesystem.open_input_stream(
            f"{self._root}/{file.name}", compression="detect", buffer_size=BUFFER
        ) as stream:
            yield stream

    @contextmanager
    def named(self, file: FoundFile, form: str) -> Generator[None]:
        """See `FileStore.named`; a store that stops answering is no damaged file."""
        try:
            yield
        except FileNotFoundError as error:
            raise gone(self._model_id, file.path, error) from error
        except UNREADABLE as error:
            if isinstance(error, PermissionError) or _WORDS_OF_STORES.search(str(error)):
                raise self._unavailable(file.path, "cannot be read", error) from error
            raise damaged(self._model_id, file.path, form, error) from error

    def _asked(self, question: Callable[[], Iterator[Any]]) -> list[Any]:
        try:
            return list(question())
        except FileNotFoundError:
            return []
        except (OSError, pa.ArrowException) as error:
            raise self._unavailable(self.where, "cannot be listed", error) from error

    def _listed(self) -> Iterator[Any]:
        from pyarrow.fs import FileSelector

        if not has_magic(self._pattern):
            # Listing may be forbidden where reading one object is not.
            yield self._filesystem.get_file_info(f"{self._root}/{self._pattern}")
            return
        below = "/" in self._pattern or self._pattern == "**"
        # With S3 it would also hide that there is no such bucket; there, a folder that is missing
        # has an exception of its own.
        lenient = self._scheme != "s3"
        selected = FileSelector(self._root, recursive=below, allow_not_found=lenient)
        yield from self._filesystem.get_file_info(selected)

    def _file(self, info: Any) -> FoundFile:
        name = info.path.removeprefix(f"{self._root}/")
        key = info.path.partition("/")[2]
        return FoundFile(
            name=name,
            path=f"{self._scheme}://{self._bucket}/{key}",
            size=info.size,
            changed_ns=info.mtime_ns,
        )

    def _matches(self, file: FoundFile) -> bool:
        """Return whether the shell's rules, by which a `*` finds nothing hidden, find the file."""
        hidden = _HIDDEN.search(file.name) and not _HIDDEN.search(self._pattern)
        return not hidden and self._regex.match(file.name) is not None

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        from fsspec.utils import glob_translate

        parts = self._pattern.split("/")
        # Beside other characters two stars mean one, as on a disk; fsspec would refuse them.
        usual = [part if part == "**" else re.sub(r"\*+", "*", part) for part in parts]
        return re.compile(glob_translate("/".join(usual)))

    @cached_property
    def _filesystem(self) -> Any:
        from pyarrow import fs

        if self._scheme in _AZURE:
            return self._azure()
        if self._scheme == "gs":
            limit = timedelta(seconds=_PATIENCE)
            return fs.GcsFileSystem(anonymous=self._spec.anonymous, retry_time_limit=limit)
        endpoint = urlsplit(self._spec.endpoint or "")
        return fs.S3FileSystem(
            anonymous=self._spec.anonymous,
            region=self._spec.region,
            scheme=endpoint.scheme or None,
            endpoint_override=endpoint.netloc or None,
            connect_timeout=_PATIENCE,
            request_timeout=_PATIENCE,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=3),
        )

    def _azure(self) -> Any:
        from pyarrow import fs

        container, _, host = self._bucket.partition("@")
        account = host.partition(".")[0] or os.environ.get("AZURE_STORAGE_ACCOUNT")
        if not account:
            raise ConfigurationError(
                f"model '{self._model_id}': {self.where} names no storage account. Write"
                f" {self._scheme}://{container}@account.dfs.core.windows.net/..., or set"
                " AZURE_STORAGE_ACCOUNT"
            )
        if self._spec.anonymous:
            uri = f"abfs://{container}@{account}.dfs.core.windows.net/?credential_kind=anonymous"
            return fs.FileSystem.from_uri(uri)[0]
        # Named as Azure's own command line names them; without these, Azure's usual chain.
        key, token = (os.environ.get(f"AZURE_STORAGE_{one}") for one in ("KEY", "SAS_TOKEN"))
        return fs.AzureFileSystem(account, account_key=key, sas_token=None if key else token)

    def _unavailable(self, path: str, what: str, error: Exception) -> SourceUnavailableError:
        endpoint = f" at {self._spec.endpoint}" if self._spec.endpoint else ""
        section = f"{self._section}.object_store"
        return SourceUnavailableError(
            f"model '{self._model_id}': {path} {what}{endpoint} ({_reason(error)}). Check"
            f" the path and `{section}` in the model's defs.yaml, the keys in the environment, and"
            " whether the store answers"
        )


def _reason(error: Exception) -> str:
    """Return what the store says, in short and without the queries of URLs, which may hold keys.

    >>> _reason(OSError("Azure Error: [] on 'https://a.net/x?sig=abc' (Request ID: 5)"))
    "Azure Error: [] on 'https://a.net/x?...'"
    """
    text = " ".join(str(error).split())
    text = re.split(r" \(Request ID| error_info=", text)[0]
    return re.sub(r"(https?://[^\s?']*\?)[^\s']*", r"\1...", text)[:300]
