"""Arithmetic on database URLs.

Belongs here: checking, masking and rewriting a URL, so that libpq, ADBC, SQLAlchemy and Dagster all
understand it. Stays out: connections, and the environment.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
import psycopg.conninfo
import sqlalchemy
from sqlalchemy.exc import ArgumentError

from monitoring_assets.errors import ConfigurationError

SCHEMES = ("postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2")
EXPECTED = (
    "expected postgresql://user:password@host:5432/database "
    "(characters like @ : / % in the password percent-encoded)"
)


def normalise_url(url: str) -> str:
    """Return the URL as plain `postgresql://…`.

    A `+` in its parameters is spelt out: it is a plus to libpq, but a space to SQLAlchemy.

    Raises
    ------
    ConfigurationError
        It is no URL of a Postgres database. The message never shows it: it may hold a password.
    """
    scheme, separator, rest = url.strip().partition("://")
    if not separator:
        raise ConfigurationError(f"the database URL has no scheme; {EXPECTED}")
    if scheme not in SCHEMES:
        raise ConfigurationError(
            f"the database URL starts with '{scheme}://', but only Postgres is "
            f"supported; {EXPECTED}"
        )
    address, mark, parameters = rest.partition("?")
    plain = f"postgresql://{address}{mark}{parameters.replace('+', '%2B')}"
    try:
        database = sqlalchemy.make_url(plain).database
        psycopg.conninfo.conninfo_to_dict(plain)
    except (ValueError, ArgumentError, psycopg.ProgrammingError):
        # Without the cause: its message quotes a part of the URL.
        raise ConfigurationError(f"the database URL cannot be read; {EXPECTED}") from None
    if not database:
        raise ConfigurationError(f"the database URL names no database; {EXPECTED}")
    return plain


def with_driver(url: str, driver: str) -> str:
    """Return the URL in SQLAlchemy's form for one driver.

    >>> with_driver("postgresql://localhost/monitoring", "psycopg")
    'postgresql+psycopg://localhost/monitoring'
    """
    return url.replace("postgresql://", f"postgresql+{driver}://", 1)


def with_defaults(url: str, defaults: Mapping[str, str]) -> str:
    """Return the URL with these connection parameters, except those it has already.

    >>> with_defaults("postgresql://db/x?connect_timeout=9", {"connect_timeout": "5", "a": "b"})
    'postgresql://db/x?connect_timeout=9&a=b'
    """
    parts = urlsplit(url)
    own = dict(parse_qsl(parts.query, keep_blank_values=True))
    added = {name: value for name, value in defaults.items() if name not in own}
    query = urlencode({**own, **added}, quote_via=quote, safe="/")
    return urlunsplit(parts._replace(query=query))


def with_options(url: str, options: str) -> str:
    """Return the URL with further settings for the session, after those it has already.

    >>> with_options("postgresql://db/x", "-csearch_path=dagster")
    'postgresql://db/x?options=-csearch_path%3Ddagster'
    """
    parts = urlsplit(url)
    own = dict(parse_qsl(parts.query, keep_blank_values=True))
    combined = " ".join(filter(None, (own.get("options"), options)))
    query = urlencode({**own, "options": combined}, quote_via=quote, safe="/")
    return urlunsplit(parts._replace(query=query))


def password_of(url: str) -> str | None:
    """Return the password in the URL, wherever it stands there."""
    found = psycopg.conninfo.conninfo_to_dict(url).get("password")
    return None if found is None else str(found)


def mask_url(url: str) -> str:
    """Return the URL for a log: with stars in place of the password.

    >>> mask_url("postgresql://ann:secret@db/x?sslmode=require")
    'postgresql://ann:***@db/x?sslmode=require'
    """
    parts = urlsplit(url)
    user, colon, _ = parts.netloc.rpartition("@")[0].partition(":")
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{user}:***@{host}" if colon else parts.netloc
    secrets = {"password", "sslpassword", "passfile"}
    shown = [(k, "***" if k in secrets else v) for k, v in parse_qsl(parts.query)]
    query = urlencode(shown, quote_via=quote, safe="/*")
    return urlunsplit(parts._replace(netloc=netloc, query=query))
