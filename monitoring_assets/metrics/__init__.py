"""Arithmetic of monitoring: arrays in, numbers (or the reason why there is none) out.

Belongs here: bins, additive profiles, one file for each metric, and the registry that lists them as
data. Stays out: thresholds applied to numbers (evaluation), settings (spec), rows of tables
(records), clocks, files, databases and Dagster. SciPy is imported where it is called.
"""
