"""A folder of models with a team's class in each."""

import sys
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from monitoring_assets.sources.base import Source
from monitoring_assets_tests.sources.custom.classes import READS, Maker, source_of

NOTHING: Mapping[str, str] = {}


@pytest.fixture
def make(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Maker]:
    """Write a module into a folder of models, and build the source that names its class.

    PACKAGE in its code, and in that of further modules, becomes the name of its package.
    """
    known, path = {*sys.modules}, list(sys.path)
    folder, stem = tmp_path / "models", f"model_{abs(hash(request.node.nodeid))}"
    numbers = count()

    def made(
        code: str = READS,
        attribute: str = "Scores",
        *,
        more: Mapping[str, str] = NOTHING,
        **options: Any,
    ) -> Source:
        package = f"{stem}_{next(numbers)}"
        (folder / package).mkdir(parents=True)
        for name, text in {"source": dedent(code), **more}.items():
            (folder / package / f"{name}.py").write_text(text.replace("PACKAGE", package))
        return source_of(f"{package}.source:{attribute}", folder, **options)

    yield made
    assert sys.path == path
    for name in {*sys.modules} - known:
        if name.startswith(stem):
            del sys.modules[name]
