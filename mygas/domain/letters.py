"""What messages say: composed in the worker, from an outbox row, when it is sent."""

from collections.abc import Mapping
from typing import Any

from mygas.contacts import Contact
from mygas.domain import browsers, confirmations, pins
from mygas.domain.people import known_as
from mygas.domain.wording import Addressee, Letter, Words, addressee, asked_in, if_not_you, moscow
from mygas.extensions import db
from mygas.models import Account, Confirmation, PinRequest, User
from mygas.speech import Speech
from mygas.words import N_


def confirmation_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """The code (and link) promised; None when a newer one was sent since, when it is used, or when nobody is to be told."""
    confirmation = db.session.get(Confirmation, payload["confirmation"])
    if confirmation is None or confirmation.generation != payload["generation"] or confirmation.used_at is not None:
        return None
    contact = Contact(confirmation.channel, confirmation.contact)  # type: ignore[arg-type]
    told = Addressee(contact, _whose(confirmation), asked_in(payload))
    if confirmation.decoy:
        return _why_no_code(confirmation, public_url, told)
    code, say = confirmations.code_of(confirmation), told.speech.say
    link = f"{public_url}/confirm/{payload['token']}"
    return Words(
        say(_SUBJECTS[confirmation.purpose]),
        say("%(code)s — код для «Мой газ». Никому его не сообщайте. Smorodina", code=code),
        say(_OPENINGS[confirmation.purpose]) + "\n\n" + say(
            "Перейдите по ссылке и нажмите кнопку на открывшейся странице:\n%(link)s\n\n"
            "или введите код подтверждения: %(code)s\n\nКод действует 10 минут, ссылка — %(life)s. Никому их не сообщайте.\n"
            "Если это были не Вы, ничего не делайте: без подтверждения ничего не произойдёт.",
            link=link, code=code, life=say(_LIVES[confirmation.purpose]),
        ),
        kept=say("Код подтверждения отправлен на %(contact)s.", contact=contact.masked),
    ).to(told)  # fmt: skip


def note_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """A warning to a user: sign-in from a new browser, a changed password."""
    told = addressee(db.session.get(User, payload["user"]), payload)
    if told is None:
        return None
    say = told.speech.say
    subject, short, long = map(say, _NOTES[payload["note"]])
    browser = ""
    if payload.get("browser"):
        sentence, values = browsers.named(payload["browser"])
        browser = say("Браузер: %(name)s", name=say(sentence, **values)) + "\n"
    body = f"{long}\n{moscow(told.speech, payload['at'])}\n{browser}\n{if_not_you(told.speech, public_url)}"
    return Words(subject, short, body).to(told)


def pin_letter(payload: Mapping[str, Any], _public_url: str) -> Letter | None:
    """The PIN, to the confirmed login of him who asked for it. It is derived here and nowhere kept."""
    request = db.session.get_one(PinRequest, payload["request"])
    told = addressee(request.user, payload)
    if request.state != "approved" or told is None:
        return None
    pin, number, say = pins.current(request.account), request.account.number, told.speech.say
    return Words(
        say("ПИН-код для расширенной версии"),
        say("%(pin)s — ПИН-код «Мой газ» для счёта …%(tail)s. Smorodina", pin=pin, tail=number[-4:]),
        say(
            "Ваш запрос № %(request)s одобрен.\nПИН-код для расширенной версии по лицевому счёту %(number)s:\n\n%(pin)s\n\n"
            "Войдите в личный кабинет, откройте счёт, нажмите «Подключить расширенную версию»,\n"
            "выберите «Ввести ПИН код» и введите этот ПИН-код.\n"
            "Никому его не сообщайте: кто его знает, увидит все сведения о счёте.",
            request=request.id, number=number, pin=pin,
        ),
        kept=say(
            "Запрос № %(request)s одобрен: ПИН-код по лицевому счёту %(number)s отправлен на %(contact)s.",
            request=request.id, number=number, contact=told.contact.masked,
        ),
    ).to(told)  # fmt: skip


def pin_refused_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """There will be no PIN, and why."""
    request = db.session.get_one(PinRequest, payload["request"])
    told = addressee(request.user, payload)
    if told is None:
        return None
    say = told.speech.say
    return Words(
        say("Запрос на ПИН-код отклонён"),
        say("Запрос № %(request)s на ПИН-код отклонён. Причина — в кабинете «Мой газ».", request=request.id),
        say(
            "Поставщик отклонил ваш запрос № %(request)s на ПИН-код по лицевому счёту %(number)s.\n"
            "Причина: %(reason)s\n\nПодать новый запрос можно в личном кабинете: %(portal)s",
            request=request.id, number=request.account.number, reason=say(request.reason), portal=public_url + "/",
        ),
    ).to(told)  # fmt: skip


