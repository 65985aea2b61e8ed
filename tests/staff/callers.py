"""A clerk and a caller for tests of the checklist."""

from bot.staff.members import Role, StaffMember

CLERK = StaffMember("clerk", "受付 花", Role.agent)
# An invented member whom the demo loads: number, telephone and mail address as loaded.
NUMBER, PHONE, MAIL = "000106", "03-0000-0106", "demo-000106@example.jp"
