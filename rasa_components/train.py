"""Trains the model: `python -m rasa_components.train MODEL` (the file to be made).

What `rasa train --force` does with the project's domain, data and config.yml, without the
libraries that `lean` names; the check of domain and stories before it is `navi model validate`.
"""

import sys
from pathlib import Path

from rasa_components import lean

_FOLDER = Path(__file__).resolve().parents[1]


def main() -> None:
    """Exit 1 where Rasa made no model."""
    target = Path(sys.argv[1])
    lean.install(training=True)
    from rasa.model_training import train
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings()
    configure_structlog()
    lean.seal()
    from rasa_components.fast import training

    training.apply()
    done = train(
        domain=str(_FOLDER / "domain.yml"),
        config=str(_FOLDER / "config.yml"),
        training_files=str(_FOLDER / "data"),
        output=str(target.parent),
        fixed_model_name=target.name.removesuffix(".tar.gz"),
        force_training=True,
    )
    if done.code != 0 or done.model is None:
        sys.exit(1)


if __name__ == "__main__":
    main()