def newcomer_letter(payload: Mapping[str, Any], _public_url: str) -> Letter | None:
    """To those who hold an account already: another user has proved it to be his."""
    told, newcomer = addressee(db.session.get(User, payload["user"]), payload), db.session.get_one(User, payload["newcomer"])
    number = db.session.get_one(Account, payload["account"]).number
    if told is None:
        return None
    say = told.speech.say
    return Words(
        say("К вашему счёту подключён ещё один пользователь"),
        say("К вашему счёту …%(tail)s подключён ещё один пользователь. Smorodina", tail=number[-4:]),
        say(
            "К вашему счёту %(number)s подключён ещё один пользователь: %(name)s.\n%(time)s\n"
            "Он ответил на контрольный вопрос и видит все сведения о счёте.\n\n"
            "Если вы не знаете, кто это, обратитесь к своему поставщику газа: он отключит постороннего и сменит ПИН-код.",
            number=number, name=say(known_as(newcomer)), time=moscow(told.speech, payload["at"]),
        ),
    ).to(told)  # fmt: skip


def _whose(confirmation: Confirmation) -> int | None:
    """The user whose archive tells of the confirmation: he whose login it is, and nobody else. Who only typed it would read in
    his archive whether it is taken."""
    user_id: int | None = db.session.scalar(db.select(User.id).filter_by(login=confirmation.contact))
    return user_id


def _why_no_code(confirmation: Confirmation, public_url: str, addressee: Addressee) -> Letter | None:
    """What the owner of a contact for which a decoy stands is told. Nothing where the contact is nobody's."""
    if confirmation.purpose != "recover":
        return _taken(addressee.speech, public_url).to(addressee)
    shared = db.session.scalar(db.select(User.id).filter_by(second_login=confirmation.contact, disabled_at=None).limit(1))
    return Words(*map(addressee.speech.say, _SHARED)).to(addressee) if shared is not None else None


def _taken(speech: Speech, public_url: str) -> Words:
    return Words(
        speech.say("Вы уже зарегистрированы"),
        speech.say("У Вас уже есть кабинет «Мой газ». Забыли пароль? Восстановите его."),
        speech.say(
            "Кто-то (возможно, Вы) попробовал зарегистрировать этот адрес на портале «Мой газ» или сделать его логином.\n"
            "Он уже зарегистрирован.\n\nВойти: %(portal)s\nЕсли забыли пароль: %(recover)s\n\n"
            "Если это были не Вы, ничего не делайте.",
            portal=public_url + "/", recover=public_url + "/recover/contact",
        ),
    )  # fmt: skip


_SHARED = (
    N_("Восстановление пароля"),
    N_("Этот контакт указан в нескольких кабинетах «Мой газ»: нужен логин."),
    N_(
        "Вы восстанавливаете пароль личного кабинета «Мой газ». Этот контакт указан дополнительным в нескольких кабинетах.\n"
        "Повторите восстановление, указав логин того кабинета, в который хотите войти."
    ),
)
_SUBJECTS = {
    "join": N_("Подтверждение регистрации"),
    "recover": N_("Восстановление пароля"),
    "login": N_("Подтверждение нового логина"),
    "second": N_("Подтверждение второго контакта"),
}
_OPENINGS = {
    "join": N_("Вы регистрируетесь в личном кабинете «Мой газ». Подтвердите, что этот адрес Ваш."),
    "recover": N_("Вы восстанавливаете пароль личного кабинета «Мой газ»."),
    "login": N_("Этот адрес станет новым логином личного кабинета «Мой газ»."),
    "second": N_("Этот адрес станет вторым контактом личного кабинета «Мой газ»."),
}
_SHORT = N_("30 минут")
_LIVES = {"join": N_("24 часа"), "recover": _SHORT, "login": _SHORT, "second": _SHORT}
_NOTES = {
    "new-device": (
        N_("Вход с нового устройства"),
        N_("Вход в «Мой газ» с нового устройства. Не Вы? Смените пароль."),
        N_("В Ваш личный кабинет «Мой газ» вошли с устройства, которого мы раньше не видели."),
    ),
    "consent-withdrawn": (
        N_("Согласие отозвано"),
        N_("Согласие в «Мой газ» отозвано. Передумали? Войдите и дайте снова."),
        N_(
            "Ваше согласие на обработку персональных данных отозвано, личным кабинетом «Мой газ» больше нельзя пользоваться.\n"
            "Обработка прекратится в течение 30 дней; что обязан хранить закон, останется. Платежи, которые уже в пути, дойдут.\n"
            "Чтобы вернуться, войдите в кабинет и дайте согласие снова."
        ),
    ),
    "my-data-ready": (
        N_("Архив Ваших данных готов"),
        N_("Архив ваших данных в «Мой газ» готов: Настройки, Мои данные."),
        N_("Архив Ваших данных собран. Скачайте его в личном кабинете: «Настройки», «Мои данные». Он хранится 3 дня."),
    ),
    "password-changed": (
        N_("Пароль изменён"),
        N_("Пароль в «Мой газ» изменён. Не Вы? Восстановите доступ."),
        N_("Пароль Вашего личного кабинета «Мой газ» изменён, все прежние сеансы завершены."),
    ),
}
