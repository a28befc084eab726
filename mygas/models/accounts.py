"""Personal accounts of dwellings, and the users connected to them."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mygas.extensions import Model
from mygas.models.people import User
from mygas.models.types import BigId, UtcDateTime, new_ref

REMINDED = "remind AND ended_at IS NULL"
ANSWERED = "answer AND ended_at IS NULL"


class Account(Model):
    """лицевой счёт: identity only, never changed. `number` is canonical text by the supplier's rule."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("supplier", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    supplier: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(20))


class AccountCard(Model):
    """What a registry says of an account; the newest complete registry speaks.

    `balance_kop` is what the household owes on `balance_on`: positive is a debt, negative an overpayment.
    `area_cm2` is the area in cm² (54.3 m² is 543000): never a float.
    """

    __tablename__ = "account_card"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), primary_key=True, autoincrement=False)
    registry_id: Mapped[int] = mapped_column(ForeignKey("registry.id"), primary_key=True, autoincrement=False)
    united_number: Mapped[str] = mapped_column(String(20), default="")
    holder: Mapped[str] = mapped_column(String(160))
    address: Mapped[str] = mapped_column(String(250))
    area_cm2: Mapped[int] = mapped_column(default=0)
    residents: Mapped[int] = mapped_column(default=0)
    equipment: Mapped[str] = mapped_column(String(250), default="")
    privileges: Mapped[str] = mapped_column(String(250), default="")
    balance_kop: Mapped[int] = mapped_column(BigInteger)
    balance_on: Mapped[date]
    closed: Mapped[bool] = mapped_column(default=False)


class Connection(Model):
    """A user's tie to an account. Its `ref` is the only name of the account in addresses, so ownership is in the key.

    `slot` (from 1) makes the limit of accounts per supplier a constraint: two connections cannot share one slot. It is
    NULL once the connection has ended. `proof` is how the extended version was opened: serial, charge, pin, office;
    "revoked" once an operator took access back, which binds the user to the PIN (domain.challenges). `alias` is what its
    user calls the account, `place` where it stands among his, both his own affair. `remind` and `answer`:
    whether the user wants to be reminded of readings, and to be told by message what became of those he sent.
    """

    __tablename__ = "connection"
    __table_args__ = (
        CheckConstraint("access IN ('basic', 'extended')", name="access"),
        CheckConstraint("(ended_at IS NULL) = (slot IS NOT NULL)", name="slot_while_live"),
        UniqueConstraint("user_id", "supplier", "slot"),
        Index("uq_connection_live", "user_id", "account_id", unique=True,
              sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
        Index("ix_connection_account", "account_id"),
        Index("ix_connection_remind", "supplier", "id", sqlite_where=text(REMINDED), postgresql_where=text(REMINDED)),
        Index("ix_connection_answer", "supplier", "id", sqlite_where=text(ANSWERED), postgresql_where=text(ANSWERED)),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    supplier: Mapped[str] = mapped_column(String(40))
    slot: Mapped[int | None]
    access: Mapped[str] = mapped_column(String(10), default="basic")
    alias: Mapped[str] = mapped_column(String(40), default="")
    place: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proof: Mapped[str] = mapped_column(String(20), default="", server_default="")
    remind: Mapped[bool] = mapped_column(default=False, server_default=false())
    answer: Mapped[bool] = mapped_column(default=False, server_default=false())

    account: Mapped[Account] = relationship()
    user: Mapped[User] = relationship()
