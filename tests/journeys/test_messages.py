"""«Сообщения»: all that was sent to the user, page by page, and nobody else's."""

from collections.abc import Callable

from flask import Flask

from mygas.domain import messages
from mygas.domain.wording import Letter
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import User
from tests.browser import Browser
from tests.walks import EMAIL, PHONE


def send(app: Flask, login: str, count: int) -> None:
    with app.app_context(), unit_of_work():
        user = db.session.scalars(db.select(User).filter_by(login=login)).one()
        for number in range(1, count + 1):
            letter = Letter(login, user.channel, f"Письмо {number}", f"Первое.\n\n<b>Второе</b> {number}.", user.id)
            messages.keep(letter, f"{login}:{number}")


def subjects(browser: Browser) -> list[str]:
    return [link.get_text() for link in browser.page.select("#main .sections a")]


def test_nothing_yet(browser: Browser, joined: Callable[..., Browser]) -> None:
    joined(browser).get("/settings/").click("Сообщения")
    assert "Вам ещё ничего не отправляли." in browser.text


def test_newest_first_twenty_a_page_each_on_its_own_page(app: Flask, browser: Browser, joined: Callable[..., Browser]) -> None:
    joined(browser)
    send(app, PHONE, 45)
    browser.get("/settings/messages")
    assert subjects(browser) == [f"Письмо {number}" for number in range(45, 25, -1)]
    assert "СМС +7 912 ***-**-89" in browser.text
    browser.click("Раньше").click("Раньше")
    assert subjects(browser) == [f"Письмо {number}" for number in range(5, 0, -1)]
    browser.click("Письмо 3")
    assert browser.h1 == "Письмо 3"
    assert "<b>Второе</b> 3." in browser.text, "what was written is text, not markup"
    browser.click("Сообщения")
    assert browser.path == "/settings/messages"


def test_exactly_a_page_offers_no_older_one(app: Flask, browser: Browser, joined: Callable[..., Browser]) -> None:
    joined(browser)
    send(app, PHONE, 20)
    browser.get("/settings/messages")
    assert len(subjects(browser)) == 20
    assert "Раньше" not in browser.text


def test_anothers_message_does_not_exist(app: Flask, browser: Browser, joined: Callable[..., Browser]) -> None:
    joined(browser)
    other = joined(Browser(app.test_client()), EMAIL)
    send(app, EMAIL, 1)
    address = other.get("/settings/messages").click("Письмо 1").path
    assert subjects(browser.get("/settings/messages")) == []
    assert browser.get(address).status == 404
