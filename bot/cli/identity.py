"""`navi identity`: tokens as the member site mints them, for trying things out."""

from typing import Annotated

import typer

from bot.cli.output import CommandError, a_number
from bot.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Identity tokens of the member site.", no_args_is_help=True)
    group.callback()(_group)
    group.command("token")(token)
    app.add_typer(group, name="identity")


def _group() -> None:
    pass


def token(
    number: Annotated[str, typer.Option(parser=a_number, metavar="NUMBER", help="6 digits.")],
) -> None:
    """Print a token for a registration number, valid for five minutes and once."""
    from bot.identity.site_token import SiteTokens

    settings = load_settings()
    keys = settings.identity_key_map()
    if not keys:
        raise CommandError("NAVI_IDENTITY_KEYS is not set: there is no key to sign with")
    typer.echo(SiteTokens(keys, settings.identity_issuer).mint(number))
