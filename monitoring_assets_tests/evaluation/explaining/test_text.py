"""What is said about a window, word for word: in a terminal of 80 columns, and as Markdown."""

from dataclasses import replace
from pathlib import Path

from monitoring_assets.evaluation.explaining.parts import MixAndRate, Split
from monitoring_assets.evaluation.explaining.text import explanation_text, terminal_text
from monitoring_assets.evaluation.explaining.window import (
    Focus,
    WindowExplanation,
    explain_window,
)
from monitoring_assets.metrics.drift.explanation import Part
from monitoring_assets.records import Verdict, WindowCounts
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


def test_a_column_that_was_asked_for_stands_in_the_headline() -> None:
    found = explain_window(SPEC, evidence(rows(BAD)), Focus(column="distance"))
    lines = shown(found).splitlines()
    assert lines[0] == "small, window 2023-02-04, column distance: quiet"


def test_drift_of_the_prediction_alone_is_no_alarm_of_the_window() -> None:
    spec = replace(SPEC, drift=replace(SPEC.drift, columns={}))
    normal = evidence(rows(USUAL, 3.0))
    moved = [
        replace(one, deciding=True, verdict=Verdict.ALARM)
        for one in normal.drift
        if one.column_name == "predicted" and one.segment == "all"
    ]
    found = explain_window(spec, replace(normal, drift=moved[:1]))
    lines = shown(found).splitlines()
    assert lines[0].endswith(": drift of single columns, which fails no check")
    assert "  Drift of predicted is judged by itself: it fails no check." in lines


def test_a_segment_says_how_many_rows_and_labels_are_its_own() -> None:
    found = explain_window(SPEC, evidence(rows(BAD)), Focus(segment="zone=south"))
    lines = shown(found).splitlines()
    assert "  Rows: 200 of the window's 400 scored." in lines
    assert "  Labels: 200 of the window's 400." in lines


def test_another_model_version_than_the_references_is_named() -> None:
    counts = WindowCounts(
        rows_read=400, rows_scored=400, rows_rejected={}, rows_by_version={"7": 400}
    )
    said = [
        shown(explain_window(SPEC, evidence(rows(BAD), counts=counts, versions_before=[one])), 200)
        for one in ("6", "7")
    ]
    line = "Another model version: 7 scored this window, 6 what it is compared with."
    assert [line in one for one in said] == [True, False]


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


def test_a_segment_that_has_all_rows_is_named_as_such() -> None:
    text = shown(explain_window(SPEC, evidence(rows({"south": (400, 5.0)}))), 200)
    assert "All rows lie in zone=south: no others are left to compare with." in text
    assert "To blame first: zone=north. Without its rows being gone the change would be" in text


def test_segments_that_hold_every_row_or_none_on_both_sides_are_not_mentioned() -> None:
    def part(name: str, weight: float) -> MixAndRate:
        return MixAndRate(segment=name, weight_before=weight, weight_now=weight, mix=0, rate=weight)

    def tells(*weights: float) -> bool:
        return Split(name="far", parts=tuple(part("far", one) for one in weights)).tells

    assert (tells(), tells(1.0), tells(1.0, 0.0), tells(0.7, 0.3)) == (False, False, False, True)


def test_an_empty_category_is_seen_in_the_table() -> None:
    found = explain_window(SPEC, evidence(rows(BAD)))
    part = Part("", reference_share=0.1, window_share=0.2, part=0.5)
    score = replace(found.drift[0], parts=(part,))
    assert "\n    ''  " in shown(replace(found, drift=(score,)))


def test_a_window_of_which_only_rows_are_stored_is_not_called_quiet() -> None:
    nothing = evidence(rows(USUAL), drift=(), datasets=(), model_quality=())
    assert shown(explain_window(SPEC, nothing)).startswith(
        "small, window 2023-02-04: not judged yet\n  Nothing alarms.\n  Not judged: data drift"
    )
