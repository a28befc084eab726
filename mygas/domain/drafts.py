"""Drafts of journeys: begun, found again, ended."""

from datetime import timedelta

from sqlalchemy import delete, func

from mygas import clock
from mygas.domain.work import refused_if_taken, rows_changed
from mygas.extensions import db, keyring
from mygas.models import Draft
from mygas.models.types import new_ref
from mygas.words import N_, Refused

LIFE = timedelta(hours=24)


def begin(wizard: str, user_id: int | None = None, *, once: str | None = None) -> Draft:
    """A fresh draft of that journey; flushed, so that it has its ref.

    `once` is a secret of the browser's session: a form that it sends twice at the same moment begins one journey, not two.
    """
    now = clock.now()
    ref = keyring.fingerprint("draft", wizard, once)[:22] if once else new_ref()
    if once and (begun := find(wizard, ref, user_id)):
        return begun
    draft = Draft(ref=ref, wizard=wizard, user_id=user_id, answers={}, created_at=now, expires_at=now + LIFE)
    with refused_if_taken("uq_draft_ref", Refused(N_("Форма уже отправлена. Обновите страницу."))):
        db.session.execute(delete(Draft).where(Draft.ref == ref))  # an expired one
        db.session.add(draft)
    return draft


def find(wizard: str, ref: str | None, user_id: int | None = None, *, to_change: bool = False) -> Draft | None:
    """The live draft of that journey; a user's draft opens to that user only. `to_change`: two answers take turns at it."""
    if not ref:
        return None
    live = db.select(Draft).filter_by(ref=ref, wizard=wizard, user_id=user_id).where(Draft.expires_at > clock.now())
    if to_change:
        live = live.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(live).one_or_none()


def count(wizard: str) -> int:
    """How many drafts of that journey there are."""
    return db.session.scalar(db.select(func.count()).select_from(Draft).filter_by(wizard=wizard)) or 0


def end(draft: Draft) -> None:
    """The journey is over: its answers are not needed any more."""
    db.session.delete(draft)


def sweep() -> int:
    """Delete expired drafts with their confirmations; returns how many."""
    return rows_changed(delete(Draft).where(Draft.expires_at <= clock.now()))
