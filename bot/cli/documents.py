"""`navi wording` and `navi tree`: sheets and drawings for people who don't program."""

import typer


def register(app: typer.Typer) -> None:
    """Add the commands."""
