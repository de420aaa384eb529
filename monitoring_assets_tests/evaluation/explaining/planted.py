"""Trials with a planted bad segment: rows of two sides, cut by several columns, and their sums.

Belongs here: how the rows of a trial are drawn. Stays out: assertions.

A trial has a reference of 10,000 rows and a window of 300 to 3,000. Rows are cut by `zone` (20
values, the rare ones with 1.4 % of the rows, and the planted one), `hour` (5) and `payment` (3);
two conditions overlap with the planted segment: one holds it and as many other rows or more, one
half of it. The planted segment is 2 to 20 % of the rows; its errors grow so much that those of all
rows together grow by 30 to 80 %, which is what it takes to alarm at the usual bound of 20 %. Rows
of one payment have errors half as large again, on both sides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from monitoring_assets.evaluation.explaining.parts import Cut
from monitoring_assets.metrics.quality.classification import ClassificationProfile
from monitoring_assets.metrics.quality.profiles import QualityProfile
from monitoring_assets.metrics.quality.regression import profile_regression
from monitoring_assets.records import ALL

PLANTED = "zone=bad"
ZONES = [f"zone={one}" for one in range(20)] + [PLANTED]
HOURS = [f"hour={one}" for one in range(5)]
PAYMENTS = [f"payment={one}" for one in range(3)]
CUTS = (
    *(
        Cut(name=name, segments=tuple(segments), rest=f"{name}: none", columns=[name])
        for name, segments in (("zone", ZONES), ("hour", HOURS), ("payment", PAYMENTS))
    ),
    *(
        Cut(name=name, segments=(name,), rest=f"not {name}", columns=["zone", "hour"])
        for name in ("wider", "half")
    ),
)

Mask = npt.NDArray[np.bool]


@dataclass(frozen=True)
class Trial:
    """Sums of both sides by segment."""

    before: Mapping[str, QualityProfile]
    now: Mapping[str, QualityProfile]


Law = Callable[[np.random.Generator, int], npt.NDArray[np.float64]]

LAWS: Final[Mapping[str, Law]] = {
    "normal": lambda generator, rows: generator.normal(0, 3, rows),
    "exponential": lambda generator, rows: generator.exponential(3, rows) * _signs(generator, rows),
    "student_3": lambda generator, rows: 3 * generator.standard_t(3, rows),
    "lognormal": lambda generator, rows: generator.lognormal(0, 1, rows) * _signs(generator, rows),
}
"""Errors from those that are all of one size to those of which a few make most of the squares; the
squares of Student's with 3 degrees have no variance."""


def _signs(generator: np.random.Generator, rows: int) -> npt.NDArray[np.int64]:
    return generator.choice([-1, 1], rows)


def regression_trial(seed: int, *, planted: bool = True, law: str = "exponential") -> Trial:
    """Return errors of a model of numbers; without a planted segment, both sides are alike."""
    generator = np.random.default_rng(seed)
    weight, growth = generator.uniform(0.02, 0.2), generator.uniform(0.3, 0.8)
    sides = list[Mapping[str, QualityProfile]]()
    for rows, factor in ((10_000, 1.0), (generator.integers(300, 3001), 1 + growth / weight)):
        masks = _segments(generator, int(rows), weight)
        error = LAWS[law](generator, int(rows))
        error[masks["payment=2"]] *= 1.5
        if planted:
            error[masks[PLANTED]] *= factor
        target = generator.gamma(2, 8, rows)
        sides.append(
            {
                name: profile_regression(target[mask], (target + error)[mask], 16.0)
                for name, mask in masks.items()
            }
        )
    return Trial(*sides)


def classification_trial(seed: int, *, planted: bool = True, wrong: float = 0.05) -> Trial:
    """Return answers of a model of two classes that is wrong in 5 % of rows; where bad, in more.

    The planted segment is 5 to 20 % of the rows, of which 30 to 70 % more are wrong: accuracy falls
    by 1.5 to 14 points. Without it, both sides are alike.
    """
    generator = np.random.default_rng(seed)
    weight, more = generator.uniform(0.05, 0.2), generator.uniform(0.3, 0.7)
    sides = list[Mapping[str, QualityProfile]]()
    for rows, worse in ((10_000, 0.0), (generator.integers(1000, 3001), more * planted)):
        masks = _segments(generator, int(rows), weight)
        errs = generator.random(rows) < np.where(masks[PLANTED], wrong + worse, wrong)
        target = generator.random(rows) < 0.5
        answer = target ^ errs
        sides.append({name: _counted(target[mask], answer[mask]) for name, mask in masks.items()})
    return Trial(*sides)


def _counted(target: Mask, answer: Mask) -> ClassificationProfile:
    """Return the sums of these rows; text would take twenty times as long to count."""
    confusion = np.zeros((3, 3), dtype=np.int64)
    confusion[:2, :2] = np.bincount(2 * target + answer, minlength=4).reshape(2, 2)
    nothing = dict.fromkeys(("log_loss", "squared_log_loss", "brier", "squared_brier"), 0.0)
    return ClassificationProfile(
        classes=("no", "yes"),
        positive="yes",
        rows=target.size,
        incomplete=0,
        confusion=confusion,
        unlisted_agreeing=0,
        probability_rows=0,
        invalid_probability_rows=0,
        scores={},
        **nothing,
    )


def _segments(generator: np.random.Generator, rows: int, weight: float) -> dict[str, Mask]:
    bad = generator.random(rows) < weight
    shares = 1 / np.arange(1, 21)
    zone = np.where(bad, 20, generator.choice(20, rows, p=shares / shares.sum()))
    hour, payment = generator.choice(5, rows), generator.choice(3, rows, p=[0.6, 0.3, 0.1])
    return {
        ALL: np.ones(rows, dtype=np.bool),
        **{name: zone == place for place, name in enumerate(ZONES)},
        **{name: hour == place for place, name in enumerate(HOURS)},
        **{name: payment == place for place, name in enumerate(PAYMENTS)},
        "wider": bad | (zone == 0),
        "half": bad & (hour < 3),
    }
