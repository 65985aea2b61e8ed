"""`navi model`: train the dialogue model, measure its understanding."""

from pathlib import Path
from typing import Annotated

import typer

from bot.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="The dialogue model.", no_args_is_help=True)
    group.callback()(_group)
    group.command("train")(train)
    group.command("validate")(validate)
    group.command("test")(test)
    app.add_typer(group, name="model")


def _group() -> None:
    pass


def train() -> None:
    """Train the model of the present data."""
    from bot.serving.model import train as run

    typer.echo("Training …")
    path, seconds = run(load_settings().var)
    typer.echo(f"{path.name} trained in {seconds:.0f} s")


def validate() -> None:
    """Check domain, rules and examples with `rasa data validate`."""
    from bot.serving.model import validate as run

    complaints = run(load_settings().var)
    for line in complaints:
        typer.echo(line, err=True)
    if complaints:
        raise typer.Exit(1)
    typer.echo("The dialogue's data are valid.")


def test(
    sets: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[SET…]", help="Lines text<TAB>topic|topic; default: ours."),
    ] = None,
) -> None:
    """Measure understanding on unseen sentences; exit 1 where a goal is missed."""
    from bot.serving.model import model_path
    from bot.serving.model import train as run
    from bot.understanding import GOALS, confusions, draw, figures, measure, missed, read_set

    var = load_settings().var
    model = model_path(var)
    if not model.exists():
        typer.echo("Training …")
        model, _ = run(var)
    failed = False
    for path in sets or _own_sets():
        cases = measure(model, var, read_set(path))
        found = figures(cases)
        typer.echo(f"\n{path.name}: {len(cases)} sentences")
        for name, value in found.items():
            goal = f"  (goal {GOALS[name]:.0%})" if name in GOALS else ""
            shown = f"{value:.1%}" if name in GOALS else f"{value:.1f}"
            typer.echo(f"  {name:24}{shown:>8}{goal}")
        for expected, first, count in confusions(cases):
            typer.echo(f"  {count:3} {expected} -> {first}")
        for case in cases:
            if not case.right:
                kind = "wrong" if case.wrong else "asked back"
                typer.echo(f"  {kind}: {case.text} -> {case.first}")
        picture = var / "reports" / f"confusion-{path.stem}.png"
        draw(model, var, cases, picture)
        typer.echo(f"  picture: {picture}")
        failed = failed or bool(missed(found))
    if failed:
        raise typer.Exit(1)


def _own_sets() -> list[Path]:
    """The held-out set, and the shared one where it lies beside the project."""
    from bot.settings import PROJECT_ROOT

    shared = PROJECT_ROOT.parent / "shared" / "eval" / "utterances_dev.tsv"
    ours = PROJECT_ROOT / "tests" / "nlu" / "heldout.tsv"
    return [path for path in (ours, shared) if path.exists()]
