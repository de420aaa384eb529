"""What Alembic runs around the migrations.

Belongs here: handing Alembic the connection that `storage/schema.py` opened and locked, in its
transaction. Stays out: opening a connection, and anything that a migration does.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], version_table_schema="monitoring"
)
with context.begin_transaction():
    context.run_migrations()
