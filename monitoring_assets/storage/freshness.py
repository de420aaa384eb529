"""Whether what is stored was computed under the present YAML.

Belongs here: questions and entries of the ledger about layers without windows. Stays out: windows
(ledger.py).
"""

from monitoring_assets.errors import ReferenceMissingError
from monitoring_assets.records import Computation, Layer
from monitoring_assets.spec.layer_hash import layer_hash
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.computations import record_computation
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.in_force import ReferencesInForce, references_in_force
from monitoring_assets.storage.staleness import newest_without_window
from monitoring_assets.storage.statements import SqlTransaction


def is_measured(database: Database, spec: ModelSpec) -> bool:
    """Say whether the reference was measured under the present YAML."""
    line = newest_without_window(database, spec.model_id).get(Layer.REFERENCE_DATA)
    return line is not None and line.spec_hash == layer_hash(spec, Layer.REFERENCE_DATA)


def present_references(database: Database, spec: ModelSpec) -> ReferencesInForce:
    """Return which reference each window is compared with, all measured under the present YAML.

    A window judged by an older one would count as computed under the present YAML for ever.

    Raises
    ------
    ReferenceMissingError
        There is none yet, or it was measured under another YAML.
    """
    found = references_in_force(database, spec.model_id)
    if not is_measured(database, spec):
        raise ReferenceMissingError(
            f"model '{spec.model_id}': its YAML has changed since reference version"
            f" {found.of_yaml.reference_version} was measured: materialize"
            f" {spec.model_id}/reference_data once, then ask for windows again"
        )
    return found


def record_unchanged(database: Database, computation: Computation) -> None:
    """Note that a layer was computed and what is stored of it is still right."""
    with database.begin() as connection:
        record_computation(SqlTransaction(connection), computation)
