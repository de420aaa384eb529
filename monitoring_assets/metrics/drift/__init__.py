"""Drift methods: two column profiles over the same bins in, one number out; one method a file.

Belongs here: the distance itself. Stays out: thresholds, p values and verdicts (evaluation), and
anything from `metrics/quality`.
"""
