"""What the console needs, made once by the composition root."""

from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from bot.cases.cases import Cases
from bot.cases.checklist import Policy
from bot.cases.checks import Checks
from bot.cases.finding import CaseList
from bot.cases.followups import FollowUps
from bot.cases.pictures import Pictures
from bot.clock import Clock
from bot.lookup.search import MemberSearch
from bot.settings import Settings


@dataclass(frozen=True)
class StaffParts:
    """The console's parts; the app keeps them as `app.state.staff`."""

    sessions: sessionmaker[Session]
    clock: Clock
    cases: Cases
    case_list: CaseList
    checks: Checks
    callers: MemberSearch
    pictures: Pictures
    follow_ups: FollowUps


def create_staff(settings: Settings, sessions: sessionmaker[Session], clock: Clock) -> StaffParts:
    """Make the parts."""
    follow_ups = FollowUps(sessions, clock)
    policy = Policy(
        settings.caller_answers, settings.caller_tries, settings.caller_verified_minutes
    )
    return StaffParts(
        sessions,
        clock,
        cases=Cases(sessions, clock, follow_ups.read),
        case_list=CaseList(sessions, clock),
        checks=Checks(sessions, clock, policy),
        callers=MemberSearch(sessions),
        pictures=Pictures(sessions, clock, settings),
        follow_ups=follow_ups,
    )
