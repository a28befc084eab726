"""«Лицевые счета» in the settings: names, order, who else is connected, disconnecting and coming back."""

from collections.abc import Callable

import pytest
from flask import Flask

from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Account, Connection, Message, User
from tests.browser import Browser
from tests.fake_bank import FakeAcquirer
from tests.walks import EMAIL, PHONE

ACCOUNTS = "/settings/accounts"


@pytest.fixture
def mine(browser: Browser, connected: Callable[..., Browser]) -> Browser:
    """A user with the account 59000001 of Пермь in the basic version."""
    return connected(browser)


def extend(app: Flask, login: str, number: str = "59000001") -> None:
    with app.app_context(), unit_of_work():
        query = db.select(Connection).join(Account).join(User, User.id == Connection.user_id)
        one = db.session.scalars(query.where(Account.number == number, User.login == login)).one()
        one.access, one.proof = "extended", "pin"


def connect(browser: Browser, number: str, supplier: str = "perm") -> Browser:
    browser.get(ACCOUNTS).click("Подключить лицевой счёт").submit(supplier=supplier).submit(number=number)
    return browser.submit("Подключить расширенную версию позже")


def order(browser: Browser) -> list[str]:
    return [panel.h2.get_text() for panel in browser.get(ACCOUNTS).page.select("#main .panel")]


def test_the_way_of_the_instructions(mine: Browser, region: Callable[..., int]) -> None:
    """Instructions 001 (10), 003 (6), 004 (8): «Настройки», then the button; one of them names it otherwise."""
    region("perm", "59000002")
    mine.click("Настройки").click("Лицевые счета")
    assert "«Подключение ЛС»" in mine.text
    assert connect(mine, "59000002").h1 == "Счёт 59000002"
    assert order(mine) == ["Счёт 59000001", "Счёт 59000002"]


def test_a_name_stands_wherever_the_account_is_named(mine: Browser, region: Callable[..., int]) -> None:
    home = mine.path
    mine.get(ACCOUNTS).click("Название и кто ещё подключён 59000001").submit(alias="  Дом \n родителей ")
    assert order(mine) == ["Дом родителей, счёт 59000001"]
    assert mine.get(home).h1 == "Дом родителей, счёт 59000001"
    assert "Дом родителей, счёт 59000001" in mine.get(home + "payments").text
    assert "Дом родителей, счёт 59000001" in mine.get(home + "readings/send").text
    region("perm", "59000002")
    connect(mine, "59000002")
    assert "Дом родителей, счёт 59000001" in mine.text, "among the other accounts"
    assert "Дом родителей, счёт 59000001" in mine.get("/accounts/").text


def test_the_name_and_the_payment(mine: Browser, bank: FakeAcquirer) -> None:
    home = mine.path
    mine.get(ACCOUNTS).click("Название и кто ещё подключён 59000001").submit(alias="Дача")
    mine.get(home + "pay/sum").submit("Продолжить", choice="own", amount="500")
    assert "59000001 (Дача)" in mine.text
    mine.submit()
    mine.get(home + "payments").click("№ 1")
    assert "59000001 (Дача)" in mine.text


def test_a_name_that_is_none(mine: Browser) -> None:
    mine.get(ACCOUNTS).click("Название и кто ещё подключён 59000001")
    mine.submit(alias="Д" * 41)
    assert mine.status == 422
    assert "не больше 40 знаков" in mine.text
    assert mine.page.find(id="alias")["value"] == "Д" * 41
    mine.submit(alias="Дом\u202e")
    assert mine.status == 422
    mine.submit(alias="<b>Дом</b>")
    assert order(mine) == ["<b>Дом</b>, счёт 59000001"]
    mine.click("Название и кто ещё подключён 59000001").submit(alias="")
    assert order(mine) == ["Счёт 59000001"]


def test_each_user_of_one_account_sees_his_own_name(app: Flask, mine: Browser, joined: Callable[..., Browser]) -> None:
    mine.get(ACCOUNTS).click("Название и кто ещё подключён 59000001").submit(alias="Дом")
    other = connect(joined(Browser(app.test_client()), EMAIL), "59000001")
    assert other.h1 == "Счёт 59000001"
    other.get(ACCOUNTS).click("Название и кто ещё подключён 59000001").submit(alias="У мамы")
    assert order(other) == ["У мамы, счёт 59000001"]
    assert order(mine) == ["Дом, счёт 59000001"]


def test_the_order_is_kept_and_a_new_account_comes_last(mine: Browser, region: Callable[..., int]) -> None:
    for number in ("59000002", "59000003"):
        region("perm", number)
    connect(mine, "59000002")
    assert order(mine) == ["Счёт 59000001", "Счёт 59000002"]
    mine.submit("Ниже 59000001")
    assert order(mine) == ["Счёт 59000002", "Счёт 59000001"]
    connect(mine, "59000003")
    assert order(mine) == ["Счёт 59000002", "Счёт 59000001", "Счёт 59000003"]
    links = [link.get_text() for link in mine.get("/accounts/").page.select("#main .sections a")]
    assert links == ["Счёт 59000002", "Счёт 59000001", "Счёт 59000003"]


