"""The meaning of the YAML: frozen, closed dataclasses, checked when they are made.

Belongs here: sections of a model's YAML, their bounds, defaults and the rules between them. Stays
out: reading files, Dagster, data.
"""
