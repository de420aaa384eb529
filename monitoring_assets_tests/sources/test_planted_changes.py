from datetime import date

from monitoring_assets.sources.planted_changes import planted_changes
from monitoring_assets.spec.windows import WindowsSpec

WINDOWS = WindowsSpec(granularity="day", start=date(2025, 2, 1), time_zone="America/New_York")
CHANGES = {change.kind: change for change in planted_changes(WINDOWS, planted=True)}


def test_changes_begin_and_end_at_midnight_so_many_days_after_the_first_window() -> None:
    spans = {
        kind: (
            change.start == WINDOWS.midnight(first),
            change.end == (last and WINDOWS.midnight(last)),
        )
        for kind, first, last in (
            ("weekly_swing", date(2025, 2, 1), None),
            ("covariate_shift", date(2025, 2, 21), date(2025, 2, 28)),
            ("broken_column", date(2025, 3, 5), date(2025, 3, 8)),
            ("concept_change", date(2025, 3, 18), None),
        )
        for change in (CHANGES[kind],)
    }
    assert spans == dict.fromkeys(CHANGES, (True, True))


def test_each_change_has_a_name_of_its_own_and_says_what_it_does() -> None:
    assert len({change.name for change in CHANGES.values()}) == len(CHANGES)
    assert all(change.description.endswith(".") for change in CHANGES.values())
