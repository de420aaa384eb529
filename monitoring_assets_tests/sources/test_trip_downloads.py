"""Fetching monthly files: several processes, killed ones, folders that cannot be written to."""

import logging
import os
import pty
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import requests
import tenacity

from monitoring_assets.errors import SourceUnavailableError
from monitoring_assets_tests.sources.local_trips import (
    Publisher,
    file_name,
    keep,
    kept,
    publishing,
    trips_of,
    trips_source,
)
from monitoring_assets_tests.sources.small_files import utc

LIBRARIES = requests, tenacity
"""Imported here, because no library can be imported by a user without rights."""

FEBRUARY = (utc(2023, 2, 1), utc(2023, 3, 1))
READ_FEBRUARY = """
import sys
from pathlib import Path
from monitoring_assets_tests.sources.local_trips import trips_source
from monitoring_assets_tests.sources.small_files import utc
rows = trips_source(Path(sys.argv[1]), sys.argv[2]).read(utc(2023, 2, 1), utc(2023, 3, 1))
print(len(rows.table))
"""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as running:
        yield running


def reading(folder: Path, url: str) -> "subprocess.Popen[str]":
    """Start a process that reads February."""
    command = [sys.executable, "-c", READ_FEBRUARY, str(folder), url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_that_fetch_the_same_files_do_not_meet(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.publish("2023-01", "2023-02")
    publisher.faults[file_name("2023-01")] = ["slow"]
    processes = [reading(tmp_path, publisher.url) for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert outputs == ["3", "3"]
    assert kept(tmp_path) == [file_name("2023-01"), file_name("2023-02")]


def test_a_killed_process_leaves_a_part_that_nobody_reads_and_a_later_one_removes(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.publish("2023-01", "2023-02")
    publisher.faults[file_name("2023-01")] = ["silent", 200]
    process = reading(tmp_path, publisher.url)
    # Asked for is not yet begun: the process opens its part once the answer's head has come.
    while not (parts := list(tmp_path.glob("tlc_trips/.*"))):
        time.sleep(0.05)
    process.kill()
    process.communicate(timeout=60)
    (part,) = parts
    assert part.name.startswith(f".{file_name('2023-01')}.")
    assert len(trips_source(tmp_path, publisher.url).read(*FEBRUARY).table) == 3
    assert part.name in kept(tmp_path)
    (tmp_path / "tlc_trips" / file_name("2023-02")).unlink()
    day_ago = time.time() - 24 * 3600 - 1
    os.utime(part, (day_ago, day_ago))
    trips_source(tmp_path, publisher.url).read(*FEBRUARY)
    assert kept(tmp_path) == [file_name("2023-01"), file_name("2023-02")]


def test_files_can_be_read_by_everybody_who_may_read_the_folders_files(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.publish("2023-01")
    trips_source(tmp_path, publisher.url).newest_event_time()
    (tmp_path / "usual").touch()
    modes = [
        stat.S_IMODE((tmp_path / name).stat().st_mode)
        for name in ("usual", f"tlc_trips/{file_name('2023-01')}")
    ]
    assert modes[0] == modes[1]


@contextmanager
def without_rights() -> Iterator[Path]:
    """Make a folder that everybody may enter, and be nobody in particular meanwhile."""
    with TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o777)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield path
        finally:
            if root:
                os.seteuid(0)
            (path / "tlc_trips").chmod(0o777)


def test_files_in_a_folder_that_others_fill_are_read_with_one_warning(
    publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    publisher.publish("2023-01", "2023-02", "2023-03")
    with without_rights() as folder:
        keep(folder, "2023-01", "2023-03")
        (folder / "tlc_trips").chmod(0o555)
        source = trips_source(folder, publisher.url)
        assert source.newest_event_time() == utc(2023, 3, 10, 2)
        with pytest.raises(SourceUnavailableError, match=r"2023-02.* needed.*Permission denied"):
            source.read(*FEBRUARY)
    (warning,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert "Permission denied" in warning.getMessage()
    assert publisher.asked == [file_name("2023-02")]


def test_a_file_where_the_folder_should_be_is_named(publisher: Publisher, tmp_path: Path) -> None:
    publisher.publish("2023-01")
    (tmp_path / "tlc_trips").touch()
    with pytest.raises(SourceUnavailableError, match=r"tlc_trips holds no green.*File exists"):
        trips_source(tmp_path, publisher.url).read(*FEBRUARY)


def test_every_file_is_a_line_of_the_log(
    publisher: Publisher, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publisher.publish("2023-01", "2023-02")
    with caplog.at_level(logging.INFO, "monitoring_assets"):
        trips_source(tmp_path, publisher.url).newest_event_time()
    lines = [one.getMessage() for one in caplog.records if one.name.startswith("monitoring_")]
    folder, size = tmp_path / "tlc_trips", len(trips_of("2023-01"))
    assert lines == [
        f"downloaded {folder / file_name(month)}, {size} bytes" for month in ("2023-01", "2023-02")
    ]


def test_on_a_terminal_a_bar_shows_how_far_a_file_has_come(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.publish("2023-01")
    master, slave = pty.openpty()
    with closing(os.fdopen(slave, "w")) as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "100")
        trips_source(tmp_path, publisher.url).newest_event_time()
        monkeypatch.undo()
        shown = os.read(master, 65536).decode()
    os.close(master)
    assert file_name("2023-01") in shown
    assert "━━━" in shown


def test_the_address_may_be_no_address_at_all(tmp_path: Path) -> None:
    keep(tmp_path, "2023-01")
    source = trips_source(tmp_path, "trip-data")
    assert source.newest_event_time() == utc(2023, 1, 10, 2)
