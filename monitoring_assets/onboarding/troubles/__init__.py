"""What looks wrong with the rows of a window, before anything is stored of them.

Belongs here: one module for each theme, rows in, troubles out. Stays out: reading rows
(inspection.py), verdicts on stored numbers (package evaluation).
"""
