"""The memory of the closed loop: episodes, decisions, what came of them, and messages.

Belongs here: tables of retraining, read and written. Stays out: the rules (evaluation/retraining),
Dagster, sending messages.
"""
