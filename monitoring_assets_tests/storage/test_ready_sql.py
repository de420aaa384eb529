"""SQL to be copied: it runs as it stands, whatever a column is called."""

from typing import Any

import pytest

from monitoring_assets.records import Layer
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ready_sql import history_query, window_query
from monitoring_assets.storage.results import (
    data_quality_write,
    drift_score_write,
    model_quality_write,
)
from monitoring_assets.storage.window_write import replace_window
from monitoring_assets_tests.storage.samples import (
    a_computation,
    a_quality_number,
    a_score,
    a_window,
    compute_all_layers,
)
from monitoring_assets_tests.storage.test_results import QUALITY
from monitoring_assets_tests.storage.views.test_results import BY_CLASS

ODD = "50 %  of 'zones'; \"DROP\" \\ :bind $1"


def answer(database: Database, statement: str) -> list[tuple[Any, ...]]:
    """Run a statement as a person would who pasted it."""
    with database.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement.replace("%", "%%"))]


@pytest.fixture
def filled(database: Database) -> Database:
    for day in (0, 1):
        window = a_window(day)
        compute_all_layers(database, window)
        for layer, write in (
            (Layer.DATA_DRIFT, drift_score_write([a_score(ODD, segment=ODD)])),
            (Layer.DATA_QUALITY, data_quality_write([a_quality_number(ODD)])),
            (Layer.MODEL_QUALITY, model_quality_write([QUALITY, *BY_CLASS])),
        ):
            replace_window(database, a_computation(layer, window), [write])
    return database


@pytest.mark.parametrize(
    ("view", "equal"),
    [
        ("drift_scores", {"segment": ODD, "column_name": ODD}),
        ("data_quality", {"segment": "all", "column_name": ODD, "metric": "missing_share"}),
        ("model_quality", {"segment": "all", "metric": "mae"}),
        ("model_quality_by_class", {"segment": "all", "metric": BY_CLASS[0].metric}),
    ],
)
def test_the_history_of_a_thing_is_asked_for_up_to_the_window(
    filled: Database, view: str, equal: dict[str, str]
) -> None:
    (statement,) = history_query(view, a_window(1), **equal)
    assert {row[0] for row in answer(filled, statement)} == {a_window(0).start, a_window(1).start}
    (earlier,) = history_query(view, a_window(0), **equal)
    assert {row[0] for row in answer(filled, earlier)} == {a_window(0).start}


def test_a_statement_is_one_line_that_a_person_can_read() -> None:
    (statement,) = history_query("model_quality", a_window(), segment="all", metric="mae")
    assert statement == (
        "SELECT window_start, model_version, value, interval_low, interval_high, threshold,"
        " reference_value, labels, verdict FROM grafana.model_quality WHERE model_id = 'small' AND"
        " segment = 'all' AND metric = 'mae' AND window_start <= '2023-02-01 00:00:00+00:00'"
        " ORDER BY window_start DESC LIMIT 30;"
    )


def test_the_row_of_a_window_is_asked_for_by_its_key(filled: Database) -> None:
    (row,) = answer(filled, window_query(a_window(1)))
    assert (row[0], row[1]) == (a_window(1).start, "2023-02-02")


def test_no_statement_is_made_of_a_name_that_no_terminal_copies() -> None:
    assert [*history_query("drift_scores", a_window(), column_name="a\nb")] == []
