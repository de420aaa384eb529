"""Which version of a model, and which reference, is in force for a window.

Belongs here: the rule that turns deployments into both. Stays out: deploying (models.py,
retraining/promoting.py), measuring a reference.

The reference in force is that of the version deployed at the window's start: the one that was
measured when that version was promoted, for others the one that the YAML names.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from monitoring_assets.errors import ReferenceMissingError
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.records import Deployment, Reference
from monitoring_assets.storage.bins import bins_in
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.models import deployments
from monitoring_assets.storage.references import read_references


@dataclass(frozen=True, kw_only=True)
class ReferencesInForce:
    """The references of a model, each for the windows that are compared with it.

    Parameters
    ----------
    of_yaml
        The newest version of the reference that the YAML names.
    of_versions
        Model version -> the newest version of the reference measured for it.
    deployments
        In the order of the event times they serve.
    """

    of_yaml: Reference
    of_versions: Mapping[str, Reference]
    deployments: Sequence[Deployment]

    def at(self, window_start: datetime) -> Reference:
        """Return the reference that the window which begins then is compared with."""
        place = bisect_right(self._starts, window_start)
        version = self.deployments[place - 1].model_version if place else ""
        return self.of_versions.get(version, self.of_yaml)

    @cached_property
    def _starts(self) -> list[datetime]:
        return [one.valid_from for one in self.deployments]

    @property
    def newest(self) -> Reference:
        """The reference of the version that was deployed last."""
        if not self.deployments:
            return self.of_yaml
        return self.at(self.deployments[-1].valid_from)

    @property
    def all(self) -> tuple[Reference, ...]:
        """Every reference that some window may be compared with, the YAML's first."""
        served = dict.fromkeys(one.model_version for one in self.deployments)
        own = (self.of_versions[one] for one in served if one in self.of_versions)
        return (self.of_yaml, *own)


def references_in_force(database: Database, model_id: str) -> ReferencesInForce:
    """Return which reference each window of a model is compared with.

    Raises
    ------
    ReferenceMissingError
        There is none yet.
    """
    newest = {one.for_model_version: one for one in read_references(database, model_id)}
    if None not in newest:
        raise ReferenceMissingError(
            f"model '{model_id}' has no reference yet: materialize {model_id}/reference_data once,"
            " then ask for windows again"
        )
    return ReferencesInForce(
        of_yaml=newest[None],
        of_versions={version: one for version, one in newest.items() if version is not None},
        deployments=deployments(database, model_id),
    )


def bins_of(database: Database, reference: Reference) -> dict[str, Bins]:
    """Return the bins by which a version of the reference was counted, as they are by now."""
    with database.connect() as connection:
        return bins_in(connection, reference)
