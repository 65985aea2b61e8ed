"""Staff: accounts, sessions, the audit trail's staff columns."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("totp_secret", sa.String(length=400), nullable=False),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )
    op.create_table(
        "staff_session",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=24), nullable=False),
        sa.Column("browser", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        _of_staff("staff_session"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_session_digest")),
    )
    op.create_table(
        "staff_device",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=24), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        _of_staff("staff_device"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_staff_device")),
    )
    op.create_table(
        "staff_try",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("login_digest", sa.String(length=64), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("device_digest", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_try")),
    )
    op.create_index(op.f("ix_staff_session_staff_id"), "staff_session", ["staff_id"])
    op.create_index(op.f("ix_staff_device_staff_id"), "staff_device", ["staff_id"])
    op.create_index(op.f("ix_staff_device_last_used_at"), "staff_device", ["last_used_at"])
    op.create_index(op.f("ix_staff_try_at"), "staff_try", ["at"])
    op.create_index(op.f("ix_staff_try_device_digest"), "staff_try", ["device_digest"])
    op.create_index("ix_staff_try_login_digest_at", "staff_try", ["login_digest", "at"])
    op.create_index("ix_staff_try_address_digest_at", "staff_try", ["address_digest", "at"])

    # Added in place: a table made anew would lose the triggers of revision 0003.
    op.add_column("audit", sa.Column("staff_id", sa.String(length=24), nullable=True))
    op.add_column("audit", sa.Column("detail", sa.String(length=200), nullable=True))
    op.create_index(op.f("ix_audit_staff_id"), "audit", ["staff_id"])


def _of_staff(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["staff_id"], ["staff.id"], name=op.f(f"fk_{table}_staff_id_staff"), ondelete="CASCADE"
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f("ix_audit_staff_id"), "audit")
    op.drop_column("audit", "detail")
    op.drop_column("audit", "staff_id")
    for table in ("staff_try", "staff_device", "staff_session", "staff"):
        op.drop_table(table)
