"""Stock Rasa's model: trained once for the present domain and rules, then kept under `var/`.

It takes from ten minutes to the better part of an hour, so new sentences or wordings alone are no
reason to train again: a turn costs the same, and every answer is checked anyway. Delete the file
to have it trained anew.
"""

import hashlib
import json
import subprocess
import time
from pathlib import Path

from bot.serving.model import RASA, dialogue_environment
from bot.settings import PROJECT_ROOT

HERE = Path(__file__).resolve().parent


def _sources() -> list[Path]:
    own = [HERE / "config.yml", HERE / "stories.yml"]
    return [*own, PROJECT_ROOT / "domain.yml", *sorted((PROJECT_ROOT / "data/rules").glob("*.yml"))]


def model(folder: Path) -> tuple[Path, float]:
    """The model's path and the seconds that its training took, now or earlier (many minutes).

    Raises CalledProcessError; Rasa's words are then in `train.log` beside the model.
    """
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in _sources())).hexdigest()[:16]
    path, noted = folder / f"stock-{digest}.tar.gz", folder / f"stock-{digest}.json"
    if path.exists() and noted.exists():
        return path, float(json.loads(noted.read_text())["seconds"])
    folder.mkdir(parents=True, exist_ok=True)
    data = [str(PROJECT_ROOT / "data"), str(HERE / "stories.yml")]
    command = [RASA, "train", "--force", "--domain", "domain.yml", "--config", HERE / "config.yml"]
    command += ["--data", *data, "--out", folder.resolve(), "--fixed-model-name", path.name[:-7]]
    environment = dialogue_environment(folder.resolve())
    # As Rasa comes: TensorFlow takes what cores there are.
    kept = {k: v for k, v in environment.items() if "THREADS" not in k}
    started = time.monotonic()
    with (folder / "train.log").open("wb") as log:
        subprocess.run(
            list(map(str, command)), cwd=PROJECT_ROOT, env=kept, stdout=log, stderr=log, check=True
        )
    seconds = time.monotonic() - started
    noted.write_text(json.dumps({"seconds": round(seconds)}), encoding="utf-8")
    return path, seconds


if __name__ == "__main__":
    print(*model(PROJECT_ROOT / "var" / "bench"))
