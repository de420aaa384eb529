"""The embedded server's settings.

Belongs here: every setting that differs from Postgres' own default, with its reason. Stays out:
settings of one session (see `storage.database`).
"""

from pathlib import Path

SETTINGS = """\
# Written by monitoring_assets at each start of the server: changes made here are lost.
listen_addresses = ''
port = 5432
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700

max_connections = 200
shared_buffers = 256MB
# Dropping a schema locks each of its tables, partitions and indexes in one transaction.
max_locks_per_transaction = 256

# Nothing that was committed may get lost, whatever is killed.
fsync = on
synchronous_commit = on
full_page_writes = on
# A new file of the log is not filled with zeros first. What is committed is synced all the same;
# 1,000,000 rows x 21 columns in a new database took 3.2 s so, 4.1 s with zeros, one row 0.5 ms
# either way.
wal_init_zero = off

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_min_messages = warning
log_checkpoints = off
log_line_prefix = '%m [%p] %a '
"""


def render_settings(socket: Path) -> str:
    """Return the text of the settings file for a server with its socket in this folder."""
    # A list of names in double quotes, inside a value in single quotes.
    quoted = '"' + str(socket).replace('"', '""') + '"'
    return SETTINGS.format(socket=quoted.replace("\\", "\\\\").replace("'", "''"))
