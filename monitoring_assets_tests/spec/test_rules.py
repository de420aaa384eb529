"""Rules between sections: what they refuse, where, and what they let pass."""

from typing import Any

import dagster as dg
import pytest
from pydantic import ValidationError

from monitoring_assets.spec.base import LIST_IT, Mistake, RuleError
from monitoring_assets.spec.columns import RESERVED_NAMES
from monitoring_assets.spec.rules import owner_mistakes
from monitoring_assets.spec.windows import WindowsSpec
from monitoring_assets_tests.spec.broken_rules import mistakes
from monitoring_assets_tests.specs import WATCHED, small_columns, small_source, small_spec

MINUTES = {"kind": "minutes_between", "start": "time", "end": "until"}


BROKEN: list[tuple[dict[str, Any], tuple[str | int, ...], str]] = [
    ({"owners": ["a@b.co", "me@work"]}, ("owners", 1), "neither an e-mail address nor 'team:name'"),
    ({"owners": ["team:"]}, ("owners", 0), "neither an e-mail address nor 'team:name'"),
    (
        {"columns": small_columns(numerical=["a", "a"])},
        ("columns", "numerical", 1),
        "named 2 times",
    ),
    ({"columns": small_columns(target="zone")}, ("columns", "target"), "a column has one role"),
    (
        {"columns": small_columns(monitored={"categorical": ["distance"]})},
        ("columns", "monitored", "categorical", 0),
        "a column has one role",
    ),
    ({"columns": small_columns(prediction="minutes")}, ("columns", "prediction"), "named 2 times"),
    ({"columns": small_columns(numerical=["prediction"])}, ("columns", "numerical", 0), "is what"),
    ({"columns": small_columns(numerical=[], categorical=[])}, ("columns",), "at least one"),
    ({"columns": small_columns(id="time")}, ("columns", "id"), "'time' is the event time"),
    ({"columns": small_columns(numerical=["time"])}, ("columns", "numerical", 0), "is a time"),
    (
        {"columns": small_columns(knowledge_time="zone")},
        ("columns", "categorical", 0),
        "'zone' is a time; leave it out here",
    ),
    ({"columns": small_columns(units={"age": "y"})}, ("columns", "units", "age"), "not a column"),
    ({"source": small_source(rename={"zne": "Z"})}, ("source", "rename", "zne"), "not a column"),
    (
        {"source": small_source(rename={"prediction": "P"})},
        ("source", "rename", "prediction"),
        "is not a column that is read from there; legal: distance, id, minutes, time, zone",
    ),
    ({"derived": {"hour": {"kind": "hour_of_day"}}}, ("derived", "hour"), "used by no column role"),
    (
        {"derived": {"minutes": MINUTES | {"start": "minutes"}}},
        ("derived", "minutes", "start"),
        "is computed itself",
    ),
    ({"derived": {"prediction": MINUTES}}, ("derived", "prediction"), "is the prediction, which"),
    (
        {"derived": {"minutes": MINUTES | {"end": "time"}}},
        ("derived", "minutes", "end"),
        "'time' is the start too",
    ),
    ({"filters": [{"name": "a", "column": "x"}]}, ("filters", 0, "column"), "not a column"),
    ({"filters": [{"name": "a", "column": "prediction"}]}, ("filters", 0, "column"), "after rows"),
    ({"filters": [{"name": "a", "column": "zone"}] * 2}, ("filters", 1, "name"), "another filter"),
    (
        {"filters": [{"name": "a", "column": "zone", "maximum": 3}]},
        ("filters", 0, "maximum"),
        "is a category; use allowed",
    ),
    (
        {"filters": [{"name": "a", "column": "distance", "allowed": ["3"]}]},
        ("filters", 0, "allowed"),
        "is a number; use minimum and maximum",
    ),
    (
        {"data_quality": {"columns": {"minutes": {}}}},
        ("data_quality", "columns", "minutes"),
        "'minutes' is the target, which is not judged here; legal: distance, zone",
    ),
    (
        {"drift": {"columns": {"minutes": {"method": "kolmogorov_smirnov", "threshold": 1}}}},
        ("drift", "columns", "minutes", "threshold"),
        "is never exceeded",
    ),
    ({"drift": {"columns": {"x": {}}}}, ("drift", "columns", "x"), "'x' is not a column of this"),
    (
        {"drift": {"columns": {"zone": {"method": "kolmogorov_smirnov"}}}},
        ("drift", "columns", "zone", "method"),
        "is not defined for categorical columns",
    ),
    (
        {"drift": {"columns": {"distance": {"method": "kolmogorov_smirnov", "threshold": 1}}}},
        ("drift", "columns", "distance", "threshold"),
        "is never exceeded",
    ),
    (
        {"drift": {"columns": {"zone": {"also": ["psi", "wasserstein"]}}}},
        ("drift", "columns", "zone", "also", 1),
        "'wasserstein' is not defined for categorical columns",
    ),
    (
        {"data_quality": {"columns": {"prediction": {}}}},
        ("data_quality", "columns", "prediction"),
        "'prediction' is the prediction, which is not judged here; legal: distance, zone",
    ),
    (
        {"data_quality": {"columns": {"x": {}}}},
        ("data_quality", "columns", "x"),
        f"'x' is not a column of this model; legal: distance, zone; {LIST_IT}",
    ),
    ({"columns": small_columns(target=None)}, ("columns", "target"), "is needed for a model"),
    (
        {"columns": small_columns(model_version="version")},
        ("columns", "model_version"),
        "versions are ours",
    ),
    ({"model": None}, ("reference", "period"), "is needed where there is no section `model`"),
    (
        {"windows": {"granularity": "day", "start": "2023-01-31"}},
        ("model", "training", "end"),
        "learned from them",
    ),
    (
        {"reference": {"period": {"start": "2023-01-15", "end": "2023-02-15"}}},
        ("reference", "period"),
        "covers a part of model.training",
    ),
    (
        {"model": None, "reference": WATCHED["reference"] | {"since_deployment": True}},
        ("reference", "since_deployment"),
        "leave it out: what was deployed when",
    ),
    (
        {**WATCHED, "columns": small_columns(target=None, knowledge_time="known")},
        ("columns", "knowledge_time"),
        "there is no columns.target",
    ),
    (
        {**WATCHED, "columns": small_columns(target=None), "quality": {"main_metric": "mae"}},
        ("quality", "main_metric"),
        "needs columns.target",
    ),
    (
        {
            **WATCHED,
            "columns": small_columns(target=None),
            "quality": {"thresholds": {"mae": {"absolute": 4}}},
        },
        ("quality", "thresholds"),
        "needs columns.target",
    ),
]


