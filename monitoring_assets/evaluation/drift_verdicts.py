"""From drift scores to verdicts: material and significant over the columns of a window.

Belongs here: the two conditions, the false-alarm rate over all columns, the share that makes a
dataset drift, and the reasons in words. Stays out: formulas (metrics), which column has which
method (spec), storage.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring_assets.metrics.null.ladder import Quiet
from monitoring_assets.metrics.registry import drift_method
from monitoring_assets.metrics.result import Undefined
from monitoring_assets.records import ALL, DatasetDrift, DriftScore, Verdict

FALSE_ALARM_RATE = 0.05
"""Largest share of quiet windows with any alarm."""


@dataclass(frozen=True, kw_only=True)
class ScoredColumn:
    """One score of one column in one window, before it is judged.

    Parameters
    ----------
    column_name, method, threshold, deciding
        What the YAML says of the column; a method that does not decide is stored without verdict.
    score
        The number, or why there is none.
    quiet
        What quiet windows of this size score; None where there is no score.
    n_reference, n_window
        Values of the column on either side.
    unusable
        Why the score says nothing; '' if it does.
    """

    column_name: str
    method: str
    threshold: float
    deciding: bool
    score: float | Undefined
    quiet: Quiet | None
    n_reference: int
    n_window: int
    unusable: str = ""


@dataclass(frozen=True, kw_only=True)
class DriftRules:
    """What holds for all columns of a window and segment; `reference`: what reasons call it."""

    reference_version: int
    minimum_rows: int = 100
    false_alarm_rate: float = FALSE_ALARM_RATE
    dataset_share: float = 0.5
    segment: str = ALL
    reference: str = "the reference"


def benjamini_hochberg(p_values: Sequence[float], rate: float) -> list[bool]:
    """Return which p values survive: all up to the largest k-th with `p < k * rate / count`.

    Strictly below, so that p values all equal to the rate survive nowhere.

    Examples
    --------
    >>> benjamini_hochberg([0.02, 0.9, 0.03], 0.05)
    [True, False, True]
    """
    ordered = sorted(p_values)
    count = len(ordered)
    passing = [p for k, p in enumerate(ordered, start=1) if p < k * rate / count]
    largest = passing[-1] if passing else -1.0
    return [p <= largest for p in p_values]


def judge_columns(columns: Sequence[ScoredColumn], rules: DriftRules) -> tuple[DriftScore, ...]:
    """Return the verdict of every column of a window and segment.

    A column alarms when its score exceeds the expected one by more than the threshold (material)
    and its p value survives Benjamini-Hochberg over the judged columns (significant).
    """
    judged = [column for column in columns if _is_judged(column, rules)]
    p_values = [column.quiet.p_value for column in judged if column.quiet]
    survived = benjamini_hochberg(p_values, rules.false_alarm_rate)
    significant = {id(column) for column, yes in zip(judged, survived, strict=True) if yes}
    return tuple(
        _record(column, rules, *_verdict(column, rules, significant=id(column) in significant))
        for column in columns
    )


def judge_dataset(
    scores: Sequence[DriftScore], rules: DriftRules, prediction_drift: float | None = None
) -> DatasetDrift:
    """Return the verdict over the deciding columns: alarming / decided above the share.

    Fewer than half decided is `insufficient_data`. `prediction_drift` is shown beside it; leave
    the prediction out of `scores` if it is not to count.
    """
    deciding = [score for score in scores if score.deciding]
    decided = [score for score in deciding if score.verdict in (Verdict.OK, Verdict.ALARM)]
    alarming = [score.column_name for score in decided if score.verdict is Verdict.ALARM]
    share = len(alarming) / len(decided) if decided else None
    if share is None or 2 * len(decided) < len(deciding):
        verdict = Verdict.INSUFFICIENT_DATA
        reason = f"only {len(decided)} of {len(deciding)} columns could be decided, half are needed"
    else:
        above = share > rules.dataset_share
        verdict = Verdict.ALARM if above else Verdict.OK
        names = f" ({', '.join(alarming)})" if alarming else ""
        reason = (
            f"{len(alarming)} of {len(decided)} columns have drifted{names}, "
            f"{'more' if above else 'not more'} than {100 * rules.dataset_share:.3g} %"
        )
    return DatasetDrift(
        segment=rules.segment,
        reference_version=rules.reference_version,
        columns_decided=len(decided),
        columns_alarming=len(alarming),
        alarming_share=share,
        threshold=rules.dataset_share,
        prediction_drift=prediction_drift,
        verdict=verdict,
        reason=reason,
    )


def _is_judged(column: ScoredColumn, rules: DriftRules) -> bool:
    return (
        column.deciding
        and not column.unusable
        and column.quiet is not None
        and not isinstance(column.score, Undefined)
        and _too_few(column, rules) is None
    )


def _too_few(column: ScoredColumn, rules: DriftRules) -> str | None:
    """Return what there is too little of; the p value of a method holds from some rows on."""
    least = drift_method(column.method).minimum_rows
    needed = max(rules.minimum_rows, least)
    if column.n_window < needed:
        return f"{column.n_window:,} values in the window, {needed:,} are needed"
    if column.n_reference < least:
        return f"{column.n_reference:,} values in {rules.reference}, {least:,} are needed"
    return None


def _verdict(column: ScoredColumn, rules: DriftRules, *, significant: bool) -> tuple[Verdict, str]:
    too_few = _too_few(column, rules)
    if too_few is not None:
        return Verdict.INSUFFICIENT_DATA, too_few
    if isinstance(column.score, Undefined):
        return Verdict.UNDEFINED, column.score.reason
    if column.quiet is None or not _is_judged(column, rules):
        return Verdict.UNDEFINED, _why_not_judged(column)
    material = column.score - column.quiet.expected > column.threshold
    alarm = material and significant
    return (Verdict.ALARM if alarm else Verdict.OK), _reason(
        column, column.score, column.quiet, material=material, significant=significant
    )


def _why_not_judged(column: ScoredColumn) -> str:
    if column.unusable:
        return column.unusable
    if not column.deciding:
        return "not judged: this score does not decide about the column"
    return "not judged: what quiet windows score is not known"


def _reason(
    column: ScoredColumn, score: float, quiet: Quiet, *, material: bool, significant: bool
) -> str:
    label = drift_method(column.method).label
    excess = score - quiet.expected
    size = (
        f"{label} {score:.3g} where {quiet.expected:.3g} is expected of "
        f"{column.n_window:,} quiet values"
    )
    how_much = f"{excess:.3g} too much, " if excess > 0 else ""
    bound = f"{'above' if material else 'not above'} the threshold {column.threshold:.3g}"
    chance = "too much for chance" if significant else "within chance"
    joint = "and" if material == significant else "but"
    return f"{size}: {how_much}{bound}, {joint} {chance} (p = {quiet.p_value:.2g})"


def _record(column: ScoredColumn, rules: DriftRules, verdict: Verdict, reason: str) -> DriftScore:
    return DriftScore(
        segment=rules.segment,
        column_name=column.column_name,
        method=column.method,
        reference_version=rules.reference_version,
        score=None if isinstance(column.score, Undefined) else column.score,
        expected=column.quiet.expected if column.quiet else None,
        p_value=column.quiet.p_value if column.quiet else None,
        threshold=column.threshold,
        n_reference=column.n_reference,
        n_window=column.n_window,
        deciding=column.deciding,
        verdict=verdict,
        reason=reason,
    )
