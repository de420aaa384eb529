"""The models that are shipped: a folder each, with its `defs.yaml`.

Belongs here: Python of a model's own, in that model's folder. Stays out: whatever several models
need, and the application, which reads the YAML files as it reads those of a team.
"""
