"""What a plan costs, worked out by hand from what layers took."""

from monitoring_assets.assets.planning.costs import Costs
from monitoring_assets.records import Layer
from monitoring_assets.storage.staleness import Pace
from monitoring_assets_tests.storage.samples import a_window

WINDOWS = [a_window(day) for day in range(3)]
COSTS = Costs(
    paces={
        Layer.PREDICTIONS: Pace(seconds=9.0, seconds_per_row=0.01),
        Layer.DATA_DRIFT: Pace(seconds=0.5, seconds_per_row=0.1),
        Layer.REFERENCE_DATA: Pace(seconds=30.0),
    },
    rows={WINDOWS[0].start: 100, WINDOWS[1].start: 300, a_window(9).start: 200},
    reference_rows=1000,
)


def test_layers_that_read_rows_cost_by_the_row() -> None:
    found = COSTS.of_windows(Layer.PREDICTIONS, WINDOWS[:2])
    assert (found.rows, found.seconds) == (400, 4.0)


def test_layers_on_profiles_cost_by_the_window_and_read_no_row() -> None:
    found = COSTS.of_windows(Layer.DATA_DRIFT, WINDOWS)
    assert (found.rows, found.seconds) == (0, 1.5)


def test_a_window_that_was_never_read_is_taken_to_be_a_usual_one() -> None:
    assert COSTS.of_windows(Layer.PREDICTIONS, WINDOWS[2:]).rows == 200


def test_of_a_layer_that_never_ran_nobody_knows_how_long_it_takes() -> None:
    found = COSTS.of_windows(Layer.LABELS, WINDOWS[:2])
    assert (found.rows, found.seconds) == (400, None)
    assert Costs({}, {}).of_windows(Layer.PREDICTIONS, WINDOWS).rows == 0


def test_the_reference_costs_what_it_took_before() -> None:
    found = COSTS.of_layer(Layer.REFERENCE_DATA)
    assert (found.rows, found.seconds) == (1000, 30.0)
    assert COSTS.of_layer(Layer.DEPLOYED_MODEL).seconds is None
