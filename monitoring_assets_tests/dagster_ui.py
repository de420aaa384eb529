"""What Dagster's UI asks and does, in this process: GraphQL over the real code location.

Belongs here: a workspace that loads `monitoring_assets.definitions`, statuses of checks, backfills
and the daemon's loop that turns one into runs. Stays out: assertions. Dagster offers none of this
in public for tests; a webserver and a daemon in processes of their own would take half a minute.
"""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import dagster as dg
from dagster._core.remote_origin import InProcessCodeLocationOrigin  # noqa: TID251 - see above
from dagster._core.types.loadable_target_origin import (  # noqa: TID251 - see above
    LoadableTargetOrigin,
)
from dagster._core.workspace.context import WorkspaceProcessContext  # noqa: TID251 - see above
from dagster._core.workspace.load_target import (  # noqa: TID251 - see above
    InProcessWorkspaceLoadTarget,
)
from dagster._daemon.backfill import execute_backfill_iteration
from dagster_graphql.test.utils import execute_dagster_graphql

from monitoring_assets.assets.names import asset_key
from monitoring_assets.records import WINDOW_LAYERS, Layer
from monitoring_assets.storage.database import Database

_CHECKS = """
query ($key: AssetKeyInput!) {
  assetNodeOrError(assetKey: $key) { ... on AssetNode { assetChecksOrError { ... on AssetChecks {
    checks { name partitionStatuses { ... on AssetCheckTimePartitionStatuses {
      ranges { startKey endKey status } } } } } } } }
}"""

_BACKFILL = """
mutation ($parameters: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $parameters) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } }
}"""


@dataclass(frozen=True)
class UserInterface:
    """The UI of an instance."""

    context: WorkspaceProcessContext
    instance: dg.DagsterInstance

    def query(self, text: str, **variables: Any) -> dict[str, Any]:
        """Return the answer to a GraphQL query."""
        answer = execute_dagster_graphql(self.context.create_request_context(), text, variables)
        if answer.errors:
            raise RuntimeError(answer.errors)
        return dict(answer.data)

    def check_statuses(self, model_id: str, layer: Layer) -> dict[str, dict[str, str]]:
        """Return partition key -> status for every check of an asset, as the UI draws them."""
        answer = self.query(_CHECKS, key={"path": asset_key(model_id, layer).path})
        checks = answer["assetNodeOrError"]["assetChecksOrError"]["checks"]
        return {
            check["name"]: {
                f"{day:%Y-%m-%d}": one["status"]
                for one in check["partitionStatuses"]["ranges"]
                for day in _days(one["startKey"], one["endKey"])
            }
            for check in checks
        }

    def backfill(self, model_id: str, partitions: Sequence[str]) -> str:
        """Launch a backfill of all windowed layers, as the button does; return its id."""
        keys = [asset_key(model_id, layer) for layer in WINDOW_LAYERS]
        parameters = {
            "assetSelection": [{"path": key.path} for key in keys],
            "partitionNames": list(partitions),
        }
        answer = self.query(_BACKFILL, parameters=parameters)["launchPartitionBackfill"]
        if "backfillId" not in answer:
            raise RuntimeError(answer)
        return str(answer["backfillId"])

    def run_backfills(self) -> None:
        """Do what the daemon does each half minute, until no backfill is left to do."""
        while not all(one.status.value.startswith("COMPLETED") for one in self._backfills()):
            for error in execute_backfill_iteration(self.context, logging.getLogger(__name__)):
                if error:
                    raise RuntimeError(error.to_string())

    @property
    def backfills(self) -> list[str]:
        """Ids of all backfills, the newest first."""
        return [one.backfill_id for one in self._backfills()]

    def _backfills(self) -> Sequence[Any]:
        return self.instance.get_backfills()


@contextmanager
def user_interface(database: Database) -> Iterator[UserInterface]:
    """Open the UI on Dagster's tables in this database; the models come from the environment."""
    storage = {"postgres": {"postgres_url": database.dagster_url}}
    origin = LoadableTargetOrigin(
        executable_path=sys.executable,
        module_name="monitoring_assets.definitions",
        attribute="defs",
    )
    location = InProcessWorkspaceLoadTarget(InProcessCodeLocationOrigin(origin))
    with (
        dg.instance_for_test(
            {"storage": storage},
            synchronous_run_launcher=True,
            synchronous_run_coordinator=True,
        ) as instance,
        WorkspaceProcessContext(instance, location) as context,
    ):
        yield UserInterface(context, instance)


def _days(first: str, last: str) -> Iterator[date]:
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        yield day
        day += timedelta(days=1)
