"""What an asset may know of the world around it: the clock, the data folder, the run.

Belongs here: the one place (beside the CLI) where the clock is read. Stays out: the database
(store.py), what a source does.
"""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from monitoring_assets.resources import settings
from monitoring_assets.resources.opening import database_url
from monitoring_assets.sources.base import Places, Source
from monitoring_assets.sources.build import build_reference_source, build_source
from monitoring_assets.sources.label_feed import LabelFeed, build_label_feed
from monitoring_assets.sources.window_labels import WindowLabels, build_window_labels
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database


class Runtime(dg.ConfigurableResource[None]):
    """Clock and paths; tests hand in their own."""

    data_folder: str = ""
    """Folder that relative paths of a YAML start at; empty: see `settings.data_folder`."""
    frozen_now: str = ""
    """ISO time to answer instead of the clock's; empty: the clock."""
    database_url: str = ""
    """URL of the monitoring database, on whose server `monitoring:///NAME` lies; empty: as the
    store's."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        if self.frozen_now:
            return datetime.fromisoformat(self.frozen_now).astimezone(UTC)
        return datetime.now(UTC)  # noqa: TID251 - resources are where the clock may be read

    def source(self, spec: ModelSpec) -> Source:
        """Return where a model's rows come from."""
        return build_source(spec, self.places)

    def window_labels(self, spec: ModelSpec) -> WindowLabels:
        """Return where the labels of a model's windows come from."""
        return build_window_labels(spec, self.places)

    def label_feed(self, spec: ModelSpec) -> LabelFeed | None:
        """Return where labels that come late come from; None if none of them can."""
        return build_label_feed(spec, self.places)

    def reference_source(self, spec: ModelSpec) -> Source:
        """Return where the rows of a model's reference come from."""
        return build_reference_source(spec, self.places)

    @property
    def places(self) -> Places:
        """Return the folders and addresses that sources may need."""
        return Places(
            self.folder,
            trip_data_url=settings.trip_data_url(),
            python_folders=settings.model_folders(),
            server_url=self._server_url,
        )

    @property
    def folder(self) -> Path:
        """Return the data folder."""
        return Path(self.data_folder) if self.data_folder else settings.data_folder()

    def _server_url(self) -> str:
        return Database(database_url(self.database_url or None)).url
