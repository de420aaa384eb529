"""Packed counts as arrays and rows, roll-ups of every metric that a few sums give exactly.

Belongs here: the order of the files in `r0004`, which never change again. Stays out: what later
versions add; each has a revision of its own.
"""

from pathlib import Path

from monitoring_assets.storage.migrations.scripts import run_script

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_FOLDER = Path(__file__).parent / "r0004"


def upgrade() -> None:
    """Add a function and views, and replace others; no stored row changes."""
    for name in ("views", "histograms", "sums"):
        run_script(_FOLDER / f"{name}.sql")
