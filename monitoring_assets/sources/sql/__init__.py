"""Rows of a table or a query, from any database that SQLAlchemy reaches.

Belongs here: reading a stretch of time through an index, as Arrow tables, and nothing of the URL's
secrets in any message. Stays out: this application's own database (package `storage`). Start with
`rows.py` (the source); `postgres.py` and `databases.py` are the two ways to read.
"""
