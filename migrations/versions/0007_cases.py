"""Telephone cases and the search for callers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from bot.lookup.words import search_words

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_CHUNK = 5_000


def upgrade() -> None:
    """Apply."""
    _create_cases()
    _create_checks()
    search = op.create_table(
        "member_search",
        sa.Column("number", sa.String(length=6), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.String(length=320), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["member.number"],
            name=op.f("fk_member_search_number_member"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_member_search")),
        sqlite_with_rowid=False,
    )
    _fill(search)
    for column in ("mailbox", "phone"):
        op.create_index(op.f(f"ix_member_search_{column}"), "member_search", [column])


def _create_cases() -> None:
    op.create_table(
        "phone_case",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=6), nullable=True),
        sa.Column("member_name", sa.String(length=200), nullable=False),
        sa.Column("caller", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("staff_name", sa.String(length=100), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_how", sa.String(length=12), nullable=True),
        sa.Column("verified_items", sa.JSON(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("topic", sa.String(length=40), nullable=True),
        sa.Column("agreed", sa.Text(), nullable=False),
        sa.Column("noted", sa.Text(), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("follow_up_done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_phone_case_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_case")),
    )
    for column in ("number", "staff_id", "conversation_id", "created_at", "follow_up_on"):
        op.create_index(op.f(f"ix_phone_case_{column}"), "phone_case", [column])
    op.create_index(op.f("ix_phone_case_state_updated_at"), "phone_case", ["state", "updated_at"])


def _create_checks() -> None:
    op.create_table(
        "case_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=6), nullable=False),
        sa.Column("item", sa.String(length=12), nullable=False),
        sa.Column("matched", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["phone_case.id"],
            name=op.f("fk_case_check_case_id_phone_case"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_check")),
    )
    op.create_index(op.f("ix_case_check_case_id"), "case_check", ["case_id"])
    op.create_index(op.f("ix_case_check_number_at"), "case_check", ["number", "at"])


def _fill(search: sa.Table) -> None:
    """Members that are there already; the import, events and the demo fill it from now on."""
    connection = op.get_bind()
    names = ("number", "name", "kana", "email", "phone")
    member = sa.table("member", *(sa.column(name, sa.String()) for name in names))
    after = ""
    while rows := connection.execute(
        sa.select(member).where(member.c.number > after).order_by(member.c.number).limit(_CHUNK)
    ).all():
        values = [(row.number, search_words(*row)) for row in rows]
        connection.execute(
            search.insert(),
            [
                {"number": number, "words": w.words, "mailbox": w.mailbox, "phone": w.phone}
                for number, w in values
            ],
        )
        after = rows[-1].number


def downgrade() -> None:
    """Take back."""
    for table in ("member_search", "case_check", "phone_case"):
        op.drop_table(table)
