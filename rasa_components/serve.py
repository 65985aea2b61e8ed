"""The dialogue's process: `python -m rasa_components.serve MODEL HOST PORT`.

What `rasa run` does for one model, without Rasa's command line and without the libraries that
`lean` names; one worker, no API but our own channel.
"""

import sys
from pathlib import Path

from rasa_components import lean

_FOLDER = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run until SIGTERM. The files of endpoints and credentials are the project's."""
    model, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    lean.install()
    import rasa.core.run
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings()
    configure_structlog()
    lean.seal()
    from rasa_components.fast import apply
    from rasa_components.fast.calls import ActionEndpoint

    apply()
    endpoints = AvailableEndpoints.read_endpoints(str(_FOLDER / "endpoints.yml"))
    endpoints.action = ActionEndpoint.like(endpoints.action)
    rasa.core.run.serve_application(
        model_path=model,
        interface=host,
        port=port,
        credentials=str(_FOLDER / "credentials.yml"),
        endpoints=endpoints,
        enable_api=False,
    )


if __name__ == "__main__":
    main()
