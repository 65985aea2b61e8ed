"""`navi bot`: the main switch, thrown while the product runs."""

import typer

from bot.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Switch the bot's answers on or off.", no_args_is_help=True)
    group.command("on")(on)
    group.command("off")(off)
    group.command("status")(status)
    app.add_typer(group, name="bot")


def on() -> None:
    """The bot answers again, within two seconds."""
    _throw(True)


def off() -> None:
    """Members read a kind notice and the contact instead of answers, within two seconds."""
    _throw(False)


def status() -> None:
    """Say how the switch stands."""
    from bot.cli.store import migrated
    from bot.database import session_factory
    from bot.store.switches import Switches

    with migrated(load_settings()) as engine:
        is_on = Switches(session_factory(engine)).bot_is_on()
    typer.echo("The bot is on." if is_on else "The bot is off.")


def _throw(value: bool) -> None:
    from bot.cli.store import migrated
    from bot.clock import utc_now
    from bot.database import session_factory
    from bot.store.switches import Switches

    with migrated(load_settings()) as engine:
        Switches(session_factory(engine)).set_bot(value, utc_now())
    typer.echo("The bot is on." if value else "The bot is off.")
