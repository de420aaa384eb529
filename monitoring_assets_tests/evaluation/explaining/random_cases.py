"""Random cases: rows of two sides cut into segments, some of which are there on one side only.

Belongs here: drawing rows and counting them. Stays out: assertions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitoring_assets.evaluation.explaining.parts import Cut
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.records import ALL
from monitoring_assets_tests.metrics.quality.classifiers import binary_rows, multiclass_rows

Order = npt.NDArray[np.bool]


@dataclass(frozen=True)
class Case:
    """Sums of both sides by segment, and the cuts that the segments make.

    Parameters
    ----------
    cuts
        `full`: segments that hold every row; `partly`: some of them, so that there is a rest.
    """

    before: Mapping[str, QualityProfile]
    now: Mapping[str, QualityProfile]
    cuts: tuple[Cut, ...]


def case(seed: int, task: str) -> Case:
    """Return a random case of a model of this task."""
    generator = np.random.default_rng(seed)
    segments = [f"s{place}" for place in range(generator.integers(1, 9))]
    sides = [_side(generator, task, segments) for _ in range(2)]
    some = tuple(segments[: max(1, len(segments) // 2)])
    return Case(
        before=sides[0],
        now=sides[1],
        cuts=(
            Cut(name="full", segments=tuple(segments), rest="none", columns=["full"]),
            Cut(name="partly", segments=some, rest="the rest", columns=["partly"]),
        ),
    )


def _side(
    generator: np.random.Generator, task: str, segments: Sequence[str]
) -> dict[str, QualityProfile]:
    rows = int(generator.integers(5, 400))
    weights = generator.dirichlet(np.full(len(segments), 0.5))
    place = generator.choice(len(segments), rows, p=weights)
    profile = _PROFILE[task](generator, rows)
    masks = {name: place == number for number, name in enumerate(segments)}
    counted = {name: profile(mask) for name, mask in masks.items() if mask.any()}
    return {ALL: profile(np.ones(rows, dtype=np.bool)), **counted}


def _regression(generator: np.random.Generator, rows: int) -> Callable[[Order], QualityProfile]:
    target = generator.gamma(2, 8, rows)
    answer = target + generator.normal(0.3, 3, rows) * generator.gamma(2, 1, rows)
    return lambda order: profile_regression(target[order], answer[order], 16.0)


def _binary(generator: np.random.Generator, rows: int) -> Callable[[Order], QualityProfile]:
    return binary_rows(generator, rows, generator.uniform(0.5, 3)).profile


def _multiclass(generator: np.random.Generator, rows: int) -> Callable[[Order], QualityProfile]:
    return multiclass_rows(generator, rows, generator.uniform(0.5, 3)).profile


_PROFILE: Mapping[str, Callable[[np.random.Generator, int], Callable[[Order], QualityProfile]]] = {
    "regression": _regression,
    "binary": _binary,
    "multiclass": _multiclass,
}
