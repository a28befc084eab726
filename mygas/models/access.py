"""Extended access: PINs of our own making, requests for them, scans that came with a request, charges too common to ask for."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, case, cast, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from mygas.extensions import Model
from mygas.models.accounts import Account
from mygas.models.desk import Operator
from mygas.models.outbox import Outgoing
from mygas.models.people import User
from mygas.models.types import NEVER_REUSED, BigId, UtcDateTime, new_ref


class Pin(Model):
    """The generation of an account's PIN. The PIN itself is derived (product.md §0.10); without a row the generation is 1,
    revoking adds one."""

    __tablename__ = "pin"

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), primary_key=True, autoincrement=False)
    generation: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PinRequest(Model):
    """запрос на получение ПИН-кода. Its `id` is the number people are told. One open request per user and account.

    The PIN goes to the user's confirmed login; `email` and `phone` are what he wrote for the operator to call back by.
    `letter` is the state of the outbox row that carries the answer; None before there is one, and once it was swept.
    """

    __tablename__ = "pin_request"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'approved', 'refused')", name="state"),
        Index("uq_pin_request_open", "user_id", "account_id", unique=True,
              sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
        Index("ix_pin_request_queue", "supplier", "state", "id"),
        NEVER_REUSED,
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    supplier: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default="open")
    full_name: Mapped[str] = mapped_column(String(160))
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(16))
    document_kind: Mapped[str] = mapped_column(String(20), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    letter: Mapped[str | None] = column_property(
        select(Outgoing.state)
        .where(Outgoing.key == case((state == "refused", "pin-refused:"), else_="pin:") + cast(id, String))
        .correlate_except(Outgoing)
        .scalar_subquery()
    )

    account: Mapped[Account] = relationship()
    user: Mapped[User] = relationship()
    operator: Mapped[Operator | None] = relationship()


class Scan(Model):
    """A scan that came with a request: the file lies sealed in the data folder under `ref`, its own key sealed here.

    The row outlives the file: `deleted_at` says when the file and the key were destroyed.
    """

    __tablename__ = "scan"
    __table_args__ = (Index("ix_scan_delete", "delete_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    request_id: Mapped[int] = mapped_column(ForeignKey("pin_request.id"))
    media_type: Mapped[str] = mapped_column(String(20))
    size: Mapped[int] = mapped_column(BigInteger)
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delete_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    request: Mapped[PinRequest] = relationship()


class CommonCharge(Model):
    """A last charge shared by too many of a supplier's accounts to prove anything (promises.md §2.8); noted at import."""

    __tablename__ = "common_charge"
    __table_args__ = ({"sqlite_with_rowid": False},)

    supplier: Mapped[str] = mapped_column(String(40), primary_key=True)
    sum_kop: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    accounts: Mapped[int]
