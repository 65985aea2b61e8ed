"""`navi model`: train the dialogue model, measure its understanding."""

import typer

from bot.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="The dialogue model.", no_args_is_help=True)
    group.callback()(_group)
    group.command("train")(train)
    group.command("validate")(validate)
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
