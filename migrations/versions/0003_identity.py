"""Who is speaking: mailed codes, outbox, audit trail (append-only), reported registry events."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The audit trail cannot be changed, nor shortened within a year, whoever has the app's access.
# A later revision that makes the table anew (batch_alter_table) must make these anew as well.
_SQLITE_GUARDS = (
    """CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER audit_keeps_a_year BEFORE DELETE ON audit
    WHEN OLD.at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-365 days')
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
)
_POSTGRESQL_GUARDS = (
    """CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' AND OLD.at < now() - interval '365 days' THEN RETURN OLD; END IF;
      RAISE EXCEPTION 'the audit trail is append-only';
    END $$""",
    """CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("identity_path", sa.String(length=8), nullable=False),
        sa.Column("number", sa.String(length=6), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit") as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_number"), ["number"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=40), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.create_index("ix_outbox_state_next_try_at", ["state", "next_try_at"], unique=False)

    op.create_table(
        "registry_event",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_event")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("registry_event") as batch_op:
        batch_op.create_index("ix_registry_event_received_at", ["received_at"], unique=False)

    op.create_table(
        "mailed_code",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=6), nullable=False),
        sa.Column("mailbox_digest", sa.String(length=64), nullable=False),
        sa.Column("origin_digest", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_mailed_code_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_code")),
    )
    with op.batch_alter_table("mailed_code") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mailed_code_conversation_id"), ["conversation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_mailed_code_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            "ix_mailed_code_number_created_at", ["number", "created_at"], unique=False
        )

    with op.batch_alter_table("conversation") as batch_op:
        batch_op.add_column(sa.Column("identity_path", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("identity_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("mailbox_digest", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("awaiting", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("awaiting_until", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("mail") as batch_op:
        batch_op.add_column(sa.Column("status_at", sa.DateTime(timezone=True), nullable=True))

    # Until now only the member site's token proved a number.
    op.execute("UPDATE conversation SET identity_path = 'site' WHERE member_number IS NOT NULL")
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_GUARDS if sqlite else _POSTGRESQL_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("mail") as batch_op:
        batch_op.drop_column("status_at")
    for table in ("mailed_code", "registry_event", "outbox", "audit"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_append_only()")
    with op.batch_alter_table("conversation") as batch_op:
        for column in ("awaiting_until", "awaiting", "mailbox_digest", "identity_until"):
            batch_op.drop_column(column)
        batch_op.drop_column("identity_path")
