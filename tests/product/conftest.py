"""One running product for all tests of this folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.serving.model import RASA
from tests.product.member import Member
from tests.product.running import Product, new_product


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:  # the hook sees every test of the run, not only this folder's
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.rasa)


@pytest.fixture(scope="session")
def make_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Product]]:
    """Makes products with settings of their own; none of them outlives the session."""
    if not RASA.exists():
        pytest.skip("the dialogue's environment (.venv-rasa) is missing: run `make setup`")
    made: list[Product] = []

    def make(**settings: str) -> Product:
        made.append(new_product(tmp_path_factory.mktemp("product") / "var", **settings))
        return made[-1]

    yield make
    for product in made:
        product.end()


@pytest.fixture(scope="session")
def product(make_product: Callable[..., Product]) -> Iterator[Product]:
    """The product in demo mode; its stop is a test too."""
    product = make_product()
    product.start()
    yield product
    product.stop()


@pytest.fixture
def guest(product: Product) -> Iterator[Member]:
    """A guest whose conversation has begun, on an ordinary Wednesday."""
    with Member(product.base_url) as member:
        member.start(now="2026-06-10T12:00:00+09:00")
        yield member
