"""The runner of the benchmarks; what they measure is not judged here."""

import importlib
from pathlib import Path

import pytest

from monitoring_assets_tests import benchmarks
from monitoring_assets_tests.benchmarks import __main__ as runner

FOLDER = Path(benchmarks.__file__).parent


def test_the_machine_is_described_with_its_cores_and_versions() -> None:
    assert " cores, " in runner.describe_machine()
    assert "dagster 1." in runner.describe_machine()


def test_benchmarks_run_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("bench_windows.py", "bench_rows.py", "helpers.py"):
        (tmp_path / name).touch()
    assert runner.find_benchmarks(tmp_path, []) == ["bench_rows", "bench_windows"]
    assert runner.find_benchmarks(tmp_path, ["windows"]) == ["bench_windows"]


def test_an_unknown_benchmark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such benchmark: bench_nothing"):
        runner.find_benchmarks(tmp_path, ["nothing"])


def test_a_benchmark_that_fails_is_reported(capfd: pytest.CaptureFixture[str]) -> None:
    assert not runner.run_benchmark("monitoring_assets_tests.benchmarks", "bench_missing")
    assert "FAILED with exit code 1" in capfd.readouterr().out


@pytest.mark.parametrize("name", runner.find_benchmarks(FOLDER, []))
def test_every_benchmark_has_something_to_run(name: str) -> None:
    assert callable(importlib.import_module(f"{benchmarks.__name__}.{name}").main)
