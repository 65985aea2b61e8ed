"""`navi staff`: accounts of the console. Everything here is noted in the audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.output import CommandError, moment
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.staff.accounts import Account
    from bot.staff.members import Role
    from bot.staff.parts import StaffParts

_Login = Annotated[str, typer.Argument(metavar="LOGIN", help="Login name.")]
_Role = Annotated[str, typer.Option(help="agent or supervisor.")]
_Generate = Annotated[
    bool, typer.Option("--generate", help="Make a password and print it instead of asking.")
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Accounts of the staff console.", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(list_accounts)
    group.command("disable")(disable)
    group.command("enable")(enable)
    group.command("password")(password)
    group.command("totp")(totp)
    group.command("role")(role)
    app.add_typer(group, name="staff")


def add(
    login: _Login,
    name: Annotated[str, typer.Option(help="Name as colleagues and members read it.")],
    role: _Role = "agent",
    generate: _Generate = False,
) -> None:
    """Make an account; shows once what its owner's authenticator app has to read."""
    with _parts() as parts:
        wanted, given = _role(role), _password(generate, (login, name))
        account, secret = parts.access.accounts.add(login, name, wanted, given)
        parts.audit.note_operator("account_added", account.id, account.role.value)
        typer.echo(f"The account {account.login} ({account.role}) is there.")
        _say_password(generate, given, account)
        _say_totp(account.login, secret)


def list_accounts() -> None:
    """List the accounts."""
    with _parts() as parts:
        accounts = parts.access.accounts.all()
    if not accounts:
        typer.echo("There are no accounts: navi staff add LOGIN --name NAME --role supervisor")
    for account in accounts:
        typer.echo(f"{account.login}\t{account.role}\t{_state(account)}\t{account.name}")


def disable(login: _Login) -> None:
    """Sign somebody out at once and for good."""
    with _parts() as parts:
        account = parts.access.accounts.find(login)
        parts.access.accounts.disable(account)
        parts.audit.note_operator("account_disabled", account.id)
    typer.echo(f"{account.login} is signed out and cannot sign in any more.")


def enable(login: _Login) -> None:
    """Let somebody sign in again."""
    with _parts() as parts:
        account = parts.access.accounts.find(login)
        parts.access.accounts.enable(account)
        parts.audit.note_operator("account_enabled", account.id)
    typer.echo(f"{account.login} can sign in again.")


def password(login: _Login, generate: _Generate = False) -> None:
    """Give an account another password, which its owner replaces at the next sign-in."""
    with _parts() as parts:
        account = parts.access.accounts.find(login)
        _no_demo(account)
        given = _password(generate, (account.login, account.name))
        parts.access.accounts.set_password(account, given, first=True)
        parts.access.throttle.forgive(account.login)
        parts.audit.note_operator("account_password_reset", account.id)
        _say_password(generate, given, parts.access.accounts.find(login))
    typer.echo(f"{account.login} is signed out and chooses an own password at the next sign-in.")


def totp(login: _Login) -> None:
    """Give an account a new authenticator secret (a lost or changed telephone)."""
    with _parts() as parts:
        account = parts.access.accounts.find(login)
        _no_demo(account)
        secret = parts.access.accounts.set_totp(account)
        parts.audit.note_operator("account_totp_reset", account.id)
    _say_totp(account.login, secret)


def role(
    login: _Login, role: Annotated[str, typer.Argument(metavar="ROLE", help="agent, supervisor.")]
) -> None:
    """Change what an account may see; its owner signs in anew."""
    with _parts() as parts:
        account, wanted = parts.access.accounts.find(login), _role(role)
        parts.access.accounts.set_role(account, wanted)
        parts.audit.note_operator("account_role_changed", account.id, wanted.value)
    typer.echo(f"{account.login} is {wanted} now.")


@contextmanager
def _parts() -> "Iterator[StaffParts]":
    from bot.cli.store import migrated
    from bot.clock import utc_now
    from bot.database import session_factory
    from bot.staff.parts import create_staff

    settings = load_settings()
    if not settings.secret_value():
        raise CommandError("NAVI_SECRET is not set: the accounts' secrets are encrypted with it")
    with migrated(settings) as engine:
        yield create_staff(settings, session_factory(engine), utc_now)


def _role(value: str) -> "Role":
    from bot.staff.members import Role

    if value not in list(Role):
        raise CommandError(f"{value!r} is no role: agent or supervisor")
    return Role(value)


def _password(generate: bool, of_person: tuple[str, str]) -> str:
    """A password that is accepted: made here, or asked for without echo."""
    from bot.staff.passwords import SHORTEST, weakness
    from bot.staff.passwords import generate as generated

    if generate:
        return generated()
    given: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    why = weakness(given, (*of_person, "navi"))
    if why is not None:
        raise CommandError(
            f"this password is not accepted ({why}): at least {SHORTEST} characters, not plain, "
            "not the person's names; --generate makes one"
        )
    return given


def _state(account: "Account") -> str:
    from bot.clock import utc_now

    if account.disabled_at:
        return f"disabled {moment(account.disabled_at)}"
    if account.first_until is None:
        return "enabled"
    if account.first_until <= utc_now():
        return f"first password ran out: navi staff password {account.login} --generate"
    return f"first password until {moment(account.first_until)}"


def _say_password(generated: bool, given: str, account: "Account") -> None:
    if generated:
        typer.echo(f"Password (shown once): {given}")
    if account.first_until is not None:
        typer.echo(
            f"It opens the console until {moment(account.first_until)} and is replaced there."
        )


def _say_totp(login: str, secret: str) -> None:
    import segno

    from bot.staff.totp import address

    said = address(secret, login)
    typer.echo("Scan this with the authenticator app (shown once):")
    segno.make(said, error="l").terminal(compact=True)
    typer.echo(said)


def _no_demo(account: "Account") -> None:
    if account.demo:
        raise CommandError(f"{account.login} is the demo's: its secrets stand on the demo's page")
