"""Results with verdicts: from our dataclasses to the slices that replace a window's.

Belongs here: which dataclass goes to which table. Stays out: writing (window_write.py), judging
(package evaluation), reading for people (verdicts.py).
"""

from collections.abc import Sequence
from dataclasses import fields

from monitoring_assets.errors import StorageError
from monitoring_assets.records import (
    REALISED,
    DataQuality,
    DatasetDrift,
    DriftScore,
    ModelQuality,
)
from monitoring_assets.storage import tables
from monitoring_assets.storage.statements import Row
from monitoring_assets.storage.window_write import SliceWrite


def drift_score_write(scores: Sequence[DriftScore], target: str | None = None) -> SliceWrite:
    """Return the drift scores of a window against one reference; those against others stay.

    So do those of the target, which are judged with its labels.
    """
    within = {"reference_version": _one_version("drift scores", scores)}
    without = {} if target is None else {"column_name": target}
    rows = _rows(scores)
    return SliceWrite(table=tables.drift_score, rows=rows, within=within, without=without)


def target_drift_write(scores: Sequence[DriftScore], target: str) -> SliceWrite:
    """Return the drift scores of a window's target against one reference; all others stay."""
    version = _one_version("drift scores of the target", scores)
    within = {"reference_version": version, "column_name": target}
    return SliceWrite(table=tables.drift_score, rows=_rows(scores), within=within)


def dataset_drift_write(drifts: Sequence[DatasetDrift]) -> SliceWrite:
    """Return the dataset's verdicts against one reference, one for each segment.

    Those against others stay.
    """
    within = {"reference_version": _one_version("dataset verdicts", drifts)}
    return SliceWrite(table=tables.dataset_drift, rows=_rows(drifts), within=within)


def _one_version(what: str, results: Sequence[DriftScore | DatasetDrift]) -> int:
    versions = {one.reference_version for one in results}
    if len(versions) != 1:
        raise StorageError(
            f"{what} of one window against reference versions {sorted(versions)}: they are"
            " replaced reference by reference, so exactly one version is needed"
        )
    return versions.pop()


def data_quality_write(numbers: Sequence[DataQuality]) -> SliceWrite:
    """Return the data-quality numbers of a window."""
    return SliceWrite(table=tables.data_quality, rows=_rows(numbers))


def model_quality_write(numbers: Sequence[ModelQuality], kind: str = REALISED) -> SliceWrite:
    """Return the quality numbers of a window of one kind; those of the other kind stay."""
    others = sorted({number.kind for number in numbers} - {kind})
    if others:
        raise StorageError(f"quality numbers of kind {others} given as {kind!r}")
    return SliceWrite(
        table=tables.model_quality,
        rows=_rows(numbers),
        within={"kind": kind},
        history=tables.model_quality_history,
    )


def _rows(
    results: Sequence[DriftScore | DatasetDrift | DataQuality | ModelQuality],
) -> list[Row]:
    # The verdict is an enumeration; neither driver should have to know.
    return [
        {one.name: getattr(result, one.name) for one in fields(result)}
        | {"verdict": result.verdict.value}
        for result in results
    ]
