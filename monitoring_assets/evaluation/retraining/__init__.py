"""When a model is trained anew: alarms that last, decisions, what a person is told.

Belongs here: pure functions of windows' verdicts, episodes, past decisions, the deployment in
force, the YAML and `now`. Stays out: the clock, the tables (storage/retraining), starting anything.
"""
