"""Where a model's rows come from: one kind of source a module, one shared preparation.

Belongs here: reading raw rows of a stretch of time and making them what the model's YAML says they
are (types, times, ids, filters). Stays out: storage of rows, predictions, statistics, Dagster.
Start with `sources/build.py` (`build_source`) and `sources/base.py` (what a source promises).
"""
