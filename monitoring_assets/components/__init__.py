"""The YAML surface: one Dagster Component, and the loading of its files.

Belongs here: wiring a spec to factories, turning a YAML mistake into one message. Stays out:
computation, SQL, the meaning of a field (spec).
"""

from monitoring_assets.components.monitored_model import MonitoredModel

__all__ = ["MonitoredModel"]
