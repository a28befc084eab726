"""What messages say: composed in the worker, from an outbox row, when it is sent."""

from collections.abc import Mapping
from typing import Any

from mygas.contacts import Contact
from mygas.domain import browsers, confirmations, pins
from mygas.domain.people import known_as
from mygas.domain.wording import Addressee, Letter, Words, addressee, moscow
from mygas.extensions import db
from mygas.models import Account, Confirmation, PinRequest, User


def confirmation_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """The code (and link) promised; None when a newer one was sent since, when it is used, or when nobody is to be told."""
    confirmation = db.session.get(Confirmation, payload["confirmation"])
    if confirmation is None or confirmation.generation != payload["generation"] or confirmation.used_at is not None:
        return None
    told = Addressee(Contact(confirmation.channel, confirmation.contact), _whose(confirmation))  # type: ignore[arg-type]
    if confirmation.decoy:
        return _why_no_code(confirmation, public_url, told)
    code = confirmations.code_of(confirmation)
    opening, hours = _OPENINGS[confirmation.purpose]
    return Words(
        _SUBJECTS[confirmation.purpose],
        f"{code} — код для «Мой газ». Никому его не сообщайте. Smorodina",
        f"{opening}\n\nПерейдите по ссылке и нажмите кнопку на открывшейся странице:\n"
        f"{public_url}/confirm/{payload['token']}\n\n"
        f"или введите код подтверждения: {code}\n\n"
        f"Код действует 10 минут, ссылка — {hours}. Никому их не сообщайте.\n"
        f"Если это были не Вы, ничего не делайте: без подтверждения ничего не произойдёт.",
        kept=f"Код подтверждения отправлен на {told.contact.masked}.",
    ).to(told)


def note_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """A warning to a user: sign-in from a new browser, a changed password."""
    told = addressee(db.session.get(User, payload["user"]), payload)
    if told is None:
        return None
    subject, short, long = _NOTES[payload["note"]]
    browser = ""
    if payload.get("browser"):
        sentence, values = browsers.named(payload["browser"])
        browser = f"Браузер: {sentence % values}\n"
    recover = f"Если это были не Вы, смените пароль: {public_url}/recover/contact"
    return Words(subject, short, f"{long}\n{moscow(payload['at'])}\n{browser}\n{recover}").to(told)


def pin_letter(payload: Mapping[str, Any], _public_url: str) -> Letter | None:
    """The PIN, to the confirmed login of him who asked for it. It is derived here and nowhere kept."""
    request = db.session.get_one(PinRequest, payload["request"])
    told = addressee(request.user, payload)
    if request.state != "approved" or told is None:
        return None
    pin, number = pins.current(request.account), request.account.number
    return Words(
        "ПИН-код для расширенной версии",
        f"{pin} — ПИН-код «Мой газ» для счёта …{number[-4:]}. Smorodina",
        f"Ваш запрос № {request.id} одобрен.\nПИН-код для расширенной версии по лицевому счёту {number}:\n\n"
        f"{pin}\n\nВойдите в личный кабинет, откройте счёт, нажмите «Подключить расширенную версию»,\n"
        "выберите «Ввести ПИН код» и введите этот ПИН-код.\n"
        "Никому его не сообщайте: кто его знает, увидит все сведения о счёте.",
        kept=f"Запрос № {request.id} одобрен: ПИН-код по лицевому счёту {number} отправлен на {told.contact.masked}.",
    ).to(told)


def pin_refused_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """There will be no PIN, and why."""
    request = db.session.get_one(PinRequest, payload["request"])
    told = addressee(request.user, payload)
    if told is None:
        return None
    return Words(
        "Запрос на ПИН-код отклонён",
        f"Запрос № {request.id} на ПИН-код отклонён. Причина — в кабинете «Мой газ».",
        f"Поставщик отклонил ваш запрос № {request.id} на ПИН-код по лицевому счёту {request.account.number}.\n"
        f"Причина: {request.reason}\n\nПодать новый запрос можно в личном кабинете: {public_url}/",
    ).to(told)


