"""From undescribed data to a proposal: what a model's YAML should say, each guess with its reason.

Belongs here: the order in which roles are given away, names that a YAML cannot hold. Stays out:
each guess by itself (roles.py, answers.py, features.py, cutting.py), the text (written.py).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.onboarding.answers import Answers, find_answers
from monitoring_assets.onboarding.cutting import Cut, cut
from monitoring_assets.onboarding.facts import shortened
from monitoring_assets.onboarding.features import feature
from monitoring_assets.onboarding.lateness import expected_delay, find_knowledge_time
from monitoring_assets.onboarding.looks import Look, look_at
from monitoring_assets.onboarding.origin import Origin, Sample
from monitoring_assets.onboarding.roles import (
    Assigned,
    Looks,
    Role,
    Wishes,
    find_event_time,
    find_id,
    find_model_version,
)
from monitoring_assets.onboarding.slicing import Slices, find_slices
from monitoring_assets.onboarding.words import TEMPLATE
from monitoring_assets.spec.columns import DEFAULT_PREDICTION, RESERVED_NAMES

_LONGEST_NAME: Final = 200
_PANDAS_INDEX: Final = "__index_level_"
_IN_DICTIONARY: Final = ("numerical", "categorical", "target", "prediction", "probability")


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a YAML should say.

    Parameters
    ----------
    origin
        The data.
    sample
        What was looked at of it.
    columns
        Every column of the data with what it is for, in the data's order.
    looks
        What the sample shows of the columns that can be named.
    answers, cut
        What is predicted, and how time is cut.
    rename
        Our name of a column -> the data's, for names that our rows have already.
    """

    origin: Origin
    sample: Sample
    columns: tuple[Assigned, ...]
    looks: Looks
    answers: Answers
    cut: Cut
    rename: Mapping[str, str]

    @property
    def event_time(self) -> Look:
        """The event time."""
        return self._look_of("event time")[0]

    @property
    def expected_delay(self) -> timedelta | None:
        """After how long most labels are known; None if nothing says so."""
        known = self._look_of("knowledge time")
        return expected_delay(self.event_time, known[0]) if known else None

    @property
    def slices(self) -> Slices | None:
        """A column whose values make segments worth watching."""
        return find_slices(self._look_of("categorical"), self.cut.rows)

    def of_role(self, role: Role) -> list[Assigned]:
        """Return the columns of a role."""
        return [one for one in self.columns if one.role == role]

    def ours(self, name: str) -> str:
        """Return our name of a column of the data."""
        return next((ours for ours, theirs in self.rename.items() if theirs == name), name)

    def _look_of(self, role: Role) -> list[Look]:
        return [self.looks[one.name] for one in self.of_role(role)]


def propose(origin: Origin, wishes: Wishes) -> Proposal:
    """Look at data and return what its YAML should say.

    Raises
    ------
    ConfigurationError
        Something is missing without which no model can be watched; says what, with candidates.
    """
    sample = origin.sample()
    if not sample.table.num_rows:
        raise ConfigurationError(
            f"{origin.describe()} holds no row: there is nothing to look at. Write some rows first"
        )
    looks, left_out = _look(sample)
    wishes.require(looks, left_out)
    columns, answers = _roles(looks, wishes, needs_id=origin.needs_id)
    columns |= {name: Assigned(name=name, role="left out", why=w) for name, w in left_out.items()}
    event_time = next(one.name for one in columns.values() if one.role == "event time")
    return Proposal(
        origin=origin,
        sample=sample,
        columns=tuple(columns[name] for name in dict.fromkeys(sample.table.column_names)),
        looks=looks,
        answers=answers,
        cut=cut(origin.spread(looks[event_time], sample), trained_here=answers.none_given),
        rename=_renamed(columns.values(), answers),
    )


def _roles(looks: Looks, wishes: Wishes, *, needs_id: bool) -> tuple[dict[str, Assigned], Answers]:
    """Return what each column is for; a role that is given away first takes its column first."""
    wished = [name for name in wishes.columns.values() if name != wishes.event_time]
    event_time = find_event_time(_without(looks, wished), wishes)
    pool = _without(looks, [event_time.name])
    version = find_model_version(_without(pool, wished))
    pool = _without(pool, [version.name if version else None, wishes.knowledge_time])
    answers = find_answers(_without(pool, [wishes.id]), wishes)
    pool = _without(pool, [one.name for one in answers.columns])
    row_id = find_id(pool, wishes)
    if row_id is None and needs_id:
        raise ConfigurationError(
            "found no column whose values tell the rows apart, and rows of a table need one (rows"
            " of a file have its name and their number). Name it by --id. Columns:"
            f" {', '.join(map(shortened, pool))}"
        )
    target = looks[answers.target.name] if answers.target else None
    other = _without(looks, [event_time.name])
    known = find_knowledge_time(other, wishes, looks[event_time.name], target)
    others = [one for one in (version, row_id, known) if one]
    given = [event_time, *answers.columns, *others]
    features = [feature(look) for look in _without(pool, [one.name for one in given]).values()]
    if not any(one.role in ("numerical", "categorical") for one in features):
        reasons = "; ".join(f"{shortened(one.name)}: {one.why}" for one in features)
        raise ConfigurationError(
            f"no column is left that could be a feature, and a model needs one ({reasons})"
        )
    return {one.name: one for one in (*given, *features)}, answers


def _without(looks: Looks, names: Iterable[str | None]) -> dict[str, Look]:
    """Return all columns but these."""
    gone = {*names}
    return {name: look for name, look in looks.items() if name not in gone}


def _look(sample: Sample) -> tuple[dict[str, Look], dict[str, str]]:
    """Return looks at all columns that a YAML can name, and why it cannot name the others."""
    table = sample.table
    left_out: dict[str, str] = {}
    counts: Counter[str] = Counter(table.column_names)
    for name in counts:
        why = _unnameable(name, counts[name])
        if why:
            left_out[name] = why
    looks = {
        name: look_at(name, table.column(place))
        for place, name in enumerate(table.column_names)
        if name not in left_out
    }
    return looks, left_out


def _unnameable(name: str, times: int) -> str | None:
    if times > 1:
        return f"{times} columns are called so"
    if not name or len(name) > _LONGEST_NAME:
        return f"a name has 1 to {_LONGEST_NAME} characters"
    if TEMPLATE in name:
        return f"its name holds '{TEMPLATE}', which begins a template in a YAML"
    if name.startswith(_PANDAS_INDEX):
        return "the index of a pandas frame"
    return None


def _renamed(columns: Collection[Assigned], answers: Answers) -> dict[str, str]:
    """Return new names for columns whose own our rows have already."""
    taken = {*RESERVED_NAMES}
    if answers.prediction is None:
        taken.add(DEFAULT_PREDICTION)
    if answers.none_given and answers.classes is not None:
        taken |= {f"probability_{one}" for one in answers.classes.names}
    names = {one.name for one in columns} | taken
    renamed: dict[str, str] = {}
    for one in columns:
        if one.role in _IN_DICTIONARY and one.name in taken:
            ours = f"{one.name}_of_source"
            while ours in names or ours in renamed:
                ours += "_"
            renamed[ours] = one.name
    return renamed
