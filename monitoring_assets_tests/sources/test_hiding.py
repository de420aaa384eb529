"""What looks like a secret in a text, and what does not."""

import pytest

from monitoring_assets.sources.hiding import shareable, without_secrets


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:hunter2@db/x",
        "postgresql://me:hun/t@er2@db:5432/x",
        "could not fetch https://ghp_hunter2@host/x",
        "GET https://host/rows?api_key=hunter2 failed",
        "GET https://host/rows?limit=5&key=hunter2 failed",
        "https://host/x?X-Amz-Signature=hunter2&more=1",
        "api-key: hunter2",
        "TOKEN=hunter2",
        "db_password = 'hunter2'",
        "{'password': 'hunter2', 'user': 'me'}",
        '{"access_key": "hunter2 and more"}',
        "headers {'Authorization': 'Bearer hunter2'}",
        "Authorization: Bearer hunter2",
        "aws_secret_access_key=hunter2;region=x",
        "AccountKey=hunter2==;EndpointSuffix=x",
    ],
)
def test_a_secret_becomes_stars(text: str) -> None:
    shown = without_secrets(text)
    assert "***" in shown
    assert not [part for part in ("hunter2", "er2", "and more") if part in shown]


@pytest.mark.parametrize(
    "text",
    [
        "no row for key 7",
        "https://host:443/rows?limit=5",
        "'id' at 12:30, zone=x",
        "monkey=1",
        "a@b",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_secrets(text) == text


def test_what_stands_around_a_secret_stays() -> None:
    text = "GET https://host/rows?token=t0k&limit=5 of postgresql://me:pw@db/x failed"
    expected = "GET https://host/rows?token=***&limit=5 of postgresql://***@db/x failed"
    assert without_secrets(text) == expected


def test_an_exception_with_a_secret_anywhere_behind_it_is_not_shareable() -> None:
    plain, secret, noted = (ValueError(text) for text in ("x", "token=t0k", "y"))
    noted.add_note("password=pw")
    assert shareable(plain) is plain
    assert shareable(secret) is shareable(noted) is None
    plain.__context__ = secret
    secret.__cause__ = plain  # a circle
    assert shareable(plain) is None
