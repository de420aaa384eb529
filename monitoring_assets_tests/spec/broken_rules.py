"""What the rules between sections have to say about a model that is a little wrong.

Belongs here: making such a model and collecting its mistakes. Stays out: mistakes and assertions.
"""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from monitoring_assets.spec.base import Mistake, RuleError
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets_tests.specs import small_spec

Place = tuple[str | int, ...]


def mistakes(make: Callable[..., ModelSpec] = small_spec, **changes: Any) -> list[Mistake]:
    """Return all broken rules of a model that is made with these changes; no other errors."""
    with pytest.raises(ValidationError) as caught:
        make(**changes)
    found: list[Mistake] = []
    for error in caught.value.errors():
        broken = error.get("ctx", {}).get("error")
        assert isinstance(broken, RuleError), error
        place = tuple(part for part in error["loc"] if part not in _KINDS)
        found += [Mistake((*place, *one.path), one.text) for one in broken.mistakes]
    return found


_KINDS = ("parquet", "csv", "sql", "tlc_trips", "bundled", "custom", "simulated_trips")
