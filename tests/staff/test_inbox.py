"""The inbox over HTTP, with and without a script in the browser."""

import asyncio
import re
import uuid
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.store.identity_tables import AuditRow
from tests.staff.inbox_acts import CHIEF, SCRIPT, Begin, act, say
from tests.staff.people import Clock


@pytest.fixture
def console(lite_console: FastAPI) -> FastAPI:
    """On SQLite: what the desk does is tested on both databases in tests/handover."""
    return lite_console


def texts(console: FastAPI, conversation_id: str) -> list[tuple[str, str]]:
    found = console.state.journal.messages(conversation_id, 0)
    return [(message.draft.author, message.draft.text) for message in found]


def events(console: FastAPI) -> list[tuple[str, str | None, str]]:
    with console.state.sessions() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        return [(row.event, row.staff_id, row.conversation_id) for row in rows]


def test_who_ends_a_talk_has_read_the_members_last_words(
    console: FastAPI, agent: httpx.Client, begin: Begin
) -> None:
    talk = begin("助けてください")
    act(agent, talk, "take")
    drawn = agent.get(f"/staff/inbox/{talk}").text
    [seen] = set(re.findall(r'name="seen" value="(\d+)"', drawn))
    conversations = console.state.conversations
    found = asyncio.run(conversations.find(talk))
    asyncio.run(conversations.post(found.id, str(uuid.uuid4()), "もう一つ質問です"))
    for what in ("close", "release"):
        refused = act(agent, talk, what, seen=seen)
        assert refused.status_code == 409
        assert "新しいメッセージ" in refused.json()["detail"]
    [seen] = set(re.findall(r'name="seen" value="(\d+)"', agent.get(f"/staff/inbox/{talk}").text))
    assert act(agent, talk, "close", seen=seen).status_code == 204


def test_taking_answering_and_giving_back(
    console: FastAPI, agent: httpx.Client, begin: Begin
) -> None:
    talk = begin("助けてください")
    assert act(agent, talk, "take").status_code == 204
    assert say(agent, talk, "承ります。\r\nお待ちください。").status_code == 204
    assert texts(console, talk)[-1] == ("staff", "承ります。\nお待ちください。")
    assert act(agent, talk, "release").status_code == 204
    refused = say(agent, talk, "もう一言")
    assert refused.status_code == 409
    assert refused.json()["detail"].endswith("。")
    assert ("staff", "もう一言") not in texts(console, talk)


def test_the_same_words_sent_twice_are_said_once(
    console: FastAPI, agent: httpx.Client, begin: Begin
) -> None:
    talk = begin("助けてください")
    act(agent, talk, "take")
    mine = str(uuid.uuid4())
    for _ in range(2):
        assert act(agent, talk, "say", text="一度", client_id=mine).status_code == 204
    assert texts(console, talk).count(("staff", "一度")) == 1
    assert act(agent, talk, "say", text="別の文", client_id=mine).status_code == 409


def test_the_second_is_told_who_was_first(
    agent: httpx.Client, chief: httpx.Client, begin: Begin
) -> None:
    talk = begin("助けてください")
    assert act(agent, talk, "take").status_code == 204
    late = act(chief, talk, "take")
    assert late.status_code == 409
    assert "デモ 花子" in late.json()["detail"]
    assert say(chief, talk, "横から").status_code == 409
    stale = act(chief, talk, "take-over", from_owner="somebody-else")
    assert stale.status_code == 409
    assert act(chief, talk, "take-over", from_owner="demo-agent").status_code == 204
    assert say(agent, talk, "まだ私の").status_code == 409


def test_without_a_script_the_page_comes_back_with_words_and_reason(
    console: FastAPI, agent: httpx.Client, chief: httpx.Client, begin: Begin
) -> None:
    talk = begin("助けてください")
    act(chief, talk, "take")
    data = {"csrf": agent.headers["X-CSRF-Token"], "text": "失われない文", "client_id": "a"}
    page = agent.post(f"/staff/inbox/{talk}/say", data=data)
    assert page.status_code == 409
    assert "失われない文" in page.text
    assert "デモ 一郎" in page.text
    act(chief, talk, "release")
    done = agent.post(f"/staff/inbox/{talk}/take", data={"csrf": data["csrf"]})
    assert done.status_code == 303
    assert done.headers["location"] == f"/staff/inbox/{talk}"


@pytest.mark.parametrize("text", ["", " \n\u3000", "あ" * 1001])
def test_nothing_and_too_much_are_refused_with_a_sentence(
    console: FastAPI, agent: httpx.Client, begin: Begin, text: str
) -> None:
    talk = begin("助けてください")
    act(agent, talk, "take")
    refused = say(agent, talk, text)
    assert refused.status_code == 422
    assert refused.json()["detail"].endswith("。")
    assert not [said for author, said in texts(console, talk) if author == "staff"]


def test_an_unknown_conversation_says_so(agent: httpx.Client) -> None:
    page = agent.get("/staff/inbox/there-is-none")
    assert page.status_code == 404
    assert "見つかりません" in page.text
    assert act(agent, "there-is-none", "take").status_code == 404


def test_a_view_stands_in_the_trail_once_and_renewing_is_no_view(
    console: FastAPI, agent: httpx.Client, begin: Begin, clock: Clock
) -> None:
    talk = begin("助けてください", number="000101")
    agent.get(f"/staff/inbox/{talk}")
    for _ in range(3):
        assert agent.get(f"/staff/inbox/{talk}/parts", headers=SCRIPT).status_code == 200
    views = [event for event in events(console) if event[0] == "conversation_viewed"]
    assert views == [("conversation_viewed", "demo-agent", talk)]
    clock.turn(minutes=31)
    agent.get(f"/staff/inbox/{talk}/parts", headers=SCRIPT)
    assert len([event for event in events(console) if event[0] == "conversation_viewed"]) == 2


