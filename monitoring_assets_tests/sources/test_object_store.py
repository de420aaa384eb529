"""Object stores: the same rows as from the disk, against a real S3 server on this machine."""

import dataclasses
import gzip
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from socket import socket

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest

from monitoring_assets.errors import ConfigurationError, SourceFileError, SourceUnavailableError
from monitoring_assets.sources.base import Places, Source
from monitoring_assets.sources.build import build_source
from monitoring_assets.sources.prepare import PreparedSource
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.sources import FileSourceSpec
from monitoring_assets_tests.sources.local_s3 import KEYS, LocalS3, give_keys, serving, stored
from monitoring_assets_tests.sources.small_csv import NAMES, ROWS, csv_spec, put
from monitoring_assets_tests.sources.small_files import three_rows, utc, write
from monitoring_assets_tests.sources.test_parquet import two_days
from monitoring_assets_tests.specs import small_columns, small_spec, with_source

FEBRUARY = (utc(2023, 2, 1), utc(2023, 3, 1))
SECOND = (utc(2023, 2, 2), utc(2023, 2, 3))
KINDS = {"parquet": small_spec(), "csv": csv_spec()}
NO_IDS = {
    "parquet": small_spec(columns=small_columns(id=None)),
    "csv": csv_spec(small_columns(id=None)),
}


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
    server.forget()
    return server


def write_both(folder: Path, name: str, **columns: object) -> None:
    """Write `two_days` with these columns instead, once as Parquet and once as CSV."""
    path = write(folder, two_days(**columns), f"{name}.parquet", row_group_size=2)
    pacsv.write_csv(pa.table(two_days(**columns)), path.with_suffix(".csv"))


@pytest.mark.parametrize("span", [FEBRUARY, SECOND, (None, None)], ids=["all", "day", "no bounds"])
@pytest.mark.parametrize("spec", [*KINDS.values(), *NO_IDS.values()], ids=[*KINDS, *NO_IDS])
def test_the_rows_are_those_of_the_same_files_on_a_disk(
    s3: LocalS3, tmp_path: Path, spec: ModelSpec, span: tuple[None, None]
) -> None:
    write_both(tmp_path, "a", distance=[None, 1.5, 2.5])
    write_both(tmp_path, "more/b", id=["d", "e", "f"])
    s3.upload(tmp_path)
    path = f"small/**/*.{spec.source.kind}"
    assert isinstance(spec.source, FileSourceSpec)
    there = with_source(spec, dataclasses.replace(spec.source, path=path))
    expected = build_source(there, Places(tmp_path)).read(*span)
    found = stored(s3, spec, f"bucket/{path}").read(*span)
    assert found.table == expected.table
    assert len(found.table) in (2, 6)


@pytest.mark.parametrize("spec", KINDS.values(), ids=KINDS)
def test_newest_event_time_and_rows_outside_are_those_of_the_disk(
    s3: LocalS3, tmp_path: Path, spec: ModelSpec
) -> None:
    write_both(tmp_path, "a")
    s3.upload(tmp_path)
    source = stored(s3, spec, f"bucket/small/*.{spec.source.kind}")
    assert source.newest_event_time() == utc(2023, 2, 2, 3)
    assert source.rows_outside([SECOND])["before_every_period"] == 2


NAMES_IN_BUCKET = ["x/a.csv", "x/b1.csv", "x/y/c.csv", "x/y/z/d.csv", "x/.hidden.csv", "x/.h/e.csv"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("x/*.csv", ["a", "b1"]),
        ("x/?.csv", ["a"]),
        ("x/[!a]*.csv", ["b1"]),
        ("x/a.csv", ["a"]),
        ("x/**/*.csv", ["a", "b1", "c", "d"]),
        ("x/**", ["a", "b1", "c", "d"]),
        ("**/d.csv", ["d"]),
        ("x/*/c**v", ["c"]),
        ("x/.h*.csv", [".hidden"]),
    ],
)
def test_patterns_find_what_they_find_on_a_disk(
    s3: LocalS3, tmp_path: Path, pattern: str, found: list[str]
) -> None:
    for name in NAMES_IN_BUCKET:
        stem = Path(name).stem
        put(tmp_path, NAMES, f"{stem},2023-02-01,1,x,1", name=f"../{name}")
    s3.upload(tmp_path)
    s3.files.create_dir("bucket/x/folder.csv")
    on_disk = csv_spec(path=str(tmp_path / pattern))
    expected = build_source(on_disk, Places(tmp_path)).read(*FEBRUARY)
    ids = stored(s3, csv_spec(), f"bucket/{pattern}").read(*FEBRUARY).table["row_id"].to_pylist()
    assert ids == expected.table["row_id"].to_pylist() == sorted(found)


