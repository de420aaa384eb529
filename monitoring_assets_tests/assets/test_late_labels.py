"""Labels that come late: exactly their windows follow, whatever the order in which they arrive."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from monitoring_assets.assets.late_labels import LABEL_LAYERS
from monitoring_assets.errors import DatabaseUnavailableError
from monitoring_assets.records import Layer, Verdict
from monitoring_assets.storage import tables
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.label_progress import read_watermark
from monitoring_assets_tests.assets.late_model import (
    DAYS,
    SEEN,
    LateModel,
    in_order,
    labels_of,
    late_model,
    mean_absolute_error,
    moment,
)
from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.stored import rows_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def opened(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LateModel]:
    with late_model(new_database, tmp_path_factory.mktemp("late")) as model:
        yield model


@pytest.fixture
def model(opened: LateModel) -> LateModel:
    """The model, none of whose windows has a label."""
    opened.forget()
    return opened


def newest(database: Database) -> dict[tuple[str, str], int]:
    """Return the newest computation of each layer of each window."""
    found: dict[tuple[str, str], int] = {}
    for row in rows_of(database, tables.computation):
        if row["window_start"] is not None:
            key = f"{row['window_start']:%Y-%m-%d}", row["layer"]
            found[key] = max(found.get(key, 0), row["id"])
    return found


def mae(model: LateModel, day: str) -> dict[str, Any]:
    (row,) = model.quality(metric="mae", segment="all", window_start=moment(day))
    return row


@pytest.fixture
def a_week(model: LateModel) -> Iterator[None]:
    """A window of a week in the ledger, from when windows were not days yet."""
    (day,) = rows_of(model.database, tables.window, window_start=moment(DAYS[1]))
    week = day | {"granularity": "week", "partition_key": "a week"}
    with model.database.begin() as connection:
        connection.execute(sa.insert(tables.window).values(week))
    yield
    with model.database.begin() as connection:
        connection.execute(sa.delete(tables.window).filter_by(granularity="week"))


@pytest.mark.usefixtures("a_week")
def test_windows_of_another_length_are_left_alone(model: LateModel) -> None:
    model.report(labels_of(DAYS[1]))
    result = model.read(moment("2023-02-10"))
    assert [one.partition_key for one in result.touched] == [DAYS[1]]


def test_exactly_the_windows_that_labels_belong_to_are_brought_up_to_date(model: LateModel) -> None:
    before = newest(model.database)
    model.report([*labels_of(DAYS[1]), *labels_of(DAYS[4])])
    result = model.read(moment("2023-02-10"))
    assert [one.partition_key for one in result.touched] == [DAYS[1], DAYS[4]]
    after = newest(model.database)
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {(day, layer.value) for day in (DAYS[1], DAYS[4]) for layer in LABEL_LAYERS}
    assert mae(model, DAYS[1])["value"] == pytest.approx(
        mean_absolute_error(labels_of(DAYS[1]), DAYS[1]), rel=1e-12
    )


def test_labels_that_are_known_already_touch_no_window(model: LateModel) -> None:
    model.report(labels_of(DAYS[1]))
    model.read(moment("2023-02-10"))
    before = newest(model.database)
    again = model.read(moment("2023-02-11"))
    assert (again.touched, newest(model.database)) == ((), before)


def test_few_labels_are_immature_until_enough_of_them_are_known(model: LateModel) -> None:
    labels = labels_of(DAYS[0])
    model.report(labels[:50])
    model.read(moment("2023-02-10"))
    early = mae(model, DAYS[0])
    model.report(labels[50:])
    model.read(moment("2023-02-11"))
    late = mae(model, DAYS[0])
    assert (early["verdict"], late["verdict"]) == (Verdict.LABELS_IMMATURE, Verdict.OK)
    assert (early["coverage"], late["coverage"]) == (pytest.approx(50 / 120), 1.0)


def test_of_several_labels_the_one_known_last_counts_and_all_are_kept(model: LateModel) -> None:
    first = labels_of(DAYS[2], moment("2023-02-08"))
    corrected = [(name, minutes + 9, moment("2023-02-09")) for name, minutes, _ in first[:30]]
    model.report(corrected)
    model.read(moment("2023-02-10"))
    model.report(first)
    model.read(moment("2023-02-11"))
    expected = mean_absolute_error([*first, *corrected], DAYS[2])
    assert mae(model, DAYS[2])["value"] == pytest.approx(expected, rel=1e-12)


def test_what_was_said_on_a_day_can_be_asked_for_later(model: LateModel) -> None:
    said: list[tuple[Any, list[dict[str, Any]]]] = []
    for number, day in enumerate((*DAYS, *DAYS)):
        now = moment("2023-02-10") + timedelta(days=number)
        labels = [(name, value + number, now) for name, value, _ in labels_of(day)[number::2]]
        model.report(labels)
        model.read(now)
        said.append((clock(model.database), model.quality()))
    for at, table in said:
        function = sa.func.monitoring.model_quality_as_of(at).table_valued(
            *(column.name for column in tables.model_quality.columns)
        )
        assert in_order(rows_of(model.database, function)) == table


def clock(database: Database) -> Any:
    with database.connect() as connection:
        return connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()


def test_a_label_known_in_the_future_waits_until_then(model: LateModel) -> None:
    model.report(labels_of(DAYS[3], moment("2023-02-20")))
    assert model.read(moment("2023-02-10")).touched == ()
    later = model.read(moment("2023-02-21"))
    assert [one.partition_key for one in later.touched] == [DAYS[3]]


def test_a_window_that_is_computed_knows_no_label_of_the_future(model: LateModel) -> None:
    model.report(labels_of(DAYS[3], moment("2023-02-20")))
    model.runner.one(DAYS[3], [Layer.LABELS, Layer.QUALITY_PROFILES, Layer.MODEL_QUALITY])
    assert mae(model, DAYS[3])["verdict"] == Verdict.LABELS_IMMATURE
    model.read(moment("2023-02-21"))
    assert mae(model, DAYS[3])["coverage"] == 1.0


def test_a_label_stored_without_a_time_gives_way_to_the_one_that_the_source_names(
    model: LateModel,
) -> None:
    unnamed = [(name, minutes + 50, None) for name, minutes, _ in labels_of(DAYS[2])]
    model.report(unnamed)
    model.runner.one(DAYS[2], [Layer.LABELS, Layer.QUALITY_PROFILES, Layer.MODEL_QUALITY])
    with model.database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM outcomes WHERE known IS NULL")
    named = labels_of(DAYS[2], moment(DAYS[2]) + timedelta(hours=23))  # before the window's end
    model.report(named)
    model.read(moment("2023-02-11"))
    expected = mean_absolute_error(named, DAYS[2])
    assert mae(model, DAYS[2])["value"] == pytest.approx(expected, rel=1e-12)


def test_labels_without_a_prediction_are_counted_and_found_again(model: LateModel) -> None:
    known = moment("2023-02-08")
    model.report([("nobody", 5.0, known), (labels_of(DAYS[0])[0][0], 5.0, known)])
    result = model.read(moment("2023-02-10"))
    assert (result.read, result.orphans) == (2, 1)
    watermark = read_watermark(model.database, model.spec.model_id)
    assert watermark is not None
    assert (watermark.knowledge_time, watermark.orphans) == (known, 1)


def test_a_window_left_between_two_layers_is_mended_by_the_next_reading(model: LateModel) -> None:
    model.report(labels_of(DAYS[0]))
    model.read(moment("2023-02-10"))
    right = model.quality()
    with model.database.begin() as connection:
        row = rows_of(model.database, tables.computation, layer=Layer.LABELS.value)[0]
        lines = {key: value for key, value in row.items() if key != "id"}
        connection.execute(sa.insert(tables.computation).values(lines))
    result = model.read(moment("2023-02-11"))
    assert len(result.touched) == 1
    assert model.quality() == right


def test_without_its_database_a_reading_ends_at_once(model: LateModel) -> None:
    model.report([*labels_of(DAYS[0]), *labels_of(DAYS[1])])
    asked: list[Layer] = []

    def lost(layer: Layer) -> None:
        asked.append(layer)
        raise DatabaseUnavailableError("it is gone")

    with pytest.raises(DatabaseUnavailableError, match="it is gone"):
        model.read(moment("2023-02-10"), lost)
    assert asked == [Layer.LABELS]
    watermark = read_watermark(model.database, model.spec.model_id)
    assert watermark is not None
    assert watermark.knowledge_time == SEEN


def test_no_late_label_is_put_beside_labels_of_another_yaml(model: LateModel) -> None:
    lines, stored = tables.computation, Layer.LABELS.value
    of_day = lines.c.layer == stored, lines.c.window_start == moment(DAYS[0])
    right = rows_of(model.database, lines, layer=stored)[0]["spec_hash"]
    model.report([*labels_of(DAYS[0]), *labels_of(DAYS[1])])
    touched: list[list[str]] = []
    for spec_hash in ("of another YAML", right):
        with model.database.begin() as connection:
            connection.execute(lines.update().where(*of_day).values(spec_hash=spec_hash))
        result = model.read(moment("2023-02-10"))
        touched.append([one.partition_key for one in result.touched])
    assert touched == [[DAYS[1]], [DAYS[0]]]


def test_labels_that_come_while_others_are_counted_are_not_lost(model: LateModel) -> None:
    first, second = np.array_split(np.array(labels_of(DAYS[1]), dtype=object), 2)
    model.report([tuple(one) for one in first])
    come = [False]

    def another_run(layer: Layer) -> None:
        """Take in the other labels once those that are there have been read."""
        if layer is Layer.QUALITY_PROFILES and not come[0]:
            come[0] = True
            model.report([tuple(one) for one in second])
            model.merge(labels_of(DAYS[1]), DAYS[1])

    model.read(moment("2023-02-10"), another_run)
    expected = mean_absolute_error(labels_of(DAYS[1]), DAYS[1])
    assert mae(model, DAYS[1])["value"] == pytest.approx(expected, rel=1e-12)
    assert mae(model, DAYS[1])["coverage"] == 1.0


def test_any_order_of_arrival_ends_in_the_same_quality(model: LateModel) -> None:
    """25 random orders; as many as the environment variable `LABEL_ORDERS` says, if it is set."""
    final: set[str] = set()
    labels = [
        (name, minutes + known, moment("2023-02-10") + timedelta(hours=known))
        for known in range(3)
        for name, minutes, _ in labels_of(DAYS[0])[known * 20 : 40 + known * 20]
    ]
    for seed in range(int(os.environ.get("LABEL_ORDERS", "25"))):
        model.forget()
        order = np.random.default_rng(seed).permutation(len(labels))
        for piece in np.array_split(order, 3):
            model.report([labels[place] for place in piece])
            model.read(moment("2023-02-11"))
        final.add(repr(model.quality()))
    assert len(final) == 1
