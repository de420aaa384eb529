"""The what-if question of `replay --dry-run`: which retrainings a policy would have caused.

Belongs here: from stored verdicts to the steps of a rehearsal, another policy's file, the table
that sets both side by side. Stays out: the rehearsal (evaluation/retraining/rehearsal.py).

At each window's moment labels count that were known by then: before enough of them were, a verdict
that rests on them is `labels_immature`, and after that it is the one that is stored, which labels
that were corrected later may have changed. What came of a retraining that really ran is known; any
other is taken to have been promoted.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml
from pydantic import TypeAdapter, ValidationError

from monitoring_assets.assets.partitions import instants_of, ready_at
from monitoring_assets.cli.days import Days
from monitoring_assets.cli.tables import open_console
from monitoring_assets.errors import ConfigurationError
from monitoring_assets.evaluation.retraining.as_known import steps_as_known
from monitoring_assets.evaluation.retraining.causes import read_causes
from monitoring_assets.evaluation.retraining.rehearsal import Ledger, rehearse
from monitoring_assets.records import Decision, Outcome, RetrainingResult
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.retraining import RetrainingSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.models import deployments
from monitoring_assets.storage.retraining import decisions
from monitoring_assets.storage.retraining.known_then import label_arrivals
from monitoring_assets.storage.retraining.signals import MOST_WINDOWS, read_signals

if TYPE_CHECKING:
    from rich.table import Table

_ALL_WINDOWS: Final = 1_000_000
_VERDICTS_STAY: Final = (
    "verdicts are those of the versions that served; after a retraining that did not happen they"
    " would have been others"
)


def print_rehearsal(spec: ModelSpec, database: Database, days: Days, policy: Path | None) -> None:
    """Print what the policy in force decides over stored history, beside another one's decisions.

    Raises
    ------
    ConfigurationError
        The model has no policy, or the file holds none.
    """
    if spec.retraining is None and policy is None:
        raise ConfigurationError(
            f"model '{spec.model_id}' has no section `retraining`; name a file with --policy"
        )
    columns: dict[str, tuple[Decision, ...]] = {}
    if spec.retraining is not None:
        columns["policy in force"] = rehearsed(spec, database, days)
    if policy is not None:
        other = replace(spec, retraining=read_policy(policy))
        columns[policy.name] = rehearsed(other, database, days)
    console = open_console()
    console.print(_table(columns))
    for name, found in columns.items():
        count = sum(one.outcome is Outcome.RETRAIN for one in found)
        retrainings = f"{count} {'retraining' if count == 1 else 'retrainings'}"
        console.print(f"{name}: {retrainings}", markup=False, highlight=False)
    if policy is not None:
        console.print(_VERDICTS_STAY, soft_wrap=True)


def rehearsed(spec: ModelSpec, database: Database, days: Days) -> tuple[Decision, ...]:
    """Return the decisions of a model's policy over the complete windows of a span of days."""
    model = spec.model_id, spec.windows.granularity
    windows = read_signals(database, *model, read_causes(spec), _ALL_WINDOWS)
    start, end = instants_of(spec, days)
    starts = [one.window.start for one in windows]
    chosen = range(
        0 if start is None else bisect_left(starts, start),
        len(starts) if end is None else bisect_left(starts, end),
    )
    if not chosen:
        return ()
    first = starts[chosen[0]]
    deployed = [one for one in deployments(database, spec.model_id) if one.valid_from <= first]
    happened = {
        one.window.start: one.result
        for one in decisions.retrain_decisions(database, spec.model_id)
        if one.result is not None
    }

    def result(decision: Decision) -> RetrainingResult:
        return happened.get(decision.window.start, RetrainingResult.PROMOTED)

    looks = [(place, ready_at(spec, windows[place].window)) for place in chosen]
    arrivals = label_arrivals(spec, database, [now for _, now in looks])
    steps = steps_as_known(spec, windows, arrivals, looks, MOST_WINDOWS)
    begin = Ledger(deployment=deployed[-1] if deployed else None)
    return rehearse(spec, steps, result, begin)


def read_policy(file: Path) -> RetrainingSpec:
    """Return the policy that a YAML file holds: the fields of section `retraining`.

    Raises
    ------
    ConfigurationError
        The file is no YAML, or a field is wrong.
    """
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        if isinstance(found, dict) and set(found) == {"retraining"}:
            found = found["retraining"]
        return TypeAdapter(RetrainingSpec).validate_python(found)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: this is no YAML ({error})") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise ConfigurationError(
            f"{file}: no policy as section `retraining` has it: {problems}"
        ) from error


def _table(columns: "dict[str, tuple[Decision, ...]]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("window", *columns):
        table.add_column(Text(heading), overflow="fold")
    keys = sorted({one.window.partition_key for found in columns.values() for one in found})
    for key in keys:
        # A name of a column, or of a file, may hold brackets.
        table.add_row(key, *(Text(_said(found, key)) for found in columns.values()))
    return table


def _said(found: Sequence[Decision], key: str) -> str:
    return "\n".join(
        f"{one.outcome.value}: {one.reason}" for one in found if one.window.partition_key == key
    )
