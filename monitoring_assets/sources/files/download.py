"""One Parquet file over HTTP: whole and checked under its final name, or not there at all.

Belongs here: asking, trying again, checking, keeping. Stays out: which files are wanted and when to
ask again (monthly.py).

A file is written under a hidden name of its own in the same folder, checked, and renamed: readers
see all of it or nothing, and two processes that fetch the same file do not meet. What a killed
process leaves under a hidden name is removed by the next one that fetches something a day later.
"""

import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Literal

import pyarrow.parquet as pq

from monitoring_assets.sources.files.store import UNREADABLE

if TYPE_CHECKING:
    import requests

_LOG = logging.getLogger(__name__)

_ATTEMPTS: Final = 4
_FIRST_WAIT = 1.0
"""Seconds before the second attempt; each later one waits twice as long."""

_PATIENCE: Final = 20
"""Seconds after which no further attempt begins: a server that never answers is given up after
21 s, one that takes no connection after 27 s."""

_TIMEOUTS: Final = (5, 10)
"""Seconds for a connection, and between two parts of an answer."""

_PART: Final = ".part"
_STALE: Final = 24 * 3600
"""Seconds after which a part is nobody's any more; no file here takes nearly as long."""

Outcome = Literal["kept", "unpublished", "broken", "unreachable", "not_writable"]


@dataclass(frozen=True)
class Answer:
    """What came of asking for a file.

    Parameters
    ----------
    outcome
        `kept`: it is there now. `unpublished`: the server knows it not, or not yet. `broken`: what
        came was cut short or no Parquet. `unreachable`: no server, or none that is well.
        `not_writable`: nothing can be kept in the folder.
    reason
        In words.
    again
        Trying at once may help.
    """

    outcome: Outcome
    reason: str = ""
    again: bool = False


def download(url: str, target: Path) -> Answer:
    """Fetch a file; tries up to four times where that may help.

    It may help against a connection that breaks off, an answer that takes too long, a status of 5xx
    or 429, and a file that is not whole. It does not where nobody listens or the server's name is
    unknown: whoever is offline should not wait for it.
    """
    from tenacity import (
        Retrying,
        retry_if_result,
        stop_after_attempt,
        stop_after_delay,
        wait_exponential,
    )

    patiently = Retrying(
        retry=retry_if_result(lambda answer: answer.again),
        stop=stop_after_attempt(_ATTEMPTS) | stop_after_delay(_PATIENCE),
        wait=wait_exponential(multiplier=_FIRST_WAIT),
        retry_error_callback=lambda state: state.outcome and state.outcome.result(),
    )
    return patiently(_attempt, url, target)


def _attempt(url: str, target: Path) -> Answer:
    import requests

    # Compressed on the way, a file would not be as long as its Content-Length says.
    plain = {"Accept-Encoding": "identity"}
    try:
        with requests.get(url, stream=True, timeout=_TIMEOUTS, headers=plain) as response:
            return _refusal(response.status_code) or _keep(response, target)
    except requests.RequestException as error:
        return _no_answer(error)


def _refusal(status: int) -> Answer | None:
    reason = f"it answers with status {status}"
    if status == 200:
        return None
    if status in (403, 404):  # the TLC's server says 403 of what is not there
        return Answer("unpublished", reason)
    return Answer("unreachable", reason, again=status == 429 or status >= 500)


def _keep(response: "requests.Response", target: Path) -> Answer:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale_parts(target.parent)
        with _part(target) as path:
            with path.open("xb") as file:
                answer = _copy(response, file)
                file.flush()
                os.fsync(file.fileno())
            if answer.outcome == "kept":
                answer = _checked(path)
            size = path.stat().st_size
            if answer.outcome == "kept":
                path.replace(target)
                _LOG.info("downloaded %s, %d bytes", target, size)
    except OSError as error:
        return Answer("not_writable", error.strerror or str(error))
    return answer


def _copy(response: "requests.Response", file: BinaryIO) -> Answer:
    import requests

    told = response.headers.get("Content-Length", "")
    length = int(told) if told.isdecimal() else None
    name = Path(response.url).name
    try:
        with _progress(name, length) as advance:
            for chunk in response.iter_content(1 << 20):
                file.write(chunk)
                advance(len(chunk))
    except requests.RequestException:
        return Answer("broken", f"{name} broke off before its end", again=True)
    if length is not None and file.tell() != length:
        reason = f"{file.tell()} bytes came of {name}, {length} were announced"
        return Answer("broken", reason, again=True)
    return Answer("kept")


def _no_answer(error: "requests.RequestException") -> Answer:
    import requests
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError):
        return Answer("unreachable", "nobody answers there")
    if isinstance(error, requests.Timeout):
        return Answer("unreachable", "no answer in time", again=True)
    again = isinstance(error, requests.ConnectionError)
    return Answer("unreachable", type(error).__name__, again=again)


def _checked(path: Path) -> Answer:
    try:
        pq.read_metadata(path)
    except UNREADABLE:
        reason = f"what came is no whole Parquet file ({path.stat().st_size} bytes)"
        return Answer("broken", reason, again=True)
    return Answer("kept")


@contextmanager
def _part(target: Path) -> Generator[Path]:
    path = target.with_name(f".{target.name}.{secrets.token_hex(6)}{_PART}")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _remove_stale_parts(folder: Path) -> None:
    for path in folder.glob(f".*.{'[0-9a-f]' * 12}{_PART}"):
        # Another process may remove it first, and another user's is for that user to remove.
        with suppress(FileNotFoundError, PermissionError):
            if time.time() - path.stat().st_mtime > _STALE:
                path.unlink()


@contextmanager
def _progress(name: str, length: int | None) -> Generator[Callable[[int], object]]:
    """Show a bar to whoever looks on."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=length)
        yield lambda count: progress.advance(task, count)
