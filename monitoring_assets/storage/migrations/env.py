"""What Alembic runs around the migrations: on the connection it was handed, in its transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], version_table_schema="monitoring"
)
with context.begin_transaction():
    context.run_migrations()
