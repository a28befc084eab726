"""The whole journey in Chromium, with scripts and without: from the first page to the account's home, out, and back in."""

import re

import pytest
from playwright.sync_api import expect

from mygas.money import rubles
from tests.e2e.person import PASSWORD, SUPPLIER, Person, demo_account, new_login
from tests.walks import code_in

pytestmark = pytest.mark.e2e

NEW_PASSWORD = "Teplo2027y"


@pytest.mark.parametrize("kind", ["phone", "email"])
def test_from_the_first_page_to_the_accounts_home(person: Person, kind: str) -> None:
    account = demo_account(person.portal, "debt")
    person.join(new_login(kind))
    person.connect(account["number"])
    main = person.page.locator("#main")
    expect(main).to_contain_text("К оплате")
    expect(main).to_contain_text(rubles(account["charge_kop"]))
    expect(person.page.get_by_role("table", name="Платежи, учтённые поставщиком").get_by_role("row")).not_to_have_count(0)
    person.press("Выйти")
    person.sees("Вход в личный кабинет")
    person.page.goto("/accounts/")
    person.sees("Вход в личный кабинет")


def test_a_forgotten_password(person: Person) -> None:
    login = new_login("phone")
    person.join(login)
    person.press("Выйти")
    person.sees("Вход в личный кабинет")
    person.page.get_by_role("link", name="Забыли пароль?").click()
    person.sees("Восстановление пароля")
    person.settle()
    person.fill(login=login)
    sent = len(person.portal.messages())
    person.press("Получить код")
    person.sees("Подтверждение")
    person.fill(code=code_in(person.portal.message_after(sent, login)))
    person.press("Подтвердить")
    person.sees("Новый пароль")
    person.fill(password=NEW_PASSWORD, password2=NEW_PASSWORD)
    person.press("Сохранить пароль")
    person.sees("Мои счета")
    person.press("Выйти")
    person.sees("Вход в личный кабинет")
    person.sign_in(login, PASSWORD)
    expect(person.page.locator("#errors")).to_be_visible()
    person.sign_in(login, NEW_PASSWORD)
    person.sees("Мои счета")


def test_a_supplier_named_with_the_keyboard_in_latin(person: Person) -> None:
    person.join(new_login("phone"))
    person.choose("gthvm")
    person.press("Продолжить")
    person.sees("Номер лицевого счёта")
    expect(person.page.locator("#main")).to_contain_text("Межрегионгаз Пермь")


def test_a_supplier_picked_from_the_list(person: Person) -> None:
    person.join(new_login("phone"))
    person.page.get_by_role("radio", name="Межрегионгаз Юг").check()
    person.press("Продолжить")
    person.sees("Номер лицевого счёта")
    expect(person.page.locator("#main")).to_contain_text("Межрегионгаз Юг")


def test_the_back_button_shows_the_step_before(person: Person) -> None:
    login = new_login("phone")
    person.ask_to_join(login)
    person.press("Зарегистрироваться")
    person.sees("Подтверждение")
    person.page.go_back()
    person.sees("Регистрация")
    expect(person.page).to_have_url(re.compile(r"/join/contact\b"))
    person.page.go_forward()
    person.sees("Подтверждение")
    person.settle()
    person.fill(code=code_in(person.portal.last_message(login)))
    person.press("Подтвердить")
    person.sees("Согласие")


def test_who_presses_twice_comes_no_less_far(person: Person) -> None:
    login = new_login("phone")
    person.ask_to_join(login)
    person.page.get_by_role("button", name="Зарегистрироваться").dblclick()
    person.sees("Подтверждение")
    person.page.wait_for_timeout(1000)
    person.fill(code=code_in(person.portal.last_message(login)))
    person.page.get_by_role("button", name="Подтвердить", exact=True).dblclick()
    person.sees("Согласие")
    person.page.get_by_label("Я прочитал текст").check()
    person.page.get_by_role("button", name="Подписать согласие").dblclick()
    person.sees(SUPPLIER)
    person.connect(demo_account(person.portal, "debt")["number"])
