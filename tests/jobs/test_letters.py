"""Who is told what: a code, a warning, or nothing at all."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from mygas import clock
from mygas.domain import outbox
from mygas.domain.confirmations import PAUSE
from mygas.gateways import TryLater
from mygas.jobs import relay
from tests.browser import Browser
from tests.conftest import World

EMAIL = "ivanov@example.ru"
PHONE = "+79123456789"
PASSWORD = "Gaz2026x"

Post = Callable[[str], str]


def ask_to_join(app: Flask, login: str) -> Browser:
    browser = Browser(app.test_client()).get("/join/contact")
    return browser.submit(login=login, password=PASSWORD, password2=PASSWORD)


def join(app: Flask, post: Post, login: str) -> None:
    browser = ask_to_join(app, login)
    browser.submit(code=code_in(post(login)))
    browser.submit(agree=True)
    assert browser.path == "/connect/supplier"


def code_in(text: str) -> str:
    found = re.search(r"\b[0-9]{6}\b", text)
    assert found is not None, text
    return found[0]


@pytest.mark.parametrize(("login", "warning"), [(EMAIL, "Он уже зарегистрирован."), (PHONE, "У Вас уже есть кабинет «Мой газ».")])
def test_who_is_registered_already_is_warned_and_gets_no_code(
    app: Flask, world: World, post: Post, login: str, warning: str
) -> None:
    join(app, post, login)
    browser = ask_to_join(app, login)
    text = post(login)
    assert warning in text
    assert re.search(r"\b[0-9]{6}\b|/confirm/", text) is None
    assert browser.path == "/join/code", "who asks sees the page that everybody sees"


@pytest.mark.parametrize("login", [EMAIL, PHONE])
def test_a_recovery_for_nobody_sends_nothing(app: Flask, world: World, login: str) -> None:
    browser = Browser(app.test_client()).get("/recover/contact").submit(login=login)
    assert browser.path == "/recover/code"
    with app.app_context():
        assert relay.round_of(app) == 1
        assert relay.round_of(app) == 0
    assert world.sent == []


def test_a_newer_letter_kills_the_older_one_that_still_waits(app: Flask, world: World) -> None:
    with time_machine.travel(clock.now(), tick=False) as time, app.app_context():
        world.be_away(times=1)
        browser = ask_to_join(app, EMAIL)
        relay.round_of(app)
        time.shift(PAUSE)
        browser.submit("Отправить код повторно")
        assert relay.round_of(app) == 2, "both are settled"
        assert len(world.sent) == 1, "and one of them is sent"
        browser.submit(code=code_in(world.last(EMAIL)["text"]))
    assert browser.path == "/join/consent"


def test_after_a_newer_letter_the_older_code_and_link_are_dead(app: Flask, post: Post) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        browser = ask_to_join(app, EMAIL)
        older = post(EMAIL)
        time.shift(PAUSE)
        browser.submit("Отправить код повторно")
        newer = post(EMAIL)
        time.shift(timedelta(seconds=1))
        assert code_in(older) != code_in(newer)
        assert Browser(app.test_client()).get(path_in(older)).status == 410
        assert browser.submit(code=code_in(older)).status == 422
        assert Browser(app.test_client()).get(path_in(newer)).status == 200


def test_a_letter_whose_code_was_used_meanwhile_is_not_sent_again(app: Flask, world: World) -> None:
    """The gateway took the message, but its answer was lost; before the next try the code came true."""
    deliver = world.deliver

    def deliver_but_do_not_say(**message: str) -> str:
        deliver(**message)
        raise TryLater("the answer was cut off")

    world.deliver = deliver_but_do_not_say  # type: ignore[method-assign]
    with time_machine.travel(clock.now(), tick=False) as time, app.app_context():
        browser = ask_to_join(app, PHONE)
        relay.round_of(app)
        browser.submit(code=code_in(world.last(PHONE)["text"]))
        assert browser.path == "/join/consent"
        time.shift(timedelta(seconds=outbox.BACKOFF[0]))
        assert relay.round_of(app) == 1
        assert relay.round_of(app) == 0
    assert len(world.sent) == 1


def path_in(text: str) -> str:
    found = re.search(r"http://localhost(/confirm/\S+)", text)
    assert found is not None, text
    return found[1]
