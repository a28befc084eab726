"""Ways through the portal that several journeys begin with."""

import re
from collections.abc import Callable

import pytest

from tests.browser import Browser

PHONE, EMAIL, PASSWORD = "+79123456789", "maria@example.ru", "gaz2026"


def code_in(text: str) -> str:
    found = re.search(r"\b([0-9]{6})\b", text)
    assert found, text
    return found[1]


def link_in(text: str) -> str:
    found = re.search(r"http://localhost(/confirm/\S+)", text)
    assert found, text
    return found[1]


@pytest.fixture
def joined(post: Callable[[str], str]) -> Callable[..., Browser]:
    """Register a visitor, up to the choice of a supplier."""

    def join(browser: Browser, login: str = PHONE, password: str = PASSWORD, entry: str = "") -> Browser:
        browser.get(f"/join/contact?entry={entry}" if entry else "/join/contact")
        browser.submit(login=login, password=password, password2=password)
        browser.submit(code=code_in(post(login)))
        browser.submit(agree=True)
        assert browser.path == "/connect/supplier", browser.text
        return browser

    return join


@pytest.fixture
def connected(joined: Callable[..., Browser], region: Callable[..., int]) -> Callable[..., Browser]:
    """Register a visitor and connect an account of Пермь."""

    def connect(browser: Browser, login: str = PHONE, number: str = "59000001") -> Browser:
        region("perm", number)
        joined(browser, login)
        browser.submit(supplier="Пермь").submit(number=number).submit("Подключить расширенную версию позже")
        assert browser.h1 == f"Счёт {number}", browser.text
        return browser

    return connect
