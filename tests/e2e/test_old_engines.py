"""Engines that lack what htmx needs must be left with plain pages: a form that does nothing is the one thing no page may have."""

import pytest
from playwright.sync_api import expect

from tests.e2e.person import CODE, CONSENT, SUPPLIER, Person, demo_account, new_login
from tests.e2e.test_readings import known_on
from tests.walks import code_in

pytestmark = pytest.mark.e2e

LACKING = {
    "DOMParser knows no HTML (PhantomJS)": ("DOMParser.prototype.parseFromString = () => null", False),
    "DOMParser throws (old WebKit)": ("DOMParser.prototype.parseFromString = () => { throw new Error('text/html') }", False),
    "no FormData": ("delete window.FormData", False),
    "URL is an object (IE11)": ("window.URL = {}", True),
}
"""What is taken from the browser, and whether htmx is able to run without it."""
UNREAD = "console: htmx:badResponseUrl"
"""htmx says so of each answer whose address it cannot read, and goes on."""


@pytest.mark.parametrize("lack", LACKING)
def test_registration_and_a_reading(lack: str, scripted: Person, faults: list[str]) -> None:
    taken, able = LACKING[lack]
    scripted.page.add_init_script(taken)
    scripted.settle = lambda: scripted.page.wait_for_load_state("networkidle")  # type: ignore[method-assign]
    login, account = new_login("phone"), demo_account(scripted.portal, "zero balance")
    scripted.ask_to_join(login)
    loaded = scripted.documents()
    scripted.press("Зарегистрироваться")
    scripted.sees(CODE)
    assert scripted.page.evaluate("!!window.htmx") is able
    assert bool(loaded) is not able, "with htmx the step is swapped, without it is loaded"
    scripted.fill(code=code_in(scripted.portal.last_message(login)))
    scripted.press("Подтвердить")
    scripted.sees(CONSENT)
    scripted.page.get_by_label("Я прочитал текст").check()
    scripted.press("Подписать согласие")
    scripted.sees(SUPPLIER)
    scripted.page.locator("#main [name=supplier]").fill("Пермь")
    scripted.press("Продолжить")
    scripted.fill(number=account["number"])
    scripted.press("Продолжить")
    scripted.press("Подключить расширенную версию позже")
    scripted.sees(f"Счёт {account['number']}")
    scripted.page.goto(f"{scripted.page.url}readings/send")
    scripted.page.locator("#main input[name^=reading_]").fill(str(known_on(scripted) + 1))
    scripted.press("Отправить показания")
    expect(scripted.page.get_by_role("heading", level=1)).to_have_text("Показания приняты")
    if able:
        assert UNREAD in faults
        faults[:] = [fault for fault in faults if fault != UNREAD]
