"""Environment variables and folders, read in this one place and only when asked.

Belongs here: names of environment variables, where data lies, which database is meant. Stays out:
opening the database (store.py), the clock (runtime.py).
"""

import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import monitoring_assets
from monitoring_assets.errors import ConfigurationError
from monitoring_assets.sources.base import TRIP_DATA_URL

DATA_FOLDER_VARIABLE: Final = "MONITORING_DATA_FOLDER"
DATABASE_VARIABLE: Final = "MONITORING_DATABASE_URL"
MODELS_VARIABLE: Final = "MONITORING_MODELS"
EXECUTOR_VARIABLE: Final = "MONITORING_EXECUTOR"
DAGSTER_URL_VARIABLE: Final = "MONITORING_DAGSTER_URL"
DAGSTER_PAGES_VARIABLE: Final = "MONITORING_DAGSTER_PAGES"
EXAMPLES_VARIABLE: Final = "MONITORING_EXAMPLES"
TRIP_DATA_VARIABLE: Final = "TLC_TRIP_DATA_URL"
MLFLOW_VARIABLE: Final = "MLFLOW_TRACKING_URI"


def package_folder() -> Path:
    """Return the folder of the installed package."""
    return Path(monitoring_assets.__file__).parent


def data_folder() -> Path:
    """Return the folder under which everything local is kept.

    `MONITORING_DATA_FOLDER`, else `data/` of the checkout this package runs from, else the user's
    own data folder.
    """
    chosen = os.environ.get(DATA_FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().resolve()
    checkout = package_folder().parent
    if (checkout / "workspace.yaml").exists() and (checkout / "pyproject.toml").exists():
        return checkout / "data"
    from platformdirs import user_data_path

    return user_data_path("monitoring_assets")


def model_folders() -> tuple[Path, ...]:
    """Return the folders that hold models: the shipped ones, then those of `MONITORING_MODELS`.

    `MONITORING_MODELS` may name several folders, separated as in `PATH`. With
    `MONITORING_EXAMPLES=off` the shipped models are left out.

    Raises
    ------
    ConfigurationError
        `MONITORING_EXAMPLES` is neither on nor off.
    """
    shipped = os.environ.get(EXAMPLES_VARIABLE) or "on"
    if shipped not in ("on", "off"):
        raise ConfigurationError(f"{EXAMPLES_VARIABLE} is {shipped!r}; legal: on, off")
    own = os.environ.get(MODELS_VARIABLE, "")
    return (
        *([package_folder() / "defs"] if shipped == "on" else []),
        *(Path(part).expanduser().resolve() for part in own.split(os.pathsep) if part),
    )


def trip_data_url() -> str:
    """Return where monthly files of taxi trips are downloaded from."""
    return os.environ.get(TRIP_DATA_VARIABLE) or TRIP_DATA_URL


def configured_database_url() -> str | None:
    """Return `MONITORING_DATABASE_URL`, or None when the embedded server is meant."""
    return os.environ.get(DATABASE_VARIABLE) or None


def mlflow_tracking_uri() -> str | None:
    """Return where MLflow keeps its runs; None if nothing is to be mirrored there."""
    return os.environ.get(MLFLOW_VARIABLE) or None


def dagster_pages() -> str | None:
    """Return where Dagster's web pages are, for links to runs; None if nobody has said.

    Raises
    ------
    ConfigurationError
        `MONITORING_DAGSTER_PAGES` is no web address, or holds a password, which links would show.
    """
    address = os.environ.get(DAGSTER_PAGES_VARIABLE)
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ConfigurationError(
            f"{DAGSTER_PAGES_VARIABLE} is not the address of Dagster's web pages; write it as"
            " https://dagster.example.org, without user and password"
        )
    return address.rstrip("/")
