"""Stored models: they predict the same, and nothing that was tampered with is opened."""

import hashlib
import io
import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from monitoring_assets.errors import ArtifactError
from monitoring_assets.training.artifacts import TRUSTED_TYPES, dump, library_versions, load
from monitoring_assets.training.fit import fit, predict
from monitoring_assets_tests.training.trips import ESTIMATORS, features, spec_of, trips

ROWS = features([1.0, None, 9.0, float("inf")], ["north", "south", "unseen", None])


class Payload:
    """Leaves a file behind as soon as anyone builds it from its stored state."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __setstate__(self, state: dict[str, Any]) -> None:
        Path(state["path"]).touch()

    def __reduce__(self) -> Any:
        return Path.touch, (Path(self.path),)


@pytest.fixture
def trace(tmp_path: Path) -> Iterator[Path]:
    trace = tmp_path / "executed"
    yield trace
    assert not trace.exists(), "the payload was executed"


def opened(content: bytes) -> Pipeline:
    return load(content, hashlib.sha256(content).hexdigest(), library_versions())


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_stored_model_predicts_the_same(estimator: str) -> None:
    spec = spec_of(estimator)
    pipeline = fit(spec, trips())
    content, sha256 = dump(pipeline)
    again = load(content, sha256, library_versions())
    assert np.array_equal(predict(again, spec, ROWS), predict(pipeline, spec, ROWS))


def test_every_trusted_type_is_needed_by_one_of_our_estimators() -> None:
    needed: set[str] = set()
    for estimator in ESTIMATORS:
        content, _ = dump(fit(spec_of(estimator), trips()))
        needed |= {*skops.io.get_untrusted_types(data=content)}
    assert needed == {*TRUSTED_TYPES}


def test_the_fingerprint_is_the_sha256_of_the_bytes() -> None:
    content, sha256 = dump(fit(spec_of("linear"), trips()))
    assert sha256 == hashlib.sha256(content).hexdigest()


def test_a_stored_model_is_smaller_than_without_compression() -> None:
    pipeline = fit(spec_of("hist_gradient_boosting"), trips())
    assert len(dump(pipeline)[0]) < 0.5 * len(skops.io.dumps(pipeline))


@pytest.mark.parametrize("place", [0, 100, -1])
def test_a_single_changed_byte_is_found(place: int) -> None:
    content, sha256 = dump(fit(spec_of("linear"), trips()))
    changed = bytearray(content)
    changed[place] ^= 1
    with pytest.raises(ArtifactError, match="it was changed after training and is not opened"):
        load(bytes(changed), sha256, library_versions())


def test_a_wrong_fingerprint_is_named_with_the_right_one() -> None:
    content, sha256 = dump(fit(spec_of("linear"), trips()))
    with pytest.raises(
        ArtifactError, match=f"has SHA-256 {sha256[:12]}…, recorded is 000000000000"
    ):
        load(content, "0" * 64, library_versions())


def test_a_pickle_in_place_of_a_model_is_refused_and_not_executed(trace: Path) -> None:
    with pytest.raises(ArtifactError, match="is no skops file of ours"):
        opened(pickle.dumps(Payload(str(trace))))


def test_a_pickle_inside_a_skops_file_is_refused_and_not_executed(trace: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("schema.json", pickle.dumps(Payload(str(trace))))
    with pytest.raises(ArtifactError, match="is no skops file of ours"):
        opened(content.getvalue())


def test_a_type_that_is_not_trusted_is_refused_and_not_executed(trace: Path) -> None:
    content = skops.io.dumps(Payload(str(trace)))
    with pytest.raises(ArtifactError, match=r"types that are not trusted.*Payload"):
        opened(content)


def test_the_payload_of_these_tests_would_be_executed_by_whoever_trusts_it(tmp_path: Path) -> None:
    trace = tmp_path / "executed"
    content = skops.io.dumps(Payload(str(trace)))
    skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))
    assert trace.exists()
    trace.unlink()
    pickle.loads(pickle.dumps(Payload(str(trace))))  # noqa: S301 - our own, to see that it works
    assert trace.exists()


def test_a_pipeline_with_a_foreign_function_is_refused() -> None:
    pipeline = Pipeline([("evil", FunctionTransformer(func=Path.touch))])
    with pytest.raises(ArtifactError, match="not trusted"):
        opened(skops.io.dumps(pipeline))


@pytest.mark.parametrize("content", [b"", b"PK", b"\x80\x04.", b"{}"])
def test_bytes_that_are_no_model_are_refused(content: bytes) -> None:
    with pytest.raises(ArtifactError, match="train a new version"):
        opened(content)


def test_a_trusted_object_that_is_no_pipeline_is_refused() -> None:
    with pytest.raises(ArtifactError, match="is a list, not a pipeline"):
        opened(skops.io.dumps([1, 2, 3]))


@pytest.mark.parametrize("version", ["1.8.0", "2.0.1", None])
def test_another_minor_version_of_scikit_learn_is_refused_before_opening(
    version: str | None,
) -> None:
    content, sha256 = dump(fit(spec_of("linear"), trips()))
    versions = {} if version is None else {"scikit-learn": version}
    with pytest.raises(
        ArtifactError, match=f"trained with scikit-learn {version or 'unknown'}, here"
    ):
        load(content, sha256, versions)


def test_another_patch_version_of_scikit_learn_will_do() -> None:
    content, sha256 = dump(fit(spec_of("linear"), trips()))
    major, minor, *_ = library_versions()["scikit-learn"].split(".")
    assert load(content, sha256, {"scikit-learn": f"{major}.{minor}.99"})


def test_the_versions_of_the_libraries_are_recorded() -> None:
    assert {*library_versions()} == {"scikit-learn", "skops", "numpy"}
    assert library_versions()["numpy"] == np.__version__
