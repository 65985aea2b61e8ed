"""What an import changes in the registry: the nightly check on the events reported by day."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, FromClause, Select, Table, func, select, union

from actions.domain.tables import ApplicationRow, MailRow, MemberRow

_SHOWN = 5


@dataclass(frozen=True)
class Differences:
    """Members whose stored state was another one, by what differed; `new` were not there.

    `examples` are the first numbers, all but their last two digits masked.
    """

    new: int = 0
    web_registration: int = 0
    applications: int = 0
    mails: int = 0
    examples: tuple[str, ...] = field(default=())

    @property
    def any(self) -> bool:
        """Whether a member that was known differed."""
        return bool(self.web_registration or self.applications or self.mails)


def differences(
    connection: Connection, member: Table, application: Table, mail: Table
) -> Differences:
    """Compare the staged tables with the stored ones; reads only."""
    known = select(member.c.number).where(member.c.number.in_(select(MemberRow.number)))
    staged = select(func.count()).select_from(member)
    web = (
        select(member.c.number)
        .join(MemberRow, MemberRow.number == member.c.number)
        .where(member.c.web_registered_on.is_distinct_from(MemberRow.web_registered_on))
    )
    # Places under a number may differ where events and the file came in another order.
    applied = ("number", "applied_at", "url_clicked_at", "opened_at")
    applications = _differing(known, application, ApplicationRow.__table__, applied)
    mails = _differing(known, mail, MailRow.__table__, ("number", "kind", "status"))
    found = [sorted(connection.scalars(query).all()) for query in (web, applications, mails)]
    numbers = sorted({number for part in found for number in part})
    return Differences(
        new=connection.scalar(staged.where(member.c.number.not_in(known))) or 0,
        web_registration=len(found[0]),
        applications=len(found[1]),
        mails=len(found[2]),
        examples=tuple("••••" + number[-2:] for number in numbers[:_SHOWN]),
    )


def _differing(
    known: Select[tuple[str]], staged: FromClause, stored: FromClause, names: tuple[str, ...]
) -> Select[tuple[str]]:
    """Numbers of known members whose rows are not the same on both sides."""
    ours = select(*(staged.c[name] for name in names)).where(staged.c.number.in_(known))
    theirs = select(*(stored.c[name] for name in names)).where(stored.c.number.in_(known))
    gone, added = theirs.except_(ours).subquery(), ours.except_(theirs).subquery()
    both = union(select(gone.c.number), select(added.c.number)).subquery()
    return select(both.c.number)
