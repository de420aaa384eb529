"""The null: what a quiet window scores against a reference of the same population.

Belongs here: laws known by formula, laws learnt by seeded drawing once per column and reference,
expected score and p value read from either. Stays out: what follows from a p value (evaluation).
"""
