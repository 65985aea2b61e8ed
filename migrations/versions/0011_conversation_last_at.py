"""An index that every turn wrote twice and nothing needed: a page or two of the log each time.

What looks for conversations by their last message looks through all of them anyway, in the
background; what deletes old ones begins with the day on which they were made.
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


def downgrade() -> None:
    """Take back."""
    op.create_index("ix_conversation_last_at", "conversation", ["last_at"])
