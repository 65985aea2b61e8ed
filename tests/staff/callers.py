"""A clerk and a caller for tests of the checklist."""

import re

from bot.staff.members import Role, StaffMember

CLERK = StaffMember("clerk", "受付 花", Role.agent)
# An invented member whom the demo loads: number, telephone and mail address as loaded.
NUMBER, PHONE, MAIL = "000106", "03-0000-0106", "demo-000106@example.jp"


def shows_number(page: str, number: str) -> bool:
    """Whether it stands in the page: not within the hex of a token, which may hold any digits."""
    return re.search(rf"(?<![0-9a-f]){number}(?![0-9a-f])", page) is not None
