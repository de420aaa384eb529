"""docs/explain.md: its example is what the command prints, and it names every metric and method."""

import re

from monitoring_assets.metrics.registry import DRIFT_METHODS, QUALITY_METRICS
from monitoring_assets_tests.docs.pages import EXAMPLES
from monitoring_assets_tests.evaluation.explaining.test_text import golden

PAGE = (EXAMPLES.parent / "explain.md").read_text(encoding="utf-8")


def test_the_example_is_what_is_printed() -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert shown == golden("alarm.txt")


def test_it_says_of_every_metric_and_method_how_it_is_taken_apart() -> None:
    named = {*re.findall(r"`(\w+)`", PAGE)}
    assert {*DRIFT_METHODS, *QUALITY_METRICS} <= named
