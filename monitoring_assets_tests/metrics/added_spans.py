"""Spans added up, as a week is the sum of its days.

Belongs here: the sum of spans that are at hand. Stays out: assertions, adding up what is read from
tables (storage/roll_up/spans.py).
"""

from collections.abc import Iterable

from monitoring_assets.metrics.span import SpanProfiles, add_up


def add_spans(spans: Iterable[SpanProfiles]) -> SpanProfiles:
    """Return the sum of spans, in order of time."""
    given = list(spans)
    return add_up(
        [pair for span in given for pair in span.columns.items()],
        [pair for span in given for pair in span.quality.items()],
        sum(span.windows for span in given),
        [one for span in given for one in span.left_out],
    )
