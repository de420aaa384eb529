"""`promote`, `rollback` and `train`: what the policy does, done by a person.

Belongs here: options and what is printed. Stays out: the transaction (storage), the steps of a
retraining (assets/retraining).
"""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

import click

from monitoring_assets.cli.days import DAY, Days, first_and_last
from monitoring_assets.cli.models import find_model
from monitoring_assets.cli.person import this_person
from monitoring_assets.cli.progress import run_console
from monitoring_assets.errors import RetrainingError
from monitoring_assets.resources.dagster_home import open_instance
from monitoring_assets.resources.opening import held_database
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.training import EstimatorName
from monitoring_assets.storage.database import Database

if TYPE_CHECKING:
    from monitoring_assets.records import Decision, Deployment


@click.command()
@click.argument("model_id", metavar="MODEL")
@click.argument("version")
@click.option("--reason", default="", help="Why, for those who read it later.")
def promote(model_id: str, version: str, reason: str) -> None:
    """Let VERSION of MODEL serve from the first window on that has not been scored."""
    spec = find_model(model_id)
    with held_database() as database:
        deployment = _deploy(spec, database, version, reason or "promoted by hand")
    _print_deployment(deployment)


@click.command()
@click.argument("model_id", metavar="MODEL")
@click.option("--to", "version", help="Version to go back to; without it, the one before.")
@click.option("--reason", default="", help="Why, for those who read it later.")
def rollback(model_id: str, version: str | None, reason: str) -> None:
    """Let the version of MODEL that served before the present one serve again.

    Windows that were scored stay as they are.
    """
    spec = find_model(model_id)
    with held_database() as database:
        wanted, serving = (version, None) if version else _newest_two(spec, database)
        why = reason or "rolled back by hand"
        deployment = _deploy(spec, database, wanted, why, in_place_of=serving)
    _print_deployment(deployment)


@click.command()
@click.argument("model_id", metavar="MODEL")
@click.option(
    "--estimator", type=click.Choice(get_args(EstimatorName)), help="Instead of the YAML's."
)
@click.option("--params", help='The estimator\'s parameters as JSON, such as {"max_iter": 50}.')
@click.option("--start", type=DAY, help="First day to learn from; without it, as the policy says.")
@click.option("--end", type=DAY, help="Last day to learn from; without it, the newest window.")
def train(
    model_id: str,
    estimator: str | None,
    params: str | None,
    start: datetime | None,
    end: datetime | None,
) -> None:
    """Train MODEL anew on its labelled windows, compare, and promote it if it wins."""
    spec, days = find_model(model_id), first_and_last(start, end)
    asked: dict[str, Any] = {} if estimator is None else {"estimator": estimator, "parameters": {}}
    if params is not None:
        asked["parameters"] = _parameters(params)
    with held_database() as database:
        decision = _train(spec, database, asked, days)
    result = decision.result.value if decision.result else "no result"
    version = f"version {decision.model_version}" if decision.model_version else "no version"
    click.echo(f"{model_id}: {version}, {result}: {decision.result_reason or ''}")


def _parameters(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise click.BadParameter(f"is no JSON: {error}", param_hint="--params") from None
    if not isinstance(found, dict):
        raise click.BadParameter(
            'write a JSON object, such as {"max_iter": 50}', param_hint="--params"
        )
    return found


def _newest_two(spec: ModelSpec, database: Database) -> tuple[str, str]:
    """Return the version that served before the present one, and the present one."""
    from monitoring_assets.storage.models import deployments

    served: list[str] = []
    for one in deployments(database, spec.model_id):
        # A version that serves again is a rollback: what came after it is behind us.
        if one.model_version in served:
            del served[served.index(one.model_version) + 1 :]
        else:
            served.append(one.model_version)
    if len(served) < 2:
        raise RetrainingError(
            f"model '{spec.model_id}': no version served before {(*served, 'any')[0]};"
            " there is nothing to go back to"
        )
    return served[-2], served[-1]


def _deploy(
    spec: ModelSpec, database: Database, version: str, reason: str, in_place_of: str | None = None
) -> "Deployment":
    instance = open_instance(database)
    from monitoring_assets.assets.retraining.deploying import deploy_by_hand

    what = (version, reason, this_person())
    return deploy_by_hand(spec, database, instance, what, in_place_of)


def _train(spec: ModelSpec, database: Database, asked: dict[str, Any], days: Days) -> "Decision":
    instance = open_instance(database)
    from monitoring_assets.cli.training import train_by_hand

    asked = {**asked, "decided_by": this_person()}
    with run_console() as console, console.status("training and comparing"):
        return train_by_hand(spec, database, instance, asked, days)


def _print_deployment(deployment: "Deployment") -> None:
    click.echo(
        f"{deployment.model_id}: version {deployment.model_version} serves from"
        f" {deployment.valid_from:%Y-%m-%d %H:%M} UTC on ({deployment.reason})"
    )
