"""`navi billing`: from which month bills can be seen, and the months' real cut-off days."""

from calendar import monthrange
from datetime import date
from typing import Annotated

import typer

from bot.cli import store
from bot.cli.output import CommandError, a_date, a_month, day, emit, words
from bot.settings import Settings, load_settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the group, whose own options are a command too."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(billing)
    group.command("cutoff")(cutoff)
    app.add_typer(group, name="billing")


def billing(
    context: typer.Context,
    applied_on: Annotated[
        date | None,
        typer.Option(parser=a_date, metavar="DATE", help="Day of the application that counts."),
    ] = None,
    cutoff_day: Annotated[
        int | None,
        typer.Option(min=1, max=31, help="Cut-off day; else the month's stored one, else usual."),
    ] = None,
    as_json: Json = False,
) -> None:
    """From which month bills can be seen."""
    if context.invoked_subcommand is not None:
        return
    if applied_on is None:
        raise typer.BadParameter("--applied-on is needed")
    settings = load_settings()
    chosen, source = _cutoff(settings, applied_on, cutoff_day)
    from actions.domain.billing import billing_view

    view = billing_view(applied_on, chosen, settings.update_day)
    w = words()["billing"]
    lines = [
        w["first_visible"].format(
            month=_month(view.first_visible_month), day=day(view.update_about)
        )
    ]
    if view.zero_month:
        lines.append(w["zero_month"].format(month=_month(view.zero_month)))
    if view.no_bill_mail_about:
        lines.append(w["no_bill_mail"].format(day=day(view.no_bill_mail_about)))
    month = _month(f"{applied_on:%Y-%m}")
    lines.append(w["cutoff_used"].format(month=month, day=chosen, source=w[source]))
    emit(as_json, {"facts": view.facts()}, "\n".join(lines))


def cutoff(
    month: Annotated[
        str | None, typer.Argument(parser=a_month, metavar="MONTH", help="YYYY-MM; none: list.")
    ] = None,
    on: Annotated[int | None, typer.Argument(min=1, max=31, metavar="DAY")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Back to the usual day.")] = False,
    as_json: Json = False,
) -> None:
    """Set the real cut-off day of a month; show it, remove it, or list all."""
    settings = load_settings()
    if month is None:
        _list(settings, as_json)
    elif remove and on is None:
        _remove(settings, month)
    elif remove:
        raise typer.BadParameter("--remove takes no DAY")
    elif on is None:
        _show(settings, month, as_json)
    else:
        _set(settings, month, on)


def _cutoff(settings: Settings, applied_on: date, given: int | None) -> tuple[int, str]:
    """The cut-off day of the application's month, and where it is from."""
    if given is not None:
        return given, "cutoff_given"
    day_of_month = _stored(settings).get(f"{applied_on:%Y-%m}")
    if day_of_month is not None:
        return day_of_month, "cutoff_stored"
    return settings.cutoff_day, "cutoff_default"


def _stored(settings: Settings) -> dict[str, int]:
    with store.stored(settings) as registry:
        return registry.cutoffs() if registry else {}


def _set(settings: Settings, month: str, on: int) -> None:
    from actions.domain.tables import CutoffRow

    last = monthrange(int(month[:4]), int(month[5:]))[1]
    if on > last:
        raise typer.BadParameter(f"{month} has {last} days")
    with store.writing(settings) as session:
        session.merge(CutoffRow(month=month, day=on))
    print(f"cut-off of {month}: day {on}")


def _remove(settings: Settings, month: str) -> None:
    from actions.domain.tables import CutoffRow

    with store.writing(settings) as session:
        row = session.get(CutoffRow, month)
        if row is None:
            raise CommandError(f"no cut-off day is stored for {month}")
        session.delete(row)
    print(f"cut-off of {month}: day {settings.cutoff_day} as usual")


def _show(settings: Settings, month: str, as_json: bool) -> None:
    stored = _stored(settings).get(month)
    w = words()["billing"]
    chosen = stored or settings.cutoff_day
    source = w["cutoff_stored" if stored else "cutoff_default"]
    text = w["cutoff_used"].format(month=_month(month), day=chosen, source=source)
    emit(as_json, {"month": month, "day": chosen, "stored": stored is not None}, text)


def _list(settings: Settings, as_json: bool) -> None:
    stored = _stored(settings)
    lines = [f"{_month(month)}　{on}日" for month, on in stored.items()]
    nothing = words()["billing"]["no_cutoffs"].format(day=settings.cutoff_day)
    emit(as_json, {"cutoffs": stored}, "\n".join(lines) or nothing)


def _month(month: str) -> str:
    year, number = month.split("-")
    return f"{year}年{int(number)}月"
