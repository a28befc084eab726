"""Announcements by message, to those whom they concern and who want them: planned by the worker, page by page."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from mygas import clock
from mygas.domain import bulletins, notices
from mygas.domain.notices import News
from mygas.domain.reminders import DECENT, PAGE
from mygas.domain.wording import MOSCOW, Letter, Words, addressee
from mygas.domain.work import rows_changed, unit_of_work
from mygas.extensions import db
from mygas.models import Bulletin, Connection, User
from mygas.suppliers import Supplier

LIFE = timedelta(days=2)
"""After which there is no point in a message any more, if the announcement does not end before."""


def tell_due(suppliers: Mapping[str, Supplier]) -> int:
    """Promise messages of the announcements that stand and are to be sent, at decent hours; returns how many users were looked
    at. Opens units of work; killed half-way, it goes on where it was."""
    seen = 0
    for one in bulletins.untold():
        zone = suppliers[one.supplier].time_zone if one.supplier in suppliers else MOSCOW
        if clock.now().astimezone(zone).hour in DECENT:
            seen += _tell(one)
    db.session.rollback()
    return seen


def announcement_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """None once the announcement is over, or the user is no more."""
    told, one = addressee(db.session.get(User, payload["user"]), payload), db.session.get(Bulletin, payload["bulletin"])
    if told is None or one is None or bulletins.state(one) != "standing":
        return None
    say = told.speech.say
    more = say(
        "Все объявления: %(link)s\nОтказаться от объявлений можно в настройках сообщений.", link=public_url + "/announcements/"
    )
    return Words(one.title, say("Мой газ: %(title)s", title=one.title)[:70], f"{one.title}\n\n{one.text}\n\n{more}").to(told)


def _tell(one: Bulletin) -> int:
    seen, upto = 0, one.told_upto
    for users, concerned in _pages(one, upto):
        expires_at = min(one.ends_at or datetime.max.replace(tzinfo=MOSCOW), clock.now() + LIFE)
        news = [News(user_id, f"announcement:{one.id}:{user_id}", {"bulletin": one.id}) for user_id in concerned]
        with unit_of_work():
            if not _moved(one, upto, told_upto=users[-1]):
                return seen  # another worker is at it
            notices.tell_all("announcement", "announcement", news, expires_at=expires_at)
        seen, upto = seen + len(users), users[-1]
    with unit_of_work():
        _moved(one, upto, told_at=clock.now())
    return seen


def _moved(one: Bulletin, upto: int, **values: Any) -> bool:
    mine = update(Bulletin).where(Bulletin.id == one.id, Bulletin.told_upto == upto, Bulletin.told_at.is_(None))
    return bool(rows_changed(mine.values(**values).execution_options(synchronize_session=False)))


def _pages(one: Bulletin, upto: int) -> Iterator[tuple[list[int], list[int]]]:
    """Users with live connections to the supplier, in the order of their ids: all of a page, and those whom it concerns."""
    live = [Connection.ended_at.is_(None)] + ([Connection.supplier == one.supplier] if one.supplier else [])
    ids = db.select(Connection.user_id).distinct().where(*live).order_by(Connection.user_id).limit(PAGE)
    while users := list(db.session.scalars(ids.where(Connection.user_id > upto))):
        rows = db.session.scalars(db.select(Connection).where(Connection.user_id.in_(users), *live)).all()
        told = bulletins.addresses([row.account_id for row in rows]) if one.prefix else {}
        concerned = {row.user_id for row in rows if bulletins.concerning([one], row.supplier, _address(row, told))}
        db.session.rollback()
        yield users, sorted(concerned)
        upto = users[-1]


def _address(connection: Connection, addresses: Mapping[int, str]) -> str | None:
    """The address as the connection may know it."""
    return addresses.get(connection.account_id) if connection.access == "extended" else None
