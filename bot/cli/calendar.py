"""`navi calendar`: business days, and the office's own closures."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import store
from bot.cli.output import CommandError, a_date, day, emit, words
from bot.settings import load_settings

if TYPE_CHECKING:
    from actions.domain.calendar import BusinessCalendar

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Day = Annotated[date, typer.Argument(parser=a_date, metavar="DATE")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Business days and closures.", no_args_is_help=True)
    for command in (add, elapsed, close, list_closures):
        group.command("list" if command is list_closures else command.__name__)(command)
    group.command("open")(reopen)
    app.add_typer(group, name="calendar")


def add(
    start: Day,
    n: Annotated[
        int, typer.Argument(metavar="N", min=1, max=10_000, help="How many business days.")
    ],
    as_json: Json = False,
) -> None:
    """The N-th business day after DATE."""
    with _calendar() as calendar:
        try:
            result = calendar.add_business_days(start, n)
        except OverflowError:
            raise CommandError(f"{n} business days after {start} are out of range") from None
    text = words()["calendar"]["added"].format(start=day(start), n=n, day=day(result))
    emit(as_json, {"result": result.isoformat()}, text)


def elapsed(
    start: Annotated[date, typer.Argument(parser=a_date, metavar="START")],
    today: Annotated[date, typer.Argument(parser=a_date, metavar="TODAY")],
    as_json: Json = False,
) -> None:
    """How many business days lie after START, up to TODAY."""
    with _calendar() as calendar:
        result = calendar.business_days_elapsed(start, today)
    text = words()["calendar"]["elapsed"].format(start=day(start), today=day(today), n=result)
    emit(as_json, {"result": result}, text)


def close(
    on: Day,
    reason: Annotated[str, typer.Option(help="Why, for colleagues.")] = "",
) -> None:
    """Close the office on DATE (summer holidays, typhoon)."""
    from actions.domain.tables import ClosureRow

    if len(reason) > 200 or not reason.isprintable():
        raise typer.BadParameter("the reason: one line of at most 200 characters")
    with store.writing(load_settings()) as session:
        session.merge(ClosureRow(day=on, reason=reason))
    print(f"closed on {on}")


def reopen(on: Day) -> None:
    """Take a closure back."""
    from actions.domain.tables import ClosureRow

    with store.writing(load_settings()) as session:
        closure = session.get(ClosureRow, on)
        if closure is None:
            raise CommandError(f"{on} is no closure that was set (weekends and holidays are not)")
        session.delete(closure)
    print(f"open on {on}")


def list_closures(as_json: Json = False) -> None:
    """All closures that were set."""
    with store.stored(load_settings()) as registry:
        closures = registry.closures() if registry else ()
    data = {"closures": [{"date": c.day.isoformat(), "reason": c.reason} for c in closures]}
    lines = [f"{day(c.day)}　{c.reason}".rstrip() for c in closures]
    emit(as_json, data, "\n".join(lines) or words()["calendar"]["no_closures"])


@contextmanager
def _calendar() -> Iterator["BusinessCalendar"]:
    """The calendar with the closures that are stored; without a database there are none."""
    from actions.domain.calendar import BusinessCalendar

    with store.stored(load_settings()) as registry:
        yield registry.calendar() if registry else BusinessCalendar()
