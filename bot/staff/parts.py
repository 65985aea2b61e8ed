"""What the console needs, made once by the composition root."""

from dataclasses import dataclass
from datetime import timedelta

from anyio import CapacityLimiter
from sqlalchemy.orm import Session, sessionmaker

from bot.cases.cases import Cases
from bot.cases.checklist import Policy
from bot.cases.checks import Checks
from bot.cases.finding import CaseList
from bot.cases.followups import FollowUps
from bot.cases.pictures import Pictures
from bot.clock import Clock
from bot.lookup.search import MemberSearch
from bot.lookup.trail import SearchTrail
from bot.review.parts import ReviewParts, create_review
from bot.settings import Settings
from bot.staff.accounts import Accounts
from bot.staff.audit import StaffAudit
from bot.staff.demo_accounts import load_demo_staff
from bot.staff.passwords import AT_ONCE, Passwords
from bot.staff.sessions import StaffSessions
from bot.staff.signin import SignIn
from bot.staff.throttle import Throttle
from bot.staff.totp import TotpKey
from bot.staff.views import NotedViews


@dataclass(frozen=True)
class Access:
    """Who may come in."""

    accounts: Accounts
    passwords: Passwords
    throttle: Throttle
    sessions: StaffSessions
    door: SignIn
    key: TotpKey
    # Hashing takes long: those who try to sign in wait here and not in everybody's threads.
    gate: CapacityLimiter


@dataclass(frozen=True)
class StaffParts:
    """The console's parts; the app keeps them as `app.state.staff`."""

    sessions: sessionmaker[Session]
    clock: Clock
    access: Access
    audit: StaffAudit
    cases: Cases
    case_list: CaseList
    checks: Checks
    callers: MemberSearch
    search_trail: SearchTrail
    pictures: Pictures
    follow_ups: FollowUps
    views: NotedViews
    review: ReviewParts

    def load_demo(self) -> None:
        """Add the demo's accounts (demo mode only; the caller sees to that)."""
        with self.sessions.begin() as session:
            load_demo_staff(session, self.access.passwords, self.access.key, self.clock)


def create_staff(settings: Settings, sessions: sessionmaker[Session], clock: Clock) -> StaffParts:
    """Make the parts."""
    follow_ups = FollowUps(sessions, clock)
    policy = Policy(
        settings.caller_answers, settings.caller_tries, settings.caller_verified_minutes
    )
    audit = StaffAudit(sessions, clock)
    return StaffParts(
        sessions,
        clock,
        access=create_access(settings, sessions, clock, audit),
        audit=audit,
        cases=Cases(sessions, clock, follow_ups.read),
        case_list=CaseList(sessions, clock),
        checks=Checks(sessions, clock, policy),
        callers=MemberSearch(sessions),
        search_trail=SearchTrail(clock),
        pictures=Pictures(sessions, clock, settings),
        follow_ups=follow_ups,
        views=NotedViews(clock),
        review=create_review(sessions),
    )


def create_access(
    settings: Settings, sessions: sessionmaker[Session], clock: Clock, audit: StaffAudit
) -> Access:
    """Accounts, sessions and the way in."""
    secret = settings.secret_value()
    passwords, key = Passwords(cheap=settings.demo), TotpKey(secret)
    first_for = timedelta(days=settings.staff_first_password_days)
    accounts = Accounts(sessions, passwords, key, clock, settings.demo, first_for)
    throttle = Throttle(sessions, secret, clock)
    signed_in = StaffSessions(
        sessions,
        secret,
        clock,
        timedelta(minutes=settings.staff_idle_minutes),
        timedelta(hours=settings.staff_session_hours),
    )
    door = SignIn(accounts, passwords, throttle, signed_in, audit, clock)
    return Access(accounts, passwords, throttle, signed_in, door, key, CapacityLimiter(AT_ONCE))
