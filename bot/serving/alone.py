"""A dialogue server by itself, beside others on other machines (`navi dialogue`)."""

import os
from pathlib import Path

from bot.errors import SettingsError
from bot.serving.checks import check_settings
from bot.serving.model import model_path, train
from bot.serving.run import Say, dialogue_program
from bot.settings import PROJECT_ROOT, Settings

_NEEDED = {
    "NAVI_DIALOGUE_SECRET": "shared with the apps",
    "NAVI_ACTIONS_URL": "where the apps' private listeners are reached",
    "NAVI_DIALOGUE_PORT": "where the apps reach this server",
}


def run_dialogue(settings: Settings, say: Say) -> None:
    """Become the dialogue server's process; returns never. Raises SettingsError."""
    check_settings(settings)
    given = (
        settings.dialogue_secret.get_secret_value(),
        settings.actions_url,
        settings.dialogue_port,
    )
    missing = [f"{n}: {w}" for (n, w), g in zip(_NEEDED.items(), given, strict=True) if not g]
    if missing:
        raise SettingsError("a dialogue server by itself needs\n" + "\n".join(missing))
    model = _model(settings.var, say)
    program = dialogue_program(
        settings,
        model,
        settings.dialogue_host,
        settings.dialogue_port,
        settings.dialogue_secret.get_secret_value(),
        settings.actions_url,
    )
    os.chdir(PROJECT_ROOT)
    os.execve(program.command[0], list(program.command), program.environment)


def _model(var: Path, say: Say) -> Path:
    model = model_path(var)
    if not model.exists():
        say("Training the dialogue model of the present data …")
        model, seconds = train(var)
        say(f"Model trained in {seconds:.0f} s.")
    return model
