"""What the UI shows of an alarming window: what makes it up, short enough to be read there."""

from typing import Any

import dagster as dg

from monitoring_assets.assets import names
from monitoring_assets.evaluation.explaining.text import LONGEST
from monitoring_assets.records import Layer
from monitoring_assets_tests.assets.planted_model import BAD_DAY, QUIET_DAY, WORSE_DAY
from monitoring_assets_tests.dagster_runs import Runner


def metadata(planted: Runner, layer: Layer, day: str) -> dict[str, Any]:
    wanted = dg.AssetRecordsFilter(
        asset_key=names.asset_key("planted", layer), asset_partitions=[day]
    )
    (record,) = planted.instance.fetch_materializations(wanted, limit=1).records
    assert record.asset_materialization is not None
    return dict(record.asset_materialization.metadata)


def explanation(planted: Runner, layer: Layer, day: str) -> str:
    found = metadata(planted, layer, day)["explanation"]
    assert isinstance(found, dg.MarkdownMetadataValue)
    assert len(found.value or "") <= LONGEST
    return found.value or ""


def test_the_asset_of_quality_names_the_planted_segment(planted: Runner) -> None:
    said = explanation(planted, Layer.MODEL_QUALITY, WORSE_DAY)
    assert said.startswith(f"#### planted, window {WORSE_DAY}: alarm")
    assert "To blame first: zone=south." in said
    assert f"Alarming since {BAD_DAY}: 2 windows in a row." in said
    assert f"monitoring-assets explain planted {WORSE_DAY}" in said
    assert "Data drift alarms: minutes." in said
    assert "drift of zone" not in said


def test_the_asset_of_drift_names_categories_and_segments(planted: Runner) -> None:
    said = explanation(planted, Layer.DATA_DRIFT, WORSE_DAY)
    assert (
        "#### drift of zone by chi\\_squared: alarm" in said
        or "drift of zone by chi_squared" in said
    )
    assert "| south |" in said
    assert "By zone: " in said
    assert "quality" not in said


def test_a_quiet_window_has_no_explanation(planted: Runner) -> None:
    for layer in (Layer.DATA_DRIFT, Layer.MODEL_QUALITY):
        assert "explanation" not in metadata(planted, layer, QUIET_DAY)
    assert "explanation" not in metadata(planted, Layer.DATA_DRIFT, BAD_DAY)
