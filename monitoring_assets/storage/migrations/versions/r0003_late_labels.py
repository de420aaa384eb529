"""Labels that come late, segments, and what tells that stored rows are out of date.

Belongs here: the order of the files in `r0003`, which never change again. Stays out: what later
versions add; each has a revision of its own.
"""

from pathlib import Path

from monitoring_assets.storage.migrations.scripts import run_script

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_FOLDER = Path(__file__).parent / "r0003"


def upgrade() -> None:
    """Add tables and columns; numbers that are there have been said since they were computed."""
    for name in ("tables", "views", "backlog", "functions", "counts", "rollups"):
        run_script(_FOLDER / f"{name}.sql")
