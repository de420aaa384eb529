"""What it means when a database fails, in our own exceptions and without a word of its secrets.

Belongs here: telling apart what may mend itself, what a person has to mend, and the text that says
so. Stays out: columns that are missing (layout.py).

The driver's exception is never kept as a cause: nobody knows what its text, its arguments or its
own cause hold. What it says stands in our message, with stars in place of secrets.
"""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from monitoring_assets.errors import (
    MonitoringError,
    SourceFailedError,
    SourceSchemaError,
    SourceUnavailableError,
)
from monitoring_assets.sources.sql.address import Address

_REFUSALS = (
    "password",
    "authentication",
    "access denied",
    "login failed",
    "permission denied",
    "does not exist",
    "unknown database",
    "pg_hba.conf",
)
"""Words of databases that let nobody in, in lower case; they have no common code for it."""

_PASSING = ("08", "40", "53", "55P03", "57014", "57P")
"""Codes (SQLSTATE) of lost connections, conflicts, full servers, locks, cancelled statements."""

_PASSING_WORDS = (
    "database is locked",
    "database table is locked",
    "lost connection",
    "no connection to the server",
    "server closed the connection",
)


class Failures:
    """Makes our exceptions of a driver's.

    Parameters
    ----------
    address
        The database, which knows the model and what must be hidden.
    """

    def __init__(self, address: Address) -> None:
        self._address = address

    def of_connecting(self) -> AbstractContextManager[None]:
        """Translate whatever goes wrong while connecting."""
        return _replaced(self._connecting)

    def of_reading(self, what: str) -> AbstractContextManager[None]:
        """Translate whatever goes wrong while reading `what`."""
        return _replaced(partial(self._reading, what))

    def of_values(self, what: str) -> AbstractContextManager[None]:
        """Translate whatever goes wrong while values of `what` are made into columns."""
        return _replaced(partial(self._converting, what))

    def _connecting(self, error: Exception) -> MonitoringError:
        address, reason = self._address, self._reason(error)
        model = f"model '{address.model_id}'"
        name = address.beside_us
        if name and f'database "{name}" does not exist' in reason:
            return SourceUnavailableError(
                f"{model}: there is no database '{name}' on the server of the monitoring database."
                f" If it is a shipped example's, `monitoring-assets simulate {name}` makes and"
                f" fills it; else make it yourself, or mend `{address.section}.url`"
            )
        if any(word in reason.lower() for word in _REFUSALS):
            return SourceFailedError(
                f"{model}: {address.shown} lets nobody in: {reason}. Mend user, password or"
                f" database in `{address.section}.url`, or the user's rights"
            )
        return SourceUnavailableError(
            f"{model}: no connection to {address.shown}: {reason}. Check that the server runs and"
            f" that `{address.section}.url` is right; trying again can help"
        )

    def _reading(self, what: str, error: Exception) -> MonitoringError:
        address, reason = self._address, self._reason(error)
        model = f"model '{address.model_id}'"
        if _may_pass(error, reason):
            return SourceUnavailableError(
                f"{model}: reading {what} of {address.shown} was broken off: {reason}. Trying again"
                " can help"
            )
        return SourceFailedError(
            f"{model}: {address.shown} refuses to read {what}: {reason}. Mend"
            f" `{address.section}` in the model's defs.yaml, or the user's rights there"
        )

    def _converting(self, what: str, error: Exception) -> MonitoringError:
        address = self._address
        return SourceSchemaError(
            f"model '{address.model_id}': {what} of {address.shown} has a column whose values do"
            f" not belong together: {self._reason(error)}. Cast it in a query, or mend the table"
        )

    def _reason(self, error: Exception) -> str:
        original = getattr(error, "orig", None) or error
        # ADBC repeats the whole statement.
        text = str(original).partition("\n\nQuery was:")[0]
        return self._address.hide(text) or type(original).__name__


@contextmanager
def _replaced(translate: Callable[[Exception], MonitoringError]) -> Generator[None]:
    try:
        yield
    except MonitoringError:
        raise
    except Exception as error:  # noqa: BLE001 - drivers raise more than they document
        failure = translate(error)
    else:
        return
    try:
        raise failure
    finally:
        # Python has put the driver's exception there.
        failure.__context__ = None


def _may_pass(error: Exception, reason: str) -> bool:
    if getattr(error, "connection_invalidated", False) or isinstance(error, OSError):
        return True
    original = getattr(error, "orig", None) or error
    state = getattr(original, "sqlstate", None)
    return (isinstance(state, str) and state.startswith(_PASSING)) or any(
        word in reason.lower() for word in _PASSING_WORDS
    )
