"""Scoring a history of window profiles at once; a single window is a history of one.

Belongs here: profiles, methods, thresholds and ladders in, judged scores of each window out. Stays
out: raw rows, which are not needed, and storage: results are returned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring_assets.evaluation.drift_verdicts import (
    DriftRules,
    ScoredColumn,
    judge_columns,
)
from monitoring_assets.metrics.bins import Bins
from monitoring_assets.metrics.null.ladder import NullLadder, Quiet
from monitoring_assets.metrics.profile import ColumnProfile
from monitoring_assets.metrics.registry import drift_method
from monitoring_assets.metrics.result import Undefined
from monitoring_assets.records import DriftScore


@dataclass(frozen=True, kw_only=True)
class ColumnReference:
    """What a column is compared with, and how.

    Parameters
    ----------
    column_name
        Name of the column.
    method, threshold, deciding
        What the YAML says of it.
    reference
        Profile of the reference.
    bins
        Bins of the reference; for categories the longest dictionary in use.
    ladder
        Null ladder of the method, made with the reference.
    unusable
        Why methods that look at bins are not judged; '' if they are.
    """

    column_name: str
    method: str
    threshold: float
    deciding: bool
    reference: ColumnProfile
    bins: Bins
    ladder: NullLadder
    unusable: str = ""


def rescore(
    columns: Sequence[ColumnReference],
    history: Sequence[Mapping[str, ColumnProfile]],
    rules: DriftRules,
) -> list[tuple[DriftScore, ...]]:
    """Return the judged scores of each window of a history.

    Parameters
    ----------
    columns
        The columns to score; one may occur with several methods, of which one decides.
    history
        For each window, column name -> profile; each window holds every column.
    rules
        What holds for all columns.
    """
    scored = [
        _scored(column, [window[column.column_name] for window in history]) for column in columns
    ]
    return [judge_columns(of_window, rules) for of_window in zip(*scored, strict=True)]


def _scored(column: ColumnReference, windows: Sequence[ColumnProfile]) -> list[ScoredColumn]:
    method = drift_method(column.method)
    scores = method.compute_many(column.reference, windows, column.bins)
    quiets = _quiets(column, windows, scores)
    return [
        ScoredColumn(
            column_name=column.column_name,
            method=column.method,
            threshold=column.threshold,
            deciding=column.deciding,
            score=score,
            quiet=quiet,
            n_reference=_values(method.grouping, column.reference),
            n_window=_values(method.grouping, window),
            unusable="" if method.grouping == "none" else column.unusable,
        )
        for window, score, quiet in zip(windows, scores, quiets, strict=True)
    ]


def _quiets(
    column: ColumnReference,
    windows: Sequence[ColumnProfile],
    scores: Sequence[float | Undefined],
) -> list[Quiet | None]:
    """Return what quiet windows score, None where there is no score."""
    found = [
        (window, score)
        for window, score in zip(windows, scores, strict=True)
        if not isinstance(score, Undefined)
    ]
    quiets = iter(
        column.ladder.quiet(
            column.reference,
            [window for window, _ in found],
            column.bins,
            [score for _, score in found],
        )
    )
    return [None if isinstance(score, Undefined) else next(quiets) for score in scores]


def _values(grouping: str, profile: ColumnProfile) -> int:
    """Return the rows a score rests on: all of them where only missing values count."""
    return profile.rows if grouping == "none" else profile.finite
