"""What an archive of a user's data holds, part by part: PARTS. To add one is to add a line there and a function for its rows.

Rows are read a page at a time. No part tells a secret (password, codes, keys of sessions, PIN), nor anything of other users.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, select

from mygas.domain import journal
from mygas.domain.newest import rows
from mygas.extensions import db
from mygas.models import (
    Account,
    Connection,
    Consent,
    Dispatch,
    Draft,
    LoginChange,
    Message,
    Meter,
    NoticeChoice,
    Order,
    OrderEvent,
    PinRequest,
    Refund,
    Scan,
    SentReading,
    SignIn,
    Ticket,
    TicketMessage,
    User,
)
from mygas.suppliers import Catalogue

PAGE = 1000
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Whose:
    """Whose data: the user, all his connections, the ended ones too, and the catalogue, whose rules say what is open to them."""

    user: User
    connections: tuple[Connection, ...]
    suppliers: Catalogue

    @property
    def live(self) -> tuple[Connection, ...]:
        return tuple(one for one in self.connections if one.ended_at is None)


@dataclass(frozen=True)
class Part:
    """One list of data.json. `keys` of each row, with what they mean; `table`: it is a file for spreadsheets too.

    Keys end in _kop for kopecks, in _milli for thousandths (of m³), in _at for moments.
    """

    name: str
    title: str
    keys: Mapping[str, str]
    rows: Callable[[Whose], Iterator[Row]]
    table: bool = False


def of(user_id: int, suppliers: Catalogue) -> Whose:
    """The owner of an archive."""
    mine = db.select(Connection).join(Connection.account).options(db.contains_eager(Connection.account))
    found = db.session.scalars(mine.where(Connection.user_id == user_id).order_by(Connection.id))
    return Whose(db.session.get_one(User, user_id), tuple(found), suppliers)


def paged(query: Select[Any], key: Any, **shown: Any) -> Iterator[Row]:
    """Rows of the query by the number `key`, PAGE at a time; `shown` are the columns."""
    last = 0
    columns = [column.label(name) for name, column in shown.items()]
    while found := rows(query.with_only_columns(*columns, key.label("by_id")).where(key > last).order_by(key).limit(PAGE)):
        yield from ({name: row[name] for name in shown} for row in found)
        last = found[-1]["by_id"]


def _columns(model: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(model, name) for name in names}


def _user(whose: Whose) -> Iterator[Row]:
    mine = select(User.id).where(User.id == whose.user.id)
    return paged(
        mine, User.id, **_columns(User, "login", "channel", "full_name", "second_login", "second_confirmed_at", "created_at")
    )


def _sign_ins(whose: Whose) -> Iterator[Row]:
    query = select(SignIn.created_at, SignIn.seen_at, SignIn.ip, SignIn.user_agent).where(SignIn.user_id == whose.user.id)
    return (dict(row) for row in rows(query.order_by(SignIn.created_at)))


def _consents(whose: Whose) -> Iterator[Row]:
    told = ("document", "version", "sha256", "login", "given_at", "proof", "ip", "user_agent", "withdrawn_at")
    return paged(select(Consent.id).where(Consent.user_id == whose.user.id), Consent.id, **_columns(Consent, *told))


def _connections(whose: Whose) -> Iterator[Row]:
    query = select(Connection.id).join(Account, Account.id == Connection.account_id).where(Connection.user_id == whose.user.id)
    told = ("supplier", "alias", "access", "proof", "created_at", "extended_at", "ended_at", "remind", "answer")
    return paged(query, Connection.id, account=Account.number, **_columns(Connection, *told))


def _pin_requests(whose: Whose) -> Iterator[Row]:
    query = select(PinRequest.id).join(Account, Account.id == PinRequest.account_id).where(PinRequest.user_id == whose.user.id)
    told = ("state", "full_name", "email", "phone", "document_kind", "reason", "created_at", "decided_at")
    return paged(query, PinRequest.id, number=PinRequest.id, account=Account.number, **_columns(PinRequest, *told))


def _scans(whose: Whose) -> Iterator[Row]:
    query = select(Scan.id).join(PinRequest, PinRequest.id == Scan.request_id).where(PinRequest.user_id == whose.user.id)
    told = ("media_type", "size", "created_at", "delete_at", "deleted_at")
    return paged(query, Scan.id, request=Scan.request_id, **_columns(Scan, *told))


def _payments(whose: Whose) -> Iterator[Row]:
    query = select(Order.id).join(Account, Account.id == Order.account_id).where(Order.user_id == whose.user.id)
    told = ("amount_kop", "commission_kop", "split", "state", "acquirer", "acquirer_id", "fiscal_id", "created_at", "paid_at")
    columns = _columns(Order, "supplier", *told)
    return paged(query, Order.id, number=Order.id, account=Account.number, **columns)


def _payment_events(whose: Whose) -> Iterator[Row]:
    query = select(OrderEvent.id).join(Order, Order.id == OrderEvent.order_id).where(Order.user_id == whose.user.id)
    return paged(query, OrderEvent.id, number=OrderEvent.order_id, **_columns(OrderEvent, "at", "from_state", "to_state"))


def _refunds(whose: Whose) -> Iterator[Row]:
    query = select(Refund.id).join(Order, Order.id == Refund.order_id).where(Order.user_id == whose.user.id)
    amount = {"number": Refund.order_id, "amount_kop": Order.amount_kop}
    return paged(query, Refund.id, **amount, **_columns(Refund, "state", "asked_at", "decided_at", "done_at"))


def _sent_readings(whose: Whose) -> Iterator[Row]:
    mine = SentReading.account_id.in_({one.account_id for one in whose.connections}), SentReading.user_id == whose.user.id
    query = (
        select(SentReading.id)
        .join(Account, Account.id == SentReading.account_id)
        .join(Meter, Meter.id == SentReading.meter_id)
        .outerjoin(Dispatch, Dispatch.id == SentReading.dispatch_id)
        .where(*mine)
    )
    told = _columns(SentReading, "taken_on", "value_milli", "period", "sent_at", "replaced_at")
    extended = {one.account_id for one in whose.live if one.access == "extended"}
    meter = case((SentReading.account_id.in_(extended), Meter.serial), else_="")
    shown = {"number": SentReading.id, "account": Account.number, "meter": meter, **told, "dispatched_at": Dispatch.made_at}
    return paged(query, SentReading.id, **shown)


def _journal(whose: Whose) -> Iterator[Row]:
    for event in journal.everything(whose.user, whose.live):
        row = {name: getattr(event, name) for name in ("at", "who", "action", "outcome", "ip")}
        yield {**row, "account": event.number, "detail": event.detail if event.who == "me" else {}}


def _messages(whose: Whose) -> Iterator[Row]:
    query = select(Message.id).where(Message.user_id == whose.user.id)
    return paged(query, Message.id, **_columns(Message, "at", "channel", "masked", "subject", "text"))


def _notices(whose: Whose) -> Iterator[Row]:
    query = select(NoticeChoice.event, NoticeChoice.contact, NoticeChoice.wanted)
    return (dict(row) for row in rows(query.where(NoticeChoice.user_id == whose.user.id).order_by(NoticeChoice.event)))


def _login_changes(whose: Whose) -> Iterator[Row]:
    query = select(LoginChange.id).where(LoginChange.user_id == whose.user.id)
    return paged(query, LoginChange.id, **_columns(LoginChange, "old_login", "changed_at", "until"))


def _tickets(whose: Whose) -> Iterator[Row]:
    query = select(Ticket.id).where(Ticket.user_id == whose.user.id)
    return paged(query, Ticket.id, number=Ticket.id, **_columns(Ticket, "subject", "state", "created_at", "closed_at"))


def _ticket_messages(whose: Whose) -> Iterator[Row]:
    """Notes that operators make for each other are none of them."""
    told = TicketMessage.author != "note"
    query = select(TicketMessage.id).join(Ticket, Ticket.id == TicketMessage.ticket_id)
    mine = query.where(Ticket.user_id == whose.user.id, told)
    return paged(mine, TicketMessage.id, number=TicketMessage.ticket_id, **_columns(TicketMessage, "at", "author", "text"))


def _drafts(whose: Whose) -> Iterator[Row]:
    query = select(Draft.id).where(Draft.user_id == whose.user.id)
    return paged(query, Draft.id, **_columns(Draft, "wizard", "created_at", "expires_at"))


OWN: tuple[Part, ...] = (
    Part("user", "Пользователь", {
        "login": "логин", "channel": "phone — телефон, email — эл. почта", "full_name": "Ф. И. О.",
        "second_login": "второй контакт", "second_confirmed_at": "второй контакт подтверждён",
        "created_at": "зарегистрирован",
    }, _user),
    Part("sign_ins", "Сеансы: где Вы сейчас вошли в кабинет", {
        "created_at": "начат", "seen_at": "последняя страница", "ip": "сетевой адрес", "user_agent": "браузер",
    }, _sign_ins),
    Part("consents", "Согласия", {
        "document": "документ", "version": "редакция", "sha256": "SHA-256 текста", "login": "логин того, кто согласился",
        "given_at": "дано", "proof": "чем подтверждено", "ip": "сетевой адрес", "user_agent": "браузер",
        "withdrawn_at": "отозвано",
    }, _consents),
    Part("connections", "Подключённые лицевые счета, и прежние", {
        "account": "лицевой счёт", "supplier": "поставщик", "alias": "Ваше название",
        "access": "basic — основная версия, extended — расширенная",
        "proof": "чем открыта расширенная версия", "created_at": "подключён", "extended_at": "расширенная версия с",
        "ended_at": "отключён", "remind": "напоминать о показаниях", "answer": "сообщать о переданных показаниях",
    }, _connections),
    Part("pin_requests", "Запросы ПИН-кода", {
        "number": "номер запроса", "account": "лицевой счёт", "state": "open — ждёт, approved — одобрен, refused — отклонён",
        "full_name": "Ф. И. О.", "email": "эл. почта для связи", "phone": "телефон для связи", "document_kind": "документ",
        "reason": "причина отказа", "created_at": "подан", "decided_at": "решён",
    }, _pin_requests),
    Part("scans", "Копии документов из запросов (сами копии хранятся зашифрованными и удаляются)", {
        "request": "номер запроса", "media_type": "вид файла", "size": "байт", "created_at": "получена",
        "delete_at": "будет удалена", "deleted_at": "удалена",
    }, _scans),
    Part("payments", "Платежи через портал", {
        "number": "номер платежа", "account": "лицевой счёт", "supplier": "поставщик", "amount_kop": "сумма, копеек",
        "commission_kop": "комиссия, копеек", "split": "услуга и сумма в копейках", "state": "состояние", "acquirer": "банк",
        "acquirer_id": "номер операции в банке", "fiscal_id": "кассовый чек", "created_at": "создан", "paid_at": "оплачен",
    }, _payments, table=True),
    Part("payment_events", "Что происходило с платежами", {
        "number": "номер платежа", "at": "когда", "from_state": "состояние до", "to_state": "состояние после",
    }, _payment_events),
    Part("refunds", "Возвраты", {
        "number": "номер платежа", "amount_kop": "сумма, копеек", "state": "состояние", "asked_at": "запрошен",
        "decided_at": "решён", "done_at": "деньги возвращены",
    }, _refunds),
    Part("sent_readings", "Показания, переданные Вами через портал", {
        "number": "номер показания", "account": "лицевой счёт", "meter": "прибор (в расширенной версии)", "taken_on": "дата",
        "value_milli": "показание, тысячных м³", "period": "месяц (ГГГГММ)", "sent_at": "передано", "replaced_at": "заменено",
        "dispatched_at": "ушло поставщику",
    }, _sent_readings, table=True),
    Part("journal", "Журнал: что происходило в кабинете", {
        "at": "когда", "who": "me — Вы, operator — оператор поставщика, other — другой пользователь счёта, portal — портал",
        "action": "действие", "outcome": "исход", "ip": "сетевой адрес", "account": "лицевой счёт", "detail": "подробности",
    }, _journal),
    Part("messages", "Сообщения, отправленные Вам", {
        "at": "когда", "channel": "phone — СМС, email — письмо", "masked": "куда", "subject": "тема", "text": "текст",
    }, _messages),
    Part("notices", "О чём Вы просили сообщать иначе, чем обычно", {
        "event": "о чём", "contact": "login — на логин, second — на второй контакт", "wanted": "сообщать",
    }, _notices),
    Part("login_changes", "Прежние логины, пока смену можно отменить", {
        "old_login": "прежний логин", "changed_at": "сменён", "until": "отменить можно до",
    }, _login_changes),
    Part("tickets", "Обращения в поддержку", {
        "number": "номер", "subject": "тема", "state": "состояние", "created_at": "отправлено", "closed_at": "закрыто",
    }, _tickets),
    Part("ticket_messages", "Переписка по обращениям", {
        "number": "номер обращения", "at": "когда", "author": "user — Вы, operator — поддержка", "text": "текст",
    }, _ticket_messages),
    Part("drafts", "Начатое и не законченное", {
        "wizard": "что начато", "created_at": "начато", "expires_at": "удалится",
    }, _drafts),
)  # fmt: skip
