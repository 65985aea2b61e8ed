"""Handing over: owners, the queue, office hours."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
    _owners()
    _requests()
    _hours()
    _console()


def downgrade() -> None:
    """Take back."""
    tables = (
        "resolution",
        "saved_answer",
        "conversation_note",
        "presence",
        "office_special_shift",
        "office_special_day",
        "office_shift",
        "desk_event",
        "outgoing",
        "handover",
    )
    for table in tables:
        op.drop_table(table)
    with op.batch_alter_table("turn") as batch_op:
        batch_op.drop_column("owner_version")
    with op.batch_alter_table("conversation") as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversation_owner"))
        for column in ("owner", "owner_name", "owner_since", "owner_version", "handover_id"):
            batch_op.drop_column(column)


def _owners() -> None:
    """Who speaks in a conversation."""
    with op.batch_alter_table("conversation") as batch_op:
        batch_op.add_column(sa.Column("owner", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("owner_name", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("owner_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("owner_version", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("handover_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_conversation_owner"), ["owner"], unique=False)

    with op.batch_alter_table("turn") as batch_op:
        batch_op.add_column(
            sa.Column("owner_version", sa.Integer(), server_default="0", nullable=False)
        )


def _requests() -> None:
    """Requests for a person, words on their way, the log for consoles."""
    op.create_table(
        "desk_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_desk_event_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_event")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("desk_event") as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_event_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_desk_event_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("answer_by", sa.String(length=8), nullable=True),
        sa.Column("awaiting", sa.String(length=8), nullable=True),
        sa.Column("contact", sa.String(length=320), nullable=True),
        sa.Column("message_seq", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_answer_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unanswered_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("member_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.String(length=32), nullable=True),
        sa.Column("staff_name", sa.String(length=80), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_handover_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    with op.batch_alter_table("handover") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_handover_conversation_id"), ["conversation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_handover_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index(
            "ix_handover_open",
            ["conversation_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "outgoing",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("client_message_id", sa.String(length=36), nullable=False),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=True),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_outgoing_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing")),
        sa.UniqueConstraint(
            "conversation_id", "client_message_id", name=op.f("uq_outgoing_conversation_id")
        ),
    )
    with op.batch_alter_table("outgoing") as batch_op:
        batch_op.create_index(
            "ix_outgoing_waiting",
            ["conversation_id", "seq"],
            unique=False,
            sqlite_where=sa.text("delivery = 'waiting'"),
            postgresql_where=sa.text("delivery = 'waiting'"),
        )


def _hours() -> None:
    """Weekly opening times and special days."""
    op.create_table(
        "office_shift",
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opens", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("weekday", "opens", name=op.f("pk_office_shift")),
    )

    op.create_table(
        "office_special_day",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("date", name=op.f("pk_office_special_day")),
    )

    op.create_table(
        "office_special_shift",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("opens", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["date"],
            ["office_special_day.date"],
            name=op.f("fk_office_special_shift_date_office_special_day"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("date", "opens", name=op.f("pk_office_special_shift")),
    )


def _console() -> None:
    """Presence, notes, saved answers, resolution."""
    op.create_table(
        "presence",
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("accepting", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_presence")),
    )

    op.create_table(
        "saved_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_answer")),
    )
    with op.batch_alter_table("saved_answer") as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_answer_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "conversation_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("staff_name", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_note_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_note")),
    )
    with op.batch_alter_table("conversation_note") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conversation_note_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "resolution",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("outcome_then", sa.String(length=40), nullable=True),
        sa.Column("outcome_later", sa.String(length=40), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_resolution_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_resolution")),
    )
    with op.batch_alter_table("resolution") as batch_op:
        batch_op.create_index(batch_op.f("ix_resolution_state"), ["state"], unique=False)
