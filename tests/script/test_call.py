"""A call over HTTP: steps, the path, changing answers, notes, failures, identity, the end."""

import asyncio
import threading
import time
import uuid
from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import select, update

from actions.domain.calendar import tokyo_date
from bot.cases.records import CaseState
from bot.channels.line.client import LineRefused
from bot.channels.line.tables import LineSourceRow
from bot.clock import utc_now
from bot.identity.mailer import MailRefused
from bot.script.words import words
from bot.store.case_tables import CaseRow
from bot.store.identity_tables import AuditRow, OutboxRow
from bot.store.script_tables import ScriptNoteRow, ScriptStepRow
from bot.store.tables import ConversationRow
from tests.script.clerk import Clerk

NUMBER = "000106"


def steps(clerk: Clerk) -> list[ScriptStepRow]:
    with clerk.parts.sessions() as session:
        rows = select(ScriptStepRow).where(ScriptStepRow.case_id == clerk.case_id)
        return list(session.scalars(rows.order_by(ScriptStepRow.seq)))


def conversation(clerk: Clerk) -> ConversationRow:
    with clerk.parts.sessions() as session:
        found = session.get(ConversationRow, clerk.case.conversation_id)
        assert found is not None
        return found


def test_a_whole_check_with_its_path(clerk: Clerk) -> None:
    assert "どのようなご用件でしょうか" in clerk.begin().said()[-1]
    assert clerk.said(clerk.act("topic:procedure_check")) == ["opening_mailはいかがですか。"]
    clerk.press("opening_mail-no")
    clerk.act("words", "受付完了は来ました")
    page = clerk.act("answer:accepted_on:", "6月5日")
    assert clerk.said(page) == ["結果はwait_openingです。"]
    kept = steps(clerk)
    assert [step.kind for step in kept] == ["topic", "answer", "answer", "answer"]
    assert [step.question for step in kept] == [
        None,
        "opening_mail",
        "acceptance_mail",
        "accepted_on",
    ]
    assert kept[-1].answers == {
        "opening_mail": "no",
        "acceptance_mail": "yes",
        "accepted_on": "2026-06-05",
    }
    assert clerk.case.outcome == "wait_opening"
    assert clerk.case.topic == "procedure_check"
    assert conversation(clerk).channel == "staff"
    assert clerk.app.dialogue.turns[-1]["channel"] == "staff"


def test_a_changed_answer_asks_anew_and_says_who_changed_it(clerk: Clerk) -> None:
    clerk.begin().act("topic:procedure_check")
    for label in ("opening_mail-no", "acceptance_mail-no", "first_mail-yes", "url_clicked-no"):
        clerk.press(label)
    assert clerk.case.outcome == "click_url"
    page = clerk.act("answer:acceptance_mail:yes")
    assert clerk.said(page) == ["accepted_onはいかがですか。"]
    assert steps(clerk)[-1].source == "staff"
    page = clerk.act("answer:acceptance_mail:no")
    assert clerk.said(page) == ["first_mailはいかがですか。"], "what hung on it is not remembered"


def test_a_caller_is_found_later_in_the_same_call(lite: Clerk) -> None:
    lite.begin().act("topic:procedure_check")
    assert f'href="/staff/script?case={lite.case_id}"' in lite.page()
    form = {"number": NUMBER, "q": NUMBER}
    lite.http.post(f"/staff/cases/{lite.case_id}/number", data=form)
    assert lite.case.number == NUMBER
    assert len(steps(lite)) == 1, "the path stays"


def test_a_step_sent_twice_is_one_step(clerk: Clerk) -> None:
    clerk.begin().act("topic:procedure_check")
    again = str(uuid.uuid4())
    first = clerk.act("answer:opening_mail:no", client_message_id=again)
    second = clerk.act("answer:opening_mail:no", client_message_id=again)
    assert clerk.said(first) == clerk.said(second)
    assert len(steps(clerk)) == 2
    other = clerk.post("steps", act="answer:opening_mail:yes", client_message_id=again)
    assert other.status_code == 409


