"""`python -m monitoring_assets_tests.benchmarks [NAME ...]`: run all benchmarks, or the named ones.

Each runs in a process of its own, so that none is measured with what another one has imported or
left in memory; one that fails does not keep the others from running.
"""

import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("dagster", "pandas", "numpy", "pyarrow", "scikit-learn", "sqlalchemy", "psycopg")
PREFIX = "bench_"


def describe_machine() -> str:
    """Say on what the figures were measured: a figure without it cannot be compared."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"machine: {cores} cores, {memory:.0f} GiB memory, load {load:.1f}, {platform.platform()}\n"
        f"python {platform.python_version()}, {packages}"
    )


def find_benchmarks(folder: Path, names: list[str]) -> list[str]:
    """Return the modules to run, in the order of their names; refuse a name that does not exist."""
    found = sorted(path.stem for path in folder.glob(f"{PREFIX}*.py"))
    wanted = {f"{PREFIX}{name.removeprefix(PREFIX)}" for name in names}
    if unknown := wanted - {*found}:
        raise SystemExit(f"no such benchmark: {', '.join(sorted(unknown))}; there is {found}")
    return [name for name in found if not wanted or name in wanted]


def run_benchmark(package: str, name: str) -> bool:
    """Run one benchmark below its heading; return whether it came to its end."""
    print(f"\n== {name.removeprefix(PREFIX)}", flush=True)
    start = time.perf_counter()
    program = f"from {package} import {name}; {name}.main()"
    done = subprocess.run([sys.executable, "-c", program], check=False)
    ending = "done" if done.returncode == 0 else f"FAILED with exit code {done.returncode}"
    print(f"-- {ending} after {time.perf_counter() - start:.0f} s", flush=True)
    return done.returncode == 0


def main(names: list[str]) -> int:
    """Run the benchmarks in turn; return 1 if one of them failed."""
    package = __package__ or "monitoring_assets_tests.benchmarks"
    print(describe_machine(), flush=True)
    chosen = find_benchmarks(Path(__file__).parent, names)
    failed = [name for name in chosen if not run_benchmark(package, name)]
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
