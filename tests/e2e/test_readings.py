"""Sending a reading in Chromium, with scripts and without, and in a text browser."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.e2e.person import PASSWORD, Person, demo_account, new_login
from tests.e2e.portal import Portal
from tests.e2e.text_browser import FIELD, lynx
from tests.e2e.text_browser import PASSWORD as SECRET

pytestmark = pytest.mark.e2e


def test_a_reading_is_refused_doubted_taken_and_corrected(person: Person) -> None:
    person.join(new_login("phone"))
    person.connect(demo_account(person.portal, "zero balance")["number"])
    person.page.goto(f"{person.page.url}readings/send")
    person.sees("Передать показания")
    person.settle()
    field = person.page.locator("#main input[name^=reading_]")
    hint = person.page.locator("#main .about").first.inner_text()
    found = re.search(r"Прежнее: ([0-9\s]+)", hint)
    assert found, hint
    known = int("".join(found[1].split()))

    field.fill(str(known - 1))
    person.press("Отправить показания")
    expect(person.page.locator("#errors")).to_contain_text("Показание меньше прежнего")
    expect(field).to_have_value(str(known - 1))
    field.fill(str(known))
    person.press("Отправить показания")
    person.sees("Проверьте показание")
    person.press("Всё верно, отправить")
    person.sees("Показания приняты")
    expect(person.page).to_have_url(re.compile(r"/readings/sent$"))
    person.page.get_by_role("link", name="Исправить").click()
    person.sees("Передать показания")
    person.settle()
    field.fill(f"{known + 1},5")
    person.press("Отправить показания")
    person.sees("Показания приняты")
    expect(person.page.locator("#main")).to_contain_text("1,5 м³ ≈")


def test_the_pages_fit_the_narrowest_screen(open_page, portal: Portal) -> None:
    person = Person(open_page(scripts=True, width=320), portal, scripts=True)
    person.join(new_login("phone"))
    person.connect(demo_account(portal, "expired verification")["number"])
    home = person.page.url
    person.page.goto(f"{home}readings/send")
    person.settle()
    person.page.locator("#main input[name^=reading_]").fill("99999")
    for _ in range(2):
        assert person.page.evaluate("document.documentElement.scrollWidth") <= 320
        person.press("Отправить показания")
        expect(person.page.locator("#errors")).to_be_visible()


def test_a_reading_in_a_text_browser(scripted: Person, portal: Portal) -> None:
    """The account is opened in Chromium, the monthly errand is done in lynx."""
    program = shutil.which("lynx")
    if program is None:
        pytest.skip("no lynx on this machine; .ci/run installs it")
    login = new_login("phone")
    scripted.join(login)
    scripted.connect(demo_account(portal, "overpayment")["number"])
    address = f"{scripted.page.url}readings/send"
    with lynx(program, portal.url) as screen:
        screen.sees("Вход в личный кабинет")
        screen.fill(FIELD, login)
        screen.fill(SECRET, PASSWORD)
        screen.push()
        screen.sees("Разделы")
        screen.go(address)
        screen.sees("Передать показания")
        screen.fill(FIELD, "1")
        screen.push()
        screen.sees("Показание меньше прежнего")
        screen.fill(FIELD, "99999")
        screen.push()
        screen.sees("Проверьте цифры")
