"""Instruction 001: the general one. Code or link, the signed consent, 023-185952, three ways to pay, the question asked twice."""

import pytest

from tests.instructions.conftest import pay_by_card
from tests.walks import EMAIL, PASSWORD, PHONE, code_in, link_in

LATER = "Подключить расширенную версию позже"
REPLY = "Ответить"
DIALOG = (
    "×",
    "Чтобы подключить расширенные возможности личного кабинета, пожалуйста, ответьте на контрольный вопрос.",
    "- Ввести серийный номер прибора учета газа",
    "- Ввести сумму из последних начислений в копейках",
)
INFO = (
    "Введите ответ на контрольный вопрос",
    "? В зависимости от Вашего региона пин-код может располагаться на квитанции, выдаваться по электронной почте "
    "или при обращении в абонентский пункт.",
)


@pytest.mark.parametrize("login", [PHONE, EMAIL])
def test_from_the_first_line_to_the_last(follow, browser, region, post, pin_of, login):
    first, second = region("volga", "23185952", meter="0123456"), region("volga", "23185953")
    walk = follow("001")

    walk.reads("Инструкция по регистрации в личном кабинете", "1) при первичной регистрации в Личном кабинете клиента")
    browser.get("/s/volga/").click("Регистрация")
    walk.sees("Логин (Телефон или эл. почта)", "Станет Вашим логином", "От 5 до 10 латинских букв и цифр")
    for wrong in ("gaz1", "gaz20262026", "газ2026"):
        assert browser.submit(login=login, password=wrong, password2=wrong).status == 422, wrong
    walk.reads("The image shows a screenshot")
    walk.sees("Войти в личный кабинет", "Пароль", "Повторите пароль", "ЗАРЕГИСТРИРОВАТЬСЯ")
    walk.sees("Задать вопрос в техническую поддержку", "ЛК - Мой ГАЗ - версия")
    browser.submit("Зарегистрироваться", login=login, password=PASSWORD, password2=PASSWORD)

    walk.reads("2) После регистрации к Вам на телефон или указанную электронную почту будет отправлено письмо")
    walk.sees("Smorodina")
    message = post(login)
    assert "Smorodina" in message
    if login == EMAIL:
        browser.get(link_in(message)).submit("Подтвердить")
    else:
        browser.submit("Подтвердить", code=code_in(message))
    walk.reads("3) Вы успешно зарегистрированы в Системе. Для Вас создан Личный кабинет!")
    walk.reads("4) Для начала работы с Личным кабинетом Вам необходимо ознакомиться и подписать согласие.")
    assert browser.h1 == "Согласие"
    browser.submit(agree=True)
    walk.sees("Вы успешно зарегистрированы в Системе. Для Вас создан Личный кабинет!")

    walk.reads("5) Для дальнейшей работы в личном кабинете необходимо подключить лицевые счёта.")
    walk.reads("б) Для подключения лицевого счета к Вашему Личному кабинету необходимо выбрать поставщика услуг")
    browser.submit("Продолжить", supplier="Волга")
    walk.sees("ВНИМАНИЕ! Как правильно ввести номер лицевого счёта")
    walk.reads("ПРИМЕР: номер указанный на квитанции 023-185952 номер в личном кабинете 23185952")
    walk.sees("указанный на квитанции, 023-185952, номер в личном кабинете 23185952")
    browser.submit("Продолжить", number="023-185952").submit(LATER)

    walk.reads("7) Поздравляем! Все шаги пройдены, Вы можете пользоваться Личным кабинетом клиента.")
    walk.sees("Поздравляем! Все шаги пройдены, Вы можете пользоваться Личным кабинетом клиента.", "Счёт 23185952")
    home = browser.path
    walk.reads("8) после того как все пункты были пройдены, Вы можете совершить оплату онлайн.").sees("Оплатить")
    browser.click("Оплатить")
    walk.reads("- 1) оплаты по текущему долгу").sees("Текущий долг: 1 245,30 ₽")
    walk.reads("- 2) по самостоятельно внесенной сумме").sees("Другая сумма")
    walk.reads("- 3) так же вы передать показания").sees("Передать показания вместе с оплатой")
    reading = browser.page.select_one("[name^=reading_]")["name"]
    browser.submit("Продолжить", choice="own", **{sum_of(browser): "500", reading: "177"})
    walk.sees("К ОПЛАТЕ 500,00 рублей", "Показания, которые будут переданы")
    pay_by_card(browser.submit("Перейти к оплате картой"))
    assert browser.path.startswith("/payments/"), browser.text
    assert "Показания приняты" in walk.shown or "177" in browser.get(f"{home}readings").text

    walk.reads("9) Для подключения расширенной версии личного кабинета необходимо ввести PIN код указанный в квитанции")
    browser.get(home).click("Подключить расширенную версию")
    dialog(walk)
    browser.submit(REPLY, method="serial", answer="0123456")
    walk.sees("Поздравляем! Все шаги пройдены, Вы можете пользоваться полной версией")

    browser.click("Настройки").click("Лицевые счета").click("Подключить лицевой счёт")
    browser.submit("Продолжить", supplier="Волга").submit(number="023-185953")
    dialog(walk)
    browser.submit(REPLY, method="pin", answer=pin_of(second))
    walk.sees("Поздравляем! Все шаги пройдены, Вы можете пользоваться полной версией")

    walk.reads("10) Для добавления дополнительных лицевых счетов, Вам необходимо зайти в раздел «настройки»")
    browser.click("Настройки").click("Лицевые счета")
    walk.sees("23185952", "23185953", "Подключить лицевой счёт")
    walk.reads("11) При возникновении дополнительных вопросов, Вы можете задать интересующий Вас вопрос")
    ask(browser, "Почему две строки?")
    walk.sees("Обращение № 1", "Служба поддержки личного кабинета", "Почему две строки?")
    walk.ends()
    assert first != second


def dialog(walk):
    """The screenshot that the instruction shows twice; where it says «Отправить» the portal says «Ответить» (product.md C11)."""
    walk.finds(*DIALOG)
    walk.reads("- Ввести PIN код (может быть напечатан на квитанции)").sees("Ввести ПИН код (может быть напечатан на квитанции)")
    walk.reads("Подать запрос на получение PIN-кода").sees("Подать запрос на получение ПИН-кода")
    walk.finds(*INFO)
    walk.reads("Отправить").sees(REPLY)
    walk.finds(LATER)


def sum_of(browser):
    """The name of the field for a sum of one's own."""
    return browser.page.select_one("[name^=amount]")["name"]


def ask(browser, text):
    browser.click("Поддержка").click("Задать вопрос")
    browser.submit(addressee="portal", subject="Вопрос", text=text)
    if browser.h1 == "Может быть, ответ уже есть":
        browser.submit("Отправить вопрос")
