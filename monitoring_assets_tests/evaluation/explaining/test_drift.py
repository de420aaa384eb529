"""A drift score split by segments: mix and rate sum to it, for every method and kind of column."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest

from monitoring_assets.evaluation.explaining.drift import ScoreParts, explain_score
from monitoring_assets.evaluation.explaining.normal import Compared
from monitoring_assets.evaluation.explaining.parts import Cut
from monitoring_assets.metrics.bins import Bins, categorical_bins, numerical_bins
from monitoring_assets.metrics.profile import ColumnProfile, profile
from monitoring_assets.metrics.registry import DRIFT_METHODS
from monitoring_assets.records import ALL, DriftScore
from monitoring_assets_tests.storage.samples import a_score

Values = npt.NDArray[np.generic]
Sides = tuple[Mapping[str, Values], Mapping[str, Values]]

ZONES = Cut(name="zone", segments=("a", "b"), rest="zone: in no segment", columns=["zone"])
CARD = Cut(name="card", segments=("a",), rest="not card", columns=["payment"])
CASES = [
    pytest.param(method.name, kind, id=f"{method.name}-{kind}")
    for method in DRIFT_METHODS.values()
    for kind in method.kinds
]


def compared(sides: Sides, bins: Bins) -> Compared:
    """Return the profiles of these segments and, of all together, of `all`."""
    before, now = (
        {
            (name, "x"): profile(values, bins)
            for name, values in {**segments, ALL: np.concatenate([*segments.values()])}.items()
        }
        for segments in sides
    )
    return Compared(before=before, now=now, slices=before, bins={"x": bins})


def score(method: str, **changes: object) -> DriftScore:
    return a_score("x", method=method, **changes)


def drawn(seed: int, kind: str) -> tuple[Sides, Bins]:
    """Return two segments and a few rows in none of them, whose weights and values change."""
    generator = np.random.default_rng(seed)
    sides = list[dict[str, Values]]()
    for side in range(2):
        sizes = dict(zip("abc", generator.integers(40, 900, 3), strict=True)) | {"c": 30 * side + 9}
        sides.append({name: _values(generator, kind, side, int(n)) for name, n in sizes.items()})
    every = np.concatenate([*sides[0].values()])
    bins = numerical_bins(every) if kind == "numerical" else categorical_bins(every)
    return (sides[0], sides[1]), bins


def _values(generator: np.random.Generator, kind: str, side: int, rows: int) -> Values:
    moved = generator.uniform(0, 2 * side)
    if kind == "categorical":
        letters = np.array([*"abcdef", None][: 6 + side], dtype=object)
        return letters[generator.binomial(len(letters) - 1, 0.3 + moved / 10, rows)]
    values = generator.gamma(2 + moved, 2, rows).round(generator.integers(0, 3))
    return np.where(generator.random(rows) < 0.1 * moved, np.nan, values)


@pytest.mark.parametrize(("method", "kind"), CASES)
@pytest.mark.parametrize("seed", range(10))
def test_mix_and_rate_of_segments_sum_to_the_score(method: str, kind: str, seed: int) -> None:
    sides, bins = drawn(seed, kind)
    found = explain_score(score(method), compared(sides, bins), [ZONES, CARD])
    assert found.whole is not None
    assert sum(part.part for part in found.parts) == pytest.approx(found.whole, abs=1e-9)
    assert [len(split.parts) for split in found.splits] == [3, 2]
    for split in found.splits:
        assert split.mix + split.rate == pytest.approx(found.whole, abs=1e-9)


def explained(before: Mapping[str, list[str]], now: Mapping[str, list[str]]) -> ScoreParts:
    sides = tuple(
        {name: np.array(one, dtype=object) for name, one in side.items()} for side in (before, now)
    )
    bins = categorical_bins(np.concatenate([*sides[0].values()]))
    return explain_score(score("psi"), compared((sides[0], sides[1]), bins), [ZONES])


def test_segments_that_only_changed_their_weights_are_all_mix() -> None:
    before = {"a": ["u", "v"] * 300, "b": ["v", "w", "w"] * 100}
    now = {"a": ["u", "v"] * 100, "b": ["v", "w", "w"] * 200}
    (split,) = explained(before, now).splits
    assert split.rate == pytest.approx(0.0, abs=1e-12)
    assert split.mix > 0.1
    assert [(part.weight_before, part.weight_now) for part in split.parts] == [
        (pytest.approx(2 / 3), 0.25),
        (pytest.approx(1 / 3), 0.75),
    ]


def test_a_change_inside_one_segment_is_all_its_rate() -> None:
    before = {"a": ["u", "v"] * 300, "b": ["v", "w"] * 300}
    now = {"a": ["u", "v"] * 100, "b": ["u"] * 200}
    found = explained(before, now)
    (split,) = found.splits
    inside = {part.segment: part.rate for part in split.parts}
    assert split.mix == pytest.approx(0.0, abs=1e-12)
    assert inside == {"a": pytest.approx(0.0, abs=1e-12), "b": pytest.approx(found.whole)}


def test_a_segment_that_came_is_all_mix() -> None:
    before, now = {"a": ["u", "v"] * 300}, {"a": ["u", "v"] * 100, "b": ["w", "v"] * 100}
    (split,) = explained({**before, "b": []}, now).splits
    assert split.rate == pytest.approx(0.0, abs=1e-12)
    assert split.parts[1].weight_before == 0.0


def test_a_cut_by_the_column_itself_says_nothing_and_is_left_out() -> None:
    sides, bins = drawn(1, "numerical")
    own = Cut(name="x", segments=("a", "b"), rest="", columns=["x"])
    found = explain_score(score("psi"), compared(sides, bins), [own, ZONES])
    assert [split.name for split in found.splits] == ["zone"]


def test_several_versions_are_each_compared_with_the_whole_reference() -> None:
    (before, now), bins = drawn(2, "numerical")
    versions = {f"model_version={name}": values for name, values in now.items()}
    given = compared((before, versions), bins)
    (split,) = explain_score(score("wasserstein"), given, []).splits
    assert split.name == "model_version"
    assert split.mix == pytest.approx(0.0, abs=1e-12)
    assert split.rate == pytest.approx(explain_score(score("wasserstein"), given, []).whole)


def test_a_segment_is_explained_by_itself_and_not_split() -> None:
    sides, bins = drawn(3, "numerical")
    given = compared(sides, bins)
    found = explain_score(score("psi", segment="a"), given, [ZONES])
    pair: tuple[ColumnProfile, ColumnProfile] = given.before["a", "x"], given.now["a", "x"]
    assert found.whole == DRIFT_METHODS["psi"].compute(*pair, bins)
    assert found.splits == ()


def test_what_is_not_there_is_said() -> None:
    sides, bins = drawn(4, "numerical")
    given, empty = compared(sides, bins), compared((sides[0], {"a": np.array([])}), bins)
    undeclared = compared(({"z": sides[0]["a"]}, sides[1]), bins)
    not_stored = explain_score(score("psi", segment="z"), given, [])
    assert not_stored.why_not == "its profile is not stored"
    assert explain_score(score("psi"), empty, []).why_not == (
        "the window has no values in this column"
    )
    assert explain_score(score("psi"), undeclared, [ZONES]).splits[0].why_not == (
        "the reference was counted before its segments were declared"
    )
