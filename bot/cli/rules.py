"""`navi advice` and `navi dates`: the rules at the prompt, for support and for tests."""

import json
import sys
from datetime import date, datetime
from typing import Annotated, Any

import typer

from bot.cli import store
from bot.cli.output import (
    a_date,
    a_number,
    advice_text,
    an_instant,
    day,
    emit,
    moment,
    now,
    today,
    words,
)
from bot.settings import Settings, load_settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("advice")(advice)
    app.command("dates")(dates)


def advice(
    number: Annotated[
        str | None,
        typer.Option(parser=a_number, metavar="NUMBER", help="Decide from the registry."),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--now", parser=an_instant, metavar="TIME", help="The time to decide for (--number)."
        ),
    ] = None,
    claims: Annotated[
        str | None,
        typer.Option(
            metavar="JSON",
            help="Decide from a member's words: opening_mail, acceptance_mail, first_mail, "
            "url_clicked (yes, no, unsure), accepted_on, applied_on (a date or unknown).",
        ),
    ] = None,
    on: Annotated[
        date | None,
        typer.Option(
            "--today", parser=a_date, metavar="DATE", help="The day to decide for (--claims)."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """What a member is to do next, from the registry or from the member's own words."""
    if (number is None) == (claims is None):
        raise typer.BadParameter("either --number or --claims is needed")
    if claims is not None and at is not None:
        raise typer.BadParameter("--now belongs to --number; with --claims say --today")
    if number is not None and on is not None:
        raise typer.BadParameter("--today belongs to --claims; with --number say --now")
    settings = load_settings()
    if number is not None:
        _from_registry(settings, number, at, as_json)
    else:
        _from_claims(settings, str(claims), on or today(), as_json)


def dates(
    text: Annotated[str, typer.Argument(help="What a member wrote.")],
    on: Annotated[
        date | None,
        typer.Option("--today", parser=a_date, metavar="DATE", help="The day it was written."),
    ] = None,
    as_json: Json = False,
) -> None:
    """How a date in words is understood."""
    from actions.domain.dates import read_date

    reading = read_date(text, on or today())
    w = words()["dates"]
    shown = w[reading.problem or "none"] if reading.date is None else day(reading.date)
    emit(as_json, {"date": reading.date.isoformat() if reading.date else None}, shown)


def _from_registry(settings: Settings, number: str, at: datetime | None, as_json: bool) -> None:
    from actions.domain.procedure import advise_from_registry

    with store.registry(settings) as registry:
        record = registry.look_up(number)
        decided = advise_from_registry(
            record.registration if record else None,
            at or now(),
            registry.calendar(),
            store.rules(settings),
        )
    text = advice_text(decided)
    w = words()["advice"]
    if record:
        text += "\n" + w["as_of"].format(moment=moment(record.as_of))
        if now() - record.as_of > settings.registry_max_age:
            print(w["stale"], file=sys.stderr)
    emit(as_json, {"outcome": decided.outcome.value, "facts": decided.facts()}, text)


def _from_claims(settings: Settings, claims: str, on: date, as_json: bool) -> None:
    from actions.domain.calendar import BusinessCalendar
    from actions.domain.claims import Claims, advise_from_claims

    try:
        said = Claims.from_values(_object(claims))
    except ValueError as error:
        raise typer.BadParameter(f"--claims: {error}") from None
    with store.stored(settings) as registry:
        calendar = registry.calendar() if registry else BusinessCalendar()
    decided = advise_from_claims(said, on, calendar, store.rules(settings))
    data = {"outcome": decided.outcome.value, "facts": decided.facts()}
    emit(as_json, data, advice_text(decided))


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
    if not isinstance(value, dict) or not all(isinstance(v, str | None) for v in value.values()):
        raise ValueError("an object with texts is needed")
    return value
