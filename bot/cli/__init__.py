"""The command `navi`: one module a group of commands, each with `register(app)`.

Modules import only typer at their top and everything heavy inside their commands, so that
`navi --help` and the rules at the prompt answer at once.
"""

import sys
from importlib import import_module

import typer

from bot.cli.output import CommandError
from bot.errors import NaviError, SettingsError

# In the order of `navi --help`.
COMMAND_MODULES = (
    "bot.cli.serve",
    "bot.cli.registry",
    "bot.cli.rules",
    "bot.cli.billing",
    "bot.cli.calendar",
    "bot.cli.hours",
    "bot.cli.identity",
    "bot.cli.line",
    "bot.cli.staff",
    "bot.cli.switch",
    "bot.cli.backup",
    "bot.cli.model",
    "bot.cli.documents",
)


def build_app() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        help="My Page navigator (手続きナビ). Settings are NAVI_* variables.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for name in COMMAND_MODULES:
        import_module(name).register(app)
    return app


def main() -> None:
    """Run a command; what we can explain is one sentence on stderr, exit 1 (settings: 2)."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows "?" instead of stopping the command.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        build_app()()
    except SettingsError as error:
        _end(str(error), 2)
    except NaviError as error:
        _end(error.sentence, 1)
    except CommandError as error:
        _end(str(error), 1)
    except Exception as error:
        sentence = _database_sentence(error)
        if sentence is None:
            raise
        _end(sentence, 1)


def _end(sentence: str, code: int) -> None:
    print(sentence, file=sys.stderr)
    raise SystemExit(code)


def _database_sentence(error: Exception) -> str | None:
    """A sentence for a database that fails; None for any other error."""
    if "sqlalchemy" not in sys.modules:
        return None
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    if not isinstance(error, SQLAlchemyError):
        return None
    # The driver's own words: SQLAlchemy's message would quote the statement and its values.
    cause = error.orig if isinstance(error, DBAPIError) else type(error).__name__
    return f"the database cannot be used: {str(cause).strip().splitlines()[0]}"
