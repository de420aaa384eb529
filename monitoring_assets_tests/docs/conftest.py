"""Pages of docs/examples, each walked through once by the module of tests that names it."""

from collections.abc import Iterator

import pytest

from monitoring_assets_tests.conftest import NewDatabase
from monitoring_assets_tests.docs.pages import read_page
from monitoring_assets_tests.docs.walking import Walked, walked


@pytest.fixture(scope="module")
def page(
    request: pytest.FixtureRequest,
    new_database: NewDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Walked]:
    """The page that the module calls `PAGE`, walked through in an empty folder."""
    folder = tmp_path_factory.mktemp("page")
    with (
        new_database() as warehouse,
        walked(read_page(request.module.PAGE), folder, WAREHOUSE_URL=warehouse.url) as done,
    ):
        yield done
