"""What messages say: composed in the worker, from an outbox row, when it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mygas import contacts
from mygas.domain import confirmations, pins
from mygas.extensions import db
from mygas.models import Account, Confirmation, PinRequest, User

SIGNED = "Smorodina, портал «Мой газ»\n"
MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass(frozen=True)
class Letter:
    """A message for one contact. An SMS has no subject; its text fits one part of 70 characters (product.md §3.13)."""

    to: str
    channel: str
    subject: str
    text: str


def confirmation_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """The code (and link) promised; None when a newer one was sent since, when it is used, or when nobody is to be told."""
    confirmation = db.session.get(Confirmation, payload["confirmation"])
    if confirmation is None or confirmation.generation != payload["generation"] or confirmation.used_at is not None:
        return None
    if confirmation.decoy:
        return _taken(confirmation, public_url) if confirmation.purpose == "join" else None
    code = confirmations.code_of(confirmation)
    if confirmation.channel == "phone":
        return Letter(confirmation.contact, "phone", "", f"{code} — код для «Мой газ». Никому его не сообщайте. Smorodina")
    link = f"{public_url}/confirm/{payload['token']}"
    opening, hours = _OPENINGS[confirmation.purpose]
    text = (
        f"Здравствуйте!\n\n{opening}\n\nПерейдите по ссылке и нажмите кнопку на открывшейся странице:\n{link}\n\n"
        f"или введите код подтверждения: {code}\n\n"
        f"Код действует 10 минут, ссылка — {hours}. Никому их не сообщайте.\n"
        f"Если это были не Вы, ничего не делайте: без подтверждения ничего не произойдёт.\n\n{SIGNED}"
    )
    return Letter(confirmation.contact, "email", _SUBJECTS[confirmation.purpose], text)


def note_letter(payload: Mapping[str, Any], public_url: str) -> Letter:
    """A warning to a user: sign-in from a new browser, a changed password."""
    contact = contacts.parse(payload["to"])
    at = datetime.fromisoformat(payload["at"]).astimezone(MOSCOW)
    subject, short, long = _NOTES[payload["note"]]
    if contact.channel == "phone":
        return Letter(contact.value, "phone", "", short)
    details = f"Время: {at:%d.%m.%Y %H:%M} (московское).\n"
    if browser := payload.get("browser"):
        details += f"Браузер: {browser}\n"
    text = f"Здравствуйте!\n\n{long}\n{details}\nЕсли это были не Вы, смените пароль: {public_url}/recover/contact\n\n{SIGNED}"
    return Letter(contact.value, "email", subject, text)


def pin_letter(payload: Mapping[str, Any], _public_url: str) -> Letter | None:
    """The PIN, to the confirmed login of him who asked for it. It is derived here and nowhere kept."""
    request = db.session.get_one(PinRequest, payload["request"])
    if request.state != "approved" or request.user.disabled_at is not None:
        return None
    pin, number, user = pins.current(request.account), request.account.number, request.user
    if user.channel == "phone":
        return Letter(user.login, "phone", "", f"{pin} — ПИН-код «Мой газ» для счёта …{number[-4:]}. Smorodina")
    text = (
        f"Здравствуйте!\n\nВаш запрос № {request.id} одобрен.\nПИН-код для расширенной версии по лицевому счёту {number}:\n\n"
        f"{pin}\n\nВойдите в личный кабинет, откройте счёт, нажмите «Подключить расширенную версию»,\n"
        "выберите «Ввести ПИН код» и введите этот ПИН-код.\n"
        f"Никому его не сообщайте: кто его знает, увидит все сведения о счёте.\n\n{SIGNED}"
    )
    return Letter(user.login, "email", "ПИН-код для расширенной версии", text)


def pin_refused_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """There will be no PIN, and why."""
    request = db.session.get_one(PinRequest, payload["request"])
    user = request.user
    if user.disabled_at is not None:
        return None
    if user.channel == "phone":
        return Letter(user.login, "phone", "", f"Запрос № {request.id} на ПИН-код отклонён. Причина — в кабинете «Мой газ».")
    text = (
        f"Здравствуйте!\n\nПоставщик отклонил ваш запрос № {request.id} на ПИН-код по лицевому счёту {request.account.number}.\n"
        f"Причина: {request.reason}\n\nПодать новый запрос можно в личном кабинете: {public_url}/\n\n{SIGNED}"
    )
    return Letter(user.login, "email", "Запрос на ПИН-код отклонён", text)


def newcomer_letter(payload: Mapping[str, Any], _public_url: str) -> Letter | None:
    """To those who hold an account already: another user has proved it to be his."""
    user, newcomer = db.session.get_one(User, payload["user"]), db.session.get_one(User, payload["newcomer"])
    number = db.session.get_one(Account, payload["account"]).number
    if user.disabled_at is not None:
        return None
    if user.channel == "phone":
        return Letter(user.login, "phone", "", f"К вашему счёту …{number[-4:]} подключён ещё один пользователь. Smorodina")
    at = datetime.fromisoformat(payload["at"]).astimezone(MOSCOW)
    masked = contacts.Contact(newcomer.channel, newcomer.login).masked  # type: ignore[arg-type]
    text = (
        f"Здравствуйте!\n\nК вашему счёту {number} подключён ещё один пользователь: {masked}.\n"
        f"Время: {at:%d.%m.%Y %H:%M} (московское).\n"
        "Он ответил на контрольный вопрос и видит все сведения о счёте.\n\n"
        "Если вы не знаете, кто это, обратитесь к своему поставщику газа: он отключит постороннего и сменит ПИН-код.\n\n"
        f"{SIGNED}"
    )
    return Letter(user.login, "email", "К вашему счёту подключён ещё один пользователь", text)


def _taken(confirmation: Confirmation, public_url: str) -> Letter:
    if confirmation.channel == "phone":
        return Letter(confirmation.contact, "phone", "", "У Вас уже есть кабинет «Мой газ». Забыли пароль? Восстановите его.")
    text = (
        "Здравствуйте!\n\nКто-то (возможно, Вы) попробовал зарегистрировать этот адрес на портале «Мой газ».\n"
        "Он уже зарегистрирован.\n\n"
        f"Войти: {public_url}/\nЕсли забыли пароль: {public_url}/recover/contact\n\n"
        f"Если это были не Вы, ничего не делайте.\n\n{SIGNED}"
    )
    return Letter(confirmation.contact, "email", "Вы уже зарегистрированы", text)


_SUBJECTS = {"join": "Подтверждение регистрации", "recover": "Восстановление пароля"}
_OPENINGS = {
    "join": ("Вы регистрируетесь в личном кабинете «Мой газ». Подтвердите, что этот адрес Ваш.", "24 часа"),
    "recover": ("Вы восстанавливаете пароль личного кабинета «Мой газ».", "30 минут"),
}
_NOTES = {
    "new-device": (
        "Вход с нового устройства",
        "Вход в «Мой газ» с нового устройства. Не Вы? Смените пароль.",
        "В Ваш личный кабинет «Мой газ» вошли с устройства, которого мы раньше не видели.",
    ),
    "consent-withdrawn": (
        "Согласие отозвано",
        "Согласие в «Мой газ» отозвано. Передумали? Войдите и дайте снова.",
        "Ваше согласие на обработку персональных данных отозвано, личным кабинетом «Мой газ» больше нельзя пользоваться.\n"
        "Обработка прекратится в течение 30 дней; что обязан хранить закон, останется. Платежи, которые уже в пути, дойдут.\n"
        "Чтобы вернуться, войдите в кабинет и дайте согласие снова.",
    ),
    "password-changed": (
        "Пароль изменён",
        "Пароль в «Мой газ» изменён. Не Вы? Восстановите доступ.",
        "Пароль Вашего личного кабинета «Мой газ» изменён, все прежние сеансы завершены.",
    ),
}
