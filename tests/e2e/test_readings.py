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
    known = known_on(person)
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
    """All of them, the question included, down to «Показания приняты»."""
    person = Person(open_page(scripts=True, width=320), portal, scripts=True)
    person.join(new_login("phone"))
    person.connect(demo_account(portal, "expired verification")["number"])
    person.page.goto(f"{person.page.url}readings/send")
    person.settle()
    known = known_on(person)
    field = person.page.locator("#main input[name^=reading_]")
    field.fill(str(known - 1))
    person.press("Отправить показания")
    expect(person.page.locator("#errors")).to_be_visible()
    assert width_of(person) <= 320
    field.fill(str(known))
    person.press("Отправить показания")
    person.sees("Проверьте показание")
    assert width_of(person) <= 320
    person.press("Всё верно, отправить")
    person.sees("Показания приняты")
    assert width_of(person) <= 320


@pytest.mark.parametrize(
    ("story", "burned", "pages"),
    [("long absent", 1, ["Показания приняты"]), ("overpayment", 0, ["Проверьте показание", "Показания приняты"])],
)
def test_a_reading_in_a_text_browser(scripted: Person, portal: Portal, story: str, burned: int, pages: list[str]) -> None:
    """The account is opened in Chromium, the monthly errand is done in lynx by keys alone. Sign-in, home and «Показания приняты»
    are three pages; a question is one more. Outside the supplier's window home has no form, and its page is one more too."""
    program = shutil.which("lynx")
    if program is None:
        pytest.skip("no lynx on this machine; .ci/run installs it")
    login = new_login("phone")
    scripted.join(login)
    scripted.connect(demo_account(portal, story)["number"])
    is_at_home = scripted.page.locator("#main input[name^=reading_]").count() > 0
    address = f"{scripted.page.url}readings/send"
    scripted.page.goto(address)
    value = str(known_on(scripted) + burned)
    with lynx(program, portal.url) as screen:
        screen.sees("Вход в личный кабинет")
        screen.fill(FIELD, login)
        screen.fill(SECRET, PASSWORD)
        screen.push()
        screen.sees("Разделы")
        if not is_at_home:
            screen.go(address)
            screen.sees("Передать показания")
        screen.fill(FIELD, value)
        for page in pages:
            screen.push()
            screen.sees(page)
            if page != "Показания приняты":
                screen.move_to(FIELD)


def width_of(person: Person) -> int:
    """How wide the page is, in pixels; more than the window where something sticks out."""
    return int(person.page.evaluate("document.documentElement.scrollWidth"))


def known_on(person: Person) -> int:
    """The reading before, as the page with the form tells it; whole m³."""
    hint = person.page.locator("#main .about").first.inner_text()
    found = re.search(r"Прежнее: ([0-9\s]+)", hint)
    assert found, hint
    return int("".join(found[1].split()))