def test_packed_csv_files_are_read_by_their_ending(s3: LocalS3) -> None:
    s3.put("a.csv.gz", gzip.compress("\n".join([NAMES, *ROWS]).encode()))
    source = stored(s3, csv_spec(), "bucket/*.csv.gz")
    assert source.read(*FEBRUARY).table["row_id"].to_pylist() == ["a", "b", "c"]


def test_footers_are_read_once(s3: LocalS3, tmp_path: Path) -> None:
    write(tmp_path, two_days())
    s3.upload(tmp_path)
    source = stored(s3, small_spec(), "bucket/small/*.parquet")
    assert source.newest_event_time() == utc(2023, 2, 2, 3)
    s3.forget()
    assert source.newest_event_time() == utc(2023, 2, 2, 3)
    assert s3.requests == ["GET /bucket"]


def test_only_needed_columns_and_row_groups_travel(s3: LocalS3, tmp_path: Path) -> None:
    photos = [np.random.default_rng(n).bytes(300_000) for n in range(3)]
    columns = {"photo": photos} | two_days() | {"sound": photos}
    write(tmp_path, columns, row_group_size=2, compression="none")
    s3.upload(tmp_path)
    source = stored(s3, small_spec(), "bucket/small/*.parquet")
    source.newest_event_time()
    s3.forget()
    assert len(source.read(*SECOND).table) == 1
    assert 0 < sum(s3.sent) < 20_000


@pytest.mark.parametrize("spec", KINDS.values(), ids=KINDS)
def test_an_object_that_is_replaced_is_read_anew(
    s3: LocalS3, tmp_path: Path, spec: ModelSpec
) -> None:
    write_both(tmp_path, "a")
    s3.upload(tmp_path)
    source = stored(s3, spec, f"bucket/small/*.{spec.source.kind}")
    assert len(source.read(*FEBRUARY).table) == 3
    write_both(tmp_path, "a", id=["a", "a", "a"])
    s3.upload(tmp_path)
    assert len(source.read(*FEBRUARY).table) == 1


def test_no_object_may_be_there_yet(s3: LocalS3) -> None:
    source = stored(s3, small_spec(), "bucket/small/*.parquet")
    assert source.newest_event_time() is None
    with pytest.raises(SourceUnavailableError, match=r"no file matches s3://bucket/small/\*"):
        source.read(*FEBRUARY)


def unavailable(source: Source) -> str:
    """Return what is said of a store that does not answer, to each question the same."""
    texts: set[str] = set()
    for question in (source.read, source.newest_event_time, lambda: source.rows_outside([SECOND])):
        with pytest.raises(SourceUnavailableError, match="model 'small': s3://") as error:
            question()
        texts.add(str(error.value))
    assert not any(key in text for key in KEYS.values() for text in texts)
    return texts.pop()


@pytest.mark.parametrize("name", ["no-such-bucket/*.parquet", "no-such-bucket/x/**/a.parquet"])
def test_a_missing_bucket_is_named(s3: LocalS3, name: str) -> None:
    text = unavailable(stored(s3, small_spec(), name))
    for part in (f"s3://{name} cannot be listed at {s3.url}", "NO_SUCH_BUCKET", "object_store"):
        assert part in text


