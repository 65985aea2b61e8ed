"""The table that the search for callers reads."""

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from actions.domain.tables import WITHOUT_ROWID, Base, MemberRow
from bot.lookup.words import search_words


class MemberSearchRow(Base):
    """A member in the form that is searched (`bot.lookup.words`); "" where nothing is known.

    Narrow, so that a search for any part of a word reads few pages on both databases.
    """

    __tablename__ = "member_search"
    __table_args__ = WITHOUT_ROWID

    number: Mapped[str] = mapped_column(
        ForeignKey("member.number", ondelete="CASCADE"), primary_key=True
    )
    words: Mapped[str] = mapped_column(Text)
    mailbox: Mapped[str] = mapped_column(String(320), index=True)
    phone: Mapped[str] = mapped_column(String(40), index=True)


def searched(member: MemberRow) -> MemberSearchRow:
    """The member's row in this table."""
    found = search_words(member.number, member.name, member.kana, member.email, member.phone)
    return MemberSearchRow(
        number=member.number, words=found.words, mailbox=found.mailbox, phone=found.phone
    )
