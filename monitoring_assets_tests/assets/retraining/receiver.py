"""A receiver of messages on this machine, which behaves as badly as a test asks it to.

Belongs here: what it was sent, how it answers. Stays out: assertions.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

PRIVATE: Final = "T0Kx7hidden"
"""The part of the address that nobody may read anywhere."""

WRONG: Final = ("500", "404", "429", "302", "echo", "odd_header", "silent", "dripping", "nobody")
"""Ways in which it does not take a message."""


@dataclass(eq=False)
class Receiver:
    """Takes messages, unless `behaviour` is one of `WRONG`."""

    behaviour: str = "200"
    requests: list[tuple[str, Any]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @cached_property
    def server(self) -> ThreadingHTTPServer:
        """The server, listening on a free port."""
        return _Server(self)

    @property
    def address(self) -> str:
        """Where messages are to be sent."""
        return f"http://127.0.0.1:{self.server.server_port}/services/{PRIVATE}"

    @property
    def texts(self) -> list[str]:
        """What it was sent, whether it took it or not."""
        return [content["text"] for _, content in self.requests]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, receiver: Receiver) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.receiver = receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a caller that has hung up."""


class _Answers(BaseHTTPRequestHandler):
    @property
    def receiver(self) -> Receiver:
        """Whose server it is."""
        if not isinstance(self.server, _Server):
            raise TypeError(self.server)
        return self.server.receiver

    def do_POST(self) -> None:
        receiver = self.receiver
        content = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.requests.append((self.path, json.loads(content)))
        if receiver.behaviour.isdecimal():
            self._answer(int(receiver.behaviour), b"no_service")
        else:
            getattr(self, receiver.behaviour)()

    def do_GET(self) -> None:
        self.receiver.requests.append((self.path, {"text": "followed"}))
        self._answer(200, b"ok")

    def echo(self) -> None:
        self._answer(404, f"cannot post to {self.path}".encode())

    def odd_header(self) -> None:
        self.wfile.write(b"HTTP/1.1 500 no\r\nno header at all\r\n\r\n")

    def silent(self) -> None:
        self.receiver.ended.wait(60)

    def dripping(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not self.receiver.ended.wait(0.1):
            self.wfile.write(b"x")

    def nobody(self) -> None:
        self.connection.close()

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"/login/{PRIVATE}")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Start a receiver."""
    receiver = Receiver()
    with receiver.server as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        try:
            yield receiver
        finally:
            receiver.ended.set()
            server.shutdown()
            thread.join()
