"""Tests of `monitoring_assets.sources`."""
