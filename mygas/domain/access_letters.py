"""What users are told when an operator changes their access to an account."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mygas.domain.letters import MOSCOW, SIGNED, Letter
from mygas.extensions import db
from mygas.models import Account, User


def access_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """None when the user is no more. Of the account an SMS tells the last four digits only."""
    user, account = db.session.get(User, payload["user"]), db.session.get(Account, payload["account"])
    if user is None or user.disabled_at is not None or account is None:
        return None
    subject, short, long = _NEWS[payload["news"]]
    if user.channel == "phone":
        return Letter(user.login, "phone", "", short.format(tail=account.number[-4:]))
    at = datetime.fromisoformat(payload["at"]).astimezone(MOSCOW)
    text = (
        f"Здравствуйте!\n\n{long.format(number=account.number)}\nВремя: {at:%d.%m.%Y %H:%M} (московское).\n\n"
        f"Ваш кабинет: {public_url}/\nВопросы о доступе решает поставщик газа: его телефон указан в квитанции.\n\n"
        f"{SIGNED}"
    )
    return Letter(user.login, "email", subject, text)


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
