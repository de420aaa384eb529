"""Data in an object store: found by a pattern or a folder, on a real S3 server on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.onboarding import csv_origin
from monitoring_assets.onboarding.locating import Named, locate
from monitoring_assets.onboarding.proposal import Proposal, propose
from monitoring_assets.onboarding.roles import Wishes
from monitoring_assets.spec.sources import FileSourceSpec, ObjectStoreSpec
from monitoring_assets_tests.onboarding.data import ROWS, binary_rows, loaded, roles, write
from monitoring_assets_tests.sources.local_s3 import LocalS3, give_keys, serving


@pytest.fixture(scope="module")
def server() -> Iterator[LocalS3]:
    with serving() as running:
        yield running


@pytest.fixture
def s3(server: LocalS3, monkeypatch: pytest.MonkeyPatch) -> LocalS3:
    give_keys(monkeypatch)
    server.control("reset-auth", b"1000000")
    server.control("reset")
    server.files.create_dir("bucket")
    return server


def proposed(server: LocalS3, text: str) -> Proposal:
    named = Named(
        text=text,
        table=None,
        url_variable="X",
        object_store=ObjectStoreSpec(endpoint=server.url),
        event_time=None,
    )
    return propose(locate(named, "small", Path("/nowhere"), {}), Wishes())


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
@pytest.mark.parametrize("text", ["s3://bucket/scores", "s3://bucket/scores/**/*.{}"])
def test_objects_are_what_the_same_files_are(
    s3: LocalS3, tmp_path: Path, text: str, suffix: str
) -> None:
    write(binary_rows().slice(0, 2000), tmp_path / "up/scores/a" / f"one.{suffix}")
    write(binary_rows().slice(2000), tmp_path / "up/scores/b" / f"two.{suffix}")
    s3.upload(tmp_path / "up")
    proposal = proposed(s3, text.format(suffix))
    assert proposal.sample.rows == ROWS
    assert roles(proposal)["label"] == "target"
    source = loaded(proposal, tmp_path).source
    assert isinstance(source, FileSourceSpec)
    assert source.path == f"s3://bucket/scores/**/*.{suffix}"
    assert source.object_store == ObjectStoreSpec(endpoint=s3.url)


def test_of_a_large_object_some_pieces_are_fetched(
    s3: LocalS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_origin, "_SAMPLE", 40_000)
    size = write(binary_rows(), tmp_path / "up" / "a.csv").stat().st_size
    s3.upload(tmp_path / "up")
    s3.forget()
    proposal = proposed(s3, "s3://bucket/a.csv")
    assert proposal.sample.rows == pytest.approx(ROWS, rel=0.03)
    assert sum(s3.sent) < size / 3
    assert len(s3.requests) < 50


def test_a_folder_without_data_is_refused(s3: LocalS3) -> None:
    with pytest.raises(ConfigurationError, match=r"no Parquet or CSV file matches s3://bucket/x"):
        proposed(s3, "s3://bucket/x")
