"""Factories: a model's spec in; assets, checks, jobs and schedules out.

Belongs here: wiring of use cases to Dagster, one file a layer, with short bodies. Stays out:
arithmetic (metrics, evaluation), SQL (storage), names built by hand (names.py builds them all).
"""
