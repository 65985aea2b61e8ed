"""`navi backup` and `navi restore`."""

from pathlib import Path
from typing import Annotated

import typer

from bot.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    folder: Annotated[Path, typer.Argument(help="Where the new folder of this backup is made.")],
) -> None:
    """Copy all state into a new folder, while the product runs; prints the folder."""
    from bot.clock import utc_now
    from bot.store.backup import back_up

    print(back_up(load_settings(), folder, utc_now()))


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `navi backup` has printed.")],
) -> None:
    """Put a backup in place of a database that is empty or gone; navi must not run."""
    from bot.store.backup import restore as run

    run(load_settings(), folder)
    print("Restored. Import the registry now: its data are as old as the backup.")
