"""What names of columns usually mean.

Belongs here: lists of words and telling whether a name is made of them. Stays out: values.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_PARTS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_A-Za-z]+")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


EVENT_TIMES: Final = _words(
    "event_time event_timestamp event_date event_datetime timestamp datetime ts time date"
    " occurred_at scored_at scoring_time prediction_time prediction_timestamp predicted_at"
    " requested_at request_time created_at created transaction_time transaction_date order_date"
)
"""Names of event times, the likeliest first."""

TIME_WORDS: Final = frozenset(_words("time timestamp datetime date day ts at when"))
KNOWN_WORDS: Final = frozenset(
    _words("label labelled labeled known knowledge outcome reported resolved target truth")
)
"""Words of the time at which a label became known."""

LATE_WORDS: Final = KNOWN_WORDS | frozenset(
    _words(
        "updated modified ingested loaded inserted exported end ended finished closed dropoff"
        " arrival"
    )
)
"""Words of times that come after the thing predicted."""

TARGETS: Final = _words(
    "target label y actual actuals outcome truth ground_truth y_true true_label actual_value"
    " true_value target_value true_class actual_class actual_label observed class"
)
PREDICTIONS: Final = _words(
    "prediction pred predicted y_pred y_hat yhat forecast predicted_value predicted_class"
    " predicted_label prediction_label model_output model_prediction estimate score"
)
OUTCOMES: Final = _words("churned converted defaulted fraud")
OUTCOME_BEGINNINGS: Final = ("is", "has", "was")
"""First words of what turns out to be true or not."""

MODEL_VERSIONS: Final = _words("model_version version_of_model scored_by model_tag model_release")
IDS: Final = _words("id row_id uuid guid key event_id record_id request_id prediction_id index")

ID_WORDS: Final = frozenset(_words("id uuid guid key hash"))
CODE_WORDS: Final = frozenset(
    _words(
        "id code type zone class category kind flag status location region group segment level"
        " month weekday hour channel store vendor"
    )
)
"""Words of whole numbers that stand for something rather than count it."""

COUNT_WORDS: Final = frozenset(
    _words(
        "count number num n amount age size quantity qty total sum days hours minutes years length"
        " score rate price passengers"
    )
)
"""Words of whole numbers that count something."""

CLASS_WORDS: Final = frozenset(_words("class label category species type"))
PROBABILITY_WORDS: Final = frozenset(_words("probability proba prob likelihood confidence"))
PROBABILITIES: Final = _words("p score risk risk_score propensity")
PREDICTED_WORDS: Final = frozenset(_words("prediction pred predicted forecast yhat"))

POSITIVE: Final = _words("1 true yes y positive pos t bad fraud churn good")
OPPOSITES: Final = {"1": "0", "true": "false", "yes": "no", "y": "n", "positive": "negative"}
"""A positive class and what the other one is called then."""

TEMPLATE: Final = "{{"
"""Begins a template in a YAML; no text of ours can hold it."""

MISSING_TEXTS: Final = _words("NA N/A n/a na NULL null None none NaN nan - ? missing")
"""Texts that often stand for a missing value."""


@lru_cache(maxsize=4096)
def parts(name: str) -> tuple[str, ...]:
    """Return the words of a name in small letters.

    >>> parts("PULocationID"), parts("y_pred")
    (('pu', 'location', 'id'), ('y', 'pred'))
    """
    return tuple(part.lower() for part in _PARTS.findall(name.replace("_", " ")))


def plain(name: str) -> str:
    """Return a name as the lists above spell it.

    >>> plain("Event Time")
    'event_time'
    """
    return "_".join(parts(name))


def rank(name: str, names: Sequence[str]) -> int:
    """Return the place of a name in a list, the list's length if it is not in it."""
    spelt = plain(name)
    return names.index(spelt) if spelt in names else len(names)


def has(name: str, words: frozenset[str]) -> bool:
    """Return whether one of these words is a part of a name."""
    return not words.isdisjoint(parts(name))


def is_target(name: str) -> bool:
    """Return whether a column is probably the true value.

    >>> is_target("actual_minutes"), is_target("y"), is_target("y_pred")
    (True, True, False)
    """
    words = parts(name)
    if plain(name) in TARGETS:
        return True
    return bool(words) and (
        words[0] in ("target", "actual", "true") or words[-1] in ("target", "label", "actual")
    )


def is_outcome(name: str) -> bool:
    """Return whether a column of two values may tell what came true.

    >>> is_outcome("is_fraud"), is_outcome("churned"), is_outcome("island")
    (True, True, False)
    """
    words = parts(name)
    return plain(name) in OUTCOMES or (len(words) > 1 and words[0] in OUTCOME_BEGINNINGS)


def says_outcome(name: str) -> bool:
    """Return whether a name holds a word for something that is predicted.

    >>> says_outcome("has_churned"), says_outcome("is_weekend")
    (True, False)
    """
    return has(name, frozenset(OUTCOMES))


def is_prediction(name: str) -> bool:
    """Return whether a column is probably the model's answer.

    >>> is_prediction("predicted_minutes"), is_prediction("minutes")
    (True, False)
    """
    return plain(name) in PREDICTIONS or has(name, PREDICTED_WORDS)


def what_it_predicts(name: str) -> str:
    """Return what a prediction's name says that it predicts, in the lists' spelling; '' if nothing.

    >>> what_it_predicts("predicted_minutes"), what_it_predicts("y_pred"), what_it_predicts("score")
    ('minutes', 'y', '')
    """
    words = parts(name)
    rest = [word for word in words if word not in PREDICTED_WORDS]
    return "_".join(rest) if len(rest) < len(words) else ""


def is_probability(name: str) -> bool:
    """Return whether a column is probably a probability, if its values can be.

    >>> is_probability("p_yes"), is_probability("proba_1"), is_probability("price")
    (True, True, False)
    """
    words = parts(name)
    if plain(name) in PROBABILITIES or has(name, PROBABILITY_WORDS):
        return True
    return len(words) > 1 and words[0] == "p"


def class_part(name: str) -> str:
    """Return what stands beside the words for a probability: the class it belongs to.

    >>> class_part("proba_Iris-setosa"), class_part("p_yes"), class_part("score")
    ('iris_setosa', 'yes', '')
    """
    general = PROBABILITY_WORDS | PREDICTED_WORDS | {"p", "of", "class", "score", "y"}
    return "_".join(part for part in parts(name) if part not in general)
