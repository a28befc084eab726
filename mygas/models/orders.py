"""Payments made through the portal: orders, what happened to each, the ledger of the money, refunds, differences found."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mygas.extensions import Model
from mygas.models.accounts import Account
from mygas.models.types import NEVER_REUSED, BigId, UtcDateTime, new_ref

OPEN = "state IN ('created', 'submitting', 'unknown', 'pending')"


class Order(Model):
    """A payment through the portal. Its `id` is the number people and suppliers know it by, `ref` its name in addresses.

    `amount_kop` goes to the account, `commission_kop` on top of it to whoever takes it; `split` are [service, kopecks] pairs
    that add up to `amount_kop`. `state` moves by the table of domain.orders alone, `version` with it. `request_key` came with
    the form, `request_hash` tells what else did. `acquirer_key` is the idempotence key, `acquirer_id` and `page` the acquirer's
    answer. `buyer` is the phone or e-mail that fiscal receipts go to: the payer's login when he began. `fiscal` is the state of
    the fiscal receipt: "" (none is made), pending, done, failed. `ask_at` is when the acquirer is to be asked next, NULL once
    there is nothing to ask; `asks` is how often he was. `dispatch_id` is the registry in which it left for the supplier.
    """

    __tablename__ = "pay_order"
    __table_args__ = (
        CheckConstraint("amount_kop BETWEEN 100 AND 10000000", name="amount"),
        CheckConstraint("commission_kop >= 0", name="commission"),
        UniqueConstraint("user_id", "request_key"),
        UniqueConstraint("acquirer", "acquirer_id"),
        Index("uq_pay_order_open", "account_id", "user_id", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
        Index("ix_pay_order_account", "account_id", "id"),
        Index("ix_pay_order_ask", "ask_at", sqlite_where=text("ask_at IS NOT NULL"), postgresql_where=text("ask_at IS NOT NULL")),
        Index("ix_pay_order_waiting", "supplier", "id",
              sqlite_where=text("dispatch_id IS NULL AND state = 'succeeded'"),
              postgresql_where=text("dispatch_id IS NULL AND state = 'succeeded'")),
        Index("ix_pay_order_review", "supplier", "id",
              sqlite_where=text("state = 'review'"), postgresql_where=text("state = 'review'")),
        Index("ix_pay_order_dispatch", "dispatch_id", "id"),
        Index("ix_pay_order_created", "acquirer", "created_at"),
        NEVER_REUSED,
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    supplier: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    amount_kop: Mapped[int] = mapped_column(BigInteger)
    commission_kop: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(String(3), default="RUB")
    split: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(16), default="created")
    version: Mapped[int] = mapped_column(default=0)
    request_key: Mapped[str] = mapped_column(String(43))
    request_hash: Mapped[str] = mapped_column(String(64))
    acquirer: Mapped[str] = mapped_column(String(20))
    acquirer_key: Mapped[str] = mapped_column(String(64), unique=True)
    acquirer_id: Mapped[str | None] = mapped_column(String(64))
    page: Mapped[str] = mapped_column(String(2000), default="")
    buyer: Mapped[str] = mapped_column(String(254), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(60), default="")
    fiscal: Mapped[str] = mapped_column(String(10), default="")
    fiscal_id: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ask_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asks: Mapped[int] = mapped_column(default=0)
    dispatch_id: Mapped[int | None] = mapped_column(ForeignKey("dispatch.id"))

    account: Mapped[Account] = relationship()

    @property
    def total_kop(self) -> int:
        """All that the payer pays."""
        return self.amount_kop + self.commission_kop


class OrderEvent(Model):
    """What was heard or done of an order. (`source`, `source_id`) is unique: what is heard twice happened once.

    `from_state` = `to_state` for what moved nothing. `digest` is the SHA-256 of a notification's body.
    """

    __tablename__ = "pay_event"
    __table_args__ = (UniqueConstraint("source", "source_id"), Index("ix_pay_event_order", "order_id", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("pay_order.id"))
    source: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[str] = mapped_column(String(120))
    from_state: Mapped[str] = mapped_column(String(16), default="")
    to_state: Mapped[str] = mapped_column(String(16), default="")
    digest: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LedgerEntry(Model):
    """One side of a movement of money, kopecks; append-only, kept so by triggers. The sides of one `deed` add up to 0.

    `book` is where the money stands: acquirer:<name>, supplier:<slug>, commission. `kind` is credit or refund; one of each per
    order and book.
    """

    __tablename__ = "ledger"
    __table_args__ = (UniqueConstraint("order_id", "kind", "book"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    deed: Mapped[str] = mapped_column(String(40), index=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("pay_order.id"))
    kind: Mapped[str] = mapped_column(String(10))
    book: Mapped[str] = mapped_column(String(60))
    amount_kop: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Refund(Model):
    """возврат: asked for by one operator, approved by another. One live refund per order, always of the whole sum.

    `dispatch_id` is the registry in which it left for the supplier: only where the payment itself had left before.
    """

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'approved', 'done', 'refused', 'failed')", name="state"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by OR state = 'refused'", name="four_eyes"),
        Index("uq_refund_live", "order_id", unique=True,
              sqlite_where=text("state IN ('asked', 'approved', 'done')"),
              postgresql_where=text("state IN ('asked', 'approved', 'done')")),
        Index("ix_refund_dispatch", "dispatch_id", "id"),
        NEVER_REUSED,
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("pay_order.id"))
    supplier: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default="asked")
    reason: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[int] = mapped_column(ForeignKey("operator.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("operator.id"))
    acquirer_id: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(200), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ask_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asks: Mapped[int] = mapped_column(default=0)
    dispatch_id: Mapped[int | None] = mapped_column(ForeignKey("dispatch.id"))

    order: Mapped[Order] = relationship()


class Reconciliation(Model):
    """сверка: one comparison of our orders with the acquirer's register of one day (UTC).

    `compared` payments of his, `ours_kop` and `theirs_kop` what was paid by each side's word. `done_at` is NULL while it runs,
    and stays so when it broke off.
    """

    __tablename__ = "reconciliation"
    __table_args__ = (Index("ix_reconciliation_day", "acquirer", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    acquirer: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    compared: Mapped[int] = mapped_column(default=0)
    ours_kop: Mapped[int] = mapped_column(BigInteger, default=0)
    theirs_kop: Mapped[int] = mapped_column(BigInteger, default=0)
    ran_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Discrepancy(Model):
    """A difference that a reconciliation found, or an answer (`reconciliation_id` is NULL): a task for the desk until somebody
    writes down what was done.

    `kind`: missing_here, missing_there, sum_differs, state_differs. `key` names the difference: a later run does not raise it
    again.
    """

    __tablename__ = "discrepancy"
    __table_args__ = (
        CheckConstraint("kind IN ('missing_here', 'missing_there', 'sum_differs', 'state_differs')", name="kind"),
        Index("ix_discrepancy_open", "supplier", "id",
              sqlite_where=text("settled_at IS NULL"), postgresql_where=text("settled_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    reconciliation_id: Mapped[int | None] = mapped_column(ForeignKey("reconciliation.id"))
    supplier: Mapped[str] = mapped_column(String(40), default="")
    kind: Mapped[str] = mapped_column(String(20))
    order_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("pay_order.id"))
    acquirer_id: Mapped[str] = mapped_column(String(64), default="")
    ours: Mapped[str] = mapped_column(String(60), default="")
    theirs: Mapped[str] = mapped_column(String(60), default="")
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("operator.id"))
    note: Mapped[str] = mapped_column(String(300), default="")
