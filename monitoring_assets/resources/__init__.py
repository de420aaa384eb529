"""The few adapters that Dagster hands to assets: clock, paths and the database.

Belongs here: `ConfigurableResource` classes and reading of environment variables. Stays out:
computation and SQL.
"""
