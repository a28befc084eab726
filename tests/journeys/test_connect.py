"""Connecting accounts, and the home page of each."""

import pytest

from tests.browser import Browser
from tests.walks import EMAIL, PHONE


def test_the_whole_way(browser, joined, region):
    region("perm", "59000001")
    joined(browser)
    assert browser.h1 == "Какая региональная газовая компания Вас обслуживает?"
    browser.submit(supplier="пермь")
    assert browser.h1 == "Номер лицевого счёта"
    assert "Где найти номер" in browser.text
    assert "не более 3 счетов" in browser.text
    browser.submit(number="л/с № 5900 0001")
    assert browser.h1 == "Расширенная версия"
    browser.submit("Подключить расширенную версию позже")
    assert browser.h1 == "Счёт 59000001"
    assert "Поздравляем! Все шаги пройдены, Вы можете пользоваться Личным кабинетом клиента." in browser.text
    assert "К оплате 1 245,30 ₽" in browser.text
    assert "833,00 ₽" in browser.text
    assert "12.10.2026" in browser.text


def test_name_and_address_are_masked_in_the_basic_version(browser, connected):
    connected(browser)
    assert "Иванова" not in browser.page.get_text()
    assert "Ленина" not in browser.page.get_text()
    assert "ул. Л***, д. 1*" in browser.text


@pytest.mark.parametrize("typed", ["gthvm", "  ПЕРМЬ ", "Межрегионгаз Пермь", "perm"])
def test_supplier_in_any_spelling(browser, joined, typed):
    joined(browser)
    assert browser.submit(supplier=typed).path == "/connect/account"


def test_supplier_from_the_list(browser, joined):
    joined(browser)
    assert "Найдено: 7" in browser.text
    assert browser.submit(pick="izhevsk").path == "/connect/account"
    assert "Межрегионгаз Ижевск" in browser.text


def test_typing_narrows_the_list(browser, joined):
    joined(browser)
    answer = browser.client.get("/connect/supplier?supplier=ctdth", headers={"HX-Request": "true", "HX-Target": "choices"})
    assert "Найдено: 3" in answer.text
    assert "HX-Push-Url" not in answer.headers


@pytest.mark.parametrize(
    ("typed", "says"), [("", "Начните вводить"), ("Марс", "Такой компании нет"), ("Север", "Подходит несколько")]
)
def test_supplier_unclear(browser, joined, typed, says):
    joined(browser)
    browser.submit(supplier=typed)
    assert browser.status == 422
    assert says in browser.text
    assert browser.page.find(id="supplier")["value"] == typed


def test_several_fit_and_one_is_picked(browser, joined):
    joined(browser)
    browser.submit(supplier="Север")
    assert browser.submit(pick="sever-yanao").path == "/connect/account"
    assert "ЯНАО" in browser.text


def test_number_of_the_instruction_is_found_in_both_spellings(browser, joined, region):
    region("volga", "23185952")
    joined(browser)
    browser.submit(supplier="Волга")
    assert "номер, указанный на квитанции, 023-185952" in browser.text
    browser.submit(number="023-185953")
    assert "Вы ввели 023-185953 → ищем 23185953" in browser.text
    browser.submit(number="023-185952")
    assert "Лицевой счёт 23185952 подключён." in browser.text


def test_zero_of_the_north_is_kept(browser, joined, region):
    region("sever-tyumen", "018012345")
    joined(browser)
    browser.submit(supplier="Тюмень")
    browser.submit(number="18012345")
    assert "9 цифр, первая — 0" in browser.text
    assert browser.page.find(id="number")["value"] == "18012345"
    assert "018012345" in browser.submit(number="0180 12345").text


def test_own_account_again_says_so_and_another_s_says_the_same_as_an_unknown_one(app, browser, connected, joined, htmx):
    connected(browser)
    browser.click("Подключить лицевой счёт").submit(supplier="Пермь").submit(number="59000099")
    unknown = browser.page.find(class_="error").get_text()
    assert "Не удалось подключить счёт с этим номером." in unknown
    browser.submit(number="59000001")
    assert browser.status == 422
    assert "Этот счёт уже подключён к Вашему кабинету." in browser.page.find(class_="error").get_text()
    other = joined(Browser(app.test_client(), htmx=htmx), "petrov@example.ru")
    other.submit(supplier="Пермь").submit(number="59000001")
    assert other.h1 == "Расширенная версия", "that somebody else has it is not told"
    assert "уже подключён" not in other.text


