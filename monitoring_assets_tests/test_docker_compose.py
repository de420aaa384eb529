"""docker-compose.yml and Dockerfile: what can be checked of them without a Docker engine.

Where a `docker compose` (or `docker-compose`, version 2) is installed, it parses the file as well.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from monitoring_assets.cli.main import cli
from monitoring_assets.resources import settings

ROOT = Path(__file__).parents[1]
COMPOSE_FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(\w+)(:\?|:-)?[^}]*\}")
EXACT_TAG = re.compile(r":\d+\.\d+(\.\d+)?(-[\w.-]+)?$")
# Variables that are read by programs of other people, at the versions named in the file.
KNOWN_ELSEWHERE = re.compile(
    r"^(DAGSTER_EVENT_BATCH_SIZE|OMP_NUM_THREADS|POSTGRES_(USER|PASSWORD|DB)"
    r"|PG(HOST|USER|PASSWORD|DATABASE)|GF_[A-Z_]+|GRAFANA_READER_PASSWORD)$"
)
OURS = {value for name, value in vars(settings).items() if name.endswith("_VARIABLE")}


@pytest.fixture(scope="module")
def text() -> str:
    return COMPOSE_FILE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose(text: str) -> dict[str, Any]:
    return yaml.safe_load(text)


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    return compose["services"]


def test_every_service_waits_for_services_that_can_become_what_it_waits_for(
    services: dict[str, Any],
) -> None:
    waits = [(d, w) for s in services.values() for d, w in s.get("depends_on", {}).items()]
    for name, wait in waits:
        ends = services[name]["restart"] == "no"
        expected = "service_completed_successfully" if ends else "service_healthy"
        assert wait["condition"] == expected, name
        assert ends or "healthcheck" in services[name], name


def test_every_image_is_named_with_an_exact_version(services: dict[str, Any]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    images = [s["image"] for s in services.values()] + re.findall(r"(?m)^FROM (\S+)", dockerfile)
    assert [image for image in images if not EXACT_TAG.search(image)] == []


def test_every_lasting_service_has_a_healthcheck_and_comes_back(services: dict[str, Any]) -> None:
    lasting = {n: s for n, s in services.items() if s["restart"] != "no"}
    assert {"postgres", "code", "webserver", "daemon", "grafana"} == lasting.keys()
    for name, service in lasting.items():
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
        assert service["restart"] == "unless-stopped", name


def test_passwords_have_no_default_and_are_required(text: str) -> None:
    uses = [(name, kind) for name, kind in VARIABLE.findall(text) if "PASSWORD" in name]
    assert {name for name, kind in uses if kind == ":?"} == {name for name, _ in uses}
    assert not [name for name, kind in uses if kind == ":-"]
    assert not re.findall(r"(?m)^\s+\w*PASSWORD\w*:\s*[^\s$]", text), (
        "a password stands in the file"
    )


def test_ports_are_open_to_this_machine_only(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_environment_variable_is_one_that_somebody_reads(services: dict[str, Any]) -> None:
    names = {name for service in services.values() for name in service["environment"]}
    assert {name for name in names if not KNOWN_ELSEWHERE.match(name)} <= OURS
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    set_in_image = set(re.findall(r"\b(MONITORING_\w+)=", dockerfile))
    assert set_in_image <= OURS


def test_secrets_of_models_come_from_a_file_that_git_does_not_keep(
    services: dict[str, Any],
) -> None:
    for name in ("code", "webserver", "daemon", "migrate"):
        assert services[name]["env_file"] == [{"path": "models.env", "required": False}]
    assert "models.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_mounted_files_and_named_volumes_exist(
    compose: dict[str, Any], services: dict[str, Any]
) -> None:
    mounts = [mount for service in services.values() for mount in service["volumes"]]
    sources = {mount.split(":")[0] for mount in mounts if not mount.startswith("${")}
    files = {source for source in sources if source.startswith("./")}
    assert sources - files == compose["volumes"].keys()
    assert [source for source in files if not (ROOT / source).exists()] == []


def test_the_database_volume_is_mounted_where_postgres_18_keeps_it(
    services: dict[str, Any],
) -> None:
    assert services["postgres"]["image"].startswith("postgres:18.")
    assert services["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    # Without an address the check turns green while the volume is still being initialised.
    assert {"-h", "127.0.0.1"} <= {*services["postgres"]["healthcheck"]["test"]}


def test_our_own_containers_do_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["monitoring"]


def test_the_image_gets_nothing_but_what_the_dockerfile_copies() -> None:
    copies = re.findall(r"(?m)^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    copied = {name.split("/")[0] for line in copies for name in line.split()}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert allowed == copied
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_migration_calls_commands_that_exist(services: dict[str, Any]) -> None:
    script = services["migrate"]["command"][-1]
    calls = [line.split()[1:] for line in script.splitlines() if line.startswith("monitoring-")]
    assert len(calls) == 2
    for group, command in calls:
        context = click.Context(cli)
        found = cli.get_command(context, group)
        assert isinstance(found, click.Group)
        assert found.get_command(context, command), (group, command)


def test_docker_compose_accepts_the_file_with_the_passwords_and_not_without() -> None:
    program = shutil.which("docker-compose")
    if program is None or "version 2" not in run(program, "version").stdout.lower():
        pytest.skip("docker-compose 2 is not on the PATH: only the rules above were checked")
    names = ("POSTGRES_PASSWORD", "GRAFANA_READER_PASSWORD", "GRAFANA_ADMIN_PASSWORD")
    assert run(program, "config", "--quiet", **dict.fromkeys(names, "x1")).returncode == 0
    for missing in names:
        given = dict.fromkeys({*names} - {missing}, "x1")
        assert run(program, "config", "--quiet", **given).returncode != 0, missing


def run(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, "-f", str(COMPOSE_FILE), *arguments],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
