"""Instruction 002: Межрегионгаз Ижевск. «Я не робот», old passwords, the PIN from the office and by a scan, training."""

import io

import pytest
from PIL import Image

from mygas.domain.work import unit_of_work
from mygas.extensions import db, keyring
from mygas.models import Account, ImportedPin, Registry
from tests.browser import Browser
from tests.walks import EMAIL, PASSWORD, code_in

SUPPLIER = "Межрегионгаз Ижевск"
REPLY = "Ответить"


@pytest.fixture
def old_password(app):
    """What the supplier gave out years ago: an account's «пароль для вхождения»."""

    def give(account_id, password):
        with app.app_context(), unit_of_work():
            account, registry = db.session.get_one(Account, account_id), db.session.scalars(db.select(Registry)).first()
            mac = keyring.pin_mac("imported", account.supplier, account.number, password)
            db.session.add(ImportedPin(account_id=account_id, registry_id=registry.id, mac=mac))

    return give


def test_from_the_first_line_to_the_last(app, follow, browser, htmx, region, post, pin_of, operator, old_password, monkeypatch):
    by_serial, by_password = region("izhevsk", "1800123456", meter="0123456"), region("izhevsk", "1800123457")
    by_office, by_scan = region("izhevsk", "1800123458"), region("izhevsk", "1800123459")
    walk = follow("002")

    walk.reads("Инструкция по регистрации в Личном кабине", "1. Личный кабинет абонента находится на сайте")
    browser.get("/s/izhevsk/").click("Регистрация")
    walk.reads("При регистрации в системе «смородина.онлайн» необходимо в поле «Логин» ввести номер Вашего сотового телефона")
    walk.sees("Логин", "не путайте с ПИН-кодом от поставщика газа")

    walk.reads("Авторизация:", "Далее необходимо пройти проверку «Я не робот», поставив галочку и выполнить предложенное")
    walk.sees("Я не робот", "СМЕНИТЬ ИЗОБРАЖЕНИЕ")
    shown = browser.page.select_one(".riddle img")["src"]
    browser.submit("Сменить изображение", login=EMAIL, password=PASSWORD, password2=PASSWORD)
    assert browser.page.select_one(".riddle img")["src"] != shown, "another picture"
    walk.reads("Также данную проверку «Я не робот» можно пройти по аудио записи").sees("Прослушать цифры")
    assert app.test_client().get(browser.page.find("a", string="Прослушать цифры")["href"]).status_code == 404, "hers alone"
    assert browser.client.get(browser.page.find("a", string="Прослушать цифры")["href"]).mimetype == "audio/wav"
    monkeypatch.setattr("mygas.web.riddles.fresh_digits", lambda: "77777")
    browser.get("/join/contact?entry=izhevsk")
    browser.submit(login=EMAIL, password=PASSWORD, password2=PASSWORD, human=True, digits="77777")

    walk.reads("2. После регистрации к Вам на электронную почту (СМС на сотовый телефон) указанную при регистрации")
    browser.submit("Подтвердить", code=code_in(post(EMAIL))).submit(agree=True)

    walk.reads("В закладке «НАСТРОЙКИ» необходимо выбрать поставщика услуг - «Межрегионгаз Ижевск».").sees("НАСТРОЙКИ")
    by_settings(browser)
    walk.sees(SUPPLIER)
    walk.reads("Для подключения лицевого счета к Вашему Личному кабинету необходимо добавить лицевой счет.")
    browser.submit("Продолжить", supplier=SUPPLIER).submit(number="1800123456")
    walk.sees("Ввести серийный номер прибора учёта газа", "Ввести ПИН код")
    assert browser.submit(REPLY, method="serial", answer="0123456").h1 == "Счёт 1800123456"

    walk.reads("Ранее полученные пароли для вхождения в «Личный кабинет» действуют, их необходимо заводить в поле «пин-код.")
    old_password(by_password, "letto1998")
    connect(browser, "1800123457")
    walk.sees("Ранее полученный у поставщика пароль тоже подходит")
    assert browser.submit(REPLY, method="pin", answer="letto1998").h1 == "Счёт 1800123457"
    walk.reads("Внимание: Полученный у Поставщика газа пин-код необходимо вводить в нижнем регистре.")
    connect(browser, "1800123458")
    walk.sees("в нижнем регистре")

    walk.reads("Для начала работы с личным кабинетом рекомендуем пройти краткое обучение").sees("РЕЖИМ ОБУЧЕНИЯ")
    walk.reads("При отсутствии доступа к расширенной версии личного кабинета Вы сможете только производить оплату")
    browser.submit("Подключить расширенную версию позже")
    home = browser.path
    walk.sees("Оплатить", "Нужна расширенная версия")
    assert "Передать показания" not in walk.shown and "Последние платежи" not in walk.shown
    assert browser.click("Оплатить").h1.startswith("Оплата")

    walk.reads("3. Получение Пин-кода возможно двумя способами:")
    browser.get(home).click("Подключить расширенную версию")
    walk.reads("1. при личном обращении в расчетный центр")
    walk.sees("Лично в расчётном центре", "гражданского паспорта с пропиской", "права собственности")
    desk = operator("izhevsk")
    desk.click("Лицевой счёт").submit("Найти", supplier="izhevsk", number="1800123458")
    desk.submit("Показать ПИН-код для печати", document="passport-title")
    assert pin_of(by_office) in desk.text
    assert browser.submit(REPLY, method="pin", answer=pin_of(by_office).upper()).h1 == "Счёт 1800123458", "in capitals, too"

    walk.reads("2. по электронной почте, для этого необходимо отправить на электронный адрес secretary@udmurtgaz.ru")
    connect(browser, "1800123459")
    walk.sees("secretary@udmurtgaz.ru", "номер лицевого счёта, адрес и номер мобильного телефона")
    browser.click("Подать запрос на получение ПИН-кода")
    walk.finds(
        "• Гражданский паспорт с ФИО и пропиской;",
        "• Свидетельство о Государственной регистрации права собственности на жилое помещение "
        "(либо договор найма, либо договор долевого участия);",
        "• Поквартирная карточка из домоуправления (с датой выдачи не позднее 1 месяца);",
        "• Домовая книга с указанием зарегистрированных граждан.",
    )
    browser.submit(
        "Отправить запрос", full_name="Иванова Мария Петровна", email=EMAIL, phone="8 912 345-67-89",
        document_kind="house-book", scan=photograph(),
    )  # fmt: skip
    desk.get("/desk/").click("№ 1").submit("Отправить ПИН-код абоненту")
    walk.reads("Далее Пин-код для входа в личный кабинет будет отправлен на указанный Вами электронный адрес.")
    assert pin_of(by_scan) in post(EMAIL)
    browser.get("/connect/question").submit(REPLY, method="pin", answer=pin_of(by_scan))
    walk.sees("Поздравляем! Все шаги пройдены, Вы можете пользоваться полной версией")

    walk.reads("В случае невозможности входа на сайт")
    page = Browser(app.test_client(), htmx=htmx).get("/help/browsers")
    assert "другом браузере" in page.page.get_text()
    walk.ends()
    assert by_serial


def by_settings(browser):
    browser.click("Настройки").click("Лицевые счета").click("Подключить лицевой счёт")


def connect(browser, number):
    by_settings(browser)
    browser.submit("Продолжить", supplier=SUPPLIER).submit(number=number)
    assert browser.path == "/connect/question", browser.text


def photograph():
    file = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(file, "JPEG")
    return io.BytesIO(file.getvalue()), "книга.jpg"