def test_a_jump_comes_back_to_the_check(lite: Clerk) -> None:
    lite.begin().act("topic:procedure_check")
    lite.press("opening_mail-no")
    said = lite.said(lite.act("topic:billing_start"))
    assert said == ["billing_startのご案内です。", "acceptance_mailはいかがですか。"]
    assert steps(lite)[-1].answers == {"opening_mail": "no"}


def test_after_a_failure_nothing_is_lost(clerk: Clerk) -> None:
    clerk.begin().act("topic:procedure_check")
    clerk.app.dialogue.how = "broken"
    page = clerk.act("words", "受付完了は<b>来ました")
    assert "判断の流れを開く" in page
    assert clerk.said(page) == ["opening_mailはいかがですか。"], "the last good step stays"
    assert page.count("受付完了は&lt;b&gt;来ました") >= 2, "in the field and in the retry"
    assert steps(clerk)[-1].kind == "failed"
    clerk.app.dialogue.how = "answer"
    assert clerk.said(clerk.act("words", "来ました")) == ["結果はlogin_readyです。"]
    assert "返事がありませんでした" in clerk.page()


def test_the_printed_tree_is_there(lite: Clerk) -> None:
    answer = lite.http.get("/staff/script/tree.svg")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg")


def test_without_the_pages_script_the_forms_work(lite: Clerk) -> None:
    lite.begin()
    form = {"act": "topic:procedure_check", "client_message_id": str(uuid.uuid4())}
    answer = lite.http.post(f"/staff/script/{lite.case_id}/steps", data=form)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/staff/script/{lite.case_id}"
    lite.app.dialogue.how = "broken"
    form = {"act": "words", "text": "もしもし", "client_message_id": str(uuid.uuid4())}
    answer = lite.http.post(f"/staff/script/{lite.case_id}/steps", data=form)
    assert answer.status_code == 502
    assert 'value="もしもし"' in answer.text


def test_notes_on_steps_are_kept_once_escaped_and_found(clerk: Clerk) -> None:
    clerk.begin().act("topic:procedure_check")
    seq, again = steps(clerk)[-1].seq, str(uuid.uuid4())
    for _ in range(2):
        page = clerk.post("notes", seq=seq, text="<img src=x>件名を確認", client_message_id=again)
    assert page.text.count("&lt;img src=x&gt;件名を確認") == 1
    assert clerk.post("notes", seq=0, text="  ").status_code == 422
    with clerk.parts.sessions() as session:
        of_case = select(ScriptNoteRow).where(ScriptNoteRow.case_id == clerk.case_id)
        assert len(session.scalars(of_case).all()) == 1
        assert "件名を確認" in session.get_one(CaseRow, clerk.case_id).noted


def test_an_unverified_caller_has_no_number_in_the_dialogue(clerk: Clerk) -> None:
    clerk.begin(NUMBER).act("topic:procedure_check")
    assert conversation(clerk).member_number is None
    assert 'value="status"' not in clerk.page()
    assert 'value="status"' in clerk.verify(NUMBER).page()
    clerk.act("status")
    found = conversation(clerk)
    assert (found.member_number, found.identity_path) == (NUMBER, "staff")
    assert found.identity_until == clerk.case.verified_until


def test_what_a_verified_caller_heard_is_hidden_in_the_next_call(clerk: Clerk) -> None:
    clerk.begin(NUMBER).verify(NUMBER).act("status")
    assert "あと1つ残っています" in clerk.page()
    clerk.http.post(f"/staff/cases/{clerk.case_id}/pause")
    clerk.http.post(f"/staff/cases/{clerk.case_id}/resume")
    page = clerk.page()
    assert "あと1つ残っています" not in page
    assert "URLの手続きが残っている" not in page
    assert "改めて、ご本人の確認" in page
    end = clerk.http.get(f"/staff/script/{clerk.case_id}/end").text
    assert "メールのURLを押す" not in end
    clerk.act("topic:billing_start")
    assert conversation(clerk).member_number is None


