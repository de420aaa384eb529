"""Classifiers: quality by class, and columns that hold probabilities.

Belongs here: the order of the files in `r0002`, which never change again. Stays out: what later
versions add; each has a revision of its own.
"""

from pathlib import Path

from monitoring_assets.storage.migrations.scripts import run_script

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FOLDER = Path(__file__).parent / "r0002"


def upgrade() -> None:
    """Add what classifiers need; numbers that are there are about all classes."""
    for name in ("tables", "views"):
        run_script(_FOLDER / f"{name}.sql")
