"""Fitting, scoring and persisting models that are trained here.

Belongs here: estimators, out-of-fold predictions, skops artifacts. Stays out: the database,
Dagster, and every heavy import at module level (scikit-learn and skops take seconds).
"""
