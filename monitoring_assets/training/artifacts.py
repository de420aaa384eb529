"""Models as bytes: written by skops, opened only after their SHA-256 has been checked.

Belongs here: bytes of a fitted pipeline, the list of types we trust, library versions. Stays out:
where the bytes are kept (storage) and pickle in any form.
"""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from monitoring_assets.errors import ArtifactError

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

TRUSTED_TYPES: Final = (
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)
"""Types beyond skops' own list that our estimators are made of; nothing else is constructed."""

_LIBRARIES: Final = ("scikit-learn", "skops", "numpy")


def dump(pipeline: "Pipeline") -> tuple[bytes, str]:
    """Return a fitted pipeline as compressed skops bytes, and their SHA-256 in hex."""
    import zipfile

    import skops.io

    content = skops.io.dumps(pipeline, compression=zipfile.ZIP_DEFLATED)
    return content, hashlib.sha256(content).hexdigest()


def load(content: bytes, sha256: str, versions: Mapping[str, str]) -> "Pipeline":
    """Open a stored pipeline.

    Parameters
    ----------
    content
        Bytes as stored.
    sha256
        Fingerprint recorded when the model was trained. skops has no integrity check of its own,
        and an edited tree crashes the process, so nothing is opened before this agrees.
    versions
        Library versions recorded when the model was trained.

    Raises
    ------
    ArtifactError
        Fingerprint, library version or a contained type is not what it must be, or the bytes are
        no skops file; nothing of it has been executed.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ArtifactError(
            f"the stored model has SHA-256 {found[:12]}…, recorded is {sha256[:12]}…: it was"
            " changed after training and is not opened; restore it from a backup or train a new"
            " version"
        )
    _require_same_library(versions)
    return _opened(content)


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries a stored model depends on."""
    return {name: version(name) for name in _LIBRARIES}


def _require_same_library(versions: Mapping[str, str]) -> None:
    """Refuse another minor version: gradient boosting of scikit-learn 1.8 does not load in 1.9."""
    trained, here = versions.get("scikit-learn", "unknown"), version("scikit-learn")
    if trained.split(".")[:2] != here.split(".")[:2]:
        raise ArtifactError(
            f"the stored model was trained with scikit-learn {trained}, here is {here};"
            " install that minor version, or train a new version of the model"
        )


def _opened(content: bytes) -> "Pipeline":
    import skops.io
    from sklearn.pipeline import Pipeline
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        opened = skops.io.loads(content, trusted=list(TRUSTED_TYPES))
    except UntrustedTypesFoundException as error:
        raise ArtifactError(
            f"the stored model holds types that are not trusted and is not opened: {error}"
        ) from error
    except Exception as error:
        # Whatever skops stumbles over (no zip file, no schema, a missing member) means the same.
        raise ArtifactError(
            f"the stored model is no skops file of ours ({type(error).__name__}: {error});"
            " train a new version"
        ) from error
    if not isinstance(opened, Pipeline):
        raise ArtifactError(
            f"the stored model is a {type(opened).__name__}, not a pipeline; train a new version"
        )
    return opened
