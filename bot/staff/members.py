"""Who works with the console."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account may see: a supervisor everything, an agent no audit trail and no review."""

    agent = "agent"
    supervisor = "supervisor"


@dataclass(frozen=True)
class StaffMember:
    """A person who is signed in; `name` is shown to colleagues and to members."""

    id: str
    name: str
    role: Role
