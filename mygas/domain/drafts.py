"""Drafts of journeys: begun, found again, ended."""

from datetime import timedelta

from sqlalchemy import delete

from mygas import clock
from mygas.domain.work import rows_changed
from mygas.extensions import db
from mygas.models import Draft

LIFE = timedelta(hours=24)


def begin(wizard: str, user_id: int | None = None, **answers: object) -> Draft:
    """A fresh draft of that journey; flushed, so that it has its ref."""
    now = clock.now()
    draft = Draft(wizard=wizard, user_id=user_id, answers=answers, created_at=now, expires_at=now + LIFE)
    db.session.add(draft)
    db.session.flush()
    return draft


def find(wizard: str, ref: str | None, user_id: int | None = None) -> Draft | None:
    """The live draft of that journey; a user's draft opens to that user only."""
    if not ref:
        return None
    live = db.select(Draft).filter_by(ref=ref, wizard=wizard, user_id=user_id).where(Draft.expires_at > clock.now())
    return db.session.scalars(live).one_or_none()


def end(draft: Draft) -> None:
    """The journey is over: its answers are not needed any more."""
    db.session.delete(draft)


def sweep() -> int:
    """Delete expired drafts with their confirmations; returns how many."""
    return rows_changed(delete(Draft).where(Draft.expires_at <= clock.now()))
