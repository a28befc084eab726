"""What a user is told when he changes himself: another login, another second contact, a cabinet closed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mygas import contacts
from mygas.contacts import Contact
from mygas.domain.people import known_as
from mygas.domain.wording import Addressee, Letter, Words, addressee, asked_in, if_not_you, moscow
from mygas.extensions import db
from mygas.models import LoginChange, User
from mygas.speech import Speech
from mygas.words import N_


def login_changed_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """To the old login, with the link that undoes the change; None once it is undone. By SMS it takes two parts: without the
    link it would be of no use."""
    change = db.session.get(LoginChange, payload["change"])
    user = db.session.get(User, change.user_id) if change else None
    if change is None or user is None or user.disabled_at is not None:
        return None
    link = f"{public_url}/undo/{payload['token']}"
    speech = Speech(user.language)
    told = Addressee(Contact(change.old_channel, change.old_login), user.id, speech)  # type: ignore[arg-type]
    return Words(
        speech.say("Логин изменён"),
        speech.say("Логин «Мой газ» изменён. Не Вы? Верните за 24 часа: %(link)s", link=link),
        speech.say(
            "Логин Вашего личного кабинета «Мой газ» изменён: теперь это %(login)s.\n%(time)s\n\n"
            "Если это были не Вы, откройте ссылку и нажмите кнопку: прежний логин вернётся, все сеансы завершатся, и Вы зададите "
            "новый пароль. Ссылка действует 24 часа:\n%(link)s\n\nЕсли логин изменили Вы, ничего не делайте.",
            login=known_as(user), time=moscow(speech, change.changed_at.isoformat()), link=link,
        ),
        kept=speech.say("Логин изменён. На прежний логин отправлена ссылка, которой это можно отменить в течение 24 часов."),
    ).to(told)  # fmt: skip


def second_contact_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """A second contact was added or removed: to the contacts that there were before."""
    told = addressee(db.session.get(User, payload["user"]), payload)
    if told is None:
        return None
    if "to" in payload:
        told = replace(told, contact=contacts.parse(payload["to"]))
    speech = told.speech
    subject, short, long = _SECOND[payload["news"]]
    body = speech.say(long, contact=payload["masked"]) + f"\n{moscow(speech, payload['at'])}\n\n{if_not_you(speech, public_url)}"
    return Words(speech.say(subject), speech.say(short), body).to(told)


def farewell_letter(payload: Mapping[str, Any], public_url: str) -> Letter:
    """The last one: who it was is no longer known here."""
    speech = asked_in(payload)
    return Words(
        speech.say("Кабинет закрыт"),
        speech.say("Кабинет «Мой газ» закрыт. Не Вы? Позвоните поставщику газа."),
        speech.say(
            "Ваш личный кабинет «Мой газ» закрыт.\n%(time)s\n\n"
            "Лицевые счета у поставщика от этого не изменились: платить за газ и передавать показания нужно по-прежнему.\n"
            "Сведения о платежах и согласиях хранятся столько, сколько велит закон.\n\n"
            "Зарегистрироваться снова можно с этим же логином: %(portal)s\n"
            "Если кабинет закрыли не Вы, позвоните поставщику газа: его телефон указан в квитанции.",
            time=moscow(speech, payload["at"]), portal=public_url + "/",
        ),
    ).to(Addressee(contacts.parse(payload["to"]), speech=speech))  # fmt: skip


_SECOND = {
    "added": (
        N_("Добавлен второй контакт"),
        N_("В «Мой газ» добавлен второй контакт. Не Вы? Смените пароль."),
        N_("В Вашем личном кабинете «Мой газ» добавлен второй контакт: %(contact)s. По нему можно восстановить пароль."),
    ),
    "removed": (
        N_("Второй контакт удалён"),
        N_("В «Мой газ» удалён второй контакт. Не Вы? Смените пароль."),
        N_("В Вашем личном кабинете «Мой газ» удалён второй контакт: %(contact)s."),
    ),
}
