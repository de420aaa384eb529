"""What is said about a window, word for word: in a terminal of 80 columns, and as Markdown."""

from pathlib import Path

from monitoring_assets.evaluation.explaining.text import explanation_text, terminal_text
from monitoring_assets.evaluation.explaining.window import (
    Focus,
    WindowExplanation,
    explain_window,
)
from monitoring_assets_tests.evaluation.explaining.evidence import (
    BAD,
    SPEC,
    USUAL,
    around,
    evidence,
    rows,
)

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> str:
    """Return a text that was read by a person and found right."""
    return (GOLDEN / name).read_text(encoding="utf-8")


def shown(found: WindowExplanation, width: int = 80) -> str:
    return terminal_text(SPEC, found, around(since={}, queries=(), computed=()), width)


def test_an_alarming_window_is_explained_in_a_terminal() -> None:
    found = explain_window(SPEC, evidence(rows(BAD)))
    assert terminal_text(SPEC, found, around(), 80) + "\n" == golden("alarm.txt")


def test_a_quiet_window_says_so_and_what_came_nearest() -> None:
    found = explain_window(SPEC, evidence(rows(USUAL)))
    assert terminal_text(SPEC, found, around(since={}, queries=()), 80) + "\n" == golden(
        "quiet.txt"
    )


def test_the_same_text_is_markdown_for_an_asset() -> None:
    found = explain_window(SPEC, evidence(rows(BAD)))
    assert explanation_text(SPEC, found, around()) + "\n" == golden("alarm_markdown.txt")


def test_markdown_is_bounded_and_says_that_it_is_cut() -> None:
    found = explain_window(SPEC, evidence(rows(BAD)))
    text = explanation_text(SPEC, found, around(), 600)
    assert len(text) <= 600
    assert text.startswith("#### small, window 2023-02-04: alarm")
    assert text.rstrip().endswith("…the rest is left out here")


def test_labels_that_have_not_come_are_no_alarm_and_no_quiet() -> None:
    lines = shown(explain_window(SPEC, evidence(rows(USUAL), labelled=100))).splitlines()
    assert lines[0] == "small, window 2023-02-04: quiet, as far as it is judged"
    assert lines[3].startswith(
        "  Not judged: model quality, since 25 % of scored rows have a label"
    )


def test_a_column_is_explained_that_does_not_alarm() -> None:
    text = shown(explain_window(SPEC, evidence(rows(USUAL, 1.2)), Focus(column="predicted")))
    assert "drift of predicted by kolmogorov_smirnov: not judged" in text
    assert "it decides nothing" in text
    assert "Where the two distributions are farthest apart:" in text


def test_ranges_are_named_with_their_unit() -> None:
    text = shown(explain_window(SPEC, evidence(rows(USUAL, 1.2)), Focus(column="distance")))
    assert "drift of distance (miles) by kolmogorov_smirnov" in text
    assert " miles  " in text


def test_what_was_counted_anew_since_is_said() -> None:
    counted_anew = evidence(rows({"north": (100, 1.0), "south": (300, 2.0)})).compared
    stale = evidence(rows(BAD), compared=counted_anew)
    assert "counted or measured anew" not in shown(explain_window(SPEC, evidence(rows(BAD))))
    text = shown(explain_window(SPEC, stale), 500)
    assert "What is stored by now gives 0.35" in text


def test_without_segments_that_is_said() -> None:
    text = shown(explain_window(SPEC, evidence(rows(BAD), entries=())))
    assert "The YAML declares no segments by which it could be split." in text


def test_alarms_of_segments_alone_are_not_called_quiet() -> None:
    few = rows({"north": (2400, 1.0), "south": (160, 4.0)})
    found = explain_window(SPEC, evidence(few, drift=(), datasets=()))
    lines = shown(found).splitlines()
    assert lines[0] == "small, window 2023-02-04: quiet, but for other segments"
    assert "  zone=south: mae." in lines


def test_nothing_is_wider_than_the_terminal_but_statements() -> None:
    text = shown(explain_window(SPEC, evidence(rows(BAD))), 72)
    assert max(map(len, text.splitlines())) <= 72
