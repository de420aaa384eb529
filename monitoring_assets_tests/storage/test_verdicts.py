"""What was concluded about windows: the main metric over all classes stands for the quality."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from monitoring_assets.records import Layer, Verdict, WindowStatus
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.registry import register_model
from monitoring_assets.storage.results import model_quality_write
from monitoring_assets.storage.tables import window
from monitoring_assets.storage.verdicts import (
    WindowVerdicts,
    newest_starts,
    window_verdicts,
)
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.specs import small_spec
from monitoring_assets_tests.storage.samples import NOW, START, a_computation
from monitoring_assets_tests.storage.test_results import QUALITY
from monitoring_assets_tests.storage.views.test_results import BY_CLASS


def concluded(database: Database, *numbers: Any) -> WindowVerdicts:
    register_model(database, small_spec(), NOW)
    computation = a_computation(Layer.MODEL_QUALITY)
    replace_window(database, computation, [model_quality_write(numbers)])
    return window_verdicts(database, "small", "mae", [START])[START]


def test_a_number_of_one_class_does_not_stand_for_the_window(database: Database) -> None:
    quiet = [replace(one, verdict=Verdict.OK) for one in BY_CLASS]
    found = concluded(database, *quiet, QUALITY)
    assert found.quality is not None
    assert (found.quality.verdict, found.value) == (Verdict.OK, QUALITY.value)


def test_numbers_of_classes_alone_say_nothing_about_the_window(database: Database) -> None:
    found = concluded(database, *BY_CLASS)
    assert (found.quality, found.value, found.worst) == (None, None, Verdict.UNDEFINED)


def test_a_class_that_breaks_its_own_bound_alarms_for_the_window(database: Database) -> None:
    broken = [
        replace(QUALITY, metric="recall", class_name=name, verdict=Verdict.ALARM, reason="too low")
        for name in ("b", "a")
    ]
    found = concluded(database, *broken, QUALITY)
    assert found.quality is not None
    assert found.quality.verdict is Verdict.ALARM
    assert found.quality.reason == "class a: too low; class b: too low"


def test_a_metric_beside_the_main_one_alarms_by_its_own_bound(database: Database) -> None:
    main = replace(QUALITY, verdict=Verdict.ALARM, reason="mae is bad")
    beside = replace(QUALITY, metric="rmse", verdict=Verdict.ALARM, reason="rmse is bad")
    found = concluded(database, main, beside)
    assert found.quality is not None
    assert found.quality.reason == "mae is bad; rmse is bad"


def test_windows_of_a_length_that_the_yaml_no_longer_has_are_not_shown(database: Database) -> None:
    concluded(database, QUALITY)
    with database.begin() as connection:
        connection.execute(sa.update(window).values(status=WindowStatus.COMPLETE))
    assert newest_starts(database, "small") == [START]
    spec = small_spec()
    hourly = replace(spec, windows=replace(spec.windows, granularity="hour"))
    register_model(database, hourly, NOW)
    assert newest_starts(database, "small") == []
    assert window_verdicts(database, "small", "mae", [START]) == {}
