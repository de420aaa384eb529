"""Tests of monitoring_assets.assets.retraining: the loop in real Dagster, on a real Postgres."""
