"""The rasa-sdk action server with the product's handlers over the product's own tables.

The number of a logged-in member stands before the sender's id, where the product asks its
journal. Run as `python -m bench.stock.action_server PORT` with the product's `NAVI_*` settings.
"""

import sys

from rasa_sdk.endpoint import create_app_for_serve
from rasa_sdk.executor import ActionExecutor

from actions.domain.registry import Registry
from actions.handlers import all_actions
from bot import demo_registry
from bot.clock import utc_now
from bot.database import create_engine, migrate, session_factory
from bot.desk import AppDesk
from bot.handover.parts import create_handover
from bot.identity.parts import create_identity
from bot.live import Live
from bot.settings import load_settings
from bot.store.journal import Journal
from bot.store.records import Conversation
from bot.wording import OfficeWords


def _find(sender: str) -> Conversation:
    number = sender.partition("-")[0]
    known = number if number.isdigit() else None
    path = "site" if known else None
    return Conversation(sender[:32], "", "web", known, "individual", None, 0, path)


def executor() -> ActionExecutor:
    """The handlers over a migrated database with the invented members."""
    settings = load_settings()
    settings.var.mkdir(parents=True, exist_ok=True)
    migrate(settings)
    sessions = session_factory(create_engine(settings.resolved_database_url()))
    with sessions.begin() as session:
        demo_registry.load_demo(session, utc_now())
    identity = create_identity(settings, sessions, utc_now)
    words = OfficeWords.of(settings, "")
    registry = Registry(sessions)
    journal, nobody = Journal(sessions), lambda: False
    handover = create_handover(settings, sessions, journal, registry, Live(), nobody, utc_now)
    desk = AppDesk(
        _find,
        registry,
        settings,
        words,
        utc_now,
        identity.port,
        identity.audit,
        handover.port,
    )
    made = ActionExecutor()
    for action in all_actions(desk):
        made.register_action(action)
    return made


def main() -> None:
    """Serve until killed."""
    app = create_app_for_serve(executor())
    # One process: rasa-sdk's own way of starting wants to send the handlers to a worker.
    app.run("127.0.0.1", int(sys.argv[1]), single_process=True, access_log=False)


if __name__ == "__main__":
    main()