def test_the_fourth_account_of_perm_is_refused_and_the_fourth_of_the_north_is_not(browser, joined, region):
    joined(browser)
    for supplier, numbers, most in (("perm", "5900000{}", 3), ("sever-tyumen", "01801234{}", 4)):
        for index in range(4):
            region(supplier, numbers.format(index))
            browser.get("/connect/supplier").submit(supplier=supplier).submit(number=numbers.format(index))
            assert (browser.h1 == "Расширенная версия") is (index < most), browser.text
            if index < most:
                browser.submit("Подключить расширенную версию позже")
    browser.get("/accounts/")
    assert len(browser.page.select("ul.sections li")) == 7


def test_refusal_of_the_fourth_names_the_limit(browser, joined, region):
    joined(browser)
    for index in range(4):
        region("perm", f"5900000{index}")
        browser.get("/connect/supplier").submit(supplier="perm").submit(number=f"5900000{index}")
    assert "не более 3 счетов" in browser.page.find(class_="error").get_text()


def test_twenty_look_ups_a_day(browser, joined):
    joined(browser)
    browser.submit(supplier="perm")
    for index in range(21):
        browser.submit(number=f"590000{index:02}")
    assert "Слишком много попыток за сутки" in browser.text


def test_two_users_may_share_an_account_and_see_nothing_else_of_each_other(app, browser, connected, joined, htmx):
    connected(browser)
    home = browser.path
    other = Browser(app.test_client(), htmx=htmx)
    joined(other, EMAIL)
    assert other.get(home).status == 404, "a ref is its owner's only"
    other.get("/connect/supplier").submit(supplier="perm").submit(number="59000001").submit("Подключить расширенную версию позже")
    assert other.h1 == "Счёт 59000001"
    assert other.path != home


def test_same_number_with_two_suppliers(browser, joined, region):
    region("izhevsk", "59000001", balance_kop=100)
    region("perm", "59000001", balance_kop=-5000)
    joined(browser)
    for supplier in ("izhevsk", "perm"):
        browser.get("/connect/supplier").submit(supplier=supplier).submit(number="59000001").submit(
            "Подключить расширенную версию позже"
        )
    assert "Переплата 50,00 ₽" in browser.text
    browser.click("Счёт 59000001")
    assert "К оплате 1,00 ₽" in browser.text
    assert "Последние платежи" not in browser.text, "Ижевск shows the debt only (instruction 002)"


def test_account_without_a_meter_is_first_class(browser, joined, region):
    region("perm", "59000002", meter=None, balance_kop=0)
    joined(browser)
    browser.submit(supplier="perm").submit(number="59000002").submit("Подключить расширенную версию позже")
    assert "Прибора учёта на этом счёте нет" in browser.text
    assert "Долга нет" in browser.text


def test_without_accounts_the_way_to_the_first_is_shown(browser, joined):
    joined(browser).get("/accounts/")
    assert "подключите хотя бы один лицевой счёт" in browser.text


def test_a_draft_belongs_to_its_user(app, browser, joined, htmx):
    joined(browser)
    browser.submit(supplier="perm")
    browser.submit("Выйти")
    assert browser.get("/connect/account").h1 == "Вход в личный кабинет"
    assert PHONE not in browser.page.get_text()


@pytest.mark.parametrize("step", ["/connect/question", "/connect/pin-request"])
def test_who_disconnects_the_account_on_the_way_begins_anew(browser, joined, region, step):
    region("perm", "59000001")
    joined(browser).submit(supplier="perm").submit(number="59000001")
    browser.get("/settings/accounts").click("Отключить 59000001").submit("Отключить")
    assert browser.get(step).path == "/connect/supplier"
    assert "уже отключён" in browser.text
    browser.submit(supplier="perm").submit(number="59000001")
    assert browser.h1 == "Расширенная версия"
