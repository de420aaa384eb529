"""A real HTTP server on this machine that publishes monthly files, well or badly.

Belongs here: the server, the ways in which it misbehaves, small files of trips, the model that
reads them. Stays out: assertions.
"""

import io
import socket
import struct
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitoring_assets.sources.base import Places, Source
from monitoring_assets.sources.build import build_source
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.sources.small_files import three_rows
from monitoring_assets_tests.specs import small_spec


@dataclass
class Publisher:
    """What is published, and how requests for it are answered.

    Parameters
    ----------
    url
        Where files are published.
    files
        Name -> content; others are answered with status 404.
    faults
        Name -> how the next requests for it are answered instead, one after the other: a status, or
        `cut` (less than announced), `short` (announced as less than it is), `reset` (the connection
        breaks before any answer), `html`, `slow` (in two parts), `silent` (one part, then nothing).
        The last one stays.
    asked
        Names of the requests so far.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    faults: dict[str, Sequence[int | str]] = field(default_factory=dict[str, Sequence[int | str]])
    asked: list[str] = field(default_factory=list[str])
    closing: threading.Event = field(default_factory=threading.Event)

    def publish(self, *months: str) -> None:
        """Publish small files of these months, three trips each on their tenth."""
        self.files |= {file_name(month): trips_of(month) for month in months}

    def next_answer(self, name: str) -> int | str:
        """Note a request, and say how it is answered."""
        self.asked.append(name)
        first, *others = self.faults.get(name, [200 if name in self.files else 404])
        if others:
            self.faults[name] = others
        return first


def file_name(month: str) -> str:
    return f"green_tripdata_{month}.parquet"


def trips_of(month: str, day: int = 10) -> bytes:
    """Return a file of three trips of a day."""
    first = datetime.fromisoformat(f"{month}-{day:02}")
    times = pa.array([first + timedelta(hours=hour) for hour in range(3)], pa.timestamp("us"))
    ids = [f"{month} {letter}" for letter in "abc"]
    content = io.BytesIO()
    pq.write_table(pa.table(three_rows(id=ids, time=times)), content)
    return content.getvalue()


class Handler(BaseHTTPRequestHandler):
    """Answers as the publisher of its server says."""

    def do_GET(self) -> None:
        publisher: Publisher = self.server.publisher  # pyright: ignore[reportAttributeAccessIssue] - set below
        name = self.path.rpartition("/")[2]
        answer = publisher.next_answer(name)
        content = publisher.files.get(name, b"")
        match answer:
            case "reset":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
            case "cut":
                self._send(200, content[:-100], len(content))
            case "short":
                self._send(200, content[:-100], len(content) - 100)
            case "html":
                self._send(200, b"<html>Welcome to this hotel</html>")
            case "slow" | "silent":
                self._send(200, content[:100], len(content))
                publisher.closing.wait(None if answer == "silent" else 0.5)
                self.wfile.write(content[100:])
            case int():
                self._send(answer, content if answer == 200 else b"no")
            case _:
                raise ValueError(answer)

    def _send(self, status: int, content: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: what was asked for is counted."""

    def finish(self) -> None:
        """Close, also what has been closed or reset already."""
        if self.connection.fileno() >= 0:
            super().finish()


class Server(ThreadingHTTPServer):
    """Knows its publisher, and says nothing of readers that hang up."""

    def __init__(self, publisher: Publisher) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.publisher = publisher

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a reader that was killed is part of a test."""


@contextmanager
def publishing() -> Generator[Publisher]:
    """Run a server on a free port, in threads."""
    publisher = Publisher()
    server = Server(publisher)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    publisher.url = f"http://127.0.0.1:{server.server_port}/trip-data"
    try:
        yield publisher
    finally:
        publisher.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def trips_spec(zone: str = "UTC", **sections: Any) -> ModelSpec:
    """Return the small model reading green trips; it needs January 2023 and what follows."""
    source = {"kind": "tlc_trips", "trips": "green", "event_time_zone": zone}
    return small_spec(source=source, **sections)


def trips_source(folder: Path, url: str, **sections: Any) -> Source:
    """Return its source; files are kept in `tlc_trips/` below the folder."""
    return build_source(trips_spec(**sections), Places(folder, trip_data_url=url))


def time_passes(patch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the clock by which waits are measured jump ahead."""
    clock = time.monotonic
    patch.setattr("time.monotonic", lambda: clock() + seconds)


def kept(folder: Path) -> list[str]:
    """Return names of all files in `tlc_trips/`, hidden ones included."""
    return sorted(path.name for path in (folder / "tlc_trips").iterdir())


def keep(folder: Path, *months: str, **columns: Any) -> None:
    """Put files of these months where they are kept."""
    for month in months:
        path = folder / "tlc_trips" / file_name(month)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(trips_of(month, **columns))
