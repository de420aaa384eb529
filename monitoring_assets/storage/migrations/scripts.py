"""Running a file of SQL in a migration.

Belongs here: that. Stays out: what is in the file.
"""

from pathlib import Path

from alembic import op


def run_script(path: Path) -> None:
    """Run every statement of a file, in the migration's transaction."""
    connection = op.get_bind().connection.driver_connection
    if connection is None:
        raise RuntimeError(f"no connection to run {path.name} on")
    # Straight to the driver: several statements at once, and neither `%` nor `:` means anything.
    with connection.cursor() as cursor:
        cursor.execute(path.read_text(encoding="utf-8"))
