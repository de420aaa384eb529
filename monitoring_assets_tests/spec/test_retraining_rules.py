"""Rules between `retraining` and the other sections: what they refuse, where, and what passes."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from monitoring_assets.spec.base import Mistake
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.spec.retraining import RetrainingSpec
from monitoring_assets_tests.spec.broken_rules import mistakes
from monitoring_assets_tests.specs import WATCHED, small_columns, small_spec

Made = Callable[..., ModelSpec]

CLASSES: dict[str, Any] = {
    "task": "binary",
    "classification": {"classes": ["no", "yes"]},
    "columns": small_columns(target="answer"),
}
UNDECIDED: dict[str, Any] = {"drift": {"columns": {"zone": {"deciding": False}}}}

BROKEN: list[tuple[dict[str, Any], dict[str, Any], tuple[str | int, ...], str]] = [
    (WATCHED, {}, (), "needs section `model`: only a model that is trained here"),
    ({}, {"metrics": ["accuracy"]}, ("metrics", 0), "'accuracy' is no metric of regression"),
    ({}, {"metrics": ["mae", "rmse"]}, ("metrics", 1), "'rmse' has no threshold, so it never"),
    (
        {"quality": {"thresholds": {"rmse": {"absolute": 5}}}},
        {"verdicts": ["dataset_drift", "quality"]},
        ("verdicts", 1),
        "`quality` stands for 'mae', which has no threshold and never alarms; give it one",
    ),
    ({}, {"promotion": {"metric": "f1"}}, ("promotion", "metric"), "no metric of regression"),
    ({}, {"columns": ["distance", "size"]}, ("columns", 1), "'size' is not a column of this"),
    (UNDECIDED, {"columns": ["zone"]}, ("columns", 0), "'zone' has no verdict (deciding: false)"),
    (
        {"drift": {"columns": {"prediction": {"deciding": False}}}},
        {"verdicts": ["quality", "prediction_drift"]},
        ("verdicts", 1),
        "the drift of 'prediction' has no verdict",
    ),
    ({}, {"blocked_by": ["size"]}, ("blocked_by", 0), "legal: distance, zone, minutes"),
    ({}, {"blocked_by_drift": ["size"]}, ("blocked_by_drift", 0), "legal: distance, zone, predict"),
    (
        {},
        {"blocked_by_drift": ["zone"], "columns": ["zone"]},
        ("blocked_by_drift", 0),
        "cannot both count and block",
    ),
    ({}, {"blocked_by": ["prediction"]}, ("blocked_by", 0), "'prediction' is the prediction"),
    (CLASSES, {"promotion": {"metric": "mae"}}, ("promotion", "metric"), "no metric of binary"),
]


@pytest.mark.parametrize(("model", "policy", "place", "text"), BROKEN)
def test_a_broken_rule_is_named_at_its_place(
    model: dict[str, Any], policy: dict[str, Any], place: tuple[str | int, ...], text: str
) -> None:
    [found] = mistakes(**model, retraining=policy)
    assert found.path == ("retraining", *place)
    assert text in found.text


@pytest.mark.parametrize(
    ("model", "policy"),
    [
        ({}, {}),
        ({}, {"blocked_by": ["zone", "minutes"], "columns": ["distance", "prediction"]}),
        (UNDECIDED, {"columns": ["distance"], "verdicts": ["prediction_drift"]}),
        ({"quality": {"thresholds": {"rmse": {"absolute": 5}}}}, {"metrics": ["rmse"]}),
        ({"quality": {"thresholds": {"rmse": {"absolute": 5}}}}, {"verdicts": ["dataset_drift"]}),
        ({}, {"promotion": {"metric": "rmse"}}),
        (CLASSES, {"promotion": {"metric": "log_loss"}}),
    ],
)
def test_a_policy_that_fits_its_model_passes(model: dict[str, Any], policy: dict[str, Any]) -> None:
    assert small_spec(**model, retraining=policy).retraining is not None


def test_a_model_without_a_target_is_told_so_once() -> None:
    found = mistakes(columns=small_columns(target=None), retraining={})
    assert [one.path for one in found] == [("columns", "target")]


def test_a_model_that_is_watched_may_notify() -> None:
    spec = small_spec(**WATCHED, notifications={"webhook": "https://chat.example/T0"})
    assert spec.notifications is not None
    assert "chat.example" not in repr(spec)
    assert "chat.example" not in str(spec.plain)


@pytest.mark.parametrize(
    ("policy", "place", "text"),
    [
        ({"verdicts": []}, "verdicts", "name at least one verdict or column that counts"),
        ({"verdicts": ["quality", "quality"]}, "verdicts", "names one of them twice"),
        ({"columns": ["a", "a"]}, "columns", "names one of them twice"),
        ({"verdicts": ["dataset_drift"], "metrics": ["mae"]}, "metrics", "or name quality"),
        ({"training_span": "last_windows"}, "last_windows", "is needed for training_span"),
        ({"last_windows": 7}, "last_windows", "write that, or leave it out"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(
    policy: dict[str, Any], place: str, text: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(RetrainingSpec).validate_python(policy)
    [error] = caught.value.errors()
    [found] = error["ctx"]["error"].mistakes  # pyright: ignore[reportTypedDictNotRequiredAccess] - a rule's error has one
    assert isinstance(found, Mistake)
    assert found.path == (place,)
    assert text in found.text


def test_columns_alone_may_set_a_retraining_off() -> None:
    assert small_spec(retraining={"verdicts": [], "columns": ["zone"]}).retraining is not None
    spanning = {"training_span": "last_windows", "last_windows": 7}
    assert small_spec(retraining=spanning).retraining is not None
