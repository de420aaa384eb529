"""What the windows of a run are compared with, each by the deployment of its time.

Belongs here: the reference in force for a window, its bins, profiles and null ladders, each version
read once. Stays out: which reference is in force (storage/in_force.py), windows that take the
reference's place (moving.py), comparing (evaluation).
"""

from collections.abc import Collection
from functools import cache

from monitoring_assets.evaluation.data_drift import DriftBaseline
from monitoring_assets.evaluation.profiling import ColumnProfiles
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.null.ladder import NullLadder
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.records import Reference, Window
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage import references
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.freshness import present_references
from monitoring_assets.storage.in_force import bins_of


class Baselines:
    """The references that windows of a model are compared with.

    Raises
    ------
    ReferenceMissingError
        There is none yet, or it was measured under another YAML.
    """

    def __init__(self, spec: ModelSpec, database: Database) -> None:
        self._database = database
        self._present = present_references(database, spec)
        self._fixed = cache(self._read_fixed)
        self._profiles = cache(self._read_profiles)
        self._frozen = cache(self._read_bins)

    def reference(self, window: Window) -> Reference:
        """Return the reference in force for a window."""
        return self._present.at(window.start)

    def bins(self, window: Window) -> dict[str, Bins]:
        """Return the bins by which a window is counted; dictionaries may have grown since."""
        return bins_of(self._database, self.reference(window))

    def frozen_bins(self, window: Window) -> dict[str, Bins]:
        """Return the same as when first asked for: enough for a target, whose bins never grow.

        A run over the labels of 500 windows asks a thousand times.
        """
        return self._frozen(self.reference(window).reference_version)

    def fixed(self, window: Window, column: str | None = None) -> DriftBaseline:
        """Return what the columns of a window are compared with.

        Parameters
        ----------
        column
            The only column that is wanted; None: all of them.
        """
        return self._fixed(self.reference(window).reference_version, column)

    def seen(self, window: Window, segments: Collection[str]) -> ColumnProfiles:
        """Return what a model's references have seen: the YAML's, and the one in force besides.

        A version may have learned from three days: a weekday that it has not seen is none that the
        model has never seen.
        """
        wanted, usual = self.reference(window), self._present.of_yaml
        found = self._profiles(wanted.reference_version, tuple(segments))
        if wanted.reference_version == usual.reference_version:
            return found
        before = self._profiles(usual.reference_version, tuple(segments))
        return {key: _together(one, before.get(key)) for key, one in found.items()}

    def _read_bins(self, version: int) -> dict[str, Bins]:
        wanted = next(one for one in self._present.all if one.reference_version == version)
        return bins_of(self._database, wanted)

    def _read_fixed(self, version: int, column: str | None) -> DriftBaseline:
        database, model_id = self._database, self._present.of_yaml.model_id
        stored = references.read_null_ladders(database, model_id, version, column=column)
        return DriftBaseline(
            version=version,
            profiles=references.read_reference_profiles(database, model_id, version, column=column),
            ladders={
                (*key, method): NullLadder.from_plain(plain)
                for key, by_method in stored.items()
                for method, plain in by_method.items()
            },
        )

    def _read_profiles(self, version: int, segments: tuple[str, ...]) -> ColumnProfiles:
        model_id = self._present.of_yaml.model_id
        return references.read_reference_profiles(self._database, model_id, version, segments)


def _together(one: ColumnProfile, before: ColumnProfile | None) -> ColumnProfile:
    """Return both in one; over new bins, or as another kind, what was before says nothing."""
    if before is None or (one.kind, one.bins_version) != (before.kind, before.bins_version):
        return one
    return one + before
