"""What users are told when an operator changes their access to an account."""

from collections.abc import Mapping
from typing import Any

from mygas.domain.wording import Letter, Words, addressee, moscow
from mygas.extensions import db
from mygas.models import Account, User


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
    "pin-revoked": (
        "ПИН-код отозван",
        "Счёт …{tail}: прежний ПИН-код больше не действует. Smorodina",
        "Прежний ПИН-код счёта {number} больше не действует. Расширенная версия у Вас осталась.",
    ),
}
