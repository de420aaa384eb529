"""Model quality: additive sums of predictions against labels, and the metrics read from them.

Belongs here: one file for each kind of sums and one for each metric. Stays out: thresholds
(evaluation), joining labels to predictions (sources, assets), and anything from `metrics/drift`.
"""
