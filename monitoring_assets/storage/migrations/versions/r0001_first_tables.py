"""First tables: schemas, tables, indexes, comments and views as version 0001 declared them.

Belongs here: the order of the files in `r0001`, which were written by `storage/ddl.py` and never
change again. Stays out: what later versions add; each has a revision of its own.
"""

from pathlib import Path

from monitoring_assets.storage.migrations.scripts import run_script

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_FOLDER = Path(__file__).parent / "r0001"


def upgrade() -> None:
    """Create everything in an empty database."""
    for name in ("schemas", "models", "ledger", "profiles", "results", "retraining", "views"):
        run_script(_FOLDER / f"{name}.sql")
