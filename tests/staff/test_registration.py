"""The registration as a picture: every outcome, what is wrong first, each mail with its fate."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from actions.domain.billing import billing_view
from actions.domain.calendar import BusinessCalendar, tokyo_date
from actions.domain.procedure import DEFAULT_RULES, HANDED_OVER, Outcome, advise_from_registry
from actions.domain.registration import (
    Application,
    Mail,
    MailKind,
    MailStatus,
    MemberKind,
    Registration,
)
from actions.domain.registry import RegistryRecord
from actions.domain.tables import CutoffRow
from bot.cases.picture import Picture, draw
from bot.demo_registry import _entries, load_demo
from bot.importing.importer import import_files
from bot.staff.parts import StaffParts
from bot.wording import staff_members
from tests import builders
from tests.builders import write_jsonl
from tests.staff.people import Clock

# Wednesday, 10 June 2026, noon in Tokyo.
NOW = datetime(2026, 6, 10, 3, tzinfo=UTC)
APPLIED = datetime(2026, 6, 8, 1, tzinfo=UTC)  # Monday, 10:00
DELIVERED, BOUNCED, QUEUED = MailStatus.delivered, MailStatus.bounced, MailStatus.queued


def mail(kind: MailKind, status: MailStatus = DELIVERED, minutes: int = 1) -> Mail:
    at = APPLIED + timedelta(minutes=minutes)
    return Mail(kind, status, None if status is QUEUED else at)


def application(**changes: Any) -> Application:
    values: dict[str, Any] = {"applied_at": APPLIED, "mails": (mail(MailKind.confirmation),)}
    return Application(**values | changes)


def picture(*applications: Application, now: datetime = NOW, age: timedelta = timedelta(hours=3),
            **changes: Any) -> Picture:  # fmt: skip
    values: dict[str, Any] = {
        "number": "012345",
        "kind": MemberKind.individual,
        "web_registered_on": tokyo_date(datetime(2026, 4, 1, tzinfo=UTC)),
        "applications": applications,
    }
    registration = Registration(**values | changes)
    record = RegistryRecord(
        registration, now - age, "見本 一郎", "ミホン イチロウ", "a@b.jp", "03-1"
    )
    advice = advise_from_registry(registration, now, BusinessCalendar())
    counts = registration.application_that_counts()
    clicked = counts.url_clicked_at if counts else None
    billing = (
        billing_view(tokyo_date(counts.applied_at), clicked_on=clicked and tokyo_date(clicked))
        if counts
        else None
    )  # fmt: skip
    words = staff_members("registration")
    return draw(record, advice, billing, now, words, DEFAULT_RULES, timedelta(hours=36))


CLICKED = APPLIED + timedelta(minutes=5)
LATE = APPLIED - timedelta(days=14)


@pytest.mark.parametrize(
    ("shown", "outcome", "tone", "states"),
    [
        (picture(web_registered_on=None), "web_registration_needed", "warn", "cnnnn"),
        (picture(), "mypage_registration_needed", "warn", "dcnnn"),
        (picture(application(mails=(mail(MailKind.confirmation, BOUNCED),))),
         "mail_address_wrong", "bad", "dpnnn"),
        (picture(application(applied_at=NOW - timedelta(hours=1), mails=())),
         "mail_delayed", "info", "ddcnn"),
        (picture(application(mails=(mail(MailKind.confirmation, QUEUED),))),
         "mail_trouble", "bad", "ddpnn"),
        (picture(application()), "click_url", "warn", "ddcnn"),
        (picture(application(url_clicked_at=CLICKED)), "wait_opening", "info", "dddcn"),
        (picture(application(applied_at=LATE, url_clicked_at=LATE)),
         "opening_delayed", "bad", "dddpn"),
        (picture(application(url_clicked_at=CLICKED, opened_at=NOW,
                             mails=(mail(MailKind.opening, BOUNCED),))),
         "opening_mail_bounced", "warn", "ddddc"),
        (picture(application(url_clicked_at=CLICKED, opened_at=NOW,
                             mails=(mail(MailKind.opening),))),
         "login_ready", "ok", "ddddc"),
    ],
)  # fmt: skip
def test_the_outcome_is_the_headline(shown: Picture, outcome: str, tone: str, states: str) -> None:
    letters = {"done": "d", "current": "c", "problem": "p", "todo": "n"}
    assert (shown.outcome, shown.tone) == (outcome, tone)
    assert "".join(letters[step.state] for step in shown.steps) == states
    assert shown.headline
    assert shown.next
    assert shown.handover == (Outcome(outcome) in HANDED_OVER)


def test_every_outcome_of_the_registry_has_its_words() -> None:
    worded = set(staff_members("registration")["outcomes"])
    claims_only = {Outcome.wait_acceptance, Outcome.redo, Outcome.mail_missing}
    assert worded == {outcome.value for outcome in set(Outcome) - claims_only}


def test_dates_and_mails_stand_at_their_steps() -> None:
    shown = picture(
        application(
            url_clicked_at=CLICKED,
            mails=(
                mail(MailKind.confirmation, BOUNCED),
                mail(MailKind.confirmation, DELIVERED, 3),
                mail(MailKind.acceptance, QUEUED),
            ),
        )
    )
    web, applied, main, opening, login = shown.steps
    assert web.dates == (("登録日", "4月1日（水）"),)
    assert applied.dates == (("申込", "6月8日（月） 10:00"),)
    assert [(m.status, m.at) for m in applied.mails] == [
        ("不達", "6月8日（月） 10:01"),
        ("送信済み", "6月8日（月） 10:03"),
    ]
    assert main.dates == (("URLを押した（受付）", "6月8日（月） 10:05"),)
    assert [(m.status, m.tone, m.at) for m in main.mails] == [("送信待ち", "warn", "")]
    assert (opening.dates, opening.mails, login.dates) == ((), (), ())


def test_days_and_billing_months_are_told() -> None:
    facts = dict(picture(application(url_clicked_at=CLICKED)).facts)
    assert facts["受付からの営業日"] == "2日"
    assert facts["ご利用開始の最短日"] == "6月10日（水）"
    assert facts["請求が見られる月"] == "6月分から（更新は6月25日ごろ）"
    assert "0円と表示される月" not in facts
    after = datetime(2026, 5, 20, 1, tzinfo=UTC)
    facts = dict(picture(application(applied_at=after)).facts)
    assert facts["請求が見られる月"].startswith("6月分から")
    assert facts["請求が見られる月"].endswith("本登録が済んでから見られます。")
    assert facts["0円と表示される月"] == "5月分"
    assert facts["「今月のご請求はございません。」のメール"] == "5月25日ごろ"


def test_a_click_after_the_cut_off_makes_the_month_approximate() -> None:
    shown = picture(
        application(
            applied_at=datetime(2026, 5, 14, 1, tzinfo=UTC),
            url_clicked_at=datetime(2026, 5, 20, 1, tzinfo=UTC),
        )
    )
    assert "目安" in dict(shown.facts)["請求が見られる月"]


def test_circumstances_are_told() -> None:
    older = application(applied_at=LATE)
    newer = application(mails=(mail(MailKind.confirmation, BOUNCED),))
    notes = " ".join(picture(older, newer).notes)
    assert "2件" in notes
    assert "5月25日（月）、6月8日（月）" in notes
    assert "前の申し込みのメールは送れています" in notes
    late = picture(application(applied_at=LATE, url_clicked_at=NOW - timedelta(days=5)))
    assert "5営業日まで" in " ".join(late.notes)


@pytest.mark.parametrize(
    ("age", "said", "stale"),
    [
        (timedelta(seconds=20), "たった今", False),
        (timedelta(minutes=59), "59分前", False),
        (timedelta(hours=35), "35時間前", False),
        (timedelta(hours=37), "37時間前", True),
        (timedelta(days=3), "3日前", True),
    ],
)
def test_how_old_the_record_is(age: timedelta, said: str, stale: bool) -> None:
    shown = picture(application(), age=age)
    assert said in shown.as_of
    assert bool(shown.stale) is stale


def test_a_picture_of_every_invented_member(parts: StaffParts, clock: Clock) -> None:
    with parts.sessions.begin() as session:
        load_demo(session, clock())
    for entry in _entries():
        shown = parts.pictures.of(entry["number"])
        if entry["expected"] == "number_unknown":
            assert shown is None
        else:
            assert shown is not None
            assert shown.outcome == entry["expected"], entry["number"]
            assert len(shown.steps) == 5


def test_the_offices_own_cut_off_day_counts(
    parts: StaffParts, engine: Engine, tmp_path: Path
) -> None:
    import_files(engine, [write_jsonl(tmp_path / "one.jsonl", [builders.member("100001")])])

    def zero_month() -> str | None:
        shown = parts.pictures.of("100001")
        assert shown is not None
        return dict(shown.facts).get("0円と表示される月")

    assert zero_month() is None  # applied on the 8th
    with parts.sessions.begin() as session:
        session.add(CutoffRow(month="2026-06", day=5))
    assert zero_month() is not None
