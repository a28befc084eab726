"""What a user may be told of, by which of his contacts, and the one function that promises to tell him."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import and_, delete

from mygas import clock
from mygas.domain import open_cabinet, outbox
from mygas.domain.work import insert_or_update
from mygas.extensions import db
from mygas.models import NoticeChoice, User
from mygas.words import N_

WARNING_LIFE = timedelta(hours=6)
Where = Literal["login", "second"]
CONTACTS: tuple[Where, ...] = ("login", "second")


@dataclass(frozen=True)
class Event:
    """Something a user is told of. A mandatory one goes to all its contacts and cannot be switched off; of the others the
    login hears unless the user says no, the second contact only if he says yes."""

    title: str
    about: str
    mandatory: bool = False
    contacts: tuple[Where, ...] = CONTACTS

    def by_default(self, contact: Where) -> bool:
        return self.mandatory or contact == "login"


EVENTS: dict[str, Event] = {
    "sign-in": Event(N_("Вход с нового устройства"), N_("Чтобы чужой вход не остался незамеченным."), mandatory=True),
    "login": Event(N_("Пароль, логин, согласие"), N_("Чтобы никто не сменил и не отозвал их без Вас."), mandatory=True),
    "access": Event(
        N_("Доступ к счёту"),
        N_("К Вашему счёту подключился ещё один пользователь, счёт отключён, ПИН-код отозван."),
        mandatory=True,
    ),
    "pin": Event(
        N_("Ответ на запрос ПИН-кода"),
        N_("Только на логин: чем меньше мест, где побывал ПИН-код, тем лучше."),
        mandatory=True,
        contacts=("login",),
    ),
    "payment": Event(N_("Платежи"), N_("Платёж, исхода которого Вы не дождались на странице, и возврат денег.")),
    "reading": Event(N_("Что стало с показаниями"), N_("Приняты порталом, учтены или отклонены поставщиком.")),
    "reminder": Event(N_("Пора передать показания"), N_("В начале и в конце срока, если Вы их ещё не передали.")),
    "support": Event(N_("Ответы поддержки"), N_("На Ваше обращение ответили.")),
    "announcement": Event(N_("Объявления"), N_("Отключения газа и работы на портале.")),
}


Choices = dict[tuple[str, Where], bool]
"""Whether the user wants to hear of an event by a contact."""
CHOOSABLE = [(name, contact) for name, event in EVENTS.items() if not event.mandatory for contact in event.contacts]
_KEY = [NoticeChoice.user_id, NoticeChoice.event, NoticeChoice.contact]


class News(NamedTuple):
    """What one user is to be told: the key and the payload of the promise."""

    user_id: int
    key: str
    payload: Mapping[str, Any]


def tell(user_id: int, event: str, kind: str, key: str, payload: Mapping[str, Any], *, expires_at: datetime) -> None:
    """Promise to tell the user of the event by every contact he wants to hear of it by; in the present transaction.

    The first of the promises has `key` itself, the other one a suffix, so that whoever looks for the key (PinRequest.letter,
    outbox.is_promised) finds it. The payload says for whom and which contact it is; the address itself is looked up when
    the letter is written. A user who is no more is promised nothing.
    """
    tell_all(event, kind, [News(user_id, key, payload)], expires_at=expires_at)


def tell_all(event: str, kind: str, news: Sequence[News], *, expires_at: datetime) -> None:
    """The same for many users at once; one statement tells what all of them want."""
    wanted = wanted_by({one.user_id for one in news}, event)
    for one in news:
        for number, contact in enumerate(wanted.get(one.user_id, ())):
            key = f"{one.key}:{contact}" if number else one.key
            outbox.promise(kind, key, {**one.payload, "user": one.user_id, "contact": contact}, expires_at=expires_at)


def warn(user_id: int, event: str, note: str, *, life: timedelta = WARNING_LIFE, **details: str) -> None:
    """Promise a warning that is of use for so long: `note` names its words (letters.note_letter)."""
    now = clock.now()
    key, payload = f"{note}:{user_id}:{now:%Y%m%d%H%M%S%f}", {"note": note, "at": now.isoformat(), **details}
    tell(user_id, event, "note", key, payload, expires_at=now + life)


def wanted_by(user_ids: Iterable[int], event: str) -> dict[int, list[Where]]:
    """By which contacts each of the users wants to hear of the event; only users that are still there. One statement."""
    known = EVENTS[event]
    chosen = and_(NoticeChoice.user_id == User.id, NoticeChoice.event == event)
    rows = db.session.execute(
        db.select(User.id, User.second_login.is_not(None).label("has_second"), NoticeChoice.contact, NoticeChoice.wanted)
        .outerjoin(NoticeChoice, chosen)
        .where(User.id.in_(list(user_ids)), User.disabled_at.is_(None))
    ).all()
    said = {(row.id, row.contact): row.wanted for row in rows if row.contact is not None and not known.mandatory}
    return {
        row.id: [
            contact
            for contact in known.contacts
            if (contact == "login" or row.has_second) and said.get((row.id, contact), known.by_default(contact))
        ]
        for row in rows
    }


def choices(user_id: int) -> Choices:
    """What the user wants, of every event and contact that can be chosen."""
    rows = db.session.scalars(db.select(NoticeChoice).filter_by(user_id=user_id))
    said = {(row.event, row.contact): row.wanted for row in rows}
    return {one: said.get(one, EVENTS[one[0]].by_default(one[1])) for one in CHOOSABLE}


def choose(user_id: int, wanted: Choices) -> None:
    """Keep what the user wants of events and contacts; what is not named goes back to its default.

    Raises Refused when the cabinet is closed.
    """
    open_cabinet.hold(user_id)
    db.session.execute(delete(NoticeChoice).where(NoticeChoice.user_id == user_id))
    differing = {one: wanted[one] for one in CHOOSABLE if one in wanted and wanted[one] != EVENTS[one[0]].by_default(one[1])}
    for (event, contact), value in differing.items():
        row = insert_or_update(NoticeChoice).values(user_id=user_id, event=event, contact=contact, wanted=value)
        db.session.execute(row.on_conflict_do_update(index_elements=_KEY, set_={"wanted": value}))  # of two tabs at once
