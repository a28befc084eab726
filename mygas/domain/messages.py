"""The archive: what was sent to a user, as he may read it again."""

from datetime import timedelta

from sqlalchemy import delete

from mygas import clock
from mygas.contacts import Contact
from mygas.domain import open_cabinet
from mygas.domain.wording import Letter
from mygas.domain.work import insert_or_update, rows_changed
from mygas.extensions import db
from mygas.models import Message
from mygas.models.types import new_ref

KEPT = timedelta(days=365)


def keep(letter: Letter, outbox_key: str) -> None:
    """Put the letter into its user's archive, in the transaction that marks it delivered; once for a key. Of a letter that holds
    a secret only the sentence in its place is kept; of one to who is no user, or has closed his cabinet meanwhile, nothing."""
    if letter.user_id is None or open_cabinet.login_if_open(letter.user_id) is None:
        return
    contact = Contact(letter.channel, letter.to)  # type: ignore[arg-type]
    row = {
        "ref": new_ref(), "outbox_key": outbox_key, "user_id": letter.user_id, "at": clock.now(), "channel": contact.channel,
        "masked": contact.masked, "subject": letter.subject, "text": letter.kept or letter.text,
    }  # fmt: skip
    db.session.execute(insert_or_update(Message).values(row).on_conflict_do_nothing())


def of_user(user_id: int, *, before: int | None = None, limit: int = 20) -> list[Message]:
    """What was sent to the user, newest first; `before` is the id of the last one shown."""
    query = db.select(Message).where(Message.user_id == user_id)
    if before is not None:
        query = query.where(Message.id < before)
    return list(db.session.scalars(query.order_by(Message.id.desc()).limit(limit)))


def one(user_id: int, ref: str) -> Message | None:
    """The user's message of that ref; another's does not exist for him."""
    return db.session.scalars(db.select(Message).filter_by(user_id=user_id, ref=ref)).one_or_none()


def sweep() -> int:
    """Delete what was sent a year ago; returns how many."""
    return rows_changed(delete(Message).where(Message.at < clock.now() - KEPT).execution_options(synchronize_session=False))