def test_words_and_registry_side_by_side(lite: Clerk) -> None:
    lite.begin(NUMBER).act("topic:procedure_check")
    lite.press("opening_mail-no")
    lite.press("acceptance_mail-yes")
    assert "記録と違います" not in lite.page()
    page = lite.verify(NUMBER).page()
    assert page.count("記録と違います") == 1
    assert "本登録の記録なし" in page


@pytest.mark.parametrize("state", [CaseState.paused, CaseState.closed])
def test_only_an_open_call_goes_on(lite: Clerk, state: CaseState) -> None:
    lite.begin()
    lite.http.post(f"/staff/cases/{lite.case_id}/{'pause' if state == 'paused' else 'close'}")
    answer = lite.post("steps", act="topic:procedure_check")
    assert answer.status_code == 409
    assert lite.case.state is state
    assert 'name="act"' not in lite.page()


def test_the_end_keeps_text_and_day(clerk: Clerk) -> None:
    clerk.begin().act("topic:procedure_check")
    clerk.press("opening_mail-yes")
    page = clerk.http.get(f"/staff/script/{clerk.case_id}/end").text
    assert "マイページへは、次の順でお入りください。" in page
    form = {"agreed": "明日お電話します", "follow_up_on": "other", "other_day": "2027-06-30"}
    answer = clerk.http.post(f"/staff/script/{clerk.case_id}/end", data=form)
    assert answer.headers["location"] == f"/staff/cases/{clerk.case_id}"
    case = clerk.case
    assert (case.state, case.agreed, str(case.follow_up_on), case.outcome) == (
        CaseState.closed,
        "明日お電話します",
        "2027-06-30",
        "login_ready",
    )
    assert "この電話は終わっています" in clerk.page()
    assert "「開設完了」のメール" in clerk.page(), "the path stays"


def test_a_day_that_is_none_is_refused(lite: Clerk) -> None:
    lite.begin()
    for other in ("2027-02-30", ""):
        form = {"agreed": f"折り返す{other}", "follow_up_on": "other", "other_day": other}
        answer = lite.http.post(f"/staff/script/{lite.case_id}/end", data=form)
        assert answer.status_code == 422
        assert "次の連絡の日を確かめてください。" in answer.text
        assert f"折り返す{other}</textarea>" in answer.text, "what was written is there again"
        assert lite.case.state is CaseState.open


def test_the_text_goes_only_to_the_registrys_address_of_a_verified_caller(clerk: Clerk) -> None:
    clerk.begin(NUMBER)
    assert clerk.post("send", how="mail", agreed="文").status_code == 409
    assert clerk.case.agreed == "文", "what was written is kept"
    clerk.verify(NUMBER)
    assert clerk.post("send", how="mail", agreed="  ").status_code == 422
    again = str(uuid.uuid4())
    for _ in range(2):
        answer = clerk.post("send", how="mail", agreed="お電話の件です", client_message_id=again)
        assert answer.status_code == 303
    with clerk.parts.sessions() as session:
        mails = session.scalars(select(OutboxRow).where(OutboxRow.kind == "staff_note")).all()
        assert len(mails) == 1
        noted = select(AuditRow).where(AuditRow.event == "sent_mail", AuditRow.number == NUMBER)
        assert len(session.scalars(noted).all()) == 2
    assert "メールでお送りしました" in clerk.page()
    answer = clerk.post("send", how="line", agreed="文")
    assert answer.status_code == 502
    assert "LINEとつながっていません" in answer.text