@pytest.mark.parametrize(("changes", "path", "says"), BROKEN, ids=[b[2] for b in BROKEN])
def test_a_broken_rule_says_where_and_why(
    changes: dict[str, Any], path: tuple[str | int, ...], says: str
) -> None:
    [mistake] = mistakes(**changes)
    assert mistake.path == path
    assert says in mistake.text


@pytest.mark.parametrize("name", RESERVED_NAMES)
def test_a_prediction_may_not_be_called_like_a_column_of_every_stored_row(name: str) -> None:
    [mistake] = mistakes(columns=small_columns(prediction=name))
    assert mistake.path == ("columns", "prediction")
    assert f"'{name}' is a name that every stored row has already" in mistake.text


@pytest.mark.parametrize("name", RESERVED_NAMES)
@pytest.mark.parametrize("role", ["numerical", "categorical"])
def test_a_feature_may_not_be_called_like_a_column_of_every_stored_row(
    name: str, role: str
) -> None:
    [mistake] = mistakes(columns=small_columns(**{role: [name]}))
    assert mistake.path == ("columns", role, 0)
    assert "choose another one" in mistake.text


def test_the_reserved_names_are_those_of_stored_rows_and_of_sources() -> None:
    from monitoring_assets.sources.layouts import main_layout
    from monitoring_assets.storage.row_shape import KEYS

    layout = main_layout(small_spec())
    delivered = {entry.column_name for entry in layout.values}
    stored = {name for key in KEYS.values() for name in key}
    assert stored | ({*layout.schema.names} - delivered) <= {*RESERVED_NAMES}


def test_roles_that_are_not_stored_under_their_own_name_may_have_a_reserved_one() -> None:
    columns = small_columns(
        id="row_id",
        event_time="event_time",
        model_version="model_version",
        knowledge_time="knowledge_time",
    )
    assert small_spec(columns=columns, **WATCHED).columns.id == "row_id"


def test_all_broken_rules_are_found_at_once() -> None:
    found = mistakes(owners=["me"], columns=small_columns(target=None, units={"x": "m"}))
    assert [one.path for one in found] == [
        ("owners", 0),
        ("columns", "units", "x"),
        ("columns", "target"),
    ]


def test_times_of_derived_columns_may_be_renamed() -> None:
    spec = small_spec(
        derived={"minutes": MINUTES}, source=small_source(rename={"until": "Until", "time": "T"})
    )
    assert [*spec.derived] == ["minutes"]


def test_a_derived_column_cannot_be_renamed_because_it_is_not_read() -> None:
    changes = {"derived": {"minutes": MINUTES}, "source": small_source(rename={"minutes": "M"})}
    [mistake] = mistakes(**changes)
    assert mistake.path == ("source", "rename", "minutes")


def test_predictions_from_the_source_may_be_filtered_and_computed() -> None:
    spec = small_spec(
        filters=[{"name": "positive", "column": "prediction", "minimum": 0}],
        derived={"prediction": MINUTES},
        **WATCHED,
    )
    assert spec.filters[0].column == "prediction"


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ({"granularity": "week", "start": "2026-01-06"}, ("start",)),
        ({"granularity": "month", "start": "2026-01-01", "end": "2026-01-31"}, ("end",)),
        ({"granularity": "day", "start": "2026-01-01", "end": "2026-01-01"}, ("end",)),
        (
            {"granularity": "day", "start": "2026-01-01", "delay": "2 days", "late_after": "1 day"},
            ("late_after",),
        ),
    ],
)
def test_windows_that_cannot_be_cut_are_refused_at_the_field(
    section: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError) as caught:
        WindowsSpec(**section)
    [error] = caught.value.errors()
    assert [one.path for one in error.get("ctx", {})["error"].mistakes] == [path]


def test_a_mistake_reads_as_place_and_text() -> None:
    assert str(Mistake(("filters", 0, "name"), "is wrong")) == "filters.0.name: is wrong"
    assert str(RuleError([Mistake((), "one"), Mistake(("a",), "two")])) == "one; a: two"


@pytest.mark.parametrize(
    "owner",
    [
        "me@work.com",
        "a.b+c@sub.work.io",
        "team:a",
        "team:",
        "me@work",
        "me",
        "me@work.organisation",
    ],
)
def test_owners_are_those_that_dagster_takes(owner: str) -> None:
    try:
        dg.AssetSpec("any", owners=[owner])
    except dg.DagsterInvalidDefinitionError:
        assert list(owner_mistakes([owner]))
    else:
        assert not list(owner_mistakes([owner]))
