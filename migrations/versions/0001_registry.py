"""The registry of members, the office's closures and its cut-off days."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "member",
        sa.Column("number", sa.String(6), nullable=False),
        sa.Column("kind", sa.String(16)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kana", sa.String(200), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("phone", sa.String(40)),
        sa.Column("web_registered_on", sa.Date()),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_member"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "application",
        sa.Column("number", sa.String(6), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("url_clicked_at", sa.DateTime(timezone=True)),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("number", "position", name="pk_application"),
        sa.ForeignKeyConstraint(
            ["number"], ["member.number"], "fk_application_number_member", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mail",
        sa.Column("number", sa.String(6), nullable=False),
        sa.Column("application", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("number", "application", "position", name="pk_mail"),
        sa.ForeignKeyConstraint(
            ["number", "application"],
            ["application.number", "application.position"],
            "fk_mail_number_application",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    _create_office_tables()


def _create_office_tables() -> None:
    op.create_table(
        "closure",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("date", name="pk_closure"),
    )
    op.create_table(
        "billing_cutoff",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_billing_cutoff"),
        sa.CheckConstraint("day BETWEEN 1 AND 31", name=op.f("ck_billing_cutoff_day_of_month")),
    )
    op.create_table(
        "registry_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(1000), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("applications", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_registry_import"),
    )


def downgrade() -> None:
    """Take back."""
    for table in (
        "registry_import",
        "billing_cutoff",
        "closure",
        "mail",
        "application",
        "member",
    ):
        op.drop_table(table)
