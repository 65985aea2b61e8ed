"""Two indexes that every turn wrote and nothing read: a page of the log each, twice a turn.

What looks for conversations by their last message looks through all of them anyway, in the
background; ids of messages are random and never looked up.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_conversation_last_at", table_name="conversation")
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_constraint("uq_message_id", type_="unique")


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("message") as batch_op:
        batch_op.create_unique_constraint("uq_message_id", ["id"])
    op.create_index("ix_conversation_last_at", "conversation", ["last_at"])
