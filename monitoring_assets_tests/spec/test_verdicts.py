"""Which method, threshold and bound holds for a column or a metric."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from monitoring_assets.metrics.registry import DEFAULT_METHOD, DRIFT_METHODS, QUALITY_METRICS
from monitoring_assets.records import ColumnKind
from monitoring_assets.spec.verdicts import DriftSpec, QualitySpec, QualityThresholdSpec

NUMBER, CATEGORY = ColumnKind.NUMERICAL, ColumnKind.CATEGORICAL
PSI = "psi"
USUAL = DEFAULT_METHOD["numerical"]
assert PSI != USUAL
USUAL_THRESHOLD = DRIFT_METHODS[USUAL].default_threshold


def drift(**sections: Any) -> DriftSpec:
    return TypeAdapter(DriftSpec).validate_python(sections)


@pytest.mark.parametrize("kind", [NUMBER, CATEGORY])
def test_without_a_word_the_kinds_default_method_decides_at_its_default_threshold(
    kind: ColumnKind,
) -> None:
    method = DEFAULT_METHOD[kind.value]
    expected = (method, DRIFT_METHODS[method].default_threshold, True)
    assert drift().for_column("any", kind) == expected


PRECEDENCE: list[tuple[dict[str, Any], tuple[str, float]]] = [
    ({"numerical": {"threshold": 0.3}}, (USUAL, 0.3)),
    ({"numerical": {"method": PSI}}, (PSI, DRIFT_METHODS[PSI].default_threshold)),
    ({"numerical": {"method": PSI, "threshold": 0.4}}, (PSI, 0.4)),
    ({"columns": {"a": {"threshold": 0.5}}}, (USUAL, 0.5)),
    ({"columns": {"a": {"method": PSI}}}, (PSI, DRIFT_METHODS[PSI].default_threshold)),
    ({"numerical": {"threshold": 0.3}, "columns": {"a": {}}}, (USUAL, 0.3)),
    ({"numerical": {"threshold": 0.3}, "columns": {"a": {"threshold": 0.5}}}, (USUAL, 0.5)),
    (
        {"numerical": {"threshold": 0.3}, "columns": {"a": {"method": PSI}}},
        (PSI, DRIFT_METHODS[PSI].default_threshold),
    ),
    ({"numerical": {"threshold": 0.3}, "columns": {"a": {"method": USUAL}}}, (USUAL, 0.3)),
    (
        {"numerical": {"method": PSI, "threshold": 0.3}, "columns": {"a": {"method": PSI}}},
        (PSI, 0.3),
    ),
    ({"columns": {"b": {"threshold": 0.5}}}, (USUAL, USUAL_THRESHOLD)),
    ({"categorical": {"threshold": 0.3}}, (USUAL, USUAL_THRESHOLD)),
]


@pytest.mark.parametrize(("sections", "expected"), PRECEDENCE, ids=str)
def test_a_columns_own_entry_goes_before_its_kinds_and_a_threshold_stays_with_its_method(
    sections: dict[str, Any], expected: tuple[str, float]
) -> None:
    assert drift(**sections).for_column("a", NUMBER)[:2] == expected


@pytest.mark.parametrize(
    ("general", "own", "decides"),
    [
        ({}, {}, True),
        ({"deciding": False}, {}, False),
        ({}, {"deciding": False}, False),
        ({"deciding": False}, {"deciding": True}, True),
        ({"deciding": True}, {"deciding": False}, False),
    ],
)
def test_a_column_decides_as_its_own_entry_says_else_as_its_kinds(
    general: dict[str, Any], own: dict[str, Any], decides: bool
) -> None:
    section = drift(categorical=general, columns={"zone": own})
    assert section.for_column("zone", CATEGORY)[2] is decides


def test_methods_beside_the_deciding_one_come_after_it_each_once_and_never_decide() -> None:
    section = drift(
        numerical={"also": [PSI, "jensen_shannon"]},
        columns={"a": {"method": PSI, "also": ["kolmogorov_smirnov", PSI]}},
    )
    chosen = section.methods_for("a", NUMBER)
    assert [one.method for one in chosen] == [PSI, "kolmogorov_smirnov", "jensen_shannon"]
    assert [one.deciding for one in chosen] == [True, False, False]
    assert chosen[2].threshold == DRIFT_METHODS["jensen_shannon"].default_threshold
    assert section.methods_for("b", NUMBER)[0].method == USUAL


def test_every_method_can_be_named_for_every_kind_it_is_defined_for() -> None:
    chosen = [
        drift(**{kind: {"method": method.name}}).for_column("a", ColumnKind(kind))[0]
        for method in DRIFT_METHODS.values()
        for kind in method.kinds
    ]
    assert {*chosen} == {*DRIFT_METHODS}


def test_a_method_that_a_kind_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(ValidationError, match=r"categorical\.method: 'wasserstein'.*legal: jensen"):
        drift(categorical={"method": "wasserstein"})


def test_a_threshold_nothing_exceeds_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"numerical\.threshold: 1 is never exceeded"):
        drift(numerical={"method": "kolmogorov_smirnov", "threshold": 1})
    assert drift(numerical={"method": PSI, "threshold": 1}).numerical.threshold == 1


@pytest.mark.parametrize("fields", [{}, {"relative": 0.1, "absolute": 2}])
def test_a_quality_bound_is_either_relative_or_absolute(fields: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="give either relative or absolute"):
        QualityThresholdSpec(**fields)


@pytest.mark.parametrize(
    ("metric", "bound", "says"),
    [
        ("mae", -0.1, "legal: 0 or more"),
        ("mean_error", -1, "legal: 0 or more"),
        ("r2", 1.5, "legal: 1 or less"),
        ("accuracy", 1.5, "legal: 1 or less"),
        ("accuracy", 0, "accuracy is never below 0; give a larger bound"),
        ("calibration_error", 1, "calibration_error is never above 1; give a smaller bound"),
        ("mean_calibration_error", 1, "is never above 1; give a smaller bound"),
    ],
)
def test_a_bound_that_is_always_or_never_broken_is_refused(
    metric: str, bound: float, says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        TypeAdapter(QualitySpec).validate_python({"thresholds": {metric: {"absolute": bound}}})


ALL_OF_IT = {"recall": {"relative": 1}}


@pytest.mark.parametrize(
    ("section", "place"),
    [
        ({"thresholds": ALL_OF_IT}, r"thresholds\.recall\.relative"),
        ({"by_class": {"yes": ALL_OF_IT}}, r"by_class\.yes\.recall\.relative"),
    ],
)
def test_a_metric_that_cannot_fall_by_all_of_itself_is_not_asked_to(
    section: dict[str, Any], place: str
) -> None:
    with pytest.raises(ValidationError, match=rf"{place}: recall is at least 0 and cannot get"):
        TypeAdapter(QualitySpec).validate_python(section)


@pytest.mark.parametrize("metric", ["r2", "mae", "log_loss"])
def test_a_metric_without_an_end_may_get_worse_by_more_than_all_of_itself(metric: str) -> None:
    section = {"thresholds": {metric: {"relative": 1.5}}}
    assert TypeAdapter(QualitySpec).validate_python(section).thresholds[metric].relative == 1.5


@pytest.mark.parametrize("metric", sorted(QUALITY_METRICS))
def test_every_metric_of_the_registry_can_be_bounded_and_be_the_main_one(metric: str) -> None:
    spec = TypeAdapter(QualitySpec).validate_python(
        {"main_metric": metric, "thresholds": {metric: {"relative": 0.1}}}
    )
    assert spec.thresholds[metric].relative == 0.1
