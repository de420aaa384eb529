"""Blocks written out: for a terminal of any width, and as Markdown that nothing breaks."""

import pytest

from monitoring_assets.evaluation.explaining.document import (
    Block,
    Heading,
    Sentences,
    Statements,
    Table,
    markdown,
    plain,
)

TABLE = Table(("segment", "mae"), (("a", "1.5"), ("a very long name of a segment", "12")))


def test_a_table_has_its_first_column_at_the_left_and_cut_where_there_is_no_room() -> None:
    assert plain([TABLE], 60).splitlines() == [
        "    segment                        mae",
        "    a                              1.5",
        "    a very long name of a segment   12",
    ]
    assert plain([TABLE], 30).splitlines() == [
        "    segment                mae",
        "    a                      1.5",
        "    a very long name of …   12",
    ]


def test_a_terminal_however_narrow_shows_the_numbers() -> None:
    assert "a very long…   12" in plain([TABLE], 5)


def test_statements_are_not_broken() -> None:
    statement = "SELECT " + "x, " * 50 + "y;"
    assert plain([Statements((statement,))], 40) == f"  {statement}"


def test_a_number_keeps_its_percent_sign() -> None:
    text = plain([Sentences(("one two three 4 % five",))], 18)
    assert text.splitlines() == ["  one two three", "    4 % five"]


@pytest.mark.parametrize("odd", ["a\nb", "a\x1b[31mb", "a\rb", "a\u202eb"])
def test_nothing_in_a_name_moves_the_cursor(odd: str) -> None:
    blocks: list[Block] = [Heading(odd), Sentences((odd,)), Table((odd, "n"), ((odd, "1"),))]
    for text in (plain(blocks, 40), markdown(blocks, 500)):
        assert not {"\x1b", "\r", "\u202e"} & {*text}
    assert len(plain([Heading(odd)], 40).splitlines()) == 1


def test_a_name_is_no_markup() -> None:
    text = markdown([Sentences(("<b>*x*</b> [a](b) `c` d|e",)), Table(("a|b", "n"))], 500)
    assert "- &lt;b>\\*x\\*&lt;/b> \\[a\\](b) \\`c\\` d\\|e" in text
    assert "| a\\|b | n |" in text


def test_markdown_is_cut_between_two_blocks() -> None:
    blocks = [Sentences((letter * 30,)) for letter in "abcd"]
    whole = markdown(blocks, 1000)
    assert whole.count("- ") == 4
    cut = markdown(blocks, len(whole) - 1)
    assert len(cut) < len(whole)
    assert cut.endswith("…the rest is left out here\n")
    assert "d" * 30 not in cut
    assert markdown(blocks, len(whole)) == whole
