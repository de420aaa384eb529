"""What is out of date, and what bringing it up to date costs.

Belongs here: finding that out from the ledger, the YAML and the source. Stays out: doing it (a
model's jobs, the command line).
"""
