"""The closed loop: decisions that are carried out once, training sets, comparisons, messages.

Belongs here: the order of the files in `r0005`, which never change again. Stays out: what later
versions add; each has a revision of its own.
"""

from pathlib import Path

from monitoring_assets.storage.migrations.scripts import run_script

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_FOLDER = Path(__file__).parent / "r0005"


def upgrade() -> None:
    """Add tables and columns; what is there keeps its meaning."""
    run_script(_FOLDER / "tables.sql")