def test_disconnect_asks_tells_and_keeps_the_payments(
    app: Flask, mine: Browser, bank: FakeAcquirer, post: Callable[[str], str]
) -> None:
    home = mine.path
    mine.get(home + "pay/sum").submit("Продолжить", choice="own", amount="500").submit()
    with app.app_context():
        ref = db.session.execute(db.text("SELECT ref FROM pay_order")).scalar()
    mine.get(ACCOUNTS).click("Отключить 59000001")
    assert mine.h1 == "Отключить лицевой счёт 59000001?"
    assert "есть незаконченный платёж: № 1 на 500,00 ₽" in mine.text
    assert "Отключение его не отменит" in mine.text
    assert "Расширенную версию придётся подтвердить заново" in mine.text
    question = mine.path
    mine.submit("Отключить")
    assert mine.path == ACCOUNTS
    assert "Счёт 59000001 отключён от Вашего кабинета." in mine.text
    assert mine.get(home).path.startswith(ACCOUNTS + "/past/"), "of the account itself nothing is seen any more"
    assert mine.get(question).path.startswith(ACCOUNTS + "/past/")
    assert mine.get(f"/payments/{ref}").h1 == "Платёж № 1"
    mine.get(ACCOUNTS).click("Отключённые счета и Ваши платежи по ним").click("Счёт 59000001").click("№ 1")
    assert mine.path == f"/payments/{ref}"
    assert "отключён от Вашего кабинета. Не Вы?" in post(PHONE)
    with app.app_context():
        assert db.session.scalars(db.select(Message.subject)).all()[-1] == "Вы отключили счёт"


def test_pressed_twice_it_is_done_once(app: Flask, mine: Browser) -> None:
    mine.get(ACCOUNTS).click("Отключить 59000001")
    second = Browser(mine.client, htmx=mine.htmx).get(mine.path)
    mine.submit("Отключить")
    assert second.submit("Отключить").path == ACCOUNTS
    assert "Подключённых лицевых счетов нет." in second.text


def test_an_account_comes_back_by_the_wizard_in_the_basic_version(app: Flask, mine: Browser) -> None:
    extend(app, PHONE)
    mine.get(ACCOUNTS).click("Отключить 59000001").submit("Отключить")
    assert connect(mine, "59000001").h1 == "Счёт 59000001"
    assert "основная" in mine.get(ACCOUNTS).text
    assert "Отключённые счета" not in mine.text
    assert "Отключённых счетов нет." in mine.get(ACCOUNTS + "/past").text


def test_who_was_disconnected_is_told_where_his_account_went(mine: Browser, app: Flask, joined: Callable[..., Browser]) -> None:
    bookmark = mine.path
    mine.get(ACCOUNTS).click("Отключить 59000001").submit("Отключить").get("/accounts/")
    assert "Отключённые счета" in mine.text and "Ваши платежи по нему сохранены" in mine.text
    theirs = mine.click("Счёт 59000001").path
    assert mine.get(bookmark).path == theirs, "a bookmark leads to what is left of the account"
    assert mine.get(bookmark + "pay/sum").path == theirs
    stranger = joined(Browser(app.test_client()), EMAIL)
    assert stranger.client.get(bookmark).status_code == 404
    assert "Отключённые счета" not in stranger.get("/accounts/").text


def test_a_slot_is_free_again(mine: Browser, region: Callable[..., int]) -> None:
    """Пермь allows three accounts (instruction 004)."""
    for number in ("59000002", "59000003", "59000004"):
        region("perm", number)
    connect(mine, "59000002")
    connect(mine, "59000003")
    mine.get(ACCOUNTS).click("Отключить 59000001").submit("Отключить")
    assert connect(mine, "59000004").h1 == "Счёт 59000004"


def test_payments_of_an_account_that_was_left_are_paged(app: Flask, mine: Browser) -> None:
    with app.app_context(), unit_of_work():
        one = db.session.scalars(db.select(Connection)).one()
        for number in range(45):
            db.session.execute(
                db.text(
                    "INSERT INTO pay_order (ref, supplier, account_id, user_id, amount_kop, commission_kop, currency, split, "
                    "state, version, request_key, request_hash, acquirer, acquirer_key, page, reason, fiscal, fiscal_id, asks, "
                    "created_at, updated_at) VALUES (:key, 'perm', :account, :user, 50000, 0, 'RUB', '[]', 'canceled', 0, "
                    ":key, '', 'fake', :key, '', '', '', '', 0, :now, :now)"
                ),
                {"key": f"k{number}", "account": one.account_id, "user": one.user_id, "now": one.created_at.isoformat(" ")},
            )
    mine.get(ACCOUNTS).click("Отключить 59000001").submit("Отключить")
    mine.click("Отключённые счета и Ваши платежи по ним").click("Счёт 59000001")
    assert len(mine.page.select("#main tbody tr")) == 20
    mine.click("Раньше").click("Раньше")
    assert len(mine.page.select("#main tbody tr")) == 5
    assert "Раньше" not in mine.text


def test_who_else_is_connected(app: Flask, mine: Browser, joined: Callable[..., Browser]) -> None:
    other = connect(joined(Browser(app.test_client()), EMAIL), "59000001")
    mine.get(ACCOUNTS).click("Название и кто ещё подключён 59000001")
    assert "m***@example.ru" not in mine.text, "not in the basic version"
    assert "Это видно в расширенной версии" in mine.text
    extend(app, PHONE)
    mine.get(mine.path)
    assert "m***@example.ru" in mine.text
    assert EMAIL not in mine.text
    assert "Позвоните поставщику" in mine.text
    assert mine.click("сменить ПИН-код").h1 == "ПИН-код"
    other.get(ACCOUNTS).click("Название и кто ещё подключён 59000001")
    assert "***-**-89" not in other.text
    other.get(ACCOUNTS).click("Отключить 59000001").submit("Отключить")
    mine.get(ACCOUNTS).click("Название и кто ещё подключён 59000001")
    assert "Никто, кроме Вас." in mine.text
