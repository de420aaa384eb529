"""Where a database is: its URL, what of it may be shown, and hiding the rest.

Belongs here: reading the URL of a YAML, also `monitoring:///NAME`: database NAME on the server of
the monitoring database. Stays out: connecting (postgres.py, databases.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote, quote_plus

import psycopg
import psycopg.conninfo
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.exc import ArgumentError

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.sources.base import ServerUrl, no_server
from monitoring_assets.spec.sources import BESIDE_US

_EXPECTED = (
    "Write dialect://user:password@host:port/database, with characters like @ : / % in the password"
    " percent-encoded"
)
_SECRET = re.compile(r"pass|pwd|secret|token|key|credential|odbc_connect", re.IGNORECASE)
"""Names of parameters of a URL whose values are hidden."""

_ODBC_PASSWORD = re.compile(r"(?:pwd|password)\s*=\s*(\{[^}]*\}|[^;]*)", re.IGNORECASE)


@dataclass(frozen=True, repr=False)
class Address:
    """A database of one model's source; its text and its messages never show a secret.

    Parameters
    ----------
    model_id, section
        For messages: the model, and the section of its YAML with the URL.
    secret
        The URL as the YAML has it.
    url
        The same, taken apart.
    beside_us
        Name of the database, if the YAML says that it is on the monitoring database's server; ''
        otherwise.
    """

    model_id: str
    section: str
    secret: SecretStr
    url: sa.URL
    beside_us: str = field(default="", kw_only=True)

    def __repr__(self) -> str:
        return f"Address({self.shown!r})"

    @property
    def is_postgres(self) -> bool:
        """Whether it is a PostgreSQL database, whichever driver the URL names."""
        return self.url.get_backend_name() in ("postgresql", "postgres")

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of SQLite."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def shown(self) -> str:
        """Dialect, host and database: what anyone may see."""
        if self.beside_us:
            return f"monitoring:///{self.beside_us}"
        host = self.url.host or ""
        port = f":{self.url.port}" if self.url.port else ""
        return f"{self.url.get_backend_name()}://{host}{port}/{self.url.database or ''}"

    def conninfo(self, defaults: Mapping[str, str]) -> str:
        """Return the address of a PostgreSQL database as libpq and ADBC want it.

        Parameters
        ----------
        defaults
            Parameters for a URL that does not name them itself.

        Raises
        ------
        ConfigurationError
            The URL has a parameter that libpq does not know.
        """
        query = {
            name: value if isinstance(value, str) else ",".join(value)
            for name, value in self.url.query.items()
        }
        parts = {
            "host": self.url.host,
            "port": self.url.port,
            "user": self.url.username,
            "password": self.url.password,
            "dbname": self.url.database,
        }
        given = {name: value for name, value in parts.items() if value is not None}
        try:
            return psycopg.conninfo.make_conninfo("", **{**defaults, **query, **given})
        except psycopg.ProgrammingError as error:
            reason = self.hide(str(error))
        raise ConfigurationError(
            f"model '{self.model_id}': `{self.section}.url` cannot be used: {reason}. PostgreSQL is"
            " read through libpq, whichever driver the URL names: give libpq's parameters"
        )

    def hide(self, text: str) -> str:
        """Return a text in one line, with stars in place of whatever of the URL is secret."""
        for secret in self._secrets():
            text = text.replace(secret, "***")
        return " ".join(text.split()).rstrip(".?! ")

    def _secrets(self) -> list[str]:
        """Return every spelling of what must not be seen, the longest first."""
        values = [str(self.url.password or "")]
        for name, given in self.url.query.items():
            if _SECRET.search(name):
                for value in (given,) if isinstance(given, str) else given:
                    values += [value, *_ODBC_PASSWORD.findall(value)]
        spelt = {
            form
            for value in filter(None, values)
            for form in (value, quote(value, safe=""), quote_plus(value))
        }
        if spelt:  # a URL without a secret may be seen
            spelt |= {
                self.secret.get_secret_value(),
                self.url.render_as_string(hide_password=False),
            }
        return sorted(spelt, key=len, reverse=True)


def parse_address(
    model_id: str,
    section: str,
    secret: SecretStr,
    folder: Path,
    server_url: ServerUrl = no_server,
) -> Address:
    """Return the address that a URL names; a relative file of SQLite's starts at `folder`.

    Parameters
    ----------
    server_url
        Where the monitoring database is, for a database beside it.

    Raises
    ------
    ConfigurationError
        It is no URL of a database. The message never shows it, nor does its cause.
    """
    text = secret.get_secret_value().strip()
    beside_us = BESIDE_US.fullmatch(text)
    if beside_us:
        return _address_beside_us(model_id, section, beside_us["name"], server_url())
    url = _parsed(text)
    if url is None:
        raise ConfigurationError(
            f"model '{model_id}': `{section}.url` cannot be read as the URL of a database."
            f" {_EXPECTED}"
        )
    address = Address(model_id, section, secret, url)
    file = url.database
    if address.is_sqlite and file and file != ":memory:" and not file.startswith("file:"):
        return replace(address, url=url.set(database=str(folder / file)))
    return address


def _address_beside_us(model_id: str, section: str, name: str, server: str) -> Address:
    url = sa.make_url(server).set(database=name)
    secret = SecretStr(url.render_as_string(hide_password=False))
    return Address(model_id, section, secret, url, beside_us=name)


def _parsed(text: str) -> sa.URL | None:
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError):
        return None  # its message quotes a part of the URL
    # An @ in the password that is not percent-encoded makes the rest of the password a host.
    return None if "@" in (url.host or "") else url
