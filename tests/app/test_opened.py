"""Who opened a conversation before is known without the database: nobody else is let in by that."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session, sessionmaker

from bot.store.tables import ConversationRow, MessageRow, TurnRow
from tests.app.client import Visitor, new_id, problem, text_body
from tests.app.serving import RunningApp


@pytest.fixture
def visitor(app: RunningApp) -> Iterator[Visitor]:
    with Visitor(app.base_url) as visitor:
        yield visitor.start()


def _sessions(app: RunningApp) -> sessionmaker[Session]:
    assert app.apps is not None
    sessions: sessionmaker[Session] = app.apps.public.state.sessions
    return sessions


def test_a_wrong_token_is_refused_before_and_after_the_right_one(
    app: RunningApp, visitor: Visitor
) -> None:
    right, others = visitor.access_token, ("x" * 43, visitor.access_token[:-1] + "~")
    for _ in range(2):
        for wrong in others:
            visitor.http.headers["Authorization"] = f"Bearer {wrong}"
            problem(visitor.post(text_body("はい")), 404)
        visitor.http.headers["Authorization"] = f"Bearer {right}"
        assert visitor.post(text_body("はい")).status_code == 200
    assert app.dialogue.texts() == ["はい", "はい"]


def test_a_conversation_that_was_erased_is_not_found(app: RunningApp, visitor: Visitor) -> None:
    assert visitor.post(text_body("はい")).status_code == 200
    with _sessions(app).begin() as session:
        session.execute(delete(ConversationRow).where(ConversationRow.id == visitor.id))
    document = problem(visitor.post(text_body("まだいます")), 404)
    assert document["type"].endswith("conversation-not-found")
    assert app.dialogue.texts() == ["はい"]


def test_a_message_that_a_power_cut_took_is_the_same_turn_again(
    app: RunningApp, visitor: Visitor
) -> None:
    body = {"client_message_id": new_id(), "text": "はい"}
    assert visitor.post(body).status_code == 200
    with _sessions(app).begin() as session:
        # The dialogue's memory was durable already, the journal was not yet.
        session.execute(delete(TurnRow))
        session.execute(delete(MessageRow).where(MessageRow.seq > 2))
        session.execute(update(ConversationRow).values(last_seq=2))
    assert visitor.post(body).status_code == 200
    first, again = app.dialogue.turns
    assert first["turn"] == again["turn"]
    visitor.post({**body, "client_message_id": new_id()})
    assert app.dialogue.turns[-1]["turn"] != first["turn"]