def test_an_endpoint_where_nobody_listens_is_named(s3: LocalS3) -> None:
    with closing(socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{taken.getsockname()[1]}"
        text = unavailable(stored(s3, small_spec(), "bucket/*.parquet", endpoint=dead))
    assert f"cannot be listed at {dead} (" in text
    assert "NETWORK_CONNECTION" in text


def test_an_endpoint_that_never_answers_is_given_up(
    s3: LocalS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring_assets.sources.files.object_store._PATIENCE", 1)
    with closing(socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        source = stored(s3, small_spec(), "bucket/*.parquet", endpoint=endpoint)
        with pytest.raises(SourceUnavailableError, match="Timeout was reached"):
            source.newest_event_time()


@pytest.mark.parametrize("keys", [True, False], ids=["wrong keys", "no keys"])
def test_without_the_right_keys_the_store_is_forbidden(
    s3: LocalS3, monkeypatch: pytest.MonkeyPatch, keys: bool
) -> None:
    s3.control("reset-auth", b"0")
    for name in () if keys else KEYS:
        monkeypatch.delenv(name)
    text = unavailable(stored(s3, small_spec(), "bucket/*.parquet"))
    assert "cannot be listed" in text
    assert "keys in the environment" in text


def test_a_public_bucket_needs_no_keys(
    s3: LocalS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, three_rows())
    s3.upload(tmp_path)
    for name in KEYS:
        monkeypatch.delenv(name)
    source = stored(s3, small_spec(), "bucket/small/*.parquet", anonymous=True, region="us-east-1")
    assert len(source.read(*FEBRUARY).table) == 3


@pytest.mark.parametrize("spec", KINDS.values(), ids=KINDS)
def test_an_object_that_goes_while_it_is_read_is_named(
    s3: LocalS3, tmp_path: Path, spec: ModelSpec
) -> None:
    for name in ("a", "b"):
        write_both(tmp_path, name)
    s3.upload(tmp_path)
    source = stored(s3, spec, f"bucket/small/*.{spec.source.kind}")
    assert isinstance(source, PreparedSource)
    pieces = source.raw.pieces(*SECOND)
    assert next(pieces).origin == f"s3://bucket/small/a.{spec.source.kind}"
    s3.files.delete_file(f"bucket/small/b.{spec.source.kind}")
    with pytest.raises(SourceUnavailableError, match=r"s3://bucket/small/b\..* is gone"):
        next(pieces)


@pytest.mark.parametrize("name", ["a.parquet", "a.csv.gz"])
def test_an_object_cut_short_is_named(s3: LocalS3, tmp_path: Path, name: str) -> None:
    write_both(tmp_path, "a")
    path = tmp_path / "small" / "a.parquet"
    packed = gzip.compress(path.with_suffix(".csv").read_bytes())
    content = packed if name.endswith(".gz") else path.read_bytes()
    s3.put(name, content[:-12])
    spec = KINDS["csv" if name.endswith(".gz") else "parquet"]
    with pytest.raises(SourceFileError, match=f"s3://bucket/{name} is cut short or no"):
        stored(s3, spec, f"bucket/{name}").read(*FEBRUARY)


def test_a_description_shows_the_pattern_and_no_key(s3: LocalS3) -> None:
    shown = stored(s3, small_spec(), "bucket/*.parquet").describe()
    assert shown == {"kind": "parquet", "path": "s3://bucket/*.parquet"}


def test_building_a_source_asks_nobody(s3: LocalS3) -> None:
    stored(s3, small_spec(), "bucket/*.parquet").describe()
    assert s3.requests == []


def google_or_azure(path: str, **object_store: object) -> Source:
    source = {"kind": "parquet", "path": path, "object_store": object_store}
    return build_source(small_spec(source=source), Places(Path("nowhere")))


@pytest.mark.slow
def test_google_cloud_storage_that_does_not_answer_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("monitoring_assets.sources.files.object_store._PATIENCE", 1)
    monkeypatch.setenv("CLOUD_STORAGE_EMULATOR_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(SourceUnavailableError, match=r"gs://bucket/x/\* cannot be listed \(goog"):
        google_or_azure("gs://bucket/x/*", anonymous=True).newest_event_time()


def test_azure_wants_the_name_of_a_storage_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT", raising=False)
    with pytest.raises(ConfigurationError, match=r"container@account\.dfs"):
        google_or_azure("abfs://container/x/*", anonymous=True).newest_event_time()
