"""The database as assets see it.

Belongs here: the resource that hands assets a database that is ready. Stays out: how it is found
and started (opening.py), what is stored (storage).
"""

import dagster as dg

from monitoring_assets.resources.opening import ready_database
from monitoring_assets.storage.database import Database


class Store(dg.ConfigurableResource[None]):
    """Access to the monitoring database."""

    database_url: str = ""
    """URL of the database; empty: `MONITORING_DATABASE_URL`, else the embedded server."""

    @property
    def database(self) -> Database:
        """Return the database, ready to be used."""
        return ready_database(self.database_url or None)
