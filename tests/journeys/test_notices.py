"""«Уведомления»: the table of events and contacts, and the readings of each account."""

from collections.abc import Callable

import pytest
from flask import Flask

from mygas import clock
from mygas.domain import notices
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Connection, NoticeChoice, User
from tests.browser import Browser

NOTICES = "/settings/notices"


@pytest.fixture
def mine(browser: Browser, connected: Callable[..., Browser]) -> Browser:
    return connected(browser)


def give_second(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        second = {"second_login": "second@example.ru", "second_channel": "email", "second_confirmed_at": clock.now()}
        db.session.execute(db.update(User).values(**second))


def ticked(browser: Browser) -> set[str]:
    return {str(box["name"]) for box in browser.get(NOTICES).page.select("#main input[type=checkbox][checked]")}


def test_what_is_mandatory_is_said_and_not_offered(mine: Browser) -> None:
    mine.click("Настройки").click("Уведомления")
    assert mine.text.count("✓ всегда") == len([one for one in notices.EVENTS.values() if one.mandatory])
    assert not mine.page.select("[name^=access_], [name^=sign-in_], [disabled]")
    assert "такие сообщения отключить нельзя" in mine.text


def test_without_a_second_contact_there_is_one_column_and_a_way_to_another(mine: Browser) -> None:
    mine.get(NOTICES)
    assert not mine.page.select("[name$=_second]")
    assert "добавьте второй контакт в профиле" in mine.text
    assert "+7 912 ***-**-89" in mine.text


def test_the_choice_is_kept(app: Flask, mine: Browser) -> None:
    give_second(app)
    assert ticked(mine) == {f"{event}_login" for event in ("payment", "reading", "reminder", "support", "announcement")}
    mine.submit(payment_second=True, announcement_login=False)
    assert "Сохранено." in mine.text
    assert ticked(mine) == {f"{event}_login" for event in ("payment", "reading", "reminder", "support")} | {"payment_second"}
    with app.app_context():
        rows = {(row.event, row.contact, row.wanted) for row in db.session.scalars(db.select(NoticeChoice))}
        assert rows == {("payment", "second", True), ("announcement", "login", False)}


def test_a_choice_for_the_second_contact_waits_while_there_is_none(app: Flask, mine: Browser) -> None:
    give_second(app)
    mine.get(NOTICES).submit(payment_second=True)
    with app.app_context(), unit_of_work():
        db.session.execute(db.update(User).values(second_login=None, second_channel=None, second_confirmed_at=None))
    mine.get(NOTICES).submit(support_login=False)
    give_second(app)
    assert "payment_second" in ticked(mine)


def test_each_account_has_its_own_switches(app: Flask, mine: Browser, region: Callable[..., int]) -> None:
    region("perm", "59000002")
    mine.get("/connect/supplier").submit(supplier="perm").submit(number="59000002").submit("Подключить расширенную версию позже")
    with app.app_context():
        refs = list(db.session.scalars(db.select(Connection.ref).order_by(Connection.id)))
    mine.get(NOTICES).submit(**{f"remind_{refs[1]}": True})
    assert f"remind_{refs[1]}" in ticked(mine)
    with app.app_context():
        query = db.select(Connection.remind, Connection.answer).order_by(Connection.id)
        assert db.session.execute(query).all() == [(False, False), (True, False)]


def test_every_box_is_named_by_its_event_and_its_contact(app: Flask, mine: Browser) -> None:
    give_second(app)
    for box in mine.get(NOTICES).page.select("#main td input"):
        names = [mine.page.find(id=one).get_text(" ") for one in str(box["aria-labelledby"]).split()]
        assert len(names) == 2
        assert names[1] in ("СМС", "Почта")
