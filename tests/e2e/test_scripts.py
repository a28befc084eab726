"""What scripts add: steps are swapped, not loaded; the focus is where the reading goes on."""

import pytest
from playwright.sync_api import expect

from tests.e2e.person import ACCOUNT, CODE, CONSENT, SUPPLIER, Person, demo_account, new_login
from tests.walks import code_in

pytestmark = pytest.mark.e2e


def test_steps_are_swapped_and_the_focus_moves_to_the_heading(scripted: Person) -> None:
    login = new_login("phone")
    scripted.ask_to_join(login)
    loaded = scripted.documents()
    h1 = scripted.page.get_by_role("heading", level=1)
    scripted.press("Зарегистрироваться")
    scripted.sees(CODE)
    expect(h1).to_be_focused()
    expect(scripted.page).to_have_url("/join/code")
    expect(scripted.page).to_have_title("Подтверждение — Мой газ")
    scripted.fill(code=code_in(scripted.portal.last_message(login)))
    scripted.press("Подтвердить")
    scripted.sees(CONSENT)
    expect(h1).to_be_focused()
    expect(scripted.page).to_have_url("/join/consent")
    assert loaded == []
    scripted.page.get_by_label("Я прочитал текст").check()
    scripted.press("Подписать согласие")
    scripted.sees(SUPPLIER)
    assert len(loaded) == 1, "the frame of those who are signed in differs, so this page is whole"
    scripted.choose("Пермь")
    scripted.press("Продолжить")
    scripted.sees(ACCOUNT)
    expect(h1).to_be_focused()
    assert len(loaded) == 1


def test_a_refusal_is_swapped_in_and_focused(scripted: Person) -> None:
    scripted.ask_to_join(new_login("phone"))
    loaded = scripted.documents()
    scripted.fill(password2="Other2026")
    scripted.press("Зарегистрироваться")
    errors = scripted.page.locator("#errors")
    expect(errors).to_be_focused()
    expect(scripted.page).to_have_title("Ошибка: Регистрация — Мой газ")
    errors.get_by_role("link").click()
    expect(scripted.page.get_by_label("Повторите пароль")).to_be_focused()
    assert loaded == []


def test_two_presses_send_one_code(scripted: Person) -> None:
    login = new_login("phone")
    scripted.ask_to_join(login)
    scripted.page.get_by_role("button", name="Зарегистрироваться").dblclick()
    scripted.sees(CODE)
    scripted.portal.last_message(login)
    scripted.page.wait_for_timeout(1000)
    assert len([message for message in scripted.portal.messages() if message["to"] == login]) == 1


def test_a_password_can_be_looked_at(scripted: Person) -> None:
    scripted.ask_to_join(new_login("phone"))
    password = scripted.page.locator("#main [name=password]")
    scripted.page.get_by_role("button", name="Показать пароль").first.click()
    expect(password).to_have_attribute("type", "text")
    scripted.page.get_by_role("button", name="Скрыть пароль").click()
    expect(password).to_have_attribute("type", "password")


def test_a_lost_connection_keeps_what_was_typed(scripted: Person, faults: list[str]) -> None:
    scripted.ask_to_join(new_login("phone"))
    scripted.page.route("**/join/contact", lambda route: route.abort())
    scripted.press("Зарегистрироваться")
    expect(scripted.page.get_by_role("alert")).to_have_text(
        "Нет связи с порталом. Введённое осталось на странице: нажмите кнопку ещё раз."
    )
    assert all("ERR_FAILED" in fault or "htmx:" in fault for fault in faults)
    faults.clear()  # the browser and htmx note what we cut
    scripted.page.unroute("**/join/contact")
    scripted.press("Зарегистрироваться")
    scripted.sees(CODE)


def test_nothing_personal_stays_in_the_browser(scripted: Person) -> None:
    scripted.join(new_login("phone"))
    scripted.connect(demo_account(scripted.portal, "debt")["number"])
    assert scripted.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    scripted.press("Выйти")
    scripted.sees("Вход в личный кабинет")
    scripted.page.go_back()
    scripted.sees("Вход в личный кабинет")
