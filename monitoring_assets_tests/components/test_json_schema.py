"""The YAML's JSON schema, which editors and Dagster's tools show: whole, closed and described."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from monitoring_assets.components import MonitoredModel
from monitoring_assets.components.templates import rendered
from monitoring_assets.metrics.registry import DRIFT_METHODS, QUALITY_METRICS
from monitoring_assets.resources.settings import package_folder
from monitoring_assets_tests.spec.field_table import SMALLEST
