"""What a user is told when he changes himself: another login, another second contact, a cabinet closed."""

from collections.abc import Mapping
from typing import Any

from mygas import contacts
from mygas.contacts import Contact
from mygas.domain.people import known_as
from mygas.domain.wording import Addressee, Letter, Words, addressee, moscow
from mygas.extensions import db
from mygas.models import LoginChange, User


def login_changed_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """To the old login, with the link that undoes the change; None once it is undone. By SMS it takes two parts: without the
    link it would be of no use."""
    change = db.session.get(LoginChange, payload["change"])
    user = db.session.get(User, change.user_id) if change else None
    if change is None or user is None or user.disabled_at is not None:
        return None
    link = f"{public_url}/undo/{payload['token']}"
    told = Addressee(Contact(change.old_channel, change.old_login), user.id)  # type: ignore[arg-type]
    return Words(
        "Логин изменён",
        f"Логин «Мой газ» изменён. Не Вы? Верните за 24 часа: {link}",
        f"Логин Вашего личного кабинета «Мой газ» изменён: теперь это {known_as(user)}.\n"
        f"{moscow(change.changed_at.isoformat())}\n\n"
        "Если это были не Вы, откройте ссылку и нажмите кнопку: прежний логин вернётся, все сеансы завершатся, и Вы зададите "
        f"новый пароль. Ссылка действует 24 часа:\n{link}\n\nЕсли логин изменили Вы, ничего не делайте.",
        kept="Логин изменён. На прежний логин отправлена ссылка, которой это можно отменить в течение 24 часов.",
    ).to(told)


def second_contact_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """A second contact was added or removed: to the contacts that there were before."""
    told = Addressee(contacts.parse(payload["to"]), payload["user"]) if "to" in payload else None
    told = told or addressee(db.session.get(User, payload["user"]), payload)
    if told is None:
        return None
    subject, short, long = _SECOND[payload["news"]]
    recover = f"Если это были не Вы, смените пароль: {public_url}/recover/contact"
    return Words(subject, short, f"{long.format(contact=payload['masked'])}\n{moscow(payload['at'])}\n\n{recover}").to(told)


def farewell_letter(payload: Mapping[str, Any], public_url: str) -> Letter:
    """The last one: who it was is no longer known here."""
    body = (
        f"Ваш личный кабинет «Мой газ» закрыт.\n{moscow(payload['at'])}\n\n"
        "Лицевые счета у поставщика от этого не изменились: платить за газ и передавать показания нужно по-прежнему.\n"
        "Сведения о платежах и согласиях хранятся столько, сколько велит закон.\n\n"
        f"Зарегистрироваться снова можно с этим же логином: {public_url}/\n"
        "Если кабинет закрыли не Вы, позвоните поставщику газа: его телефон указан в квитанции."
    )
    return Words("Кабинет закрыт", "Кабинет «Мой газ» закрыт. Не Вы? Позвоните поставщику газа.", body).to(
        Addressee(contacts.parse(payload["to"]))
    )


_SECOND = {
    "added": (
        "Добавлен второй контакт",
        "В «Мой газ» добавлен второй контакт. Не Вы? Смените пароль.",
        "В Вашем личном кабинете «Мой газ» добавлен второй контакт: {contact}. По нему можно восстановить пароль.",
    ),
    "removed": (
        "Второй контакт удалён",
        "В «Мой газ» удалён второй контакт. Не Вы? Смените пароль.",
        "В Вашем личном кабинете «Мой газ» удалён второй контакт: {contact}.",
    ),
}
