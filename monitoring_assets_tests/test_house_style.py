"""House rules that no linter checks: sizes, suppressions, names, files named in documents, imports.

Belongs here: rules about the files of this repository. Stays out: what ruff, pyright and
import-linter check already.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOT_OURS = {".git", ".venv", "__pycache__", "build", "dist"}
LONGEST_FILE = 300
SUPPRESSIONS_PER_1000_LINES = 3

SUPPRESSION = re.compile(r"#\s*(?:noqa|type:\s*ignore|(?:ruff|pyright):)(?P<rest>.*)")
# First the rule that is switched off, then why: a code or `[name]`, a dash, some words.
RULE_AND_REASON = re.compile(
    r"^(?:\s*(?:ignore|noqa))?(?::\s*[A-Z0-9, ]+|\[[\w, -]+\])\s+[-#]\s*\w.{4,}"
)
PLACE_OF_THIS_MACHINE = re.compile(r"(?<![\w.$}])/(?:home|root|work|Users)/")
REGISTRY = re.compile(r"(?:pypi|pythonhosted|npmjs|crates)\.(?:org|io|com)|--(?:extra-)?index-url")
PATH_IN_TEXT = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/?)`|\]\((?!https?:|#)([^)#\s]+)\)")
HEAVY = ("evidently", "mlflow", "scipy", "sklearn", "skops")


def repository_files(*suffixes: str) -> list[Path]:
    files: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        hidden = {name for name in folders if name.endswith("_cache") or name == ".hypothesis"}
        folders[:] = sorted({*folders} - NOT_OURS - hidden)
        if Path(folder) == ROOT / "data":
            folders.clear()
        ours = [name for name in names if not name.startswith(".coverage")]
        files += [Path(folder, name) for name in ours if not suffixes or name.endswith(suffixes)]
    return [path for path in files if path.parent != ROOT / "data" or path.name == "README.md"]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PYTHON_FILES = repository_files(".py", ".pyi")
MODULES = [path for path in PYTHON_FILES if path.is_relative_to(ROOT / "monitoring_assets")]
DOCUMENTS = repository_files(".md")


def test_no_python_file_is_longer_than_300_lines() -> None:
    lengths = {named(path): len(text_of(path).splitlines()) for path in PYTHON_FILES}
    require_none(f"{name}: {lines}" for name, lines in lengths.items() if lines > LONGEST_FILE)


def test_asset_keys_are_built_in_one_module() -> None:
    builders = {named(path) for path in MODULES if "AssetKey(" in text_of(path)}
    require_none(builders - {"monitoring_assets/assets/names.py"})


def test_every_module_says_what_belongs_in_it_and_what_does_not() -> None:
    documented = {named(path): ast.get_docstring(ast.parse(text_of(path))) for path in MODULES}
    require_none(name for name, text in documented.items() if len((text or "").splitlines()) < 2)


def test_every_suppression_says_which_rule_and_why() -> None:
    require_none(
        f"{named(path)}:{number}: {found[0]}"
        for path, number, found in suppressions()
        if not RULE_AND_REASON.match(found["rest"])
    )


def test_suppressions_are_few() -> None:
    lines = sum(len(text_of(path).splitlines()) for path in PYTHON_FILES)
    found = [f"{named(path)}:{number}" for path, number, _ in suppressions()]
    assert len(found) <= max(1, lines * SUPPRESSIONS_PER_1000_LINES / 1000), found


@pytest.mark.parametrize(
    ("comment", "is_explained"),
    [
        ("# noqa: ARG002 - Dagster's signature", True),
        ("# pyright: ignore[reportUnknownMemberType] - no stubs", True),
        ("# noqa", False),
        ("# noqa: ARG002", False),
        ("# noqa - it is better so", False),
        ("# type: ignore[arg-type]", False),
    ],
)
def test_a_suppression_is_told_from_an_explained_one(comment: str, is_explained: bool) -> None:
    found = SUPPRESSION.search(comment)
    assert found
    assert bool(RULE_AND_REASON.match(found["rest"])) is is_explained


def test_no_file_names_a_package_registry_or_a_folder_of_one_machine() -> None:
    require_none(
        f"{named(path)}: {found[0]}"
        for path in repository_files()
        if (found := PLACE_OF_THIS_MACHINE.search(text_of(path)) or REGISTRY.search(text_of(path)))
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_files_named_in_a_document_exist(document: Path) -> None:
    tops = {path.name for path in ROOT.iterdir()}
    places = [first or link for first, link in PATH_IN_TEXT.findall(text_of(document))]
    # A word in backticks is taken for a file of ours when it begins like one.
    ours = [p for p in places if p.split("/")[0] in tops and not p.startswith("data/")]
    missing = [p for p in ours if not ((ROOT / p).exists() or (document.parent / p).exists())]
    links = [link for _, link in PATH_IN_TEXT.findall(text_of(document)) if link]
    require_none(missing + [p for p in links if not (document.parent / p).exists()])


def test_definitions_load_without_the_libraries_that_only_runs_need() -> None:
    load = "from monitoring_assets.definitions import defs; defs()"
    expected = {"pandas"} & modules_after("import dagster, dagster_postgres", "pandas")
    assert modules_after(load, *HEAVY, "pandas") == expected


def require_none(findings: Iterable[str]) -> None:
    found = sorted(findings)
    assert not found, "\n".join(["", *found])


def modules_after(statement: str, *watched: str) -> set[str]:
    program = f"{statement}; import sys; print(*sys.modules.keys() & {set(watched)})"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def suppressions() -> list[tuple[Path, int, re.Match[str]]]:
    # This file quotes some, in strings.
    others = [path for path in PYTHON_FILES if path != Path(__file__).resolve()]
    return [
        (path, number, found)
        for path in others
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if (found := SUPPRESSION.search(line))
    ]
