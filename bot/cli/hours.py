"""`navi hours`: when people can be reached through the console, as data."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import store
from bot.cli.output import a_date, an_instant, day, words
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.handover.hours import OfficeHours, Shift
    from bot.handover.hours_store import HoursStore

_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Times = Annotated[str, typer.Argument(help="9:00-12:00,13:00-17:00; closed (休) for none.")]
Now = Annotated[
    datetime | None, typer.Option("--now", parser=an_instant, help="Another time than now.")
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Office hours: weekly times, special days.", no_args_is_help=True)
    group.command("show")(show)
    group.command("set")(set_week)
    group.command("special")(special)
    app.add_typer(group, name="hours")


def show(now: Now = None) -> None:
    """The week, the special days to come, and whether the office is open."""
    with _hours() as found:
        _print(found.hours(), now or datetime.now(UTC))


def set_week(
    days: Annotated[str, typer.Argument(help="月-金 or mon-fri; several with commas.")],
    times: Times,
) -> None:
    """Weekly times of one or more weekdays; the others keep theirs."""
    shifts, weekdays = _shifts(times), _weekdays(days)
    with _hours() as found:
        found.set_week({**found.hours().week, **dict.fromkeys(weekdays, shifts)})
        _print(found.hours(), datetime.now(UTC))


def special(
    on: Annotated[date, typer.Argument(parser=a_date, metavar="DATE")],
    times: Annotated[
        str, typer.Argument(help="9:00-12:00; closed (休) for none; usual: no special day.")
    ],
    reason: Annotated[str, typer.Option(help="Why, for colleagues.")] = "",
) -> None:
    """A day with its own times; they beat weekends, holidays and closures."""
    from bot.handover.hours import SpecialDay

    with _hours() as found:
        if times == "usual":
            found.remove_special(on)
        else:
            found.set_special(SpecialDay(on, _shifts(times), reason))
        _print(found.hours(), datetime.now(UTC))


def _print(hours: "OfficeHours", now: datetime) -> None:
    from actions.domain.calendar import tokyo_date
    from bot.handover.hours import write_shifts
    from bot.handover.words import say_office

    w = words()["hours"]
    for weekday, name in enumerate(w["weekdays"]):
        typer.echo(f"{name}  {write_shifts(hours.week.get(weekday, ())) or w['closed']}")
    for on, own in sorted(hours.special.items()):
        if on >= tokyo_date(now):
            times = write_shifts(own.shifts) or w["closed"]
            typer.echo(f"{day(on)}  {times}  {own.reason}".rstrip())
    typer.echo(say_office(hours, now))


@contextmanager
def _hours() -> Iterator["HoursStore"]:
    from actions.domain.registry import Registry
    from bot.database import session_factory
    from bot.handover.hours_store import HoursStore

    with store.migrated(load_settings()) as engine:
        sessions = session_factory(engine)
        yield HoursStore(sessions, Registry(sessions))


def _shifts(times: str) -> tuple["Shift", ...]:
    from bot.handover.hours import read_shifts

    try:
        return read_shifts(times)
    except ValueError as error:
        raise typer.BadParameter(f"{times!r}: {error}") from None


def _weekdays(days: str) -> list[int]:
    names = dict(zip(words()["hours"]["weekdays"], range(7), strict=True))
    names |= dict(zip(_ENGLISH, range(7), strict=True))
    found: list[int] = []
    for part in days.lower().split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        last = last if dash else first
        if first not in names or last not in names or names[last] < names[first]:
            raise typer.BadParameter(f"{part!r} is no weekday (月 or mon, 月-金 or mon-fri)")
        found += range(names[first], names[last] + 1)
    return found
