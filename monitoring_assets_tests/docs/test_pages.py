"""The harness itself: what it takes from a page, and that it notices a page that is not true."""

from pathlib import Path

import pytest

from monitoring_assets_tests.docs.pages import EXAMPLES, Command, NewFile, Page, difference
from monitoring_assets_tests.docs.walking import StepError, run_steps

TEXT = """\
# A page

It writes `notes/hello.py`, and `out-*.txt` comes of it; `greet.size` is no file.

```python notes/hello.py
print("hello", 3)
```

```yaml
quality: {minimum_labels: 20}
```

```console
$ export NAME=$PWD/x
$ python notes/hello.py \\
    > out-1.txt
$ cat out-1.txt; echo $NAME
hello 3
…/x
```
"""
FOLDER = Path("somewhere")


def walk(folder: Path, text: str) -> list[str]:
    return [one.printed for one in run_steps(Page("a.md", text), folder, {})]


def test_a_page_is_files_and_commands_in_their_order() -> None:
    first, *commands = Page("a.md", TEXT).steps
    assert first == NewFile("notes/hello.py", 'print("hello", 3)\n')
    assert commands == [
        Command(14, "export NAME=$PWD/x", ""),
        Command(15, "python notes/hello.py \\\n    > out-1.txt", ""),
        Command(17, "cat out-1.txt; echo $NAME", "hello 3\n…/x"),
    ]


def test_a_fence_of_yaml_without_a_name_is_a_fragment() -> None:
    assert Page("a.md", TEXT).fragments == ["quality: {minimum_labels: 20}\n"]


def test_files_are_named_in_prose_and_in_fences() -> None:
    assert Page("a.md", TEXT).named_files == ["notes/hello.py", "out-*.txt"]


def test_files_are_written_commands_run_and_exports_reach_the_next_command(tmp_path: Path) -> None:
    assert walk(tmp_path, TEXT) == ["", "", f"hello 3\n{tmp_path}/x\n"]
    assert (tmp_path / "out-1.txt").read_text() == "hello 3\n"


def test_a_command_that_fails_is_named_with_its_line_and_what_it_printed(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"a\.md:2: ls absent\nended with 2:\n.*absent"):
        walk(tmp_path, "```console\n$ ls absent\n```\n")


def test_a_console_has_to_begin_with_a_command() -> None:
    with pytest.raises(ValueError, match="line 2"):
        _ = Page("a.md", "```console\nls\n```\n").steps


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("a  b", "  a b   \n\n"),
        ("a\n...\nd", "a\nb\nc\nd\n"),
        ("a\n...\nd", "a\nd\n"),
        ("quick ━━ 3/3 windows 0:00:00", "quick ━ 1/3 0:00:04\rquick ━━━╸ 3/3 windows 0:00:07\n"),
        ("in …/models", "in somewhere/models"),
        ("run RUN_ID", "run 0f8fad5b-d9cb-469f-a165-70867728950e"),
        ("red", "\x1b[31mred\x1b[0m\n"),
    ],
)
def test_what_depends_on_the_run_or_the_terminal_does_not_differ(shown: str, printed: str) -> None:
    assert difference(shown, printed, FOLDER) == ""


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("", "a"),
        ("a", ""),
        ("a\nb", "b\na"),
        ("a\n...\nd", "a\nb\n"),
        ("mae 3.10", "mae 3.11"),
        ("a", "a\nWarning"),
    ],
)
def test_everything_else_does(shown: str, printed: str) -> None:
    assert difference(shown, printed, FOLDER)


def test_every_example_has_a_module_of_tests() -> None:
    named = {f"test_{page.stem.replace('-', '_')}.py" for page in EXAMPLES.glob("*.md")}
    assert named
    assert {name for name in named if not (Path(__file__).parent / name).exists()} == set()
