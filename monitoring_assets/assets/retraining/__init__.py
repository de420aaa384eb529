"""The closed loop in Dagster: a sensor that decides, and the job that carries a decision out.

Belongs here: one file for each step of the job, one tick's work, the sensor. Stays out: rules
(evaluation/retraining), tables (storage/retraining), fitting (training).
"""
