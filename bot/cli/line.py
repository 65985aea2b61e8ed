"""`navi line`: the rich menus, and how the LINE channel stands."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli.output import CommandError, moment, now
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.channels.line.client import LineApi
    from bot.channels.line.report import LineReport

_T = TypeVar("_T")
_SHOWN = timedelta(days=7)


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="The LINE channel.", no_args_is_help=True)
    group.callback()(_group)
    group.command("setup")(setup)
    group.command("status")(status)
    app.add_typer(group, name="line")


def _group() -> None:
    pass


def setup(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
) -> None:
    """Make and show the rich menus; says first what it would do, and does nothing twice."""
    from bot.channels.line.report import LineReport
    from bot.channels.line.richmenu import plan, set_up
    from bot.cli.store import migrated
    from bot.database import session_factory

    settings = _settings()
    can_link = bool(settings.line_link_login_url)
    with migrated(settings) as engine:
        linked = LineReport(session_factory(engine)).linked_sources()

    async def planned(api: "LineApi") -> list[str]:
        return plan(await api.menus(), await api.default_menu(), len(linked), can_link)

    steps = _with_line(settings, planned)
    if not steps:
        typer.echo("The rich menus are up to date; nothing to do.")
        return
    for step in steps:
        typer.echo(f"would {step}" if dry_run else f"to do: {step}")
    if dry_run or not (yes or typer.confirm("Do this now?")):
        return
    _with_line(settings, lambda api: set_up(api, linked, typer.echo, can_link))


def status() -> None:
    """Bot, quota, rich menus, waiting events, and answers that reached nobody (7 days)."""
    from bot.channels.line.report import LineReport
    from bot.cli.store import migrated
    from bot.database import session_factory

    settings = _settings()
    with migrated(settings) as engine:
        _stored(LineReport(session_factory(engine)))
    _with_line(settings, _at_line)


def _stored(report: "LineReport") -> None:
    from bot.channels.line.delivery import UNDELIVERED

    since = now() - _SHOWN
    typer.echo(f"events waiting: {report.waiting_count()}")
    quota = report.waiting_for_quota()
    if quota:
        look = report.next_look(now())
        again = f"looked at again {moment(look)}" if look else "looked at now"
        typer.echo(f"answers waiting for the month's quota: {quota}, {again}")
    typer.echo(f"linked accounts: {len(report.linked_sources())}")
    counts = sorted(report.deliveries(since).items())
    typer.echo("last 7 days: " + (", ".join(f"{k} {n}" for k, n in counts) or "no events"))
    for at, delivery, conversation in report.undelivered(UNDELIVERED, since):
        typer.echo(f"  not delivered ({delivery}): {moment(at)}, conversation {conversation}")


async def _at_line(api: "LineApi") -> None:
    bot = await api.bot()
    limit, used = await api.quota()
    typer.echo(f"bot: {bot['name']} ({bot['id']}), user ID {bot['userId']}")
    typer.echo(f"messages by push this month: {used} of {'no limit' if limit is None else limit}")
    names = [name for name in await api.menus() if name.startswith("navi-")]
    typer.echo("rich menus: " + (", ".join(sorted(names)) or "none (navi line setup)"))


def _settings() -> Settings:
    settings = load_settings()
    if not settings.line_channel_token.get_secret_value():
        raise CommandError("LINE is off: NAVI_LINE_CHANNEL_TOKEN is not set")
    return settings


def _with_line(settings: Settings, work: "Callable[[LineApi], Awaitable[_T]]") -> _T:
    """Raises CommandError where LINE does not answer, or says no."""
    from bot.channels.line.client import LineApi, LineRefused, LineUncertain

    async def run() -> _T:
        api = LineApi(settings.line_channel_token.get_secret_value(), settings.line_api_base)
        await api.open()
        try:
            return await work(api)
        finally:
            await api.close()

    try:
        return asyncio.run(run())
    except LineRefused as refused:
        raise CommandError(f"LINE said no ({refused.status}): {refused.message}") from None
    except LineUncertain:
        raise CommandError("LINE does not answer; try again later") from None
