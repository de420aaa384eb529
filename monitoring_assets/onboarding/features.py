"""Which of the remaining columns are features, and of what kind.

Belongs here: numbers, categories, and what can be neither, with the reason. Stays out: columns that
have another role (roles.py, answers.py).
"""

from typing import Final

from monitoring_assets.onboarding.facts import Facts, number_text, shortened
from monitoring_assets.onboarding.looks import Look
from monitoring_assets.onboarding.roles import Assigned, Role
from monitoring_assets.onboarding.words import CODE_WORDS, COUNT_WORDS, ID_WORDS, has

FEW: Final = 12
"""Different whole numbers up to which they are taken for categories."""

MANY: Final = 1000
"""Different categories from which a column is left out; nobody reads that many, and in a window of
ordinary size most of them do not occur."""

_MOSTLY_UNIQUE: Final = 0.5


def feature(look: Look) -> Assigned:
    """Return what a column that nobody else wants is."""
    reason = _why_not(look)
    if reason is not None:
        return _left_out(look, reason)
    return _of_numbers(look) if look.shape == "number" else _of_categories(look)


def _why_not(look: Look) -> str | None:
    reasons = {
        "other": f"a source cannot read {look.column.type}",
        "empty": f"no value in the {look.facts.rows:,} rows looked at",
        "time": "a time; `derived` can make minutes of it, `knowledge_time` says when labels came",
    }
    if look.shape in reasons:
        return reasons[look.shape]
    return f"always {_only(look)}" if look.facts.distinct == 1 else None


def _of_numbers(look: Look) -> Assigned:
    facts, distinct = look.facts, look.facts.distinct
    if look.is_unique and look.is_whole and has(look.name, ID_WORDS | {"index"}):
        return _left_out(look, "every row has a number of its own: an id")
    wrong = f", {look.wrong:,} texts that are no number" if look.wrong else ""
    if look.is_whole and _stands_for_something(look):
        text = f"{distinct} whole numbers: {_some(look)}{wrong}"
        return _assigned(look, "categorical", text + _missing(facts))
    numbers = "whole numbers" if look.is_whole else "numbers"
    text = f"{numbers} from {facts.range_text}{wrong}"
    return _assigned(look, "numerical", text + _missing(facts))


def _stands_for_something(look: Look) -> bool:
    distinct = look.facts.distinct
    if distinct <= 2:
        return True
    if has(look.name, COUNT_WORDS):
        return False
    return distinct <= (MANY if has(look.name, CODE_WORDS) and not look.is_unique else FEW)


def _of_categories(look: Look) -> Assigned:
    facts, distinct = look.facts, look.facts.distinct
    unique = facts.filled > FEW and distinct > _MOSTLY_UNIQUE * facts.filled
    if distinct > MANY or unique:
        return _left_out(look, f"{distinct:,} different texts in {facts.filled:,} rows")
    kind = "true or false" if look.is_truth else f"{distinct} texts: {_some(look)}"
    return _assigned(look, "categorical", kind + _missing(facts))


def _assigned(look: Look, role: Role, why: str) -> Assigned:
    return Assigned(name=look.name, role=role, why=why)


def _left_out(look: Look, why: str) -> Assigned:
    return _assigned(look, "left out", why)


def _some(look: Look) -> str:
    top = look.categories.top[:3]
    more = ", …" if look.categories.distinct > len(top) else ""
    return ", ".join(shortened(text) for text, _ in top) + more


def _only(look: Look) -> str:
    if look.facts.numbers is not None:
        return number_text(look.facts.numbers.median)
    return repr(shortened(look.categories.top[0][0]))


def _missing(facts: Facts) -> str:
    return f", {facts.missing_share:.1%} missing" if facts.missing else ""
