"""Which windows' rows a new version learns from.

Belongs here: the span of the policy over the windows that have labels. Stays out: reading rows, and
which of them are held out (training).
"""

from collections.abc import Sequence
from datetime import datetime

from monitoring_assets.records import LabelledWindow
from monitoring_assets.spec.model import ModelSpec


def training_span(
    spec: ModelSpec, episode_start: datetime, known: Sequence[LabelledWindow]
) -> tuple[LabelledWindow, ...]:
    """Return the windows to learn from, oldest first; those without a label give no row.

    Parameters
    ----------
    episode_start
        Start of the first alarming window of the episode.
    known
        Complete windows of the model, oldest first.
    """
    policy = spec.retraining
    labelled = tuple(one for one in known if one.labelled)
    if policy is None or policy.training_span == "expanding":
        return labelled
    if policy.last_windows is not None:
        return labelled[-policy.last_windows :]
    return tuple(one for one in labelled if one.window.start >= episode_start)
