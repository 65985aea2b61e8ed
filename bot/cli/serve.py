"""`navi serve`, its parts on machines of their own, and `navi settings`."""

from typing import Annotated

import typer

from bot.settings import Settings, load_settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve")(serve)
    app.command("dialogue")(dialogue)
    app.command("migrate")(migrate)
    app.command("settings")(settings)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to bind (NAVI_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to bind (NAVI_PORT).")] = None,
) -> None:
    """Run everything that a member needs, in the foreground, until SIGTERM or Ctrl-C."""
    from bot.logs import set_up_logs
    from bot.serving.run import serve as run

    loaded = load_settings()
    given = {k: v for k, v in (("host", host), ("port", port)) if v is not None}
    set_up_logs(loaded.log_level)
    run(loaded.model_copy(update=given), lambda line: print(line, flush=True))


def dialogue() -> None:
    """Run a dialogue server by itself, for apps elsewhere that name it in NAVI_DIALOGUE_URL."""
    from bot.serving.alone import run_dialogue

    run_dialogue(load_settings(), lambda line: print(line, flush=True))


def migrate() -> None:
    """Bring the database to this release's tables; harmless while the release before serves."""
    from bot.database import migrate as run

    run(load_settings())
    print("The database is up to date.")


def settings() -> None:
    """List every setting with its default and meaning."""
    for name, field in Settings.model_fields.items():
        default = field.get_default()
        shown = default.get_secret_value() if hasattr(default, "get_secret_value") else default
        if name == "var":
            shown = "var/"
        typer.echo(f"NAVI_{name.upper()}={shown}\n    {field.description}")
