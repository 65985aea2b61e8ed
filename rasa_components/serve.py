"""The dialogue's process: `python -m rasa_components.serve MODEL HOST PORT`.

What `rasa run` does for one model, without Rasa's command line and web server and without the
libraries that `lean` names; one worker, no API but our own channel.
"""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

from rasa_components import lean

_FOLDER = Path(__file__).resolve().parents[1]
_CHANNEL = "rasa_components.channel.NaviChannel"


def main() -> None:
    """Run until SIGTERM. The files of endpoints and credentials are the project's."""
    model, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    lean.install()
    import uvloop
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings()
    configure_structlog()
    import rasa.core.agent

    lean.seal()
    from rasa_components.fast import apply
    from rasa_components.fast.calls import ActionEndpoint

    apply()
    endpoints = AvailableEndpoints.read_endpoints(str(_FOLDER / "endpoints.yml"))
    endpoints.action = ActionEndpoint.like(endpoints.action)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        agent = runner.run(rasa.core.agent.load_agent(model_path=model, endpoints=endpoints))
        runner.run(_serve(agent, host, port))


async def _serve(agent: Any, host: str, port: int) -> None:
    import rasa.shared.utils.io

    from rasa_components.channel import NaviChannel
    from rasa_components.door import Door
    from rasa_components.fast import settle

    credentials = rasa.shared.utils.io.read_config_file(str(_FOLDER / "credentials.yml"))
    channel = NaviChannel.from_credentials(credentials[_CHANNEL], agent)
    door = Door(channel.handle, channel.expect)
    stopping = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopping.set)
    settle()
    await door.open(host, port)
    await stopping.wait()
    await door.close()


if __name__ == "__main__":
    main()