def test_pieces_alone_are_a_view_too(console: FastAPI, agent: httpx.Client, begin: Begin) -> None:
    talk = begin("助けてください", number="000101")
    agent.get(f"/staff/inbox/{talk}/parts", headers=SCRIPT)
    assert ("conversation_viewed", "demo-agent", talk) in events(console)


def test_acts_stand_in_the_trail_and_refused_ones_do_not(
    console: FastAPI, agent: httpx.Client, chief: httpx.Client, begin: Begin
) -> None:
    talk = begin("助けてください")
    act(agent, talk, "take")
    act(chief, talk, "take")
    act(agent, talk, "release")
    acts = [event for event in events(console) if event[2] == talk and "viewed" not in event[0]]
    assert acts == [
        ("conversation_taken", "demo-agent", talk),
        ("conversation_returned", "demo-agent", talk),
    ]


def test_notes_never_reach_the_member(console: FastAPI, agent: httpx.Client, begin: Begin) -> None:
    talk = begin("助けてください")
    assert act(agent, talk, "note", text="怒っていらっしゃる").status_code == 204
    assert "怒っていらっしゃる" in agent.get(f"/staff/inbox/{talk}").text
    assert not any("怒って" in text for _, text in texts(console, talk))


def test_the_list_says_what_a_page_shows(agent: httpx.Client, begin: Begin) -> None:
    talk = begin("助けてください")
    act(agent, talk, "take")
    found = agent.get(f"/staff/inbox/queue?open={talk}", headers=SCRIPT).json()
    assert f'data-id="{talk}" data-part="mine"' in " ".join(found["html"].split())
    assert found["waiting"] == 0
    assert found["event_id"] > 0


# --- saved answers


def test_saved_answers_of_ones_own_and_everybodys(agent: httpx.Client, chief: httpx.Client) -> None:
    def add(client: httpx.Client, **data: str) -> httpx.Response:
        fields = {"csrf": client.headers["X-CSRF-Token"], **data}
        return client.post("/staff/answers", data=fields)

    assert add(agent, title="私の", text="私だけの文").status_code == 303
    assert add(chief, title="皆の", text="皆の文", shared="true").status_code == 303
    refused = add(agent, title="勝手に", text="皆へ", shared="true")
    assert refused.status_code == 403
    assert "皆へ" in refused.text  # what was written is not lost
    seen = agent.get("/staff/answers.json", headers=SCRIPT).json()["answers"]
    assert [(row["title"], row["shared"]) for row in seen] == [("私の", False), ("皆の", True)]
    theirs = chief.get("/staff/answers.json", headers=SCRIPT).json()["answers"]
    assert [row["title"] for row in theirs] == ["皆の"]


def test_an_agent_changes_no_shared_answer(
    console: FastAPI, agent: httpx.Client, chief: httpx.Client
) -> None:
    data = {"csrf": chief.headers["X-CSRF-Token"], "title": "皆の", "text": "元", "shared": "true"}
    chief.post("/staff/answers", data=data)
    [kept] = asyncio.run(console.state.handover.saved_answers(CHIEF))
    mine = {"csrf": agent.headers["X-CSRF-Token"], "title": "皆の", "text": "変えた"}
    assert agent.post(f"/staff/answers/{kept.id}", data=mine).status_code == 403
    assert agent.post(f"/staff/answers/{kept.id}/remove", data=mine).status_code == 403
    assert asyncio.run(console.state.handover.saved_answers(CHIEF)) == [kept]
    assert chief.post(f"/staff/answers/{kept.id}/remove", data=data).status_code == 303
    gone = chief.post(f"/staff/answers/{kept.id}/remove", data=data)
    assert gone.status_code == 422
    assert "見つかりません" in gone.text


# --- presence


def test_the_switch_and_the_heartbeat(console: FastAPI, agent: httpx.Client) -> None:
    def beat() -> dict[str, Any]:
        found: dict[str, Any] = agent.post("/staff/presence/beat", headers=SCRIPT).json()
        return found

    assert beat()["label"] == "受付中"
    data = {"csrf": agent.headers["X-CSRF-Token"], "accepting": "false"}
    thrown = agent.post("/staff/presence", data=data, headers={"Referer": "/staff/answers"})
    assert (thrown.status_code, thrown.headers["location"]) == (303, "/staff/answers")
    assert beat()["label"] == "離席中"
    [present] = asyncio.run(console.state.handover.present())
    assert (present.name, present.accepting) == ("デモ 花子", False)


@pytest.mark.parametrize(
    "referer", ["https://evil.example/x", "//evil.example/staff/", "", "/other"]
)
def test_the_switch_leads_nowhere_else(agent: httpx.Client, referer: str) -> None:
    data = {"csrf": agent.headers["X-CSRF-Token"], "accepting": "true"}
    thrown = agent.post("/staff/presence", data=data, headers={"Referer": referer})
    assert thrown.headers["location"].startswith("/staff")


def test_a_heartbeat_keeps_no_session_alive(
    console: FastAPI, agent: httpx.Client, clock: Clock
) -> None:
    for _ in range(4):
        clock.turn(minutes=20)
        answer = agent.post("/staff/presence/beat", headers={**SCRIPT, "X-Navi-Background": "1"})
    assert answer.status_code == 401


def test_who_signs_out_is_gone_at_once(console: FastAPI, agent: httpx.Client) -> None:
    agent.post("/staff/presence/beat", headers=SCRIPT)
    assert asyncio.run(console.state.handover.present())
    agent.post("/staff/sign-out", data={"csrf": agent.headers["X-CSRF-Token"]})
    assert not asyncio.run(console.state.handover.present())
