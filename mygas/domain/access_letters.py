"""What users are told when their access to an account changes, by an operator's hand or their own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mygas import clock
from mygas.domain import notices
from mygas.domain.wording import Letter, Words, addressee, moscow
from mygas.extensions import db
from mygas.models import Account, Connection, User
from mygas.words import N_

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
    say = told.speech.say
    subject, short, long = _NEWS[payload["news"]]
    where = say(
        "Ваш кабинет: %(portal)s\nВопросы о доступе решает поставщик газа: его телефон указан в квитанции.",
        portal=public_url + "/",
    )
    body = f"{say(long, number=account.number)}\n{moscow(told.speech, payload['at'])}\n\n{where}"
    return Words(say(subject), say(short, tail=account.number[-4:]), body).to(told)


_NEWS = {
    "reduced": (
        N_("Расширенная версия закрыта"),
        N_("Счёт …%(tail)s: расширенная версия закрыта поставщиком. Smorodina"),
        N_("Поставщик газа закрыл Вам расширенную версию кабинета по счёту %(number)s. Основная версия осталась."),
    ),
    "disconnected": (
        N_("Счёт отключён"),
        N_("Счёт …%(tail)s отключён от Вашего кабинета поставщиком. Smorodina"),
        N_("Поставщик газа отключил счёт %(number)s от Вашего кабинета."),
    ),
    "left": (
        N_("Вы отключили счёт"),
        N_("Счёт …%(tail)s отключён от Вашего кабинета. Не Вы? Смените пароль."),
        N_(
            "Счёт %(number)s отключён от Вашего кабинета: это сделали Вы.\n"
            "Ваши платежи по нему видны в настройках, в разделе «Лицевые счета».\n"
            "Если это были не Вы, смените пароль."
        ),
    ),
    "pin-revoked": (
        N_("ПИН-код отозван"),
        N_("Счёт …%(tail)s: прежний ПИН-код больше не действует. Smorodina"),
        N_("Прежний ПИН-код счёта %(number)s больше не действует. Расширенная версия у Вас осталась."),
    ),
}
