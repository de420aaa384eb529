"""docs/retraining.md: its YAML is legal, its queries run, and it names every table of the loop."""

import re
from pathlib import Path

import sqlalchemy as sa
import yaml
from pydantic import TypeAdapter

from monitoring_assets.cli.rehearsing import read_policy
from monitoring_assets.spec.notifications import NotificationsSpec
from monitoring_assets.spec.retraining import RetrainingSpec
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.tables import retraining
from monitoring_assets_tests.docs.pages import EXAMPLES

PAGE = (EXAMPLES.parent / "retraining.md").read_text(encoding="utf-8")


def fences(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_its_queries_run(database: Database) -> None:
    queries = [one for fence in fences("sql") for one in fence.split(";") if one.strip()]
    with database.connect() as connection:
        found = [connection.execute(sa.text(one)).all() for one in queries]
    assert found == [[]] * 8


def test_it_asks_every_table_of_the_loop() -> None:
    asked = {*re.findall(r"(?:FROM|JOIN) monitoring\.(\w+)", "".join(fences("sql")))}
    tables = {one.name for one in vars(retraining).values() if isinstance(one, sa.Table)}
    assert asked == tables | {"model_version", "deployment"}


def test_its_yaml_is_legal(tmp_path: Path) -> None:
    sections, other = map(yaml.safe_load, fences("yaml"))
    policy = TypeAdapter(RetrainingSpec).validate_python(sections["retraining"])
    assert (policy.columns, policy.promotion.gain) == (("pickup_zone",), 0.05)
    told = sections["notifications"] | {"webhook": "https://alerts.example.org/a"}
    assert TypeAdapter(NotificationsSpec).validate_python(told).after_windows == 1
    file = tmp_path / "other.yaml"
    file.write_text(yaml.safe_dump(other), encoding="utf-8")
    assert read_policy(file).windows_in_a_row == 5
