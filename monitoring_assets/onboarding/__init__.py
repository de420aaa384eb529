"""Beginning to watch a model: a first `defs.yaml` guessed from data, and a look at one window.

Belongs here: samples of data nobody has described yet, guesses about them with their reasons, the
text of a YAML, and what looks wrong with the rows of a model. Stays out: the command line, Dagster,
the database that results are stored in. Start with `proposal.py` (`propose`) and `inspection.py`
(`inspect_model`).
"""
