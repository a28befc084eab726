"""the first tables"""

import sqlalchemy as sa
from alembic import op

from mygas.models.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("supplier", "number", name=op.f("uq_account_supplier_number")),
    )
    op.create_table(
        "counter",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("previous_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("resets_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_counter")),
    )
    with op.batch_alter_table("counter", schema=None) as batch_op:
        batch_op.create_index("ix_counter_resets", ["resets_at"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("lease_owner", sa.String(length=60), nullable=True),
        sa.Column("lease_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('ready', 'leased', 'done', 'dead')", name=op.f("ck_outbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('ready', 'leased')"),
            postgresql_where=sa.text("state IN ('ready', 'leased')"),
        )

    op.create_table(
        "registry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("supplier", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("completed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("purged_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('loading', 'complete')", name=op.f("ck_registry_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry")),
    )
    with op.batch_alter_table("registry", schema=None) as batch_op:
        batch_op.create_index(
            "uq_registry_complete",
            ["supplier", "digest"],
            unique=True,
            sqlite_where=sa.text("state = 'complete'"),
            postgresql_where=sa.text("state = 'complete'"),
        )
        batch_op.create_index(
            "uq_registry_loading",
            ["supplier"],
            unique=True,
            sqlite_where=sa.text("state = 'loading'"),
            postgresql_where=sa.text("state = 'loading'"),
        )

    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=254), nullable=False),
        sa.Column("channel", sa.String(length=5), nullable=False),
        sa.Column("password_hash", sa.String(length=120), nullable=False),
        sa.Column("entry", sa.String(length=40), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('phone', 'email')", name=op.f("ck_user_channel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("login", name=op.f("uq_user_login")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "account_card",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("registry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("united_number", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=160), nullable=False),
        sa.Column("address", sa.String(length=250), nullable=False),
        sa.Column("area_cm2", sa.Integer(), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("equipment", sa.String(length=250), nullable=False),
        sa.Column("privileges", sa.String(length=250), nullable=False),
        sa.Column("balance_kop", sa.BigInteger(), nullable=False),
        sa.Column("balance_on", sa.Date(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_card_account_id_account")),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name=op.f("fk_account_card_registry_id_registry")),
        sa.PrimaryKeyConstraint("account_id", "registry_id", name=op.f("pk_account_card")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "act",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("registry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_act_account_id_account")),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name=op.f("fk_act_registry_id_registry")),
        sa.PrimaryKeyConstraint("account_id", "number", "registry_id", name=op.f("pk_act")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "charge",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("registry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("volume_milli", sa.BigInteger(), nullable=False),
        sa.Column("price_kop", sa.BigInteger(), nullable=False),
        sa.Column("sum_kop", sa.BigInteger(), nullable=False),
        sa.Column("recalculated_kop", sa.BigInteger(), nullable=False),
        sa.Column("coefficient_micro", sa.Integer(), nullable=False),
        sa.Column("norm_milli", sa.BigInteger(), nullable=False),
        sa.Column("price_act", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_charge_account_id_account")),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name=op.f("fk_charge_registry_id_registry")),
        sa.PrimaryKeyConstraint("account_id", "period", "registry_id", "line", name=op.f("pk_charge")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "connection",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("access", sa.String(length=10), nullable=False),
        sa.Column("alias", sa.String(length=40), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("access IN ('basic', 'extended')", name=op.f("ck_connection_access")),
        sa.CheckConstraint("(ended_at IS NULL) = (slot IS NOT NULL)", name=op.f("ck_connection_slot_while_live")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_connection_account_id_account")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_connection_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
        sa.UniqueConstraint("ref", name=op.f("uq_connection_ref")),
        sa.UniqueConstraint("user_id", "supplier", "slot", name=op.f("uq_connection_user_id_supplier_slot")),
    )
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.create_index("ix_connection_account", ["account_id"], unique=False)
        batch_op.create_index(
            "uq_connection_live",
            ["user_id", "account_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("given_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=250), nullable=False),
        sa.Column("proof", sa.String(length=300), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_consent_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index("ix_consent_user", ["user_id"], unique=False)

    op.create_table(
        "contract",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("registry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_contract_account_id_account")),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name=op.f("fk_contract_registry_id_registry")),
        sa.PrimaryKeyConstraint("account_id", "number", "registry_id", name=op.f("pk_contract")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("wizard", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_draft_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("ref", name=op.f("uq_draft_ref")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index("ix_draft_expires", ["expires_at"], unique=False)

    op.create_table(
        "imported_pin",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("registry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_imported_pin_account_id_account")),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name=op.f("fk_imported_pin_registry_id_registry")),
        sa.PrimaryKeyConstraint("account_id", "registry_id", name=op.f("pk_imported_pin")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "meter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_meter_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter")),
        sa.UniqueConstraint("account_id", "serial", name=op.f("uq_meter_account_id_serial")),
    )
    op.create_table(
        "payment",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("registry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("sum_kop", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_payment_account_id_account")),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name=op.f("fk_payment_registry_id_registry")),
        sa.PrimaryKeyConstraint("account_id", "number", "registry_id", name=op.f("pk_payment")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_in",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=250), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_sign_in_user_id_user")),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_sign_in")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_seen", ["seen_at"], unique=False)
        batch_op.create_index("ix_sign_in_user", ["user_id"], unique=False)

    op.create_table(
        "confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("contact", sa.String(length=254), nullable=False),
        sa.Column("channel", sa.String(length=5), nullable=False),
        sa.Column("decoy", sa.Boolean(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=16), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=True),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("code_expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("link_expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('join', 'recover')", name=op.f("ck_confirmation_purpose")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_confirmation_draft_id_draft"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_confirmation_link_hash")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("confirmation", schema=None) as batch_op:
        batch_op.create_index("ix_confirmation_draft", ["draft_id"], unique=False)

    op.create_table(
        "meter_card",
        sa.Column("meter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("registry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model", sa.String(length=60), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("verified_until", sa.Date(), nullable=True),
        sa.Column("sealed_on", sa.Date(), nullable=True),
        sa.Column("seal", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["meter_id"], ["meter.id"], name=op.f("fk_meter_card_meter_id_meter")),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name=op.f("fk_meter_card_registry_id_registry")),
        sa.PrimaryKeyConstraint("meter_id", "registry_id", name=op.f("pk_meter_card")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reading",
        sa.Column("meter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("registry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value_milli", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["meter_id"], ["meter.id"], name=op.f("fk_reading_meter_id_meter")),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name=op.f("fk_reading_registry_id_registry")),
        sa.PrimaryKeyConstraint("meter_id", "taken_on", "registry_id", name=op.f("pk_reading")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("reading")
    op.drop_table("meter_card")
    with op.batch_alter_table("confirmation", schema=None) as batch_op:
        batch_op.drop_index("ix_confirmation_draft")

    op.drop_table("confirmation")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_user")
        batch_op.drop_index("ix_sign_in_seen")

    op.drop_table("sign_in")
    op.drop_table("payment")
    op.drop_table("meter")
    op.drop_table("imported_pin")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index("ix_draft_expires")

    op.drop_table("draft")
    op.drop_table("contract")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_user")

    op.drop_table("consent")
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_connection_live", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index("ix_connection_account")

    op.drop_table("connection")
    op.drop_table("charge")
    op.drop_table("act")
    op.drop_table("account_card")
    op.drop_table("user")
    with op.batch_alter_table("registry", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_registry_loading", sqlite_where=sa.text("state = 'loading'"), postgresql_where=sa.text("state = 'loading'")
        )
        batch_op.drop_index(
            "uq_registry_complete", sqlite_where=sa.text("state = 'complete'"), postgresql_where=sa.text("state = 'complete'")
        )

    op.drop_table("registry")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_due",
            sqlite_where=sa.text("state IN ('ready', 'leased')"),
            postgresql_where=sa.text("state IN ('ready', 'leased')"),
        )

    op.drop_table("outbox")
    with op.batch_alter_table("counter", schema=None) as batch_op:
        batch_op.drop_index("ix_counter_resets")

    op.drop_table("counter")
    op.drop_table("account")
