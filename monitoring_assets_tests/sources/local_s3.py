"""A real S3 server on this machine (moto's), which counts what it is asked for and what it sends.

Belongs here: the server, and putting objects into it. Stays out: assertions.
"""

import dataclasses
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from pyarrow import fs
from pydantic import TypeAdapter

from monitoring_assets.sources.base import Places, Source
from monitoring_assets.sources.build import build_source
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import FileSourceSpec, ObjectStoreSpec

KEYS = {"AWS_ACCESS_KEY_ID": "an-access-key", "AWS_SECRET_ACCESS_KEY": "a-secret-key"}


@dataclass
class LocalS3:
    """A server with an empty bucket called `bucket`.

    Parameters
    ----------
    url
        Its endpoint.
    requests
        Method and path of every request since `requests` was last cleared.
    sent
        Bytes of its answers since then, a list to be summed.
    """

    url: str
    requests: list[str] = field(default_factory=list[str])
    sent: list[int] = field(default_factory=list[int])

    @property
    def files(self) -> Any:
        """The bucket as a file system of Arrow's that may write."""
        access_key, secret_key = KEYS.values()
        return fs.S3FileSystem(
            access_key=access_key,
            secret_key=secret_key,
            endpoint_override=self.url,
            allow_bucket_creation=True,
        )

    def put(self, key: str, content: bytes) -> None:
        """Store an object."""
        with self.files.open_output_stream(f"bucket/{key}", compression=None) as stream:
            stream.write(content)

    def upload(self, folder: Path) -> None:
        """Store all files below a folder under their paths in it."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.put(path.relative_to(folder).as_posix(), path.read_bytes())

    def control(self, what: str, content: bytes = b"") -> None:
        """Tell moto to `reset` everything, or how many requests need no key (`reset-auth`)."""
        plain = {"Content-Type": "text/plain"}
        url = f"{self.url}/moto-api/{what}"
        requests.post(url, content, headers=plain, timeout=10).raise_for_status()

    def forget(self) -> None:
        """Count from nothing again."""
        self.requests.clear()
        self.sent.clear()


@contextmanager
def serving() -> Generator[LocalS3]:
    """Run a server on a free port, in a thread."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    application: Any = DomainDispatcherApplication(create_backend_app)
    seen = LocalS3("")

    def counting(environ: dict[str, Any], start_response: Any) -> Any:
        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            length = dict(headers).get("Content-Length", "0")
            seen.sent.append(int(length) if environ["REQUEST_METHOD"] == "GET" else 0)
            return start_response(status, headers, *rest)

        seen.requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return application(environ, started)

    server = make_server("127.0.0.1", 0, counting, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    seen.url = f"http://127.0.0.1:{server.port}"
    try:
        yield seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def stored(server: LocalS3, spec: ModelSpec, pattern: str, **reached: Any) -> Source:
    """Return the same model reading the same kind of files from the server."""
    assert isinstance(spec.source, FileSourceSpec)
    where = TypeAdapter(ObjectStoreSpec).validate_python({"endpoint": server.url} | reached)
    source = dataclasses.replace(spec.source, path=f"s3://{pattern}", object_store=where)
    return build_source(dataclasses.replace(spec, source=source), Places(Path("nowhere")))


def give_keys(patch: pytest.MonkeyPatch) -> None:
    """Put the keys where Amazon's own tools look for them, and nothing of this machine's."""
    for name, key in KEYS.items():
        patch.setenv(name, key)
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    patch.setenv("AWS_CONFIG_FILE", "nowhere")
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", "nowhere")
