"""Instruction 003: the region of e-mail only. The link of a letter, «Подключение ЛС», the question mark, hints."""

from tests.instructions.conftest import pay_by_card
from tests.instructions.test_001 import ask, sum_of
from tests.walks import EMAIL, PASSWORD, PHONE, link_in

LATER = "Подключить расширенную версию позже"


def test_from_the_first_line_to_the_last(follow, browser, region, post):
    region("yug", "230001234567", meter="0123456")
    region("yug", "230001234568")
    walk = follow("003")

    walk.reads("Инструкция по регистрации в Личном кабинете", "и подключению лицевых счетов")
    walk.reads("1) При первичной регистрации в Личном кабинете клиента Вам необходимо указать адрес электронной почты.")
    browser.get("/s/yug/").click("Регистрация")
    walk.sees("Эл. почта", "От 5 до 10 латинских букв и цифр")
    assert "Телефон" not in browser.text
    assert browser.submit(login=PHONE, password=PASSWORD, password2=PASSWORD).status == 422, "no telephone here"
    browser.submit(login=EMAIL, password=PASSWORD, password2=PASSWORD)

    walk.reads("2) После регистрации к Вам на указанную при регистрации почту будет отправлено письмо")
    walk.sees("перейдите по ссылке")
    browser.get(link_in(post(EMAIL))).submit("Подтвердить").submit(agree=True)

    walk.reads("3) Вы успешно зарегистрированы в Системе. Для Вас создан Личный кабинет!")
    walk.sees("Вы успешно зарегистрированы в Системе. Для Вас создан Личный кабинет!")
    walk.reads("Для подключения лицевого счёта к Вашему Личному кабинету необходимо выбрать поставщика услуг")
    browser.submit("Продолжить", supplier="Межрегионгаз Юг")
    walk.reads("и ввести номер Вашего лицевого счёта, указанный в квитанции").sees("как указано в квитанции")
    browser.submit("Продолжить", number="2300 0123 4567").submit(LATER)

    walk.reads("4) Поздравляем! Все шаги пройдены, Вы можете пользоваться Личным кабинетом клиента.")
    walk.sees("Поздравляем! Все шаги пройдены, Вы можете пользоваться Личным кабинетом клиента.")
    home = browser.path
    walk.reads("5) После того как все пункты были пройдены, Вы можете совершить оплату онлайн.").sees("Оплата онлайн")
    browser.click("Оплатить")
    walk.reads("Далее даётся возможность выбора: 1) оплаты по текущему долгу;  2) по самостоятельно внесённой сумме;")
    walk.sees("Текущий долг", "Другая сумма", "Передать показания вместе с оплатой")
    browser.submit("Продолжить", choice="own", **{sum_of(browser): "300,50"})
    walk.sees("К оплате 305,50 рублей", "Комиссия 5,00 ₽")
    pay_by_card(browser.submit("Перейти к оплате картой"))
    assert browser.path.startswith("/payments/"), browser.text

    walk.reads("6) Для добавления дополнительных лицевых счетов, Вам необходимо зайти в раздел «Настройки».")
    browser.get(home).click("Настройки").click("Лицевые счета")
    walk.reads("далее нажать на кнопку «Подключение ЛС»").sees("Подключение ЛС")
    browser.click("Подключить лицевой счёт")
    walk.reads("выбрать поставщика услуг и вести номер лицевого счёта. Если вы не уверены в правильности ввода")
    browser.submit("Продолжить", supplier="Юг")
    hint = next(one for one in browser.page.select("details.hint") if one.summary.get_text().strip().startswith("?"))
    assert "квитанци" in hint.get_text(), "the question mark beside the field tells where the number stands"
    browser.submit("Продолжить", number="230001234568").submit(LATER)
    assert browser.h1 == "Счёт 230001234568"

    walk.reads("7) При возникновении дополнительных вопросов пользуйтесь подсказками внутри Личного кабинета.")
    sections = browser.page.select("ul.sections > li")
    assert sections and all(section.find("details") for section in sections), "each section has its hint"
    ask(browser, "Где посмотреть начисления?")
    walk.sees("Обращение №")
    walk.ends()
