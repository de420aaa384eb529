"""URLs: what is accepted, what becomes of them, and that no password leaks."""

import psycopg.conninfo
import pytest
import sqlalchemy

from monitoring_assets.errors import ConfigurationError
from monitoring_assets.storage.database import Database
from monitoring_assets.storage.database_url import (
    mask_url,
    normalise_url,
    with_defaults,
    with_driver,
    with_options,
)

PLAIN = "postgresql://ann:s%40cret@db.example:5433/metrics?sslmode=require"


@pytest.mark.parametrize(
    "scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"]
)
def test_every_spelling_of_the_scheme_becomes_the_plain_one(scheme: str) -> None:
    assert normalise_url(PLAIN.replace("postgresql", scheme)) == PLAIN


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysql://ann:secret@db/metrics", "starts with 'mysql://'"),
        ("sqlite:////tmp/secret.db", "starts with 'sqlite://'"),
        ("host=db password=secret", "no scheme"),
        ("", "no scheme"),
        ("postgresql://ann:secret@db", "names no database"),
        ("postgresql://ann:secret@db:port/metrics", "cannot be read"),
        ("postgresql://ann:secret%zz@db/metrics", "cannot be read"),
        ("postgresql://ann:secret@one:1,two:2/metrics", "cannot be read"),
        ("postgresql://ann:secret@db/metrics?no_such_parameter=1", "cannot be read"),
    ],
)
def test_what_is_no_postgres_url_is_an_error_that_shows_no_password(url: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        Database(url)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    [
        PLAIN,
        "postgresql://db/metrics?user=ann&password=s%40cret",
        "postgresql://ann:s%40cret@db/metrics?sslpassword=s%40cret",
    ],
)
def test_a_database_shows_its_password_to_nobody(url: str) -> None:
    database = Database(url)
    assert "cret" not in f"{database} {database!r} {database.masked}"
    assert "***" in database.masked


def test_a_url_without_password_is_shown_as_it_is() -> None:
    url = "postgresql://postgres@/monitoring?host=/srv/my%20data/socket&port=5432"
    assert mask_url(url) == url


def test_a_plus_in_a_parameter_means_the_same_to_libpq_and_sqlalchemy() -> None:
    url = normalise_url("postgresql://ann@/metrics?host=/srv/a+b%20c")
    assert psycopg.conninfo.conninfo_to_dict(url)["host"] == "/srv/a+b c"
    assert sqlalchemy.make_url(url).query["host"] == "/srv/a+b c"


def test_own_parameters_win_over_defaults() -> None:
    url = with_defaults(PLAIN, {"sslmode": "disable", "connect_timeout": "5"})
    assert url == f"{PLAIN}&connect_timeout=5"


def test_further_options_come_after_the_own_ones() -> None:
    url = with_options("postgresql://db/x?options=-cjit%3Doff", "-csearch_path=dagster")
    parsed = psycopg.conninfo.conninfo_to_dict(url)
    assert parsed["options"] == "-cjit=off -csearch_path=dagster"
    assert sqlalchemy.make_url(url).query["options"] == parsed["options"]


def test_the_driver_stands_in_the_scheme_alone() -> None:
    url = with_driver("postgresql://postgresql:x@postgresql/postgresql", "psycopg")
    assert url == "postgresql+psycopg://postgresql:x@postgresql/postgresql"
