"""`navi registry`: bring the office's data in, look at one number."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import store
from bot.cli.output import CommandError, a_number, day, emit, moment, words
from bot.settings import load_settings

if TYPE_CHECKING:
    from actions.domain.registration import Application
    from actions.domain.registry import RegistryRecord

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Number = Annotated[str, typer.Argument(parser=a_number, metavar="NUMBER")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="The registry of members.", no_args_is_help=True)
    group.command("import")(import_)
    group.command("show")(show)
    group.command("remove")(remove)
    app.add_typer(group, name="registry")


def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="JSON Lines or CSV.")],
    as_json: Json = False,
) -> None:
    """Import members from all FILEs at once: all or nothing (docs/registry.md)."""
    from bot.importing.importer import import_files
    from bot.importing.records import ImportFailed

    settings = load_settings()
    with store.migrated(settings) as engine, _progress_bar() as progress:
        try:
            done = import_files(engine, files, progress)
        except ImportFailed as failed:
            raise CommandError("\n".join([*failed.reasons, "nothing was imported"])) from None
    differed = done.differences
    data = {
        "members": done.members,
        "applications": done.applications,
        "as_of": done.as_of.isoformat(),
        "seconds": round(done.seconds, 2),
        "differed": {
            "new": differed.new,
            "web_registration": differed.web_registration,
            "applications": differed.applications,
            "mails": differed.mails,
            "examples": list(differed.examples),
        },
    }
    skipped = f", {done.nobody} lines without a member skipped" if done.nobody else ""
    text = (
        f"imported {done.members:,} members with {done.applications:,} applications{skipped} "
        f"in {done.seconds:.1f} s (others waited at most {done.swap_seconds:.1f} s)"
    )
    if differed.any:
        text += (
            f"\nunlike the stored state: web registration of {differed.web_registration:,}, "
            f"applications of {differed.applications:,}, mails of {differed.mails:,} members "
            f"({', '.join(differed.examples)}); {differed.new:,} members were new"
        )
    emit(as_json, data, text)


def show(number: Number, as_json: Json = False) -> None:
    """What the registry holds of one number."""
    with store.registry(load_settings()) as registry:
        record = registry.look_up(number)
    if record is None:
        raise CommandError(f"{number} is not in the registry")
    emit(as_json, _data(record), "\n".join(_lines(record)))


def remove(number: Number) -> None:
    """Remove one number from the registry (an import only adds and replaces)."""
    from actions.domain.tables import MemberRow

    with store.writing(load_settings()) as session:
        member = session.get(MemberRow, number)
        if member is None:
            raise CommandError(f"{number} is not in the registry")
        session.delete(member)
    print(f"removed {number}")


@contextmanager
def _progress_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing elsewhere: logs of a nightly import stay readable."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("reading", total=None)

        def advance(done: int, total: int) -> None:
            last = done == total
            bar.update(task, completed=done, total=total)
            if last:
                bar.update(task, description="writing")

        yield advance


def _data(record: "RegistryRecord") -> dict[str, Any]:
    """The record in the format that `navi registry import` takes."""
    registration = record.registration
    member: dict[str, Any] = {"number": registration.number}
    if registration.kind:
        member["kind"] = registration.kind.value
    others = {key: getattr(record, key) for key in ("name", "kana", "email", "phone")}
    registered_on = registration.web_registered_on
    return {
        "member": member | {key: value for key, value in others.items() if value},
        "web_registered_on": registered_on.isoformat() if registered_on else None,
        "applications": [_application(a) for a in registration.applications],
        "as_of": record.as_of.isoformat(),
    }


def _application(application: "Application") -> dict[str, Any]:
    def iso(value: Any) -> str | None:
        return value.isoformat() if value else None

    return {
        "applied_at": iso(application.applied_at),
        "url_clicked_at": iso(application.url_clicked_at),
        "opened_at": iso(application.opened_at),
        "mails": [
            {"kind": m.kind.value, "status": m.status.value, "sent_at": iso(m.sent_at)}
            for m in application.mails
        ],
    }


def _lines(record: "RegistryRecord") -> Iterator[str]:
    w = words()["registry"]
    registration = record.registration
    yield f"{w['number']}：{registration.number}"
    if registration.kind:
        yield f"{w['kind']}：{w['kinds'][registration.kind.value]}"
    for key in ("name", "kana", "email", "phone"):
        if value := getattr(record, key):
            yield f"{w[key]}：{value}"
    registered_on = registration.web_registered_on
    yield f"{w['web_registered_on']}：{day(registered_on) if registered_on else w['none']}"
    counts = registration.application_that_counts()
    for n, application in enumerate(registration.applications, 1):
        yield w["application"].format(n=n) + (w["counts"] if application is counts else "")
        for key in ("applied_at", "url_clicked_at", "opened_at"):
            yield f"　{w[key]}：{moment(getattr(application, key))}"
        for mail in application.mails:
            kind, status = w["mail_kinds"][mail.kind.value], w["mail_statuses"][mail.status.value]
            yield f"　{w['mail']}「{kind}」：{status} {moment(mail.sent_at)}"
    if record.demo:
        yield w["demo"]
    yield words()["advice"]["as_of"].format(moment=moment(record.as_of))
