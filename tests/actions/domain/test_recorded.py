"""The registry's answers to the check, and where a caller says otherwise."""

from datetime import date
from pathlib import Path

import pytest

from actions.domain.calendar import BusinessCalendar, tokyo_date
from actions.domain.claims import Answer, Claims, advise_from_claims
from actions.domain.procedure import Outcome, advise_from_registry
from actions.domain.recorded import Difference, claims_from_registration, disagreements
from actions.domain.registration import Registration
from actions.handlers.telephone import said_of
from tests.actions.domain.rows import application, at, delivered, mail, registration

YES, NO, UNSURE = Answer.yes, Answer.no, Answer.unsure
APPLIED, CLICKED, OPENED = "2026-06-01 09:00", "2026-06-01 09:30", "2026-06-03 10:00"
FIRST = delivered(APPLIED)
ACCEPTED = mail("acceptance", "delivered", at("2026-06-01 09:31"))
OPENING = mail("opening", "delivered", at("2026-06-03 10:01"))
DAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("known", "claims"),
    [
        (None, Claims()),
        (registration(), Claims()),
        (
            registration(application(APPLIED, FIRST)),
            Claims(NO, NO, YES, NO, None, DAY),
        ),
        (
            registration(application(APPLIED, mail("confirmation", "bounced", at(APPLIED)))),
            Claims(NO, NO, NO, NO, None, DAY),
        ),
        (
            registration(application(APPLIED, FIRST, ACCEPTED, clicked=CLICKED)),
            Claims(NO, YES, YES, YES, DAY, DAY),
        ),
        (
            registration(
                application(APPLIED, FIRST, ACCEPTED, OPENING, clicked=CLICKED, opened=OPENED)
            ),
            Claims(YES, YES, YES, YES, DAY, DAY),
        ),
        # Opened, but its mail waits: it has not come.
        (
            registration(
                application(
                    APPLIED,
                    FIRST,
                    ACCEPTED,
                    mail("opening", "queued"),
                    clicked=CLICKED,
                    opened=OPENED,
                )
            ),
            Claims(NO, YES, YES, YES, DAY, DAY),
        ),
        # The application that counts answers, not the latest.
        (
            registration(
                application(APPLIED, FIRST, ACCEPTED, clicked=CLICKED),
                application("2026-06-04 09:00", mail("confirmation", "bounced", at(APPLIED))),
            ),
            Claims(NO, YES, YES, YES, DAY, DAY),
        ),
    ],
)
def test_what_the_registry_answers(known: Registration | None, claims: Claims) -> None:
    assert claims_from_registration(known) == claims


@pytest.mark.parametrize("today", [date(2026, 6, d) for d in (1, 2, 3, 5, 8, 9, 30)])
@pytest.mark.parametrize(
    "known",
    [
        registration(application(APPLIED, FIRST)),
        registration(application(APPLIED, FIRST, ACCEPTED, clicked=CLICKED)),
        registration(
            application(APPLIED, FIRST, ACCEPTED, OPENING, clicked=CLICKED, opened=OPENED)
        ),
    ],
)
def test_the_registrys_answers_lead_to_the_registrys_outcome(
    known: Registration, today: date
) -> None:
    calendar = BusinessCalendar()
    now = at(f"{today} 12:00")
    assert tokyo_date(now) == today
    by_words = advise_from_claims(claims_from_registration(known), today, calendar)
    assert by_words.outcome is advise_from_registry(known, now, calendar).outcome
    assert by_words.outcome in (Outcome.click_url, Outcome.wait_opening, Outcome.opening_delayed,
                                Outcome.login_ready)  # fmt: skip


RECORDED = Claims(NO, YES, YES, YES, DAY, DAY)
NOT_CLICKED = Claims(NO, NO, YES, NO, None, DAY)


@pytest.mark.parametrize(
    ("said", "recorded", "differing"),
    [
        (Claims(), RECORDED, []),
        (RECORDED, RECORDED, []),
        (Claims(UNSURE, UNSURE, accepted_on="unknown"), RECORDED, []),
        (Claims(YES), RECORDED, [("opening_mail", Difference.opening_came)]),
        (Claims(NO, NO), RECORDED, [("acceptance_mail", Difference.mail_sent)]),
        (Claims(NO, YES), NOT_CLICKED, [("acceptance_mail", Difference.subjects)]),
        (Claims(NO, NO, NO), NOT_CLICKED, [("first_mail", Difference.mail_sent)]),
        (Claims(NO, NO, YES, YES), NOT_CLICKED, [("url_clicked", Difference.not_clicked)]),
        (Claims(url_clicked=NO), RECORDED, [("url_clicked", Difference.clicked)]),
        (Claims(accepted_on=date(2026, 6, 2)), RECORDED, [("accepted_on", Difference.date)]),
        (Claims(first_mail=YES), Claims(NO, NO, NO), [("first_mail", Difference.mail_unsent)]),
        # Accepted, but the mail that says so came back.
        (
            Claims(acceptance_mail=YES),
            Claims(NO, NO, YES, YES),
            [("acceptance_mail", Difference.mail_unsent)],
        ),
        # Where the registry knows nothing, nothing differs.
        (Claims(YES, YES, YES, YES), Claims(), []),
    ],
)
def test_where_words_and_registry_differ(
    said: Claims, recorded: Claims, differing: list[tuple[str, Difference]]
) -> None:
    found = disagreements(said, recorded)
    assert [(d.question.value, d.difference) for d in found] == differing
    for one in found:
        assert one.said == getattr(said, one.question)
        assert one.recorded == getattr(recorded, one.question)


def test_each_difference_can_be_said() -> None:
    responses = Path(__file__).parents[3] / "data/responses"
    texts = "".join(path.read_text(encoding="utf-8") for path in responses.glob("*.yml"))
    for difference in Difference:
        assert f"\n  {said_of(difference)}:\n" in texts
