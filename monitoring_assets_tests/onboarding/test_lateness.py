"""Labels that come late: the time they became known, and how long to wait for them."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.onboarding.written import defs_yaml
from monitoring_assets_tests.onboarding.data import (
    ROWS,
    binary_rows,
    loaded,
    proposed_for,
    roles,
    times,
    why,
)

NUMBERS = np.arange(ROWS)
KNOWN = pa.array(NUMBERS < 3600)
LABEL = pc.if_else(KNOWN, pa.array(NUMBERS % 2), None)


def later(**delay: float) -> Any:
    return pc.add(times(), pa.scalar(timedelta(**delay)))


def test_a_time_called_so_is_when_labels_became_known(tmp_path: Path) -> None:
    proposal = proposed_for(binary_rows(reported_at=later(days=2)), tmp_path)
    assert roles(proposal)["reported_at"] == "knowledge time"


def test_a_time_of_exactly_the_rows_with_a_label_is_so_too(tmp_path: Path) -> None:
    rows = binary_rows(label=LABEL, erfasst=pc.if_else(KNOWN, later(days=2), None))
    proposal = proposed_for(rows, tmp_path)
    assert roles(proposal)["erfasst"] == "knowledge time"
    assert why(proposal, "erfasst") == "known where 'label' is, and nowhere else"


@pytest.mark.parametrize(
    "columns",
    [
        {"erfasst": later(days=2)},
        {"label": LABEL, "erfasst": later(days=2)},
        {"known_since": later(days=-700)},
        {"label": LABEL, "ended": pc.if_else(KNOWN, None, later(days=2))},
        {"label": None, "known_at": later(days=2)},
    ],
    ids=["always", "not only with labels", "before the event", "other rows", "no label"],
)
def test_any_other_time_is_left_out(tmp_path: Path, columns: dict[str, Any]) -> None:
    found = roles(proposed_for(binary_rows(**columns), tmp_path))
    assert "knowledge time" not in found.values()


def test_the_user_knows_better(tmp_path: Path) -> None:
    rows = binary_rows(erfasst=later(days=2))
    proposal = proposed_for(rows, tmp_path, knowledge_time="erfasst")
    assert why(proposal, "erfasst") == "--knowledge-time"
    assert loaded(proposal, tmp_path).columns.knowledge_time == "erfasst"


@pytest.mark.parametrize(
    ("columns", "says"),
    [({}, r"column 'amount' \(double\) holds no times"), ({"label": None}, "became known, but no")],
)
def test_what_is_no_time_or_without_a_label_is_refused(
    tmp_path: Path, columns: dict[str, Any], says: str
) -> None:
    option = "erfasst" if columns else "amount"
    rows = binary_rows(erfasst=later(days=2), **columns)
    with pytest.raises(ConfigurationError, match=f"--knowledge-time.*{says}"):
        proposed_for(rows, tmp_path, knowledge_time=option)


@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        ({"minutes": 5}, timedelta(hours=1)),
        ({"hours": 30, "minutes": 1}, timedelta(hours=31)),
        ({"hours": 49}, timedelta(days=3)),
        ({"days": 900}, timedelta(days=366)),
        ({"hours": 0}, None),
    ],
)
def test_the_delay_is_whole_hours_then_whole_days(
    tmp_path: Path, delay: dict[str, float], expected: timedelta | None
) -> None:
    proposal = proposed_for(binary_rows(known_at=later(**delay)), tmp_path)
    assert proposal.expected_delay == expected
    assert loaded(proposal, tmp_path).labels.expected_delay == expected


def test_the_delay_is_that_of_nineteen_in_twenty_labels(tmp_path: Path) -> None:
    slow = pa.array(NUMBERS % 25 == 0)
    known = pc.if_else(slow, later(days=90), later(hours=20))
    proposal = proposed_for(binary_rows(known_at=known), tmp_path)
    assert proposal.expected_delay == timedelta(hours=20)
    line = next(one for one in defs_yaml(proposal, "small", "x").splitlines() if "_delay: " in one)
    assert re.fullmatch(r" +expected_delay: 20 hours +# guess: 95% of them are known .*", line)


def test_without_a_knowledge_time_the_section_is_shown_as_a_comment(tmp_path: Path) -> None:
    text = defs_yaml(proposed_for(binary_rows(), tmp_path), "small", "x")
    assert "\n  # labels: {expected_delay: 3 days}" in text


def test_without_a_target_the_text_says_how_to_take_it_from_elsewhere(tmp_path: Path) -> None:
    text = defs_yaml(proposed_for(binary_rows(label=None), tmp_path), "small", "x")
    assert "    # If another file or table has it: give that under `joined`" in text
    assert " labels:" not in text
