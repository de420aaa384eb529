"""An invented utility whose predictions of power outages lie in a warehouse.

Belongs here: making up that warehouse, from a seed. Stays out: how it is watched (the `defs.yaml`
beside this file), the command that fills it (cli/simulate.py).
"""