def newcomer_letter(payload: Mapping[str, Any], _public_url: str) -> Letter | None:
    """To those who hold an account already: another user has proved it to be his."""
    told, newcomer = addressee(db.session.get(User, payload["user"]), payload), db.session.get_one(User, payload["newcomer"])
    number = db.session.get_one(Account, payload["account"]).number
    if told is None:
        return None
    return Words(
        "К вашему счёту подключён ещё один пользователь",
        f"К вашему счёту …{number[-4:]} подключён ещё один пользователь. Smorodina",
        f"К вашему счёту {number} подключён ещё один пользователь: {known_as(newcomer)}.\n"
        f"{moscow(payload['at'])}\n"
        "Он ответил на контрольный вопрос и видит все сведения о счёте.\n\n"
        "Если вы не знаете, кто это, обратитесь к своему поставщику газа: он отключит постороннего и сменит ПИН-код.",
    ).to(told)


def _whose(confirmation: Confirmation) -> int | None:
    """The user whose archive tells of the confirmation: he whose login it is, and nobody else. Who only typed it would read in
    his archive whether it is taken."""
    user_id: int | None = db.session.scalar(db.select(User.id).filter_by(login=confirmation.contact))
    return user_id


def _why_no_code(confirmation: Confirmation, public_url: str, addressee: Addressee) -> Letter | None:
    """What the owner of a contact for which a decoy stands is told. Nothing where the contact is nobody's."""
    if confirmation.purpose != "recover":
        return _taken(public_url).to(addressee)
    shared = db.session.scalar(db.select(User.id).filter_by(second_login=confirmation.contact, disabled_at=None).limit(1))
    return _SHARED.to(addressee) if shared is not None else None


def _taken(public_url: str) -> Words:
    return Words(
        "Вы уже зарегистрированы",
        "У Вас уже есть кабинет «Мой газ». Забыли пароль? Восстановите его.",
        "Кто-то (возможно, Вы) попробовал зарегистрировать этот адрес на портале «Мой газ» или сделать его логином.\n"
        "Он уже зарегистрирован.\n\n"
        f"Войти: {public_url}/\nЕсли забыли пароль: {public_url}/recover/contact\n\n"
        "Если это были не Вы, ничего не делайте.",
    )


_SHARED = Words(
    "Восстановление пароля",
    "Этот контакт указан в нескольких кабинетах «Мой газ»: нужен логин.",
    "Вы восстанавливаете пароль личного кабинета «Мой газ». Этот контакт указан дополнительным в нескольких кабинетах.\n"
    "Повторите восстановление, указав логин того кабинета, в который хотите войти.",
)
_SUBJECTS = {
    "join": "Подтверждение регистрации",
    "recover": "Восстановление пароля",
    "login": "Подтверждение нового логина",
    "second": "Подтверждение второго контакта",
}
_OPENINGS = {
    "join": ("Вы регистрируетесь в личном кабинете «Мой газ». Подтвердите, что этот адрес Ваш.", "24 часа"),
    "recover": ("Вы восстанавливаете пароль личного кабинета «Мой газ».", "30 минут"),
    "login": ("Этот адрес станет новым логином личного кабинета «Мой газ».", "30 минут"),
    "second": ("Этот адрес станет вторым контактом личного кабинета «Мой газ».", "30 минут"),
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
    "my-data-ready": (
        "Архив Ваших данных готов",
        "Архив ваших данных в «Мой газ» готов: Настройки, Мои данные.",
        "Архив Ваших данных собран. Скачайте его в личном кабинете: «Настройки», «Мои данные». Он хранится 3 дня.",
    ),
    "password-changed": (
        "Пароль изменён",
        "Пароль в «Мой газ» изменён. Не Вы? Восстановите доступ.",
        "Пароль Вашего личного кабинета «Мой газ» изменён, все прежние сеансы завершены.",
    ),
}
