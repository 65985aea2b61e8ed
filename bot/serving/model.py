"""The trained model of the present data: which file it is, and training it."""

import hashlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bot.errors import SettingsError
from bot.settings import PROJECT_ROOT

RASA = PROJECT_ROOT / ".venv-rasa" / "bin" / "rasa"
PYTHON = RASA.with_name("python")
_SOURCES = (
    "domain.yml",
    "config.yml",
    "requirements/dialogue.txt",
    # What the model is made by; channel, stores and the rest of the folder only run it.
    *(
        f"rasa_components/{name}.py"
        for name in (
            "analysed",
            "classifier",
            "decision",
            "intent_model",
            "intent_scores",
            "japanese",
            "tokenizer",
        )
    ),
)
_KEPT_MODELS = 3
_BUTTON_INTENTS = ("answer", "identity_step", "nlu_fallback")


def _source_files() -> Iterator[Path]:
    for name in _SOURCES:
        yield PROJECT_ROOT / name
    yield from sorted((PROJECT_ROOT / "data").rglob("*.yml"))


def fingerprint() -> str:
    """Digest of everything that the model is made from."""
    digest = hashlib.sha256()
    for path in _source_files():
        digest.update(str(path.relative_to(PROJECT_ROOT)).encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def model_path(var: Path) -> Path:
    """Where the model of the present data lies, trained or not."""
    return var / "models" / f"navi-{fingerprint()}.tar.gz"


def dialogue_environment(var: Path) -> dict[str, str]:
    """Environment of every Rasa process: no telemetry, one thread, nothing written at home."""
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LC_ALL", "TZ", "HOME")}
    return {
        **kept,
        "RASA_TELEMETRY_ENABLED": "false",
        "LOG_LEVEL": "WARNING",
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONPATH": str(PROJECT_ROOT),
        "MPLCONFIGDIR": str(var / "matplotlib"),
        # Each model is made anew and whole: nothing of an earlier one is worth keeping.
        "RASA_MAX_CACHE_SIZE": "0",
        "RASA_CACHE_DIRECTORY": str(var / "rasa-cache"),
    }


def train(var: Path) -> tuple[Path, float]:
    """Train the model of the present data; gives its path and the seconds it took.

    Raises SettingsError with the end of Rasa's output where training fails.
    """
    if not PYTHON.exists():
        raise SettingsError("the dialogue's environment is missing: run `make setup`")
    target = model_path(var)
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [str(PYTHON), "-m", "rasa_components.train", str(target.resolve())]
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env=dialogue_environment(var.resolve()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    (var / "log").mkdir(parents=True, exist_ok=True)
    (var / "log" / "train.log").write_text(done.stdout, encoding="utf-8")
    if done.returncode != 0 or not target.exists():
        raise SettingsError("training failed:\n" + "\n".join(done.stdout.splitlines()[-15:]))
    _drop_old(target)
    return target, time.monotonic() - started


def validate(var: Path) -> list[str]:
    """Rasa's own check of domain and data; the lines of its complaints, none where it is content.

    Two things are no complaints: a response that no rule uses (handlers name most of them, kept
    by a test), and an intent without examples that only buttons can mean.
    """
    fine = ("is not used in any story or rule", *(f"'{i}' is listed" for i in _BUTTON_INTENTS))
    command = [str(RASA), "data", "validate", "--domain", "domain.yml", "--data", "data"]
    done = subprocess.run(
        [*command, "--config", "config.yml"],
        cwd=PROJECT_ROOT,
        env=dialogue_environment(var.resolve()) | {"PYTHONWARNINGS": "default"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    complaints = [
        line
        for line in done.stdout.splitlines()
        if "UserWarning" in line and not any(words in line for words in fine)
    ]
    if done.returncode != 0:
        complaints += done.stdout.splitlines()[-10:]
    return complaints


def _drop_old(newest: Path) -> None:
    models = sorted(newest.parent.glob("navi-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for old in models[:-_KEPT_MODELS]:
        if old != newest:
            old.unlink()
