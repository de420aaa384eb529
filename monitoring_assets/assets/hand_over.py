"""Rows that one step has just stored, at hand for the next step of the same process.

Belongs here: keeping a bounded number of bytes, and the rule when they may be used. Stays out: what
is done with the rows.

Reading a window of 1,000,000 rows x 20 columns back takes three seconds, joining its labels in the
database two more. What is kept is used only
if the database still names the computation that stored it as the newest one: then what would be
read is the same. A step in another process finds nothing here and reads.
"""

from collections import OrderedDict
from threading import Lock
from typing import Final

import pyarrow as pa

from monitoring_assets.records import Layer, Window
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ledger import newest_computation

MOST_BYTES: Final = 256 * 2**20
"""Rows kept in all; the oldest go first."""

_Key = tuple[str, str, Layer, str]


class HandOver:
    """Rows by database, model, layer and window, with the number of their computation."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[_Key, tuple[int, pa.Table]] = OrderedDict()
        self._lock = Lock()

    @property
    def partitions(self) -> tuple[str, ...]:
        """Partition keys of what is kept, the oldest first."""
        return tuple(partition for *_, partition in self._kept)

    def keep(
        self, database: Database, window: Window, layer: Layer, computation_id: int, rows: pa.Table
    ) -> None:
        """Keep rows that have just been stored, unless they alone are too many."""
        key = _key(database, window, layer)
        with self._lock:
            self._kept.pop(key, None)
            if rows.nbytes > self._most_bytes:
                return
            self._kept[key] = (computation_id, rows)
            while sum(table.nbytes for _, table in self._kept.values()) > self._most_bytes:
                self._kept.popitem(last=False)

    def find(self, database: Database, window: Window, layer: Layer) -> pa.Table | None:
        """Return the rows of a layer; None if they are not the newest ones, or not here.

        Rows are ordered by event time and id, as reading them gives them.
        """
        with self._lock:
            found = self._kept.get(_key(database, window, layer))
        if found is None or newest_computation(database, window, layer) != found[0]:
            return None
        return found[1]


def _key(database: Database, window: Window, layer: Layer) -> _Key:
    return (database.url, window.model_id, layer, window.partition_key)


ROWS_AT_HAND: Final = HandOver()
"""What `predictions` and `labels` leave for the steps that profile them."""
