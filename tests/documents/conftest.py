"""The project's own wordings, read once, and a builder of small ones."""

import pytest

from bot.documents.wordings import Wording, all_wordings
from bot.settings import PROJECT_ROOT


@pytest.fixture(scope="session")
def wordings() -> list[Wording]:
    """Every wording of the product."""
    return all_wordings(PROJECT_ROOT)
