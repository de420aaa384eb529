"""What a reader of the database is offered besides tables: views, and functions with arguments.

Belongs here: one module for each group of them, and the lists of all. Migrations, dashboards and
their tests derive from these. Stays out: tables (storage/tables/), statements that Python runs.
"""

from typing import Final

from monitoring_assets.storage.views.as_of import AS_OF_FUNCTIONS
from monitoring_assets.storage.views.column_roll_up import ROLL_UP_COLUMNS
from monitoring_assets.storage.views.earlier import AGAINST_PREVIOUS_WINDOW, WEEK_OVER_WEEK
from monitoring_assets.storage.views.function import Function
from monitoring_assets.storage.views.histograms import HISTOGRAMS, REFERENCE_HISTOGRAMS, UNPACKED
from monitoring_assets.storage.views.labels import LABEL_BACKLOG, MODEL_QUALITY_RECORDED
from monitoring_assets.storage.views.quality_roll_up import ROLL_UP_QUALITY
from monitoring_assets.storage.views.results import RESULTS
from monitoring_assets.storage.views.sums import CLASS_SUMS, COLUMN_PROFILES, QUALITY_SUMS
from monitoring_assets.storage.views.view import View

VIEWS: Final[tuple[View, ...]] = (
    *RESULTS,
    MODEL_QUALITY_RECORDED,
    LABEL_BACKLOG,
    COLUMN_PROFILES,
    HISTOGRAMS,
    REFERENCE_HISTOGRAMS,
    QUALITY_SUMS,
    CLASS_SUMS,
    WEEK_OVER_WEEK,
    AGAINST_PREVIOUS_WINDOW,
)
"""Every view of schema `grafana`: all that a dashboard may read besides functions."""

_OVER_VIEWS: Final[tuple[Function, ...]] = (*AS_OF_FUNCTIONS, ROLL_UP_COLUMNS, ROLL_UP_QUALITY)

FUNCTIONS: Final[tuple[Function, ...]] = (UNPACKED, *_OVER_VIEWS)
"""Every function of the database."""

IN_ORDER: Final[tuple[View | Function, ...]] = (UNPACKED, *VIEWS, *_OVER_VIEWS)
"""All of them, each after those that it asks."""
