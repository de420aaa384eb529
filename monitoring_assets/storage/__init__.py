"""Everything that talks to Postgres: connection, tables, migrations, rows in bulk, embedded server.

Belongs here: SQL and the files of the server. Stays out: Dagster, the environment (callers hand in
folders and URLs), and any judgement about what the stored numbers mean.
"""
