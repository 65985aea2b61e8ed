"""What the inbox shows, from the desk's values: who, since when, whose, and what one may do."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.staff.inbox_list import Viewer, moment, queue_view, waited
from bot.channels.staff.inbox_talk import summary_rows, talk_view
from bot.handover.views import Feedback, Inbox, Note
from tests.staff.desk_values import NOW, SATO, ago, item, line, summary, talk

VIEWER = Viewer(SATO, NOW)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "1分未満"),
        (59, "1分未満"),
        (60, "1分"),
        (3599, "59分"),
        (3600, "1時間"),
        (3660, "1時間1分"),
        (86_399, "23時間59分"),
        (86_400, "1日"),
    ],
)
def test_how_long_somebody_waits(seconds: int, words: str) -> None:
    assert waited(timedelta(seconds=seconds)) == words


def test_a_moment_is_of_today_or_has_its_day_in_tokyo() -> None:
    assert moment(ago(minutes=5), NOW) == "10:25"
    assert moment(datetime(2026, 11, 23, 15, 5, tzinfo=UTC), NOW) == "0:05"  # today there
    assert moment(datetime(2026, 11, 23, 14, 59, tzinfo=UTC), NOW) == "11/23 23:59"


def test_the_list_names_who_waits_and_for_how_long() -> None:
    inbox = Inbox(
        [item(), item(conversation_id="c2", member=None, member_name=None)], [], [], [], 7
    )
    [waiting] = queue_view(inbox, VIEWER)
    assert waiting["title"] == "お待ちの方"
    member, guest = waiting["rows"]
    assert member["who"] == "見本 一郎 様"
    assert guest["who"] == "未確認の方"
    assert (member["waited"], member["urgency"]) == ("4分", "warn")
    assert member["last"] == "会員：担当者に聞く"


def test_the_list_shows_a_persons_last_words_rather_than_the_bots() -> None:
    answered = item(last_author="bot", last_text="25日頃です。", member_text="請求が見えない")
    silent = item(last_author="bot", last_text="こんにちは。", member_text="")
    staff = item(last_author="staff", last_text="お調べします。", member_text="請求が見えない")
    [waiting] = queue_view(Inbox([answered, silent, staff], [], [], [], 7), VIEWER)
    assert [row["last"] for row in waiting["rows"]] == [
        "会員：請求が見えない",
        "自動案内：こんにちは。",
        "担当者：お調べします。",
    ]
    assert waiting["rows"][0]["member_seq"] == 0  # nothing that waits to be read


@pytest.mark.parametrize(("minutes", "look"), [(2, ""), (3, "warn"), (10, "bad")])
def test_who_waits_long_is_marked(minutes: int, look: str) -> None:
    inbox = Inbox([item(waiting_since=ago(minutes=minutes))], [], [], [], 7)
    assert queue_view(inbox, VIEWER)[0]["rows"][0]["urgency"] == look


def test_a_colleagues_conversation_carries_the_colleagues_name() -> None:
    owned = item(state="owned", owner_id="suzuki", owner_name="鈴木")
    waiting, others = queue_view(Inbox([], [], [owned], [], 7), VIEWER)
    assert waiting["rows"] == []
    assert others["rows"][0]["owner"] == "鈴木"
    [mine] = queue_view(Inbox([], [owned], [], [], 7), VIEWER)[1]["rows"]
    assert mine["owner"] is None


def test_only_the_members_own_words_count_as_unread() -> None:
    inbox = Inbox([], [item(last_seq=9), item(last_seq=9, last_author="staff")], [], [], 7)
    theirs, ours = queue_view(inbox, VIEWER)[1]["rows"]
    assert (theirs["member_seq"], ours["member_seq"]) == (9, 0)


@pytest.mark.parametrize(
    ("changes", "paths", "may_reply"),
    [
        ({}, ["take", "close"], False),
        ({"state": "owned", "owner_id": "sato", "owner_name": "佐藤"}, ["release", "close"], True),
        ({"state": "owned", "owner_id": "suzuki", "owner_name": "鈴木"}, ["take-over"], False),
        ({"state": "given_back"}, ["take"], False),
        ({"state": "bot", "reason": ""}, ["take"], False),
        ({"state": "closed"}, ["take"], False),
    ],
)
def test_what_one_may_do(changes: dict[str, str], paths: list[str], may_reply: bool) -> None:
    view = talk_view(talk(item(**changes)), VIEWER)
    assert [action["path"] for action in view["actions"]] == paths
    assert view["may_reply"] is may_reply
    assert bool(view["reply_state"]) is not may_reply


def test_whose_a_conversation_is_stands_where_one_would_write() -> None:
    view = talk_view(talk(item(state="owned", owner_id="suzuki", owner_name="鈴木")), VIEWER)
    assert "鈴木さん" in view["reply_state"]


def test_the_summary_leaves_out_what_nobody_knows() -> None:
    guest = summary(number=None, name=None, kind=None, proof="ゲスト（本人確認なし）")
    rows = dict(summary_rows(talk(summary=guest), NOW))
    assert rows == {"どなた": "未確認の方", "本人確認": "まだです", "はじまり": "10:00"}


def test_the_summary_says_state_progress_and_wish_in_one_line_each() -> None:
    states = ("done", "done", "problem", "todo")
    steps = [{"label": f"段階{i}", "state": state} for i, state in enumerate(states)]
    known = summary(
        registry_state="開設が遅れている（11月24日9時現在）",
        progress=steps,
        answer_by="電話",
        contact="下4桁 1234",
        feedback=[Feedback(3, False, "遅い", NOW)],
    )
    rows = dict(summary_rows(talk(summary=known), NOW))
    assert rows["どなた"] == "見本 一郎 登録番号 012345 個人"
    assert rows["進み具合"] == "4つのうち2つ済み。要確認：段階2"
    assert rows["連絡方法・連絡先"] == "電話（下4桁 1234）"
    assert rows["役に立ったか"] == "いいえ（遅い）"


def test_the_transcript_tells_authors_apart_and_marks_what_was_pressed() -> None:
    lines = [
        line(
            1,
            "bot",
            "届きましたか。",
            labels=["届いた", "届いていない"],
            about={"pressed": "届いた"},
        ),
        line(2, "member", "届いた"),
        line(
            3,
            "staff",
            "承ります。",
            about={"staff_name": "佐藤", "delivery": "journal", "delivery_label": "届いた"},
        ),
    ]
    bot, member, staff = talk_view(talk(lines=lines), VIEWER)["said"]
    assert [row["name"] for row in (bot, member, staff)] == ["自動案内", "会員", "佐藤"]
    assert [choice["pressed"] for choice in bot["choices"]] == [True, False]
    assert staff["delivery"] is None  # in the journal it is delivered
    assert member["time"] == "10:02"


def test_why_line_did_not_deliver_is_shown() -> None:
    about = {"delivery": "blocked", "delivery_label": "届いていません", "undelivered": True}
    [row] = talk_view(talk(lines=[line(1, "staff", "はい", about=about)]), VIEWER)["said"]
    assert row["delivery"] == {"look": "bad", "label": "届いていません"}


def test_notes_and_feedback_stand_where_they_were_given() -> None:
    lines = [line(1, "member", "a", at=ago(minutes=9)), line(2, "bot", "b", at=ago(minutes=5))]
    notes = [Note(1, "sato", "佐藤", "折り返し", ago(minutes=7))]
    told = summary(feedback=[Feedback(2, True, None, ago(minutes=1))])
    view = talk_view(talk(lines=lines, notes=notes, summary=told), VIEWER)
    assert [row["kind"] for row in view["said"]] == ["message", "note", "message", "feedback"]


def test_a_long_transcript_is_shortened_at_its_beginning() -> None:
    lines = [line(seq, "member", str(seq), at=ago(seconds=500 - seq)) for seq in range(1, 401)]
    view = talk_view(talk(lines=lines), VIEWER)
    assert (view["shortened"], view["said"][-1]["seq"]) == (True, 400)
    recent = talk_view(talk(lines=lines), VIEWER, most=60)
    assert [row["seq"] for row in recent["said"]] == list(range(341, 401))
