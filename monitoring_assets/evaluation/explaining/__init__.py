"""Why a number is what it is: which bins, categories and segments make it up.

Belongs here: profiles, sums, verdicts and a model's YAML in; parts that sum to the whole, and text,
out. Stays out: reading them (storage), showing them (cli, assets).
"""
