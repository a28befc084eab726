"""Consent to the processing of personal data: a document of its own, in editions (152-ФЗ art. 9, product.md §3.11).

A new edition is a new file `<document>.<date>.txt`; older files stay, for the consents given to them. The first line is
the title, blank lines part the paragraphs.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path

from mygas import clock
from mygas.domain.visitors import Visitor
from mygas.extensions import db
from mygas.models import Consent, User

_TEXTS = Path(__file__).parent / "consent_texts"


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
def current(name: str = "personal-data") -> Document:
    """The edition in force: the newest file."""
    path = max(_TEXTS.glob(f"{name}.*.txt"))
    raw = path.read_bytes()
    title, *paragraphs = (part.strip() for part in raw.decode().split("\n\n"))
    return Document(name, path.stem.partition(".")[2], title, tuple(paragraphs), sha256(raw).hexdigest())


def record(user: User, document: Document, visitor: Visitor, proof: str) -> None:
    """Keep who consented to what, when, from where, and by which confirmation he was known."""
    db.session.flush()
    db.session.add(
        Consent(
            user_id=user.id,
            document=document.name,
            version=document.version,
            sha256=document.sha256,
            given_at=clock.now(),
            ip=visitor.ip,
            user_agent=visitor.user_agent,
            proof=proof,
        )
    )
