"""The rule when a layer of a window is out of date, on hand-made ledgers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring_assets.assets.planning.out_of_date import Present, out_of_date
from monitoring_assets.assets.planning.reasons import Reason
from monitoring_assets.assets.planning.stored import chunks_by_layers
from monitoring_assets.records import WINDOW_LAYERS, Layer, Window
from monitoring_assets.storage.staleness import Computed
from monitoring_assets_tests.storage.samples import a_window

Ledger = dict[datetime, dict[Layer, Computed]]

P, L, WP, QP = Layer.PREDICTIONS, Layer.LABELS, Layer.WINDOW_PROFILES, Layer.QUALITY_PROFILES
DD, DQ, MQ = Layer.DATA_DRIFT, Layer.DATA_QUALITY, Layer.MODEL_QUALITY
HASHES = dict.fromkeys(Layer, "aaaa.1")
WINDOWS = tuple(a_window(day) for day in range(5))

RESTS_ON = {
    P: {P, WP, QP, DD, DQ, MQ},
    L: {L, QP, MQ},
    WP: {WP, DD, DQ},
    QP: {QP, MQ},
    DD: {DD},
    DQ: {DQ},
    MQ: {MQ},
}
"""A layer -> what is out of date with it, itself included; written down by hand."""


def stands(_window: Window, _layer: Layer, _version: int | None) -> None:
    """Say that nothing about the reference has changed."""


PRESENT = Present(hashes=HASHES, reference=stands)


def computed(windows: tuple[Window, ...] = WINDOWS) -> Ledger:
    """Return a ledger in which one window after the other was computed, all layers in order."""
    return {
        window.start: {
            layer: Computed(number=100 * place + i, spec_hash="aaaa.1", reference_version=1)
            for i, layer in enumerate(WINDOW_LAYERS)
        }
        for place, window in enumerate(windows)
    }


def days(
    found: Mapping[Window, Mapping[Layer, Reason]],
) -> dict[int, dict[Layer, Reason]]:
    return {WINDOWS.index(window): dict(reasons) for window, reasons in found.items()}


def test_what_was_computed_in_order_is_up_to_date() -> None:
    assert out_of_date(WINDOWS, computed(), PRESENT) == {}


def test_of_a_window_that_was_never_computed_everything_is_missing() -> None:
    found = out_of_date(WINDOWS, computed(WINDOWS[1:]), PRESENT)
    assert days(found) == {0: dict.fromkeys(WINDOW_LAYERS, Reason.MISSING)}


@pytest.mark.parametrize("layer", WINDOW_LAYERS)
def test_another_yaml_outdates_a_layer_and_what_rests_on_it(layer: Layer) -> None:
    present = replace(PRESENT, hashes=HASHES | {layer: "bbbb.1"})
    (first, *_) = out_of_date(WINDOWS, computed(), present).values()
    assert {*first} == RESTS_ON[layer]
    assert first[layer] is Reason.YAML
    assert {first[one] for one in RESTS_ON[layer] - {layer}} <= {Reason.UPSTREAM}


def test_another_version_of_the_code_is_told_from_another_yaml() -> None:
    present = replace(PRESENT, hashes=HASHES | {DQ: "aaaa.2"})
    found = days(out_of_date(WINDOWS, computed(), present))
    assert found == {day: {DQ: Reason.CODE} for day in range(5)}


@pytest.mark.parametrize("layer", [P, L, WP, QP])
def test_a_layer_that_was_computed_again_outdates_what_rests_on_it(layer: Layer) -> None:
    ledger = computed()
    ledger[WINDOWS[2].start][layer] = Computed(number=999, spec_hash="aaaa.1")
    found = days(out_of_date(WINDOWS, ledger, PRESENT))
    assert found == {2: dict.fromkeys(RESTS_ON[layer] - {layer}, Reason.UPSTREAM)}


def test_what_the_source_tells_counts_for_its_window_only() -> None:
    told = {P: {WINDOWS[1].start: Reason.ROWS}, L: {WINDOWS[3].start: Reason.LABELS}}
    found = days(out_of_date(WINDOWS, computed(), replace(PRESENT, found=told)))
    assert {day: {*reasons} for day, reasons in found.items()} == {1: RESTS_ON[P], 3: RESTS_ON[L]}
    assert found[1][P] is Reason.ROWS
    assert found[3][L] is Reason.LABELS


def test_layers_that_look_at_the_reference_are_asked_about_the_one_they_were_computed_with() -> (
    None
):
    ledger = computed()
    ledger[WINDOWS[4].start][DQ] = replace(ledger[WINDOWS[4].start][DQ], reference_version=2)
    asked: list[tuple[Layer, int | None]] = []

    def other(_window: Window, layer: Layer, version: int | None) -> Reason | None:
        asked.append((layer, version))
        return Reason.REFERENCE if layer is DQ and version == 1 else None

    found = days(out_of_date(WINDOWS, ledger, replace(PRESENT, reference=other)))
    assert found == {day: {DQ: Reason.REFERENCE} for day in range(4)}
    assert {layer for layer, _ in asked} == {WP, QP, DD, DQ, MQ}


def before(number: int) -> dict[datetime, tuple[datetime, datetime]]:
    """Return the spans of windows that are compared with so many before them."""
    return {one.start: (one.start - timedelta(days=number), one.start) for one in WINDOWS[number:]}


@pytest.mark.parametrize(("upstream", "follower"), [(WP, DD), (QP, MQ)])
def test_windows_that_are_compared_with_a_newer_one_follow(
    upstream: Layer, follower: Layer
) -> None:
    ledger = computed()
    for layer in RESTS_ON[upstream]:
        number = 900 + [*WINDOW_LAYERS].index(layer)
        ledger[WINDOWS[1].start][layer] = Computed(number=number, spec_hash="aaaa.1")
    found = days(out_of_date(WINDOWS, ledger, PRESENT, before(2)))
    assert found == {day: {follower: Reason.EARLIER_WINDOWS} for day in (2, 3)}


def test_windows_follow_one_that_is_going_to_be_computed() -> None:
    told = {P: {WINDOWS[1].start: Reason.ROWS}}
    found = days(out_of_date(WINDOWS, computed(), replace(PRESENT, found=told), before(1)))
    assert {*found[1]} == RESTS_ON[P]
    assert found[2] == {DD: Reason.EARLIER_WINDOWS, MQ: Reason.EARLIER_WINDOWS}
    assert {*found} == {1, 2}


def test_new_labels_of_earlier_windows_touch_no_drift() -> None:
    told = {L: {WINDOWS[0].start: Reason.LABELS}}
    found = days(out_of_date(WINDOWS, computed(), replace(PRESENT, found=told), before(1)))
    assert found[1] == {MQ: Reason.EARLIER_WINDOWS}


@given(st.lists(st.sampled_from([*WINDOW_LAYERS]), max_size=30))
def test_computing_what_is_out_of_date_in_order_leaves_nothing(again: list[Layer]) -> None:
    ledger = computed(WINDOWS[:1])
    lines = ledger[WINDOWS[0].start]
    for number, layer in enumerate(again, start=1000):
        lines[layer] = Computed(number=number, spec_hash="aaaa.1")
    found = out_of_date(WINDOWS[:1], ledger, PRESENT).get(WINDOWS[0], {})
    for number, layer in enumerate(found, start=2000):
        lines[layer] = Computed(number=number, spec_hash="aaaa.1")
    assert out_of_date(WINDOWS[:1], ledger, PRESENT) == {}


def test_runs_are_neighbours_that_need_the_same_layers() -> None:
    wanted = {WINDOWS[0]: (P, WP), WINDOWS[1]: (DD,), WINDOWS[2]: (DD,), WINDOWS[4]: (DD,)}
    chunks = chunks_by_layers(WINDOWS, wanted, size=10)
    assert chunks == (
        (WINDOWS[:1], (P, WP)),
        (WINDOWS[1:3], (DD,)),
        (WINDOWS[4:], (DD,)),
    )


def test_runs_are_no_longer_than_they_may_be() -> None:
    chunks = chunks_by_layers(WINDOWS, dict.fromkeys(WINDOWS, (DD,)), size=2)
    assert [len(windows) for windows, _ in chunks] == [2, 2, 1]
    assert chunks_by_layers(WINDOWS, {}, size=2) == ()
