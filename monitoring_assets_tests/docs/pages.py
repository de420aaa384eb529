"""A page of docs/examples as a test reads it: files to write, commands to run, output to expect.

Belongs here: from Markdown to steps, and whether output is what a page shows. Stays out: running
anything (walking.py).

A fence with a file's name after its language is a file. A `console` fence holds commands after `$ `
and what they print; a line of three dots stands for any number of lines. A `yaml` fence without a
name is a fragment, to be put into the model's YAML. Other fences are there to be looked at.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

EXAMPLES: Final = Path(__file__).parents[2] / "docs" / "examples"

_FENCE: Final = re.compile(r"^```(\w*)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"`([^`\n]+)`")
_FILE: Final = re.compile(r"(?:[\w.*-]+/)*[\w.*-]+\.(?:csv|log|parquet|py|toml|txt|yaml)")
_ANY_LINES: Final = "..."

_RUN_DEPENDENT: Final = (
    (re.compile(r"\x1b\[[0-9;?]*[A-Za-z]"), ""),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "RUN_ID"),
    (re.compile(r"[━╸╺]+"), "━"),
    (re.compile(r"\b\d+:\d\d:\d\d$"), "0:00:00"),
    (re.compile(r"\s+"), " "),
)
"""What differs from run to run or with the width of a terminal, and what is put in its place."""


@dataclass(frozen=True)
class NewFile:
    """A file that the page tells its reader to write."""

    name: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command that the page tells its reader to run.

    Parameters
    ----------
    line
        Line of the page.
    shown
        What the page says it prints.
    """

    line: int
    text: str
    shown: str


Step = NewFile | Command


@dataclass(frozen=True)
class Page:
    """One page.

    Parameters
    ----------
    name
        Of the file in docs/examples.
    """

    name: str
    text: str

    @property
    def steps(self) -> list[Step]:
        """What its reader does, in order."""
        return [*_steps(self.text)]

    @property
    def fragments(self) -> list[str]:
        """YAML that is to be put into the model's."""
        return [
            fence[3] for fence in _FENCE.finditer(self.text) if fence.group(1, 2) == ("yaml", None)
        ]

    @property
    def named_files(self) -> list[str]:
        """Files, and patterns of files, that its prose and its fences name."""
        prose = _CODE.findall(_FENCE.sub("", self.text))
        written = [step.name for step in self.steps if isinstance(step, NewFile)]
        return sorted({*written, *(name for name in prose if _FILE.fullmatch(name))})


def read_page(name: str) -> Page:
    """Return a page of docs/examples."""
    return Page(name, (EXAMPLES / name).read_text(encoding="utf-8"))


def difference(shown: str, printed: str, folder: Path) -> str:
    """Return how output differs from what a page shows, line by line; '' if it does not.

    Parameters
    ----------
    folder
        Folder the commands ran in; a page writes `…` for it.
    """
    expected = _lines(shown)
    found = _lines(printed.replace(str(folder), "…"))
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line == _ANY_LINES else re.escape(line) + r"\n" for line in expected
    )
    if re.fullmatch(pattern, "".join(f"{line}\n" for line in found)):
        return ""
    return "\n".join(difflib.unified_diff(expected, found, "shown", "printed", lineterm="", n=30))


def _steps(text: str) -> Iterator[Step]:
    for fence in _FENCE.finditer(text):
        language, name, body = fence.groups()
        line = text.count("\n", 0, fence.start()) + 2
        if name:
            yield NewFile(name, body)
        elif language == "console":
            yield from _commands(body, line)


def _commands(body: str, first_line: int) -> Iterator[Command]:
    begun: tuple[int, str] | None = None
    shown: list[str] = []
    for number, line in enumerate(body.splitlines(), start=first_line):
        if begun and begun[1].endswith("\\"):
            begun = begun[0], f"{begun[1]}\n{line}"
        elif line.startswith("$ "):
            if begun:
                yield Command(*begun, "\n".join(shown))
            begun, shown = (number, line.removeprefix("$ ")), []
        elif begun is None:
            raise ValueError(f"line {number}: a console begins with a command after '$ '")
        else:
            shown.append(line)
    if begun:
        yield Command(*begun, "\n".join(shown))


def _lines(text: str) -> list[str]:
    lines: list[str] = []
    # A line that was written over, as progress bars are, shows what was written last.
    for line in text.split("\n"):
        lasting = line.strip().rsplit("\r", 1)[-1]
        for pattern, replacement in _RUN_DEPENDENT:
            lasting = pattern.sub(replacement, lasting).strip()
        if lasting:
            lines.append(lasting)
    return lines
