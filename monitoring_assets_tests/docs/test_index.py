"""docs/README.md: every page of docs/ on one line, and nothing that is not there."""

import re
from collections import Counter

from monitoring_assets_tests.docs.pages import EXAMPLES

DOCS = EXAMPLES.parent
ENTRY = re.compile(r"^- \[[^\]]+\]\(([^)]+)\): \S.*$", re.MULTILINE)


def test_every_page_stands_in_the_index_once() -> None:
    listed = ENTRY.findall((DOCS / "README.md").read_text(encoding="utf-8"))
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - {"README.md"}
    assert Counter(listed) == Counter(pages)


def test_every_entry_is_one_line() -> None:
    text = (DOCS / "README.md").read_text(encoding="utf-8")
    assert len(ENTRY.findall(text)) == text.count("](")
