"""Users, their sign-ins and their consents."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import NEVER_REUSED, UtcDateTime, new_ref


class User(Model):
    """пользователь. `login` is a canonical contact (contacts.Contact.value) that he proved to be his.

    `second_login` is another contact of his, canonical too, by which he is told of what he chooses and by which nobody signs
    in. It is there only once it is proved; the three columns are filled and emptied together.
    `language` is the one in which he is written to: a code of speech.Speech.
    Of a closed cabinet (`disabled_at`) the row stays, `login` holding what is no contact (domain.closing).
    """

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("channel IN ('phone', 'email')", name="channel"),
        Index("ix_user_second_login", "second_login",
              sqlite_where=text("second_login IS NOT NULL"), postgresql_where=text("second_login IS NOT NULL")),
        NEVER_REUSED,
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(254), unique=True)
    channel: Mapped[str] = mapped_column(String(5))
    password_hash: Mapped[str] = mapped_column(String(120))
    entry: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    full_name: Mapped[str] = mapped_column(String(160), default="", server_default="")
    second_login: Mapped[str | None] = mapped_column(String(254))
    second_channel: Mapped[str | None] = mapped_column(String(5))
    second_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    language: Mapped[str] = mapped_column(String(2), default="ru", server_default="ru")


class LoginChange(Model):
    """A change of the login that whoever has the old one may undo until `until`, by a link of which only the SHA-256 is kept.

    The row is there only while that is possible.
    """

    __tablename__ = "login_change"
    __table_args__ = (
        CheckConstraint("old_channel IN ('phone', 'email')", name="old_channel"),
        Index("ix_login_change_user", "user_id", "id"),
        Index("ix_login_change_until", "until"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    old_login: Mapped[str] = mapped_column(String(254))
    old_channel: Mapped[str] = mapped_column(String(5))
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class SignIn(Model):
    """A session. The cookie holds 256 random bits, the table their SHA-256; to end a session is to delete the row."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_user", "user_id"), Index("ix_sign_in_seen", "seen_at"))

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ip: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(250))


class Consent(Model):
    """A consent given by 152-ФЗ art. 9: which text (document, version, SHA-256), when, from where, by whose proof.

    `login` is what he who consented was known by then. Of one edition a user has one live consent.
    """

    __tablename__ = "consent"
    __table_args__ = (
        Index("ix_consent_user", "user_id"),
        Index("ix_consent_withdrawn", "withdrawn_at",
              sqlite_where=text("withdrawn_at IS NOT NULL"), postgresql_where=text("withdrawn_at IS NOT NULL")),
        Index("uq_consent_live", "user_id", "document", "version", unique=True,
              sqlite_where=text("withdrawn_at IS NULL"), postgresql_where=text("withdrawn_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    login: Mapped[str] = mapped_column(String(254))
    document: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ip: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(250))
    proof: Mapped[str] = mapped_column(String(300))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
