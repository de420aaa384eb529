"""What an installation consists of: declared dependencies, their pins, the package's own files."""

import ast
import importlib
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "monitoring_assets"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([A-Za-z0-9.!+]+)$")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = [PIN.match(line) for line in lines if not line.startswith("#")]
    assert all(found), "requirements.txt holds exact versions only"
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def declared(project: dict[str, Any]) -> list[Requirement]:
    extras = [
        line for extra in project["project"]["optional-dependencies"].values() for line in extra
    ]
    return [Requirement(line) for line in [*project["project"]["dependencies"], *extras]]


def test_every_declared_range_holds_the_pinned_version(
    project: dict[str, Any], pins: dict[str, str]
) -> None:
    wanted = {canonicalize_name(r.name): r for r in declared(project)}
    wrong = {n for n, r in wanted.items() if n not in pins or not r.specifier.contains(pins[n])}
    assert wrong == set()


def test_everything_that_is_pinned_is_needed(project: dict[str, Any], pins: dict[str, str]) -> None:
    needed: set[str] = set()
    waiting = [(r, frozenset(r.extras)) for r in declared(project)]
    while waiting:
        requirement, extras = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in needed or extras:
            needed.add(name)
            waiting += requirements_of(name, extras)
    assert pins.keys() - needed == set()


def requirements_of(name: str, extras: frozenset[str]) -> list[tuple[Requirement, frozenset[str]]]:
    lines = importlib.metadata.requires(name) or []
    found = [Requirement(line) for line in lines]
    environments = [{"extra": extra} for extra in extras or {""}]
    return [
        (r, frozenset(r.extras))
        for r in found
        if r.marker is None or any(r.marker.evaluate(e) for e in environments)
    ]


def test_every_package_that_the_code_imports_is_declared(project: dict[str, Any]) -> None:
    chosen = project["project"]["optional-dependencies"]["mlflow"]
    runtime = [Requirement(line).name for line in [*project["project"]["dependencies"], *chosen]]
    allowed = {canonicalize_name(name) for name in runtime}
    owners = importlib.metadata.packages_distributions()
    # These two belong to Dagster and pydantic, which fix their exact versions.
    imported = imported_modules() - {*sys.stdlib_module_names, "monitoring_assets"}
    undeclared = {m for m in imported if not allowed & {canonicalize_name(o) for o in owners[m]}}
    assert undeclared - {"dagster_shared", "pydantic_core"} == set()


def imported_modules() -> set[str]:
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found


def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    packed = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = {p.relative_to(ROOT).as_posix() for p in PACKAGE.rglob("*") if p.is_file()}
    assert packed == {name for name in files if "__pycache__" not in name}


def test_the_console_script_and_the_code_location_exist(project: dict[str, Any]) -> None:
    module, _, function = project["project"]["scripts"]["monitoring-assets"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))
    assert importlib.import_module(f"{project['tool']['dg']['project']['root_module']}.definitions")


def test_dagster_names_the_code_location_once(project: dict[str, Any]) -> None:
    name = project["tool"]["dg"]["project"]["code_location_name"]
    text = (ROOT / "workspace.yaml").read_text(encoding="utf-8")
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert f"location_name: {name}\n" in text
    assert f"location_name: {name}\n" in compose
