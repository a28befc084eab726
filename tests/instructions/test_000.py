"""Instruction 000: Межрегионгаз Север. Registration, three regions, three ways to the extended version, the request for a PIN."""

from tests.walks import EMAIL, PASSWORD, code_in

LATER = "Подключить расширенную версию позже"
REPLY = "Ответить"


def test_from_the_first_line_to_the_last(follow, browser, region, post, pin_of, operator):
    region("sever-tyumen", "018012345", meter="0123456")
    region("sever-hmao", "018054321")
    yanao = region("sever-yanao", "018011111")
    walk = follow("000")

    walk.reads("Инструкция", "По регистрации в личном кабинете", "Для регистрации в новом личном кабинете необходимо открыть")
    browser.get("/")
    walk.reads("Шаг 1", "Выбрать ссылку **Регистрация**.").sees("Регистрация")
    browser.click("Регистрация")
    walk.reads("Зарегистрироваться можно по номеру телефона или по электронной почте").sees("телефон или эл. почта", "логин")
    walk.sees("Придумайте сами")
    browser.submit(login=EMAIL, password=PASSWORD, password2=PASSWORD)

    walk.reads("Шаг 2", "На указанный контакт (телефон/эл. почту) поступит сообщение с кодом подтверждения")
    walk.sees("код действует до")
    browser.submit("Подтвердить", code=code_in(post(EMAIL)))

    walk.reads("Шаг 3", "Ознакомиться и принять условия на обработку персональных данных.")
    walk.sees("согласие на обработку моих персональных данных")
    browser.submit(agree=True)

    walk.reads("Шаг 4", "Выбрать региональную газовую компанию")
    walk.finds(
        "1. Межрегионгаз Север (Тюменская область).", "2. Межрегионгаз Север (ХМАО).", "3. Межрегионгаз Север (ЯНАО)."
    )  # fmt: skip
    walk.reads("Указать номер лицевого счета (номер лицевого счета должен начинаться с 0. Всего должно быть 9 цифр")
    walk.finds(
        "Какая региональная газовая компания Вас обслуживает?",
        "Выберите ресурсоснабжающую организацию",
        "Межрегионгаз Север (Тюменская область)",
        "← Отмена",
        "Продолжить",
    )
    walk.reads("СМ gas")  # a trademark: the supplier's own name stands in its place
    walk.reads("ЛК - Мой ГАЗ - версия 4.0.0").sees("ЛК - Мой ГАЗ - версия")
    browser.submit("Продолжить", supplier="Межрегионгаз Север (Тюменская область)")
    walk.sees("9 цифр, первая - 0")
    assert browser.submit(number="18012345").status == 422, "nine digits, the first of them 0"
    browser.submit(number="018012345")
    home = connect_later(browser)

    walk.reads("После успешного завершения регистрации Вам будет доступна к просмотру информация о платежах")
    walk.sees("Последние платежи", "12.10.2026", "412,30", "Оплатить", "Отправить показания")
    walk.reads("При подключении **расширенной версии** личного кабинета Вам будут доступны дополнительные")
    walk.sees("Абонент", "Взаиморасчёты", "Договоры", "Акты", "Нужна расширенная версия")
    walk.reads("Подключение расширенной версии возможно несколькими способами:").finds("ПРИБОРЫ УЧЕТА")
    browser.click("Подключить расширенную версию")
    walk.finds(
        "Чтобы подключить расширенные возможности личного кабинета, пожалуйста, ответьте на контрольный вопрос.",
        "Ввести серийный номер прибора учёта газа",
        "Ввести сумму из последних начислений в копейках",
        "Ввести ПИН код (может быть напечатан на квитанции)",
        "Подать запрос на получение ПИН-кода",
        "Введите ответ на контрольный вопрос",
        "i В зависимости от Вашего региона пин-код может располагаться на квитанции, выдаваться по электронной почте "
        "или при обращении в абонентский пункт",
        REPLY,
        LATER,
    )
    walk.reads("1. Ввести серийный номер прибора учёта газа (указать заводской номер счётчика).")
    browser.submit(REPLY, method="serial", answer="0123456")
    sees_all_sections(walk)

    walk.reads("2. Ввести сумму из последних начислений в копейках (указать сумму, начисленную к оплате за предыдущий месяц).")
    connect(browser, "Межрегионгаз Север (ХМАО)", "018054321")
    browser.submit(REPLY, method="charge", answer="83300")
    sees_all_sections(walk)

    walk.reads("3. Ввести ПИН код.", "Для получения ПИН кода необходимо заполнить форму и отправить запрос:")
    connect(browser, "Межрегионгаз Север (ЯНАО)", "018011111")
    browser.click("Подать запрос на получение ПИН-кода")
    walk.finds("Чтобы отправить запрос на получение пин-кода для подключения расширенной версии заполните форму", "ФИО")
    walk.finds("Email", "Телефон", "Отправить запрос", "Отмена")
    browser.submit("Отправить запрос", full_name="Иванова Мария Петровна", email=EMAIL, phone="8 912 345-67-89")
    operator("sever-yanao").click("№ 1").submit("Отправить ПИН-код абоненту")
    walk.reads("На указанный Вами адрес электронной почты придёт ПИН код")
    letter = post(EMAIL)
    assert pin_of(yanao) in letter
    browser.get("/connect/question").submit(REPLY, method="pin", answer=pin_of(yanao))
    sees_all_sections(walk)

    walk.reads("Для пользователей мобильных операционных систем iOS и Android доступна мобильная версия")
    browser.click("Помощь").submit("Найти", q="мобильное приложение").click("Портал на телефоне")
    walk.sees("МОЙ ГАЗ", "iOS", "Android")
    browser.get(home).submit("Выйти")
    walk.finds("Мы рады, что Вы воспользовались услугой ЛК Мой ГАЗ. Желаем приятной работы!")
    walk.ends()


def connect(browser, supplier, number):
    browser.get("/connect/supplier").submit("Продолжить", supplier=supplier).submit(number=number)
    assert browser.path == "/connect/question", browser.text


def connect_later(browser):
    browser.submit(LATER)
    assert browser.h1.startswith("Счёт"), browser.text
    return browser.path


def sees_all_sections(walk):
    walk.sees("Поздравляем! Все шаги пройдены, Вы можете пользоваться полной версией Личного кабинета клиента.")
    assert "Нужна расширенная версия" not in walk.shown
    for section in ("Абонент", "Взаиморасчёты", "Договоры", "Акты"):
        assert walk.browser.get(walk.browser.path).click(section).h1 == section
        walk.browser.get(walk.browser.path.rpartition("/")[0] + "/")
