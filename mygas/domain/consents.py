"""Consent to the processing of personal data: a document of its own, in editions (152-ФЗ art. 9, product.md §3.11).

A new edition is a new file `<document>.<date>.txt`; older files stay, for the consents given to them. The first line is
the title, blank lines part the paragraphs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from sqlalchemy import ColumnElement, exists, update
from sqlalchemy.orm import InstrumentedAttribute

from mygas import clock
from mygas.domain import audit, notices, open_cabinet
from mygas.domain.visitors import Visitor
from mygas.domain.work import refused_if_taken, rows_changed
from mygas.extensions import db
from mygas.models import Connection, Consent, User
from mygas.papers import ConsentPaper
from mygas.speech import Speech
from mygas.words import N_, Refused

__all__ = ["Consent", "Document", "current", "edition", "find", "give", "given", "in_force", "paper", "record",
           "shown", "withdraw"]  # fmt: skip

PERSONAL_DATA = "personal-data"
NEWS_LIFE = timedelta(days=3)
_TEXTS = Path(__file__).parent / "consent_texts"
_ALREADY = N_("Согласие уже дано.")
_NONE_LIVE = N_("Согласие уже отозвано.")


@dataclass(frozen=True)
class Document:
    """One edition of a consent; `version` is its date, `sha256` of the file's bytes names it beyond doubt."""

    name: str
    version: str
    title: str
    paragraphs: tuple[str, ...]
    sha256: str

    @property
    def day(self) -> date:
        return date.fromisoformat(self.version)


@cache
def current() -> Document:
    """The edition in force: the newest file."""
    return edition(max(_TEXTS.glob(f"{PERSONAL_DATA}.*.txt")).stem.partition(".")[2])


@cache
def edition(version: str) -> Document:
    """The text as it was on that day. Raises FileNotFoundError for an edition that there never was."""
    raw = (_TEXTS / f"{PERSONAL_DATA}.{version}.txt").read_bytes()
    title, *paragraphs = (part.strip() for part in raw.decode().split("\n\n"))
    return Document(PERSONAL_DATA, version, title, tuple(paragraphs), sha256(raw).hexdigest())


def shown(sha256: str) -> Document:
    """The edition in force, if it is the one with that SHA-256: nobody consents to a text that he was not shown.

    Raises Refused.
    """
    document = current()
    if sha256 != document.sha256:
        raise Refused(N_("Текст согласия обновился. Прочитайте новую редакцию."), field="agree")
    return document


def record(user: User, document: Document, visitor: Visitor, proof: str) -> None:
    """Keep who consented to what, when, from where, and by which confirmation he was known; audited.

    Raises Refused where he has consented to it already.
    """
    db.session.flush()
    row = Consent(
        user_id=user.id,
        login=user.login,
        document=document.name,
        version=document.version,
        sha256=document.sha256,
        given_at=clock.now(),
        ip=visitor.ip,
        user_agent=visitor.user_agent,
        proof=proof,
    )
    with refused_if_taken("uq_consent_live", Refused(_ALREADY)):
        db.session.add(row)
    audit.by_user("consent.give", visitor, user=user, version=document.version)


def give(visitor: Visitor, user: User, sha256: str) -> None:
    """Consent anew, signed in, to the text with that SHA-256. Raises Refused, when the cabinet is closed too."""
    open_cabinet.hold(user.id)
    record(user, shown(sha256), visitor, proof="sign-in")


def in_force(user_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether the user has consented to the edition in force, as a part of another statement."""
    now = current()
    return exists().where(
        Consent.user_id == user_id, Consent.document == now.name, Consent.sha256 == now.sha256, Consent.withdrawn_at.is_(None)
    )


def given(user: User) -> Sequence[Consent]:
    """All that he has ever consented to, newest first."""
    return db.session.scalars(db.select(Consent).filter_by(user_id=user.id).order_by(Consent.id.desc())).all()


def find(user: User, ref: str) -> Consent | None:
    """The user's own consent of that ref."""
    return db.session.scalars(db.select(Consent).filter_by(user_id=user.id, ref=ref)).one_or_none()


def withdraw(visitor: Visitor, user: User) -> None:
    """All his consents end: those to older editions too, for their aim is the same. Audited, and he is told.

    Reminders and answers by message stop at once; money on its way is settled as if nothing had been. Raises Refused when
    nothing was left to withdraw.
    """
    now = clock.now()
    live = update(Consent).where(Consent.user_id == user.id, Consent.withdrawn_at.is_(None)).values(withdrawn_at=now)
    if not rows_changed(live.execution_options(synchronize_session=False)):
        raise Refused(_NONE_LIVE)
    mine = update(Connection).where(Connection.user_id == user.id, Connection.ended_at.is_(None))
    rows_changed(mine.values(remind=False, answer=False).execution_options(synchronize_session=False))
    audit.by_user("consent.withdraw", visitor, user=user)
    notices.warn(user.id, "login", "consent-withdrawn", life=NEWS_LIFE)


def paper(consent: Consent) -> ConsentPaper:
    """What is printed of it."""
    document, (sentence, values) = edition(consent.version), how_proved(consent)
    return ConsentPaper(
        title=document.title,
        edition=document.day,
        paragraphs=document.paragraphs,
        sha256=consent.sha256,
        login=consent.login,
        given_at=consent.given_at,
        proof=Speech().say(sentence, **values),
        ip=consent.ip,
        user_agent=consent.user_agent,
        withdrawn_at=consent.withdrawn_at,
    )


def how_proved(consent: Consent) -> tuple[str, dict[str, str]]:
    """By what he who consented was known: a sentence and its values."""
    kind, _, number = consent.proof.partition(" ")
    if kind == "confirmation":
        return N_("контакт подтверждён кодом или ссылкой (подтверждение № %(number)s)"), {"number": number}
    return N_("вход в личный кабинет по логину и паролю"), {}
