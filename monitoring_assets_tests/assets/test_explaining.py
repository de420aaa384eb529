"""What is gathered for an explanation is what the stored verdicts were computed from."""

import pytest

from monitoring_assets.assets.explaining import gather
from monitoring_assets.evaluation.explaining.drift import explain_score
from monitoring_assets.evaluation.explaining.parts import cuts
from monitoring_assets.evaluation.explaining.quality import Asked, explain_change
from monitoring_assets.evaluation.explaining.window import Evidence, Focus, explain_window
from monitoring_assets.evaluation.segment_quality import versions_of
from monitoring_assets.records import ALL, Verdict
from monitoring_assets.spec.model import ModelSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.ledger import windows_of
from monitoring_assets_tests.assets.rolling_model import DAYS
from monitoring_assets_tests.assets.rolling_model import SPEC as ROLLING
from monitoring_assets_tests.dagster_runs import Runner


def every_window(database: Database, spec: ModelSpec) -> list[Evidence]:
    return [gather(database, spec, state) for state in windows_of(database, spec.model_id)]


def scores_missed_by(spec: ModelSpec, evidence: Evidence) -> list[float]:
    """Return how far scores and their splits are from what is stored."""
    missed = list[float]()
    for score in (one for one in evidence.drift if one.score is not None):
        found = explain_score(score, evidence.compared, cuts(spec, evidence.entries))
        assert found.whole is not None, (score.segment, score.column_name, found.why_not)
        sums = [found.whole, sum(part.part for part in found.parts)]
        sums += [one.mix + one.rate for one in found.splits if not one.why_not]
        missed += [abs(one - (score.score or 0.0)) for one in sums]
    return missed


def changes_missed_by(spec: ModelSpec, evidence: Evidence) -> list[float]:
    """Return how far changes of quality and their splits are from what is stored."""
    missed = list[float]()
    for row in (one for one in evidence.model_quality if one.segment == ALL):
        asked = Asked(metric=row.metric, class_name=row.class_name)
        now = {
            segment: versions_of(evidence.quality_now, segment)[row.model_version]
            for segment, version in evidence.quality_now
            if version == row.model_version
        }
        found = explain_change(asked, evidence.quality_before, now, cuts(spec, evidence.entries))
        if found.before is not None and row.value is not None and row.reference_value is not None:
            stored = row.value - row.reference_value
            sums = [found.change, *(one.mix + one.rate for one in found.splits if not one.why_not)]
            missed += [abs(one - stored) for one in sums]
    return missed


def test_every_score_and_change_of_a_fixed_reference_is_found_again(planted: Runner) -> None:
    windows = every_window(planted.database, planted.spec)
    scores = [one for window in windows for one in scores_missed_by(planted.spec, window)]
    changes = [one for window in windows for one in changes_missed_by(planted.spec, window)]
    assert len(windows) == 3
    assert len(scores) > 50
    assert len(changes) == 3 * 4 * 3  # windows, metrics that are ratios, whole and two cuts
    assert max(*scores, *changes) < 1e-9


def test_so_it_is_where_windows_before_are_what_is_normal(rolling_full: Database) -> None:
    windows = every_window(rolling_full, ROLLING)
    scores = [one for window in windows for one in scores_missed_by(ROLLING, window)]
    changes = [one for window in windows for one in changes_missed_by(ROLLING, window)]
    assert "the windows from 2023-02-01 00:00" in windows[3].compared_with
    assert len(windows) == len(DAYS)
    assert len(changes) > 5 * len(DAYS)
    assert max(*scores, *changes) < 1e-9


@pytest.mark.parametrize("segment", ["zone=south", "far"])
def test_a_segment_was_judged_by_the_sums_that_are_gathered_for_it(
    planted: Runner, segment: str
) -> None:
    focus, found = Focus(segment=segment), list[float]()
    for state in windows_of(planted.database, "planted"):
        evidence = gather(planted.database, planted.spec, state, focus)
        for one in explain_window(planted.spec, evidence, focus).quality:
            assert one.quality.verdict is Verdict.ALARM
            stored = (one.quality.value or 0.0) - (one.quality.reference_value or 0.0)
            found.append(abs(one.change.change - stored))
    assert found
    assert max(found) < 1e-9
