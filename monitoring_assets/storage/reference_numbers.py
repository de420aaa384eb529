"""The numbers of references: chosen first, taken when the reference is stored.

Belongs here: the next number, refusing one that somebody else has taken meanwhile. Stays out: what
is stored of a reference (references.py) and its rows (row_write.py).

A number is chosen, it is found out whether a new reference is needed, the rows are stored under the
number, and the reference is, each in a transaction of its own. Two who do this at the same time
choose the same number: the first to store the reference keeps it, the other looks once more.
"""

import sqlalchemy as sa

from monitoring_assets.errors import ReferenceTakenError
from monitoring_assets.records import Computation, Reference
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.statements import Row, Transaction
from monitoring_assets.storage.tables import computation as ledger
from monitoring_assets.storage.tables import reference as table


def next_number(database: Database, model_id: str) -> int:
    """Return the number that the next version of the reference will have, 1 for the first.

    To be asked for before looking whether a new version is needed. Asked for after that, it would
    not collide with a version that was stored between, and the same rows would be stored twice.
    """
    newest = sa.select(sa.func.max(table.c.reference_version)).where(table.c.model_id == model_id)
    with database.connect() as connection:
        return (connection.execute(newest).scalar() or 0) + 1


def require_unused(transaction: Transaction, computation: Computation) -> None:
    """Refuse to store rows under the number of a reference that has its own.

    Raises
    ------
    ReferenceTakenError
        There is a reference of this number.
    """
    if _stored(transaction, computation):
        raise _taken(computation)


def require_own(
    transaction: Transaction,
    computation: Computation,
    reference: Reference,
    rows_stored_by: int | None,
) -> None:
    """Refuse to store a reference under a number that is another's, or was given others' rows.

    Parameters
    ----------
    rows_stored_by
        Number of the computation that stored its rows; None: whoever did.

    Raises
    ------
    ReferenceTakenError
        There is another reference of this number, or somebody else has stored the rows.
    """
    own = {"for_model_version": reference.for_model_version, "fingerprint": reference.fingerprint}
    if any(dict(one) != own for one in _stored(transaction, computation)):
        raise _taken(computation)
    if rows_stored_by is not None and _newest_line(transaction, computation) != rows_stored_by:
        raise _taken(computation)


def _stored(transaction: Transaction, computation: Computation) -> list[Row]:
    return transaction.run(
        sa.select(table.c.for_model_version, table.c.fingerprint).where(
            table.c.model_id == computation.model_id,
            table.c.reference_version == computation.reference_version,
        )
    )


def _newest_line(transaction: Transaction, computation: Computation) -> int | None:
    """Return the newest line of the ledger about a version of the reference."""
    statement = sa.select(sa.func.max(ledger.c.id).label("id")).where(
        ledger.c.model_id == computation.model_id,
        ledger.c.layer == computation.layer.value,
        ledger.c.window_start.is_(None),
        ledger.c.reference_version == computation.reference_version,
    )
    return transaction.run(statement)[0]["id"]


def _taken(computation: Computation) -> ReferenceTakenError:
    return ReferenceTakenError(
        f"model '{computation.model_id}': version {computation.reference_version} of the reference"
        " was measured by somebody else meanwhile; nothing was changed, measure once more"
    )
