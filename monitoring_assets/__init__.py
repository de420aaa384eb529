"""monitoring_assets: a Dagster application that watches machine-learning models scored in batches.

Importing this package does nothing and imports nothing; `monitoring_assets.definitions` is the
Dagster code location and `monitoring-assets` (package `cli`) the command line. The one name to be
had from here is the component that a `defs.yaml` names: `monitoring_assets.MonitoredModel`.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_COMPONENT = "MonitoredModel"


def __getattr__(name: str) -> Any:
    """Import the component when it is asked for, as Dagster does to find its type."""
    if name != _COMPONENT:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # By name: an import statement would make every module that imports this package import it too.
    return getattr(import_module(f"{__name__}.components"), name)


def __dir__() -> list[str]:
    """List the component too, so that the `dg` command line finds it."""
    return [*globals(), _COMPONENT]
