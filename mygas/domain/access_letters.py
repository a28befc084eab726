"""What users are told when their access to an account changes, by an operator's hand or their own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mygas import clock
from mygas.domain import notices
from mygas.domain.wording import Letter, Words, addressee, moscow
from mygas.extensions import db
from mygas.models import Account, Connection, User

NEWS_LIFE = timedelta(days=3)


def promise(news: str, connection: Connection) -> None:
    """Promise the message, in the transaction of the change; `news` is a key of _NEWS."""
    now = clock.now()
    key = f"access:{news}:{connection.id}:{now:%Y%m%d%H%M%S%f}"
    payload = {"news": news, "account": connection.account_id, "at": now.isoformat()}
    notices.tell(connection.user_id, "access", "access-news", key, payload, expires_at=now + NEWS_LIFE)


def access_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """None when the user is no more. Of the account an SMS tells the last four digits only."""
    told, account = addressee(db.session.get(User, payload["user"]), payload), db.session.get(Account, payload["account"])
    if told is None or account is None:
        return None
    subject, short, long = _NEWS[payload["news"]]
    body = (
        f"{long.format(number=account.number)}\n{moscow(payload['at'])}\n\n"
        f"Ваш кабинет: {public_url}/\nВопросы о доступе решает поставщик газа: его телефон указан в квитанции."
    )
    return Words(subject, short.format(tail=account.number[-4:]), body).to(told)


_NEWS = {
    "reduced": (
        "Расширенная версия закрыта",
        "Счёт …{tail}: расширенная версия закрыта поставщиком. Smorodina",
        "Поставщик газа закрыл Вам расширенную версию кабинета по счёту {number}. Основная версия осталась.",
    ),
    "disconnected": (
        "Счёт отключён",
        "Счёт …{tail} отключён от Вашего кабинета поставщиком. Smorodina",
        "Поставщик газа отключил счёт {number} от Вашего кабинета.",
    ),
    "left": (
        "Вы отключили счёт",
        "Счёт …{tail} отключён от Вашего кабинета. Не Вы? Смените пароль.",
        "Счёт {number} отключён от Вашего кабинета: это сделали Вы.\n"
        "Ваши платежи по нему видны в настройках, в разделе «Лицевые счета».\n"
        "Если это были не Вы, смените пароль.",
    ),
    "pin-revoked": (
        "ПИН-код отозван",
        "Счёт …{tail}: прежний ПИН-код больше не действует. Smorodina",
        "Прежний ПИН-код счёта {number} больше не действует. Расширенная версия у Вас осталась.",
    ),
}
