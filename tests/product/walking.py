"""The way to a question of the check, by buttons."""

from tests.product.answers import WAY_TO
from tests.product.member import Member

TODAY = "2026-06-10T12:00:00+09:00"
QUESTIONS = list(WAY_TO)


def at_question(member: Member, question: str) -> None:
    """Walk a new guest's check by buttons until `question` is asked."""
    member.start(now=TODAY)
    member.press("procedure_check")
    for value in WAY_TO[question]:
        member.press(value)
    assert member.question == question, member.replies
