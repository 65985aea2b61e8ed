from itertools import permutations

from actions.domain.registration import MailKind, MailStatus
from tests.actions.domain.rows import application, at, mail, registration

OLD, NEW = "2026-06-01 09:00", "2026-06-05 09:00"


def test_nobody_applied() -> None:
    assert registration().application_that_counts() is None


def test_the_latest_counts() -> None:
    old, new = application(OLD), application(NEW)
    assert registration(new, old).application_that_counts() is new
    assert registration(old, new).application_that_counts() is new


def test_an_accepted_one_beats_a_later_one() -> None:
    accepted = application(OLD, clicked="2026-06-01 09:30")
    assert registration(accepted, application(NEW)).application_that_counts() is accepted


def test_an_opened_one_beats_a_later_accepted_one() -> None:
    opened = application(OLD, clicked="2026-06-01 09:30", opened="2026-06-03 10:00")
    accepted = application(NEW, clicked="2026-06-05 09:30")
    for order in permutations([opened, accepted, application("2026-06-08 09:00")]):
        assert registration(*order).application_that_counts() is opened


def test_of_two_opened_ones_the_latest_counts() -> None:
    old = application(OLD, opened="2026-06-09 10:00")
    new = application(NEW, opened="2026-06-08 10:00")
    assert registration(new, old).application_that_counts() is new


def test_the_newest_mail_counts_and_an_unsent_one_is_the_newest() -> None:
    first = mail("confirmation", "bounced", at("2026-06-01 09:01"))
    second = mail("confirmation", "delivered", at("2026-06-02 09:00"))
    unsent = mail("confirmation", "deferred")
    other = mail("acceptance", "delivered", at("2026-06-09 09:00"))
    for order in permutations([first, second, other]):
        assert application(OLD, *order).newest_mail(MailKind.confirmation) is second
    for order in permutations([first, second, unsent]):
        assert application(OLD, *order).newest_mail(MailKind.confirmation) is unsent
    assert application(OLD).newest_mail(MailKind.opening) is None


def test_a_deferred_mail_is_unsent_even_with_a_time_of_its_attempt() -> None:
    tried = mail("confirmation", "deferred", at("2026-06-01 09:01"))
    sent = mail("confirmation", "delivered", at("2026-06-02 09:00"))
    newest = application(OLD, tried, sent).newest_mail(MailKind.confirmation)
    assert newest is not None
    assert newest.status is MailStatus.deferred
