"""Tests that need Rasa; run by ../test_inside.py with the dialogue's interpreter (unittest)."""

from rasa_components import lean

lean.install()

import rasa.core.agent  # noqa: E402, F401  what the process imports, before anything is changed
from rasa.utils.log_utils import configure_structlog  # noqa: E402

configure_structlog()
