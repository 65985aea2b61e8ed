"""Since when an account has its password: a first one that nobody uses runs out."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply. First passwords that are out already begin their time now."""
    op.add_column("staff", sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE staff SET password_set_at = CURRENT_TIMESTAMP WHERE must_change_password")


def downgrade() -> None:
    """Take back."""
    op.drop_column("staff", "password_set_at")
