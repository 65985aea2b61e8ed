"""A dialogue server by itself, beside others on other machines (`navi dialogue`)."""

import os
from collections.abc import Iterable
from pathlib import Path

from bot.serving.checks import check_dialogue_settings
from bot.serving.model import model_path, train
from bot.serving.run import Say, dialogue_program
from bot.settings import PROJECT_ROOT, Settings

# Everything that a dialogue server reads. The secrets of members, staff and channels stay with
# the apps; what it is given nevertheless never reaches Rasa (`dialogue_program`).
DIALOGUE_SETTINGS = frozenset(
    {
        "NAVI_ENV",
        "NAVI_VAR",
        "NAVI_DATABASE_URL",
        "NAVI_REDIS_URL",
        "NAVI_DIALOGUE_SECRET",
        "NAVI_DIALOGUE_HOST",
        "NAVI_DIALOGUE_PORT",
        "NAVI_ACTIONS_URL",
        "NAVI_RETENTION_DAYS",
        "NAVI_TURN_DEADLINE",
    }
)


def run_dialogue(settings: Settings, say: Say) -> None:
    """Become the dialogue server's process; returns never. Raises SettingsError."""
    check_dialogue_settings(settings)
    foreign = foreign_secrets(os.environ)
    if foreign:
        say(f"Not needed here, and better left with the apps: {', '.join(foreign)}")
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


def foreign_secrets(given: Iterable[str]) -> list[str]:
    """Those of the variables' names that are secrets of the apps."""
    secrets = {
        f"NAVI_{name.upper()}"
        for name, field in Settings.model_fields.items()
        if "Secret" in str(field.annotation)
    }
    return sorted(secrets.intersection(given) - DIALOGUE_SETTINGS)


def _model(var: Path, say: Say) -> Path:
    model = model_path(var)
    if not model.exists():
        say("Training the dialogue model of the present data …")
        model, seconds = train(var)
        say(f"Model trained in {seconds:.0f} s.")
    return model
