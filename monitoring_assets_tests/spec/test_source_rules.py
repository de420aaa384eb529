"""Rules about `source`, `joined` and `reference`: what they refuse, where, what they let pass."""

from typing import Any

import pytest

from monitoring_assets_tests.spec.broken_rules import Place, mistakes
from monitoring_assets_tests.specs import (
    WATCHED,
    binary_spec,
    small_columns,
    small_source,
    small_spec,
)

MINUTES = {"kind": "minutes_between", "start": "time", "end": "until"}
PERIOD = WATCHED["reference"]["period"]
TABLE = {"kind": "sql", "url": "postgresql://warehouse/sales", "table": "scores"}
BOUNDED = TABLE | {"table": None, "query": "SELECT * FROM t WHERE at >= :window_start"}
CLASS = {"kind": "custom", "python_class": "my_package.scores:Scores"}
FILES = {"kind": "csv", "path": "labels/*.csv"}
TRIPS = {"kind": "simulated_trips"}
FLOWERS = {"kind": "bundled", "dataset": "iris"}
GREEN = {"kind": "tlc_trips", "trips": "green"}
KNOWN = small_columns(knowledge_time="known")


def labels(source: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a source of the target, joined by id, with these entries instead."""
    return {"name": "labels", "source": source or FILES, "columns": ["minutes"]} | changes


BROKEN: list[tuple[dict[str, Any], Place, str]] = [
    (
        {"source": TABLE, "columns": small_columns(id=None)},
        ("columns", "id"),
        "is needed: rows of a table have no file and row number that could be their id (source)",
    ),
    (
        {"reference": {"source": TABLE}, "columns": small_columns(id=None)},
        ("columns", "id"),
        "that could be their id (reference.source)",
    ),
    (
        {"source": CLASS, "columns": small_columns(id=None)},
        ("columns", "id"),
        "is needed: rows of a class of your own have no file and row number that could be their id",
    ),
    (
        {"reference": {"source": FILES | {"rename": {"zne": "Z"}}}},
        ("reference", "source", "rename", "zne"),
        "'zne' is not a column that is read from there; legal: distance, id, minutes, time, zone",
    ),
    ({"reference": {"source": TRIPS}}, ("reference", "period"), "simulated_trips never end"),
    ({"reference": {"source": FLOWERS}}, ("reference", "period"), "rows of bundled never end"),
    ({"reference": {"source": GREEN}}, ("reference", "period"), "rows of tlc_trips never end"),
    ({"reference": {"source": BOUNDED}}, ("reference", "period"), "asks for :window_start"),
    (
        {"joined": [labels()], "columns": small_columns(id=None)},
        ("columns", "id"),
        "is needed: the sources under `joined` are joined by it",
    ),
    ({"joined": [labels(TRIPS)]}, ("joined", 0, "event_time"), "simulated_trips never end"),
    ({"joined": [labels(FLOWERS)]}, ("joined", 0, "event_time"), "rows of bundled never end"),
    ({"joined": [labels(BOUNDED)]}, ("joined", 0, "event_time"), "asks for :window_start"),
    (
        {"joined": [labels(within="2 days")]},
        ("joined", 0, "within"),
        "leave it out, or set event_time, to which it belongs",
    ),
    (
        {"joined": [labels(FILES | {"on_duplicate": "fail"})]},
        ("joined", 0, "source", "on_duplicate"),
        "leave it out: of the rows of an id the one that became known last is joined",
    ),
    (
        {"joined": [labels(FILES | {"rename": {"zone": "Z"}})]},
        ("joined", 0, "source", "rename", "zone"),
        "'zone' is not a column that is read from there; legal: minutes",
    ),
    (
        {"joined": [labels(FILES | {"rename": {"id": "trip"}})]},
        ("joined", 0, "source", "rename", "id"),
        "give its name as `id` of this entry of `joined`",
    ),
    (
        {"joined": [labels(FILES | {"rename": {"time": "at"}})]},
        ("joined", 0, "source", "rename", "time"),
        "give its name as `event_time` of this entry",
    ),
    (
        {"joined": [labels()], "source": small_source(rename={"minutes": "M"})},
        ("source", "rename", "minutes"),
        "'minutes' is not a column that is read from there",
    ),
    (
        {"joined": [labels(), labels(columns=["zone"])]},
        ("joined", 1, "name"),
        "'labels' is the name of another one",
    ),
    ({"joined": [labels(columns=["minuts"])]}, ("joined", 0, "columns", 0), "legal: distance,"),
    (
        {"joined": [labels(columns=["prediction"])]},
        ("joined", 0, "columns", 0),
        "'prediction' is not a column that is read from there",
    ),
    (
        {"joined": [labels(columns=["minutes", "minutes"])]},
        ("joined", 0, "columns", 1),
        "'minutes' comes from this joined source already",
    ),
    (
        {"joined": [labels(), labels(name="again")]},
        ("joined", 1, "columns", 0),
        "'minutes' comes from another joined source already",
    ),
    (
        {"joined": [labels(columns=["minutes", "time"])]},
        ("joined", 0, "columns", 1),
        "'time' has to come from `source` itself",
    ),
    (
        {"joined": [labels(columns=["until"])], "derived": {"minutes": MINUTES}},
        ("joined", 0, "columns", 0),
        "'until' has to come from `source` itself",
    ),
    (
        {"joined": [labels()], "derived": {"minutes": MINUTES}},
        ("joined", 0, "columns", 0),
        "'minutes' is computed (`derived`)",
    ),
    (
        {"joined": [labels(columns=["minutes", "id"])]},
        ("joined", 0, "columns", 1),
        "'id' is the id, which is in every source; leave it out",
    ),
    (
        {"joined": [labels()], "columns": KNOWN},
        ("joined", 0, "columns"),
        "'known' says when 'minutes' became known: name both here, or neither",
    ),
    (
        {"joined": [labels(columns=["known"])], "columns": KNOWN},
        ("joined", 0, "columns"),
        "name both here, or neither",
    ),
]


@pytest.mark.parametrize(("changes", "path", "says"), BROKEN, ids=[b[2] for b in BROKEN])
def test_a_broken_rule_about_sources_says_where_and_why(
    changes: dict[str, Any], path: Place, says: str
) -> None:
    [mistake] = mistakes(**changes)
    assert mistake.path == path
    assert says in mistake.text


def test_a_decided_class_is_neither_renamed_nor_joined() -> None:
    columns = small_columns(target="answer", probabilities={"yes": "p"}, prediction=None)
    first, second = mistakes(
        binary_spec,
        columns=columns,
        source=small_source(rename={"prediction": "P"}),
        joined=[labels(columns=["prediction"])],
    )
    assert first.path == ("source", "rename", "prediction")
    assert second.path == ("joined", 0, "columns", 0)


LEGAL: list[dict[str, Any]] = [
    {"joined": [labels()]},
    {"joined": [labels(FILES | {"rename": {"minutes": "M"}}, id="trip")]},
    {"joined": [labels(columns=["minutes", "known"])], "columns": KNOWN},
    {"joined": [labels(TRIPS, event_time="at", within="1 day")]},
    {"joined": [labels(BOUNDED, event_time="at")]},
    {"joined": [labels(), labels(name="places", columns=["zone"])]},
    {"reference": {"source": TRIPS, "period": PERIOD}},
    {"reference": {"source": BOUNDED, "period": PERIOD}},
    {"reference": {"source": FILES | {"rename": {"minutes": "M", "time": "T"}}}},
    {"reference": {"source": FILES}, "joined": [labels()]},
    {"model": None, "reference": {"source": FILES}},
    {"model": None, "reference": {"source": TABLE, "rolling_windows": 7}},
    {"reference": {"since_deployment": True, "minimum_windows": 3}},
    {**WATCHED, "joined": [labels(columns=["minutes", "prediction"])]},
    {
        **WATCHED,
        "columns": small_columns(model_version="version"),
        "joined": [labels(columns=["minutes", "version"])],
    },
]


@pytest.mark.parametrize("changes", LEGAL, ids=str)
def test_what_fits_together_is_let_pass(changes: dict[str, Any]) -> None:
    assert small_spec(**changes).model_id == "small"


def test_columns_that_are_joined_may_be_renamed_in_the_references_own_source() -> None:
    source = FILES | {"rename": {"minutes": "M", "zone": "Z"}}
    spec = small_spec(reference={"source": source}, joined=[labels()])
    assert spec.reference.source is not None


def test_the_reference_has_no_period_of_days_where_its_own_source_is_all_of_it() -> None:
    spec = small_spec(model=None, reference={"source": FILES})
    assert spec.reference_period is None
    assert not spec.reference.moves
