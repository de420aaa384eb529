"""Migrations: how a database gets from any earlier version of the tables to this one.

Belongs here: the newest version's name, and below `versions/` one Alembic revision for each step.
A revision never imports the declared tables: they go on changing, what it did does not. Stays out:
running them (storage/schema.py).
"""

from typing import Final

HEAD: Final = "0005"
"""Newest revision. Written down, so that a database which is up to date is known to be so without
reading the revisions; a test holds the two against each other."""