def test_a_mail_that_is_refused_is_said_in_the_case(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    async def refuse(_: object) -> None:
        while not ended.is_set():  # the call has ended when the answer comes
            await asyncio.sleep(0.02)
        raise MailRefused("550")

    assert clerk.app.apps is not None
    worker = clerk.app.apps.public.state.identity.worker
    monkeypatch.setattr(worker._mailer, "send", refuse)
    clerk.begin(NUMBER).verify(NUMBER)
    clerk.post("send", how="mail", agreed="お電話の件です")
    clerk.post("end", agreed="お電話の件です")
    day = tokyo_date(utc_now())
    ended.set()
    case_page, said = f"/staff/cases/{clerk.case_id}", words()["unsent"]["refused"]
    until = time.monotonic() + 60
    while clerk.case.follow_up_on is None and time.monotonic() < until:
        time.sleep(0.05)
    assert f'<p class="notice bad">{said}' in clerk.http.get(case_page).text
    today = {day, tokyo_date(utc_now())}  # midnight may have passed
    assert clerk.case.follow_up_on in today, "nobody is told to call"
    clerk.http.post(f"{case_page}/followed-up")
    assert f'<p class="notice bad">{said}' not in clerk.http.get(case_page).text


def test_a_mail_that_never_left_is_noted_once(clerk: Clerk) -> None:
    clerk.begin(NUMBER).verify(NUMBER)
    promised = date(2026, 12, 1)
    clerk.parts.cases.change(clerk.case_id, follow_up_on=promised)
    assert clerk.app.apps is not None
    outbox = clerk.app.apps.public.state.identity.outbox
    mail = OutboxRow(id="m" * 24, kind="staff_note", params={"case": clerk.case_id})
    for _ in range(2):
        outbox.finish(mail, "late", "too old")
    assert clerk.parts.case_list.noted(clerk.case_id) == words()["unsent"]["late"]
    assert clerk.case.follow_up_on == promised, "an earlier promise stands"
    gone = OutboxRow(id="n" * 24, kind="staff_note", params={"case": "deleted"})
    outbox.finish(gone, "refused", "550")


def test_a_verification_that_has_run_out_counts_no_more(clerk: Clerk) -> None:
    clerk.begin(NUMBER).verify(NUMBER).act("status")
    with clerk.parts.sessions.begin() as session:
        over = clerk.case.created_at
        session.execute(
            update(CaseRow).where(CaseRow.id == clerk.case_id).values(verified_until=over)
        )
    clerk.act("topic:procedure_check")
    assert conversation(clerk).member_number is None
    assert clerk.post("send", how="mail", agreed="文").status_code == 409


class _Line:
    """LINE, as far as a push goes; the second push of a key is refused as LINE does."""

    def __init__(self) -> None:
        self.pushed: list[tuple[str, str, str]] = []
        self.api = self

    async def push(self, user_id: str, messages: Sequence[dict[str, str]], key: str) -> None:
        if key in {other for _, _, other in self.pushed}:
            raise LineRefused(409, "The retry key is already accepted")
        self.pushed.append((user_id, messages[0]["text"], key))


def test_by_line_it_goes_once_to_the_user_that_is_linked(lite: Clerk) -> None:
    assert lite.app.apps is not None
    state, line, number = lite.app.apps.public.state, _Line(), "000107"
    with lite.parts.sessions.begin() as session:
        session.add(LineSourceRow(id="U" + "1" * 32, member_number=number, linked_at=utc_now()))
        session.add(LineSourceRow(id="U" + "2" * 32, member_number=number, linked_at=None))
    lite.begin(number).verify(number)
    state.line = line
    try:
        assert 'value="line"' in lite.http.get(f"/staff/script/{lite.case_id}/end").text
        again = str(uuid.uuid4())
        for _ in range(2):
            answer = lite.post("send", how="line", agreed="お電話の件です", client_message_id=again)
            assert answer.status_code == 303
    finally:
        del state.line
    assert line.pushed == [("U" + "1" * 32, "お電話の件です", again)]
    assert lite.page().count("LINEでお送りしました") == 1
