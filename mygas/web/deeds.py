"""Every action of the audit as a sentence: what the journal says happened. A test finds one for each that is written down."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from mygas.domain.journal import Event
from mygas.words import N_

KINDS = {
    "entry": N_("Вход и защита"),
    "account": N_("Счета и доступ"),
    "money": N_("Платежи и показания"),
    "data": N_("Согласия и данные"),
}
"""What the journal is filtered by."""
_DEEDS: dict[str, tuple[str, str]] = {  # action: kind, sentence; the latter names what stands in the entry's detail
    "register": ("entry", N_("Регистрация в личном кабинете")),
    "sign-in": ("entry", N_("Вход в личный кабинет")),
    "sign-out": ("entry", N_("Выход из личного кабинета")),
    "password.recover": ("entry", N_("Пароль заменён через «Забыли пароль?», все сеансы завершены")),
    "password.change": ("entry", N_("Пароль сменён, остальные сеансы завершены")),
    "sessions.end": ("entry", N_("Завершены сеансы на других устройствах: %(ended)s")),
    "login.change": ("entry", N_("Логин сменён")),
    "login.undo": ("entry", N_("Смена логина отменена по ссылке из письма на прежний")),
    "second-contact.add": ("entry", N_("Добавлен второй контакт")),
    "second-contact.remove": ("entry", N_("Удалён второй контакт")),
    "cabinet.close": ("entry", N_("Кабинет закрыт")),
    "connect": ("account", N_("Счёт подключён к кабинету")),
    "disconnect": ("account", N_("Счёт отключён от кабинета самим пользователем")),
    "challenge": ("account", N_("Верный ответ на контрольный вопрос, открыта расширенная версия")),
    "pin.show": ("account", N_("Показан ПИН-код")),
    "pin.change": ("account", N_("ПИН-код сменён")),
    "pin.in-person": ("account", N_("ПИН-код выдан лично по документу")),
    "pin.slip": ("account", N_("Напечатан лист с ПИН-кодом для выдачи лично")),
    "pin.revoke": ("account", N_("ПИН-код отозван")),
    "pin-request.submit": ("account", N_("Подан запрос № %(request)s на ПИН-код")),
    "pin-request.approve": ("account", N_("Одобрен запрос № %(request)s на ПИН-код")),
    "pin-request.refuse": ("account", N_("Отклонён запрос № %(request)s на ПИН-код")),
    "pin-request.send-again": ("account", N_("Ответ на запрос № %(request)s отправлен ещё раз")),
    "scan.view": ("account", N_("Открыта копия документа из запроса № %(request)s")),
    "scan.delete": ("account", N_("Копия документа из запроса № %(request)s удалена")),
    "access.reduce": ("account", N_("Расширенная версия закрыта")),
    "access.end": ("account", N_("Счёт отключён от кабинета")),
    "account.view": ("account", N_("Открыта страница лицевого счёта")),
    "payment.view": ("money", N_("Открыты сведения о платеже № %(order)s")),
    "pay.begin": ("money", N_("Начат платёж № %(order)s")),
    "pay.give-up": ("money", N_("Отказ от платежа № %(order)s")),
    "payment.settle": ("money", N_("Принято решение по платежу № %(order)s")),
    "refund.ask": ("money", N_("Запрошен возврат по платежу № %(order)s")),
    "refund.approve": ("money", N_("Одобрен возврат по платежу № %(order)s")),
    "refund.refuse": ("money", N_("Отклонён возврат по платежу № %(order)s")),
    "reading.send": ("money", N_("Переданы показания")),
    "reading.messages": ("money", N_("Изменены напоминания о показаниях")),
    "receipt.ask": ("money", N_("Запрошена квитанция")),
    "consent.give": ("data", N_("Дано согласие на обработку персональных данных")),
    "consent.withdraw": ("data", N_("Согласие на обработку персональных данных отозвано")),
    "my-data.ask": ("data", N_("Запрошен архив своих данных")),
    "ticket.send": ("data", N_("Отправлено обращение № %(ticket)s")),
    "ticket.add": ("data", N_("Дополнено обращение № %(ticket)s")),
    "ticket.answer": ("data", N_("Ответ на обращение № %(ticket)s")),
    "ticket.assign": ("data", N_("Обращение № %(ticket)s взято в работу")),
    "ticket.note": ("data", N_("Работа с обращением № %(ticket)s")),
    "ticket.pass-on": ("data", N_("Обращение № %(ticket)s передано")),
    "ticket.reopen": ("data", N_("Обращение № %(ticket)s открыто снова")),
    "ticket.close": ("data", N_("Обращение № %(ticket)s закрыто")),
    "ticket.file": ("data", N_("Открыт файл из обращения № %(ticket)s")),
    "ticket.file-delete": ("data", N_("Файл из обращения № %(ticket)s удалён")),
    # no user's
    "portal.restore": ("desk", N_("Портал восстановлен из резервной копии")),
    "bulletin.write": ("desk", N_("Написано объявление")),
    "bulletin.publish": ("desk", N_("Объявление опубликовано")),
    "bulletin.end": ("desk", N_("Объявление снято")),
    "template.add": ("desk", N_("Добавлен готовый ответ")),
    "template.edit": ("desk", N_("Изменён готовый ответ")),
    "template.remove": ("desk", N_("Удалён готовый ответ")),
    "desk.sign-in": ("desk", N_("Вход оператора")),
    "desk.wrong-code": ("desk", N_("Неверный код оператора")),
    "operator.add": ("desk", N_("Заведён оператор %(login)s")),
    "operator.disable": ("desk", N_("Закрыт вход оператору %(login)s")),
    "dispatch.make": ("desk", N_("Сформирован реестр")),
    "discrepancy.settle": ("desk", N_("Разобрано расхождение")),
}
_FORGOTTEN = ("", N_("Другое действие"))
"""Of an action that an earlier version of the portal wrote down and this one knows no more."""
_OTHERWISE = {  # where the outcome is another than "done"
    ("sign-in", "wrong"): N_("Неудачная попытка входа: неверный пароль"),
    ("challenge", "wrong"): N_("Неверный ответ на контрольный вопрос"),
    ("challenge", "locked"): N_("Ответы на контрольный вопрос приостановлены: слишком много попыток"),
}
_WHO = {
    "me": N_("Вы"),
    "operator": N_("оператор поставщика"),
    "other": N_("другой пользователь счёта"),
    "portal": N_("портал"),
}


def known() -> set[str]:
    """Actions that there is a sentence for."""
    return set(_DEEDS)


def of_kind(kind: str) -> list[str]:
    """Actions that the journal shows under that name of KINDS."""
    return [action for action, (its, _) in _DEEDS.items() if its == kind]


def sentence(event: Event) -> str:
    """What happened, in words."""
    told = _OTHERWISE.get((event.action, event.outcome)) or _DEEDS.get(event.action, _FORGOTTEN)[1]
    words: str = gettext(told) % _Details(event.detail)
    if failed := event.detail.get("failed"):
        words += gettext("; неудачных попыток за сутки до него: %(failed)s", failed=failed)
    return words


def who(event: Event) -> str:
    """Whose deed it was, as far as the user may know."""
    stranger = (event.action, event.outcome) == ("sign-in", "wrong")
    words: str = gettext("кто-то с Вашим логином") if stranger else gettext(_WHO[event.who])
    return words


class _Details(dict[str, Any]):
    """The detail of an entry; one that is older than its sentence may lack something."""

    def __init__(self, detail: Mapping[str, Any]) -> None:
        super().__init__(detail)

    def __missing__(self, name: str) -> str:
        return "—"
