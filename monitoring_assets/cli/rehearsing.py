"""The what-if question of `replay --dry-run`: which retrainings a policy would have caused.

Belongs here: from stored verdicts to the steps of a rehearsal, another policy's file, the table
that sets both side by side. Stays out: the rehearsal (evaluation/retraining/rehearsal.py).

Verdicts are taken as they stand now: labels that came later count from the beginning. What came of
a retraining that really ran is known; any other is taken to have been promoted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml
from pydantic import TypeAdapter, ValidationError

from monitoring_assets.assets.partitions import ready_at
from monitoring_assets.cli.tables import open_console
from monitoring_assets.errors import ConfigurationError
from monitoring_assets.evaluation.retraining.causes import read_causes
from monitoring_assets.evaluation.retraining.rehearsal import Ledger, Step, rehearse
from monitoring_assets.records import Decision, LabelledWindow, Outcome, RetrainingResult
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.retraining import RetrainingSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.models import deployments
from monitoring_assets.storage.retraining import decisions
from monitoring_assets.storage.retraining.signals import MOST_WINDOWS, read_signals

if TYPE_CHECKING:
    from rich.table import Table

_ALL_WINDOWS: Final = 1_000_000

Days = tuple[date | None, date | None]


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
        console.print(f"{name}: {count} {'retraining' if count == 1 else 'retrainings'}")


def rehearsed(spec: ModelSpec, database: Database, days: Days) -> tuple[Decision, ...]:
    """Return the decisions of a model's policy over the complete windows of a span of days."""
    steps = [*_steps(spec, database, days)]
    if not steps:
        return ()
    first = steps[0].windows[-1].window.start
    deployed = [one for one in deployments(database, spec.model_id) if one.valid_from <= first]
    happened = {
        one.window.start: one.result
        for one in decisions.retrain_decisions(database, spec.model_id)
        if one.result is not None
    }

    def result(decision: Decision) -> RetrainingResult:
        return happened.get(decision.window.start, RetrainingResult.PROMOTED)

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


def _steps(spec: ModelSpec, database: Database, days: Days) -> Iterator[Step]:
    """Yield one step for each complete window, with the clock at the moment it was ready."""
    first, last = days
    start = None if first is None else spec.windows.midnight(first)
    end = None if last is None else spec.windows.midnight(last + timedelta(days=1))
    causes = read_causes(spec)
    windows = read_signals(database, spec.model_id, spec.windows.granularity, causes, _ALL_WINDOWS)
    known = tuple(LabelledWindow(window=one.window, labelled=one.labelled) for one in windows)
    for place, one in enumerate(windows, start=1):
        if (start is None or one.window.start >= start) and (end is None or one.window.start < end):
            yield Step(
                now=ready_at(spec, one.window),
                windows=windows[max(0, place - MOST_WINDOWS) : place],
                known=known[:place],
            )


def _table(columns: "dict[str, tuple[Decision, ...]]") -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("window", *columns):
        table.add_column(heading, overflow="fold")
    keys = sorted({one.window.partition_key for found in columns.values() for one in found})
    for key in keys:
        table.add_row(key, *(_said(found, key) for found in columns.values()))
    return table


def _said(found: Sequence[Decision], key: str) -> str:
    return "\n".join(
        f"{one.outcome.value}: {one.reason}" for one in found if one.window.partition_key == key
    )
