"""The LINE channel: sources, events, account links."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "line_source",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("member_number", sa.String(length=6), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.String(length=36), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_line_source_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_source")),
    )
    with op.batch_alter_table("line_source") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_line_source_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "line_event",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("delivery", sa.String(length=16), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_event")),
    )
    with op.batch_alter_table("line_event") as batch_op:
        batch_op.create_index(batch_op.f("ix_line_event_done_at"), ["done_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_line_event_message_id"), ["message_id"], unique=False)
        batch_op.create_index(
            "ix_line_event_waiting",
            ["source_id", "timestamp"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "line_link_token",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_line_link_token")),
    )
    with op.batch_alter_table("line_link_token") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_line_link_token_expires_at"), ["expires_at"], unique=False
        )

    op.create_table(
        "line_nonce",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("member_number", sa.String(length=6), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_line_nonce")),
    )
    with op.batch_alter_table("line_nonce") as batch_op:
        batch_op.create_index(batch_op.f("ix_line_nonce_expires_at"), ["expires_at"], unique=False)


def downgrade() -> None:
    """Take back."""
    for table in ("line_nonce", "line_link_token", "line_event", "line_source"):
        op.drop_table(table)
