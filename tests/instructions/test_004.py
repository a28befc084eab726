"""Instruction 004: Межрегионгаз Пермь. Three accounts at most, the PIN by request, the card, the receipt."""

import pytest

from tests.instructions.conftest import pay_by_card
from tests.instructions.test_001 import ask, sum_of
from tests.walks import EMAIL, PASSWORD, PHONE, code_in, link_in

LATER = "Подключить расширенную версию позже"


@pytest.mark.parametrize("login", [PHONE, EMAIL])
def test_from_the_first_line_to_the_last(follow, browser, region, post, pin_of, operator, login):
    account = region("perm", "59000001", meter="0123456")
    for number in ("59000002", "59000003", "59000004"):
        region("perm", number)
    walk = follow("004")

    walk.reads("Инструкция по регистрации в Личном кабинете", "и подключению лицевых счетов")
    walk.reads("1) При первичной регистрации в Личном кабинете клиента Вам необходимо указать адрес электронной почты")
    browser.get("/s/perm/").click("Регистрация")
    walk.sees("Логин (телефон или эл. почта)")
    walk.reads("Паролем может использоваться любая комбинация цифр и букв на английском языке, количество символов от 5 до 10.")
    walk.sees("От 5 до 10 латинских букв и цифр")
    browser.submit(login=login, password=PASSWORD, password2=PASSWORD)

    walk.reads("2) После регистрации к Вам на почту (телефон), указанную при регистрации, будет отправлено письмо", "[image: ]")
    if login == EMAIL:
        browser.get(link_in(post(EMAIL))).submit("Подтвердить")
    else:
        browser.submit("Подтвердить", code=code_in(post(PHONE)))
    browser.submit(agree=True)

    walk.reads("3) Вы успешно зарегистрированы в Системе. Для Вас создан Личный кабинет!")
    walk.sees("Вы успешно зарегистрированы в Системе. Для Вас создан Личный кабинет!")
    walk.reads("Для подключения лицевого счета к Вашему Личному кабинету необходимо выбрать поставщика услуг")
    walk.sees("Выберите ресурсоснабжающую организацию", "Пермь")
    browser.submit("Продолжить", supplier="Пермь")
    walk.reads("[bookmark: _GoBack]Затем необходимо ввести номер Вашего 8-значного Лицевого счета, указанный в квитанции:")
    walk.sees("8 цифр, как указано в квитанции", "не более 3")
    browser.submit("Продолжить", number="5900 0001")

    walk.reads("4) После подключения лицевого счета у Вас будет возможность подключить полную версию Личного кабинета.")
    walk.reads("5) Чтобы получить пин-код для входа в полную версию Личного кабинета, отправьте заявку")
    browser.click("Подать запрос на получение ПИН-кода")
    browser.submit("Отправить запрос", full_name="Иванова Мария Петровна", email=EMAIL, phone="")
    operator("perm").click("№ 1").submit("Отправить ПИН-код абоненту")
    walk.reads("Когда Вам на почту/телефон придет соответствующий пин-код, введите его в появившееся окно:")
    pin = pin_of(account)
    assert pin in post(login)
    browser.get("/connect/question")
    walk.reads("Так же пин-код можно посмотреть на квитанции. Он отображается перед расшифровкой счета:")
    walk.sees("ПИН-код из ответа поставщика или с квитанции: он стоит перед расшифровкой счёта")
    browser.submit("Ответить", method="pin", answer=pin)
    walk.reads("Поздравляем! Все шаги пройдены, Вы можете пользоваться полной версией Личного кабинета клиента.")
    walk.sees("Поздравляем! Все шаги пройдены, Вы можете пользоваться полной версией Личного кабинета клиента.")
    home = browser.path

    walk.reads("6) Чтобы произвести оплату непосредственно в личном кабинете,  Вам необходимо нажать [ОПЛАТИТЬ]:")
    walk.sees("ОПЛАТИТЬ")
    browser.click("Оплатить")
    walk.reads("Далее необходимо ввести сумму к оплате, затем выбрать «К ОПЛАТЕ ***,** рублей»:")
    browser.submit("Продолжить", choice="own", **{sum_of(browser): "1234,50"})
    walk.sees("К ОПЛАТЕ 1 234,50 рублей")
    browser.submit("Перейти к оплате картой")
    walk.reads("Необходимо ввести данны карты, с которой будет осуществляться оплата и нажать «ОК»:")
    pay_by_card(browser)
    assert browser.path.startswith("/payments/"), browser.text

    walk.reads("7) Так же в личном кабинете можно сформировать квитанцию. Для этого Вам необходимо нажать [КВИТАНЦИЯ]:")
    browser.get(home)
    walk.sees("КВИТАНЦИ")
    browser.click("Квитанции")
    walk.reads("Откроется форма выбора периода, за который необходимо сформировать квитанцию. По умолчанию выбран текущий месяц.")
    chosen = browser.page.select_one("select[name=period] option[selected]")
    assert chosen.get_text() == "Октябрь 2026", "the present month where it has charges, else the last that has (product.md §0.6)"
    browser.submit("Сформировать")
    post(login)
    browser.get(browser.path)
    walk.reads("[image: ]", "Далее выйдет сообщение, что квитанция успешно сформирована, и Вы сможете её сохранить")
    walk.sees("Квитанция успешно сформирована", "Сохраните её или распечатайте", "PDF")
    receipt = browser.click("Скачать PDF").response
    assert receipt.mimetype == "application/pdf" and receipt.data.startswith(b"%PDF")

    walk.reads("8) Для добавления дополнительных лицевых счетов, Вам необходимо зайти в раздел «Настройки»:")
    for number in ("59000002", "59000003"):
        to_accounts(browser, home)
        browser.click("Подключить лицевой счёт").submit("Продолжить", supplier="Пермь").submit(number=number).submit(LATER)
    walk.reads("Далее нажать на кнопку «ПОДКЛЮЧИТЬ ЛИЦЕВОЙ СЧЁТ».")
    to_accounts(browser, home)
    walk.sees("ПОДКЛЮЧИТЬ ЛИЦЕВОЙ СЧЁТ")
    walk.reads("Затем необходимо выбрать поставщика услуг и ввести номер лицевого счета (см. пункт 3).")
    browser.click("Подключить лицевой счёт").submit("Продолжить", supplier="Пермь").submit(number="59000004")
    assert browser.status == 422, "three at most"
    walk.sees("можно подключить не более 3")

    walk.reads("9) Во вкладке «Взаиморасчёты» можно посмотреть все начисления и оплаты за услуги газоснабжения:")
    browser.get(home).click("Взаиморасчёты")
    walk.sees("833,00", "412,30", "Октябрь 2026", "Сентябрь 2026")
    walk.reads("Во вкладке «Платежи» можно увидеть конкретные даты произведённых абонентом платежей:")
    browser.get(home).click("Платежи")
    walk.sees("12.10.2026", "20.11.2026")
    walk.reads("Историю показаний прибора учёта газа (если есть) можно увидеть, нажав на кнопку «История»:")
    browser.get(home).click("Приборы учёта")
    walk.sees("История")

    walk.reads("10) Для того, чтобы удалить ненужный лицевой счёт, нужно зайти в Настройки и нажать «Отключить»")
    to_accounts(browser, home)
    walk.sees("Отключить")
    panel = next(one for one in browser.page.select("section.panel") if "59000003" in one.get_text())
    browser.get(panel.find("a", string="Отключить 59000003")["href"])
    walk.sees("Отключить лицевой счёт 59000003?")
    browser.submit("Отключить")
    to_accounts(browser, home)
    assert [one.h2.get_text() for one in browser.page.select("section.panel")] == ["Счёт 59000001", "Счёт 59000002"]

    walk.reads("11) При возникновении дополнительных вопросов, пользуйтесь подсказками внутри Личного кабинета.")
    browser.get(home)
    assert all(section.find("details") for section in browser.page.select("ul.sections > li")), "each section has its hint"
    browser.click("Поддержка")
    walk.sees("support@смородина.онлайн")
    ask(browser, "Как сменить ПИН-код?")
    walk.sees("Обращение № 1")
    walk.ends()


def to_accounts(browser, home):
    browser.get(home).click("Настройки").click("Лицевые счета")
