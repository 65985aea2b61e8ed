"""`navi wording` and `navi tree`: sheets and drawings for people who don't program."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.output import CommandError

if TYPE_CHECKING:
    from bot.documents.wordings import Wording

Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where to write; none: standard output.")
]


class TreeFormat(StrEnum):
    """Forms of the drawing."""

    svg = "svg"
    mermaid = "mermaid"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="All wordings, for the office to approve.", no_args_is_help=True)
    group.command("export")(export)
    group.command("check")(check)
    app.add_typer(group, name="wording")
    app.command("tree")(tree)


def export(out: Out = None) -> None:
    """Write one sheet (CSV for Excel) with every wording that a member can read."""
    from bot.documents.sheet import as_csv, link_labels, rows

    wordings = _wordings()
    table = rows(wordings, link_labels(wordings))
    _write(as_csv(table), out, f"{len(table)} wordings")


def check() -> None:
    """Check lengths, labels, names, variables and links of all wordings; exit 1 for findings."""
    from bot.documents.wording_check import Known, check
    from bot.settings import PROJECT_ROOT

    wordings = _wordings()
    findings = check(wordings, Known.of(PROJECT_ROOT))
    for finding in findings:
        typer.echo(f"{finding.file}: {finding.key}: {finding.sentence}")
    if findings:
        raise CommandError(f"{len(findings)} findings in {len(wordings)} wordings")
    typer.echo(f"{len(wordings)} wordings, nothing found")


def tree(
    form: Annotated[
        TreeFormat, typer.Option("--format", help="A drawing (two A4 pages), or Mermaid text.")
    ] = TreeFormat.svg,
    out: Out = None,
) -> None:
    """Draw the decision tree, from the rules and the wordings as they are."""
    from bot.cli.store import rules
    from bot.documents.drawing import tree_svg
    from bot.documents.mermaid import tree_mermaid
    from bot.documents.tree_words import TreeWords
    from bot.documents.wordings import by_key
    from bot.settings import load_settings

    draw = tree_svg if form is TreeFormat.svg else tree_mermaid
    _write(draw(rules(load_settings()), TreeWords(by_key(_wordings()))), out, "the tree")


def _wordings() -> "list[Wording]":
    from bot.documents.wordings import all_wordings
    from bot.settings import PROJECT_ROOT

    return all_wordings(PROJECT_ROOT)


def _write(text: str, out: Path | None, what: str) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        # Newlines as they are: a CSV has its own.
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}") from None
    typer.echo(f"wrote {what} to {out}")
