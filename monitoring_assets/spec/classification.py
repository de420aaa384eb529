"""Section `classification`: the classes of a classifier and how one of them is decided.

Belongs here: class list and order, positive class, threshold. Stays out: which columns hold
probabilities (columns.py), deciding (metrics/decision.py).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from monitoring_assets.spec.base import CLOSED, NUMBER, ClassName, Mistake, refuse


@dataclass(frozen=True, kw_only=True, config=CLOSED)
class ClassificationSpec:
    """What the classes are; needed for the tasks `binary` and `multiclass`."""

    classes: Annotated[
        tuple[ClassName, ...],
        Field(
            min_length=2,
            json_schema_extra={"uniqueItems": True},
            description="All classes; of equal probabilities the first one wins.",
        ),
    ]
    positive_class: Annotated[
        ClassName | None,
        Field(description="`binary`: the class that counts as positive; without it, the last one."),
    ] = None
    decision_threshold: Annotated[
        float | None,
        Field(
            gt=0,
            lt=1,
            description="`binary`: probability from which the answer is positive; without it, 0.5.",
        ),
        NUMBER,
    ] = None

    def __post_init__(self) -> None:
        """Refuse a class named twice, and a positive class that is none."""
        refuse(self._mistakes())

    def _mistakes(self) -> Iterator[Mistake]:
        for name, times in Counter(self.classes).items():
            if times > 1:
                place = len(self.classes) - 1 - self.classes[::-1].index(name)
                yield Mistake(("classes", place), f"{name!r} is named {times} times; name it once")
        if self.positive_class is not None and self.positive_class not in self.classes:
            yield Mistake(("positive_class",), no_class(self.positive_class, self.classes))

    @property
    def positive(self) -> str:
        """The positive class of a binary task."""
        return self.positive_class or self.classes[-1]

    @property
    def threshold(self) -> float:
        """Probability of the positive class from which the answer is positive."""
        return 0.5 if self.decision_threshold is None else self.decision_threshold


def no_class(name: str, classes: Sequence[str]) -> str:
    """Return the text about a class that does not exist."""
    return f"{name!r} is none of the classes; legal: {', '.join(map(repr, classes))}"
