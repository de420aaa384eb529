"""What `--from` means: files, or a table of a database.

Belongs here: telling these apart, which variable holds the database's URL. Stays out: finding files
(files.py), looking at anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.onboarding.csv_origin import CsvOrigin
from monitoring_assets.onboarding.files import find_files
from monitoring_assets.onboarding.origin import Origin
from monitoring_assets.onboarding.parquet_origin import ParquetOrigin
from monitoring_assets.onboarding.sql_origin import SqlOrigin, SqlTable
from monitoring_assets.spec.sources import OBJECT_STORES, ObjectStoreSpec

_TABLE: Final = "table:"


@dataclass(frozen=True, kw_only=True)
class Named:
    """What the user says about where the data is.

    Parameters
    ----------
    text
        A path, a folder, a pattern, an address of an object store, `table:NAME`, or the URL of a
        database.
    table
        Name of the table, beside a URL.
    url_variable
        Environment variable that holds the database's URL, or will.
    object_store
        How an object store is reached.
    event_time
        Column that is the event time.
    """

    text: str
    table: str | None
    url_variable: str
    object_store: ObjectStoreSpec
    event_time: str | None


def locate(
    named: Named, model_id: str, data_folder: Path, environment: Mapping[str, str]
) -> Origin:
    """Return the data that is meant.

    Parameters
    ----------
    data_folder
        Where relative paths of a YAML start.
    environment
        Environment variables.

    Raises
    ------
    ConfigurationError
        It is not there, or not enough was said about it.
    """
    scheme = named.text.partition("://")[0] if "://" in named.text else ""
    if named.text.startswith(_TABLE) or (scheme and scheme not in OBJECT_STORES):
        return SqlOrigin(_table(named, model_id, data_folder, environment), named.event_time)
    if named.table is not None:
        raise ConfigurationError("--table is for a database; --from names files")
    files = find_files(model_id, named.text, data_folder, named.object_store)
    return ParquetOrigin(files) if files.kind == "parquet" else CsvOrigin(files)


def _table(named: Named, model_id: str, folder: Path, environment: Mapping[str, str]) -> SqlTable:
    variable = named.url_variable
    known = environment.get(variable)
    if named.text.startswith(_TABLE):
        if not known:
            raise ConfigurationError(
                f"--from {_TABLE}…: the database's URL is read from {variable}, which is not set;"
                " set it, or name another variable by --url-env"
            )
        url, table = known, named.text.removeprefix(_TABLE)
    else:
        if known and known != named.text:
            raise ConfigurationError(
                f"{variable} holds the URL of another database; the YAML names the variable, not"
                " the URL: choose a variable for this one by --url-env"
            )
        url, table = named.text, named.table or ""
    if not table:
        raise ConfigurationError(
            f"name the table by --table NAME, or write --from {_TABLE}NAME, with the URL in"
            f" {variable}"
        )
    return SqlTable(
        model_id=model_id, url=SecretStr(url), variable=variable, table=table, folder=folder
    )
