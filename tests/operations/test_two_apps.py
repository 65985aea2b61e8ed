"""Two apps of one database that start at the same moment."""

import threading
from collections import Counter

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.tables import MemberRow
from bot.clock import utc_now
from bot.demo_registry import _entries
from bot.lifespan import _load_demo

_APPS = 3


# Two at once delete the same rows; the one that comes second begins anew.
@pytest.mark.filterwarnings("ignore:DELETE statement on table:sqlalchemy.exc.SAWarning")
def test_the_invented_members_are_there_once(sessions: sessionmaker[Session]) -> None:
    together = threading.Barrier(_APPS)
    ended: Counter[str] = Counter()

    def start() -> None:
        together.wait()
        try:
            _load_demo(sessions, utc_now)
            ended["well"] += 1
        except Exception as error:
            ended[f"{type(error).__name__}: {error}"] += 1

    threads = [threading.Thread(target=start) for _ in range(_APPS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == {"well": _APPS}
    with sessions() as session:
        stored = session.scalars(select(func.count()).select_from(MemberRow)).one()
    assert stored == sum(entry["expected"] != "number_unknown" for entry in _entries())
