"""The checklist as it is kept: what counts, how often, for how long."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.cases.checklist import Item, Policy
from bot.cases.checks import Checks, Judged
from bot.cases.records import Case, CaseConflict, CaseNotFound, CaseState, VerifiedHow
from bot.staff.members import Role, StaffMember
from bot.staff.parts import StaffParts
from bot.store.case_tables import CaseCheckRow
from tests.staff.callers import CLERK, MAIL, NUMBER, PHONE
from tests.staff.people import Clock


@pytest.fixture
def case(parts: StaffParts, demo_members: None) -> Case:
    """An open case of an invented member."""
    return parts.cases.begin(CLERK, NUMBER)


def answer(parts: StaffParts, case: Case, item: Item, said: str = "",
           ticked: bool | None = None) -> Judged:  # fmt: skip
    return parts.checks.answer(case.id, CLERK, item, said, ticked)


def test_two_answers_verify_for_an_hour(parts: StaffParts, case: Case, clock: Clock) -> None:
    assert not answer(parts, case, Item.number, NUMBER).case.is_verified(clock())
    known = answer(parts, case, Item.phone, PHONE).case
    assert known.is_verified(clock())
    assert known.verified_how is VerifiedHow.checklist
    assert known.verified_items == ("number", "phone")
    clock.turn(minutes=61)
    assert not parts.cases.get(case.id).is_verified(clock())


def test_the_same_right_answer_twice_is_one(parts: StaffParts, case: Case, clock: Clock) -> None:
    for _ in range(2):
        known = answer(parts, case, Item.phone, PHONE).case
    assert not known.is_verified(clock())


def test_a_wrong_answer_takes_a_right_one_back(parts: StaffParts, case: Case) -> None:
    answer(parts, case, Item.number, NUMBER)
    assert answer(parts, case, Item.number, "000107").case.verified_items == ()


def test_the_name_is_compared_by_the_clerk(parts: StaffParts, case: Case, clock: Clock) -> None:
    with pytest.raises(CaseConflict):
        answer(parts, case, Item.name, "見本 六花")
    assert answer(parts, case, Item.name, ticked=False).matched is False
    answer(parts, case, Item.name, ticked=True)
    assert answer(parts, case, Item.email, MAIL).case.is_verified(clock())


def test_after_five_wrong_answers_even_the_right_one_is_not_judged(
    parts: StaffParts, case: Case, clock: Clock
) -> None:
    for n in range(5):
        judged = answer(parts, case, Item.phone, f"03-9999-000{n}")
        assert judged.matched is False
    assert judged.case.refused_at is not None
    assert answer(parts, case, Item.phone, PHONE).matched is None
    # Nor in another call about the same number; another number is another matter.
    again = parts.cases.begin(CLERK, NUMBER)
    assert answer(parts, again, Item.email, MAIL).matched is None
    other = parts.cases.begin(CLERK, "000107")
    assert answer(parts, other, Item.phone, "03-0000-0107").matched is True
    clock.turn(hours=25)
    assert answer(parts, parts.cases.begin(CLERK, NUMBER), Item.phone, PHONE).matched is True


def test_of_fifty_guesses_at_once_five_are_judged(
    parts: StaffParts, case: Case, sessions: sessionmaker[Session]
) -> None:
    cases = [case, *(parts.cases.begin(CLERK, NUMBER) for _ in range(4))]
    results: list[bool | None] = []

    def guess(n: int) -> None:
        results.append(answer(parts, cases[n % 5], Item.phone, f"03-8888-{n:04}").matched)

    _at_once([lambda n=n: guess(n) for n in range(50)])  # type: ignore[misc]
    assert results.count(False) == 5
    assert results.count(None) == 45
    with sessions() as session:
        assert len(session.scalars(select(CaseCheckRow)).all()) == 5


def _at_once(acts: list[Callable[[], None]]) -> None:
    # As many as the pool has connections: one more would wait for them, and not for ever.
    with ThreadPoolExecutor(20) as pool:
        for done in [pool.submit(act) for act in acts]:
            done.result()


def test_a_verification_ends_with_the_call(parts: StaffParts, case: Case, clock: Clock) -> None:
    answer(parts, case, Item.number, NUMBER)
    answer(parts, case, Item.phone, PHONE)
    parts.cases.pause(case.id)
    resumed = parts.cases.resume(case.id, CLERK)
    assert resumed.state is CaseState.open
    assert not resumed.is_verified(clock())
    assert resumed.verified_items == ()
    assert not answer(parts, case, Item.number, NUMBER).case.is_verified(clock())


def test_who_takes_up_a_colleagues_open_case_verifies_anew(
    parts: StaffParts, case: Case, clock: Clock
) -> None:
    answer(parts, case, Item.number, NUMBER)
    answer(parts, case, Item.phone, PHONE)
    assert parts.cases.resume(case.id, CLERK).is_verified(clock())
    colleague = StaffMember("other", "受付 次郎", Role.agent)
    taken = parts.cases.resume(case.id, colleague)
    assert not taken.is_verified(clock())
    assert taken.verified_items == ()


def test_the_next_call_of_the_same_clerk_ends_a_verification(
    parts: StaffParts, case: Case, clock: Clock
) -> None:
    answer(parts, case, Item.number, NUMBER)
    answer(parts, case, Item.phone, PHONE)
    parts.cases.begin(StaffMember("other", "受付 次郎", Role.agent), caller="別の方")
    assert parts.cases.get(case.id).is_verified(clock()), "a colleague's call is another matter"
    parts.cases.begin(CLERK, caller="次の方")
    assert not parts.cases.get(case.id).is_verified(clock())


def test_a_closed_or_paused_case_takes_no_answers(parts: StaffParts, case: Case) -> None:
    parts.cases.pause(case.id)
    with pytest.raises(CaseConflict):
        answer(parts, case, Item.phone, PHONE)
    parts.cases.close(case.id)
    with pytest.raises(CaseConflict):
        answer(parts, case, Item.phone, PHONE)
    with pytest.raises(CaseNotFound):
        parts.checks.answer("nothing", CLERK, Item.phone, PHONE)


def test_calling_back_verifies_also_after_too_many_wrong_answers(
    parts: StaffParts, case: Case, clock: Clock
) -> None:
    for n in range(5):
        answer(parts, case, Item.phone, f"03-9999-000{n}")
    known = parts.checks.called_back(case.id, CLERK)
    assert known.is_verified(clock())
    assert known.verified_how is VerifiedHow.callback


def test_the_other_number_of_one_mailbox_keeps_what_is_the_same(
    parts: StaffParts, demo_members: None, clock: Clock
) -> None:
    case = parts.cases.begin(CLERK, "000120")
    answer(parts, case, Item.number, "000120")
    assert answer(parts, case, Item.email, "demo-000120@example.jp").case.is_verified(clock())
    other = parts.checks.choose_number(case.id, CLERK, "000920")
    assert (other.number, other.verified_items) == ("000920", ("email",))
    assert not other.is_verified(clock())
    assert answer(parts, other, Item.number, "000920").case.is_verified(clock())
    with pytest.raises(CaseConflict):
        parts.checks.choose_number(case.id, CLERK, "000106")


def test_no_way_round_a_number_that_is_locked(
    parts: StaffParts, demo_members: None, clock: Clock
) -> None:
    locked = parts.cases.begin(CLERK, "000920")
    for n in range(5):
        answer(parts, locked, Item.phone, f"03-9999-000{n}")
    case = parts.cases.begin(CLERK, "000120")
    answer(parts, case, Item.name, ticked=True)
    answer(parts, case, Item.email, "demo-000120@example.jp")
    switched = parts.checks.choose_number(case.id, CLERK, "000920")
    assert switched.verified_items == ()
    found = parts.checks.found_by_number(case.id, CLERK)
    assert (found.verified_items, found.is_verified(clock())) == ((), False)


def test_a_case_without_a_number_may_be_given_any(parts: StaffParts, demo_members: None) -> None:
    case = parts.cases.begin(CLERK, caller="山田")
    with pytest.raises(CaseConflict):
        answer(parts, case, Item.number, NUMBER)
    assert parts.checks.choose_number(case.id, CLERK, NUMBER).number == NUMBER


def test_the_office_may_ask_for_more(
    sessions: sessionmaker[Session], clock: Clock, parts: StaffParts, case: Case
) -> None:
    strict = Checks(sessions, clock, Policy(needed=3, tries=1, minutes=5))
    strict.answer(case.id, CLERK, Item.number, NUMBER)
    assert not strict.answer(case.id, CLERK, Item.phone, PHONE).case.is_verified(clock())
    assert strict.answer(case.id, CLERK, Item.email, MAIL).case.is_verified(clock())
