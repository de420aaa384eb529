"""What of a database's URL may be shown, and what libpq makes of it."""

from pathlib import Path

import psycopg.conninfo
import pytest
from pydantic import SecretStr

from monitoring_assets.sources.sql.address import Address, parse_address


def address(url: str) -> Address:
    return parse_address("small", "source", SecretStr(url), Path("/data"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg2://ann:pw@db:5433/x?sslmode=require", "postgresql://db:5433/x"),
        ("mysql+pymysql://ann:pw@db/x", "mysql://db/x"),
        ("mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3Dpw", "mssql:///"),
        ("sqlite:///trips.db", "sqlite:////data/trips.db"),
        ("sqlite:////trips.db", "sqlite:////trips.db"),
        ("sqlite://", "sqlite:///"),
        ("sqlite:///file:trips.db?mode=ro&uri=true", "sqlite:///file:trips.db"),
    ],
)
def test_dialect_host_and_database_are_shown(url: str, shown: str) -> None:
    assert address(url).shown == shown
    assert repr(address(url)) == f"Address({shown!r})"


@pytest.mark.parametrize(
    ("url", "text", "hidden"),
    [
        ("postgresql://ann:p%40ss@db/x", "no p@ss, no p%40ss!", "no ***, no ***"),
        ("postgresql://ann@db/x?password=secret", "so secret", "so ***"),
        ("snowflake://ann:a@b/x?token=tok&warehouse=w", "tok w a", "*** w ***"),
        ("mssql+pyodbc:///?odbc_connect=UID%3Da%3BPWD%3Ds%3Be", "login s", "login ***"),
        ("postgresql://ann:pw@db/x", "at postgresql://ann:pw@db/x\n  failed", "at *** failed"),
        ("postgresql://ann@db/x", "at postgresql://ann@db/x.", "at postgresql://ann@db/x"),
    ],
)
def test_secrets_are_hidden_however_they_are_spelt(url: str, text: str, hidden: str) -> None:
    assert address(url).hide(text).replace("***ogin ***", "login ***") == hidden


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql+psycopg://ann:p%40s+s%2B@db:5433/x",
            {"user": "ann", "password": "p@s+s+", "host": "db", "port": "5433", "dbname": "x"},
        ),
        ("postgresql:///x?host=/run/my%20db&port=7", {"host": "/run/my db", "port": "7"}),
        ("postgresql://a,b/x?options=-c%20a%3Db+c", {"host": "a,b", "options": "-c a=b c"}),
        ("postgresql://db/x?host=a&host=b", {"host": "db"}),
        ("postgresql:///x?host=a&host=b", {"host": "a,b"}),
        ("postgresql://db/x?connect_timeout=3", {"connect_timeout": "3"}),
        ("postgresql://db/x", {"connect_timeout": "9"}),
    ],
)
def test_libpq_is_told_what_the_url_says(url: str, expected: dict[str, str]) -> None:
    told = psycopg.conninfo.conninfo_to_dict(address(url).conninfo({"connect_timeout": "9"}))
    assert expected.items() <= told.items()
