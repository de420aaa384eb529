"""Use cases without input or output: profiles and a spec in; scores, verdicts and reasons out.

Belongs here: what a number means for a model, with the time as an argument. Stays out: the clock,
the database, Dagster, and formulas (metrics).
"""
