"""monitoring_assets: a Dagster application that watches machine-learning models scored in batches.

Importing this package does nothing and imports nothing; `monitoring_assets.definitions` is the
Dagster code location and `monitoring-assets` (package `cli`) the command line.
"""

__version__ = "0.1.0"
