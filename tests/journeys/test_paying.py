"""Paying: from the account's first page to the bank and back, plain and with htmx; what happens when it goes otherwise."""

import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import event

from mygas.domain import checkout, operators, paying
from mygas.domain import orders as moves
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Account, Charge, Connection, Operator, Order, Reading, Refund, SentReading, ServiceBalance
from mygas.suppliers import Catalogue
from tests.browser import Browser, check_page
from tests.walks import EMAIL

GAS, UPKEEP = "Газоснабжение природным газом", "Техническое обслуживание"
PAY = "Перейти к оплате картой"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # the window of Пермь is open


@pytest.fixture(autouse=True)
def clock():
    """A day on which readings are taken; `shift` moves on."""
    with time_machine.travel(NOW) as traveller:
        yield traveller


@pytest.fixture
def payer(browser, connected, bank):
    """A subscriber with an account of Пермь and a debt of 1 245,30 ₽, on its first page."""
    connected(browser)
    browser.home = browser.path
    return browser


@pytest.fixture
def extended(app, payer):
    """The same in the extended version, with what the supplier's registry tells of her meter and services."""

    def extend(*, known_milli=None, services=None):
        with app.app_context(), unit_of_work():
            account = db.session.scalars(db.select(Account)).one()
            connection = db.session.scalars(db.select(Connection)).one()
            connection.access = "extended"
            registry = db.session.scalars(db.select(Charge.registry_id).limit(1)).one()
            for service, kopecks in (services or {}).items():
                own = {"account_id": account.id, "registry_id": registry}
                db.session.add(ServiceBalance(**own, service=service, balance_kop=kopecks))
            if known_milli is not None:
                own = {"meter_id": meter_of(account.id), "registry_id": registry}
                db.session.add(Reading(**own, taken_on=date(2026, 10, 20), value_milli=known_milli, source="subscriber"))
        return payer

    return extend


def meter_of(account_id=1):
    return db.session.scalar(db.text("SELECT id FROM meter WHERE account_id = :id").bindparams(id=account_id))


def reading(app):
    with app.app_context():
        return f"reading_{meter_of()}"


def orders(app):
    with app.app_context():
        return list(db.session.scalars(db.select(Order).order_by(Order.id)))


def review(browser, **fields):
    """Choose; ends at the last look."""
    browser.get(browser.home + "pay/sum").submit("Продолжить", **fields)
    assert browser.path == browser.home + "pay/review", browser.text
    return browser


def begin(app, browser, **fields):
    """Choose and go to the bank; the order."""
    review(browser, **fields).submit(PAY)
    return orders(app)[-1]


def hear_of(app, order, source="cashier"):
    """Let the cashier ask the bank."""
    bank = app.extensions["gateways"].bank
    with app.app_context():
        return paying.refresh(order.id, paying.Till(bank, app.extensions["suppliers"], "http://localhost"), source)


@contextmanager
def statements(engine):
    """What the database is asked meanwhile."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_the_debt_is_paid(app, payer, bank, clock):
    payer.click("Оплатить")
    assert payer.path == payer.home + "pay/sum" and payer.h1 == "Оплата"
    assert payer.text.index("Комиссия не взимается.") < payer.text.index("Сколько заплатить"), "said before it is chosen"
    assert "Текущий долг: 1 245,30 ₽" in payer.text and "От 10,00 ₽ до 30 000,00 ₽" in payer.text
    payer.submit("Продолжить")
    assert payer.path == payer.home + "pay/review"
    for words in ("К оплате 1 245,30 рублей", "59000001", "Межрегионгаз Пермь", GAS, "Комиссия не взимается"):
        assert words in payer.text
    payer.submit(PAY)
    assert payer.path.startswith("https://bank.example/")
    (order,) = orders(app)
    assert (order.state, order.amount_kop, order.split) == ("pending", 124530, [[GAS, 124530]])
    assert bank.asked[0].return_url == f"http://localhost/payments/{order.ref}?back=1"

    payer.get(f"/payments/{order.ref}")
    assert payer.h1 == f"Платёж № {order.id}" and "Банк ждёт оплаты" in payer.text
    assert "Создан 20.11.2026 14:00" in payer.text, "on the supplier's clock"
    clock.shift(timedelta(minutes=1))
    bank.pay(order.acquirer_id)
    payer.submit("Проверить сейчас")
    assert payer.path == f"/payments/{order.ref}" and "Оплачено 1 245,30 ₽" in payer.text
    assert "Оплачен 20.11.2026 14:01" in payer.text and "Передан поставщику ещё нет" in payer.text
    document = payer.client.get(f"/payments/{order.ref}/document.pdf")
    assert document.data.startswith(b"%PDF") and "attachment" in document.headers["Content-Disposition"]


def test_what_was_paid_stands_over_the_suppliers_balance(app, payer, bank):
    order = begin(app, payer, choice="own", amount="245,30")
    bank.pay(order.acquirer_id)
    hear_of(app, order)
    payer.get(payer.home)
    assert "К оплате 1 245,30 ₽" in payer.text, "the supplier's figure stays"
    assert "Оплачено здесь, ещё не учтено поставщиком: 245,30 ₽. Когда учтёт: долг 1 000,00 ₽." in payer.text
    payer.get(payer.home + "payments")
    assert f"№ {order.id} 20.11.2026 245,30 ₽ оплачено" in payer.text
    payer.click(f"№ {order.id}")
    assert payer.path == f"/payments/{order.ref}"
    payer.get(payer.home + "pay/sum")
    assert "Текущий долг: 1 000,00 ₽" in payer.text and "Остаётся долг 1 000,00 ₽" in payer.text


def test_others_who_share_the_account_see_what_was_paid_and_no_more(app, payer, bank, joined):
    paid = begin(app, payer, choice="own", amount="100")
    bank.pay(paid.acquirer_id)
    hear_of(app, paid)
    tried = begin(app, payer, choice="own", amount="200")
    other = joined(Browser(app.test_client(), htmx=payer.htmx), EMAIL)
    other.submit(supplier="Пермь").submit(number="59000001").submit("Подключить расширенную версию позже")
    home = other.path
    other.get(home + "payments")
    assert f"№ {paid.id}" in other.text and "100,00 ₽" in other.text and "200,00 ₽" not in other.text
    assert not other.page.select("main a[href^='/payments/']")
    assert other.client.get(f"/payments/{tried.ref}").status_code == 404
    other.get(home + "pay/sum")
    assert other.h1 == "Оплата", "another's open payment does not stand in the way"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"choice": "own", "amount": "9,99"}, "Сумма не может быть меньше 10 руб."),
        ({"choice": "own", "amount": "30000,01"}, "Сумма не может быть больше 30 000 руб."),
        ({"choice": "own", "amount": "сто"}, "Введите сумму в рублях, например 500 или 1 245,30."),
        ({"choice": "own", "amount": "-100"}, "Введите сумму в рублях, например 500 или 1 245,30."),
        ({"choice": "own", "amount": "100,001"}, "Введите сумму в рублях, например 500 или 1 245,30."),
        ({"choice": "own"}, "Введите сумму."),
        ({"choice": "own", "amount": "0"}, "Сумма не может быть меньше 10 руб."),
        ({"choice": "debt", "amount": "500"}, "Вы ввели свою сумму: отметьте «Другая сумма» или очистите поле суммы."),
    ],
)
def test_sums_that_cannot_be_paid(app, payer, fields, says):
    payer.get(payer.home + "pay/sum").submit("Продолжить", **fields)
    assert payer.status == 422 and says in payer.text
    if "amount" in fields:
        assert payer.page.find(id="amount")["value"] == fields["amount"], "what was typed stays"
    assert orders(app) == []


def test_any_spelling_of_a_sum(payer):
    review(payer, choice="own", amount=" 1 000,5 ₽")
    assert "К оплате 1 000,50 рублей" in payer.text


def test_a_debt_that_one_payment_cannot_be_of(payer, region, joined, bank):
    region("perm", "59000002", balance_kop=3000001)
    payer.get("/connect/supplier").submit(supplier="Пермь").submit(number="59000002")
    payer.submit("Подключить расширенную версию позже").click("Оплатить")
    assert "Текущий долг" not in payer.text and "введите свою сумму" in payer.text


def test_without_a_debt_only_a_sum_of_ones_own(payer, region):
    region("perm", "59000002", balance_kop=-5000)
    payer.get("/connect/supplier").submit(supplier="Пермь").submit(number="59000002")
    payer.submit("Подключить расширенную версию позже").click("Оплатить")
    assert "переплата 50,00 ₽" in payer.text and "Текущий долг" not in payer.text
    assert payer.page.select("[name=choice]") == [], "there is nothing to choose from"
    payer.submit("Продолжить")
    assert "Введите сумму." in payer.page.find(id="amount-error").text
    payer.submit("Продолжить", amount="20")
    assert "К оплате 20,00 рублей" in payer.text


def test_commission_is_on_top(app, browser, joined, region, bank):
    region("yug", "230001234567")
    joined(browser).submit(supplier="yug").submit(number="230001234567").submit("Подключить расширенную версию позже")
    browser.click("Оплатить")
    assert "Комиссия 0,9 % от суммы, не меньше 5 ₽." in browser.text
    browser.submit("Продолжить", choice="debt")
    assert "К оплате 1 256,51 рублей" in browser.text and "Комиссия 11,21 ₽" in browser.text
    browser.submit(PAY)
    (order,) = orders(app)
    assert (order.amount_kop, order.commission_kop, bank.asked[0].amount_kop) == (124530, 1121, 125651)


def test_services_are_paid_apart(app, extended, bank):
    payer = extended(services={UPKEEP: 30000, GAS: 100000, "Пеня за газ": -500})
    payer.get(payer.home + "pay/sum")
    assert "Текущий долг: 1 300,00 ₽" in payer.text, "an overpayment of one does not pay another's debt"
    assert [label.text for label in payer.page.select("label[for^=amount_]")] == [GAS, "Пеня за газ", UPKEEP]
    for amounts, says in (({}, "Введите сумму."), ({"amount_2": "5"}, "Сумма не может быть меньше 10 руб.")):
        payer.submit("Продолжить", choice="own", **amounts)
        assert says in payer.page.find(id="amount_0-error").text, "where the sum is entered"
        assert payer.page.select_one("#errors a")["href"] == "#amount_0"
    review(payer, choice="own", amount_0="200", amount_2="30")
    assert "К оплате 230,00 рублей" in payer.text
    payer.submit(PAY)
    order = orders(app)[-1]
    assert order.split == [[GAS, 20000], [UPKEEP, 3000]]
    bank.pay(order.acquirer_id)
    hear_of(app, order)
    payer.get(payer.home + "pay/sum")
    assert "Сейчас: долг 800,00 ₽" in payer.text and "Сейчас: долг 270,00 ₽" in payer.text
    review(payer, choice="debt").submit(PAY)
    assert orders(app)[-1].split == [[GAS, 80000], [UPKEEP, 27000]]


def test_readings_are_reckoned_and_go_along(app, extended, bank):
    payer = extended(known_milli=1000_000)
    meter = reading(app)
    payer.get(payer.home + "pay/sum").submit("Пересчитать", **{meter: "1010"})
    assert payer.status == 422 and not payer.page.select("#errors"), "no refusal, only another sum"
    assert "примерно на 76,90 ₽" in payer.text and "Это оценка" in payer.text
    assert payer.page.select_one("[name=choice][checked]")["value"] == "estimate"
    payer.submit("Продолжить")
    assert "К оплате 1 322,20 рублей" in payer.text and "1 010 м³" in payer.text
    payer.submit(PAY)
    assert payer.path.startswith("https://bank.example/")
    with app.app_context():
        (sent,) = db.session.scalars(db.select(SentReading))
    assert sent.value_milli == 1010_000 and orders(app)[0].amount_kop == 132220


def test_to_recalculate_does_not_take_back_a_sum_of_ones_own(app, extended):
    payer = extended(known_milli=1000_000)
    payer.get(payer.home + "pay/sum").submit("Пересчитать", choice="own", amount="50", **{reading(app): "1010"})
    assert "примерно на 76,90 ₽" in payer.text
    payer.submit("Продолжить")
    assert "К оплате 50,00 рублей" in payer.text


def test_readings_alone_do_not_change_a_sum_of_ones_own(app, extended):
    payer = extended(known_milli=1000_000)
    review(payer, choice="own", amount="50", **{reading(app): "1010"})
    assert "К оплате 50,00 рублей" in payer.text and "1 010 м³" in payer.text


def test_a_wrong_reading_is_told_before_anything_is_paid(app, extended):
    payer = extended(known_milli=1000_000)
    payer.get(payer.home + "pay/sum").submit("Продолжить", choice="debt", **{reading(app): "900"})
    assert payer.status == 422 and "Показание меньше прежнего: было 1 000 м³" in payer.text
    payer.submit("Пересчитать", **{reading(app): "900"})
    assert payer.status == 422 and "Показание меньше прежнего" in payer.text
    assert orders(app) == []


def test_nothing_to_recalculate_by(app, extended):
    payer = extended(known_milli=1000_000)
    payer.get(payer.home + "pay/sum").submit("Пересчитать")
    assert payer.status == 422 and "Чтобы пересчитать сумму, введите показание." in payer.text


def test_a_doubtful_reading_is_asked_about_once(app, extended, bank):
    payer = extended(known_milli=1000_000)
    payer.get(payer.home + "pay/sum").submit("Продолжить", choice="debt", **{reading(app): "1000"})
    assert payer.status == 422 and "расход — ноль" in payer.text and "нажмите «Продолжить» ещё раз" in payer.text
    payer.submit("Продолжить")
    assert payer.path.endswith("/pay/review")
    payer.submit(PAY)
    assert payer.path.startswith("https://bank.example/")


def test_in_the_basic_version_no_reading_is_weighed_before_it_is_counted(app, payer, bank):
    """Who knows only the number of an account may not learn its readings by trying (docs/decisions/0009)."""
    payer.get(payer.home + "pay/sum").submit("Пересчитать", **{reading(app): "1010"})
    assert "заранее сказать нельзя" in payer.text and "примерно" not in payer.text.split("Показание прибора")[1]
    payer.submit("Продолжить", choice="debt").submit(PAY)
    assert payer.path.startswith("https://bank.example/")
    with app.app_context():
        assert db.session.scalars(db.select(SentReading)).one().value_milli == 1010_000


def test_pressed_twice_it_is_one_payment(app, payer, bank):
    review(payer)
    form = {field["name"]: field["value"] for field in payer.page.select("main form input")}
    payer.submit(PAY)
    page = payer.path
    (order,) = orders(app)
    again = payer.client.post(payer.home + "pay/review", data=form)
    assert again.status_code == 303 and again.headers["Location"] == f"/payments/{order.ref}"
    assert len(orders(app)) == len(bank.payments) == 1 and page == order.page
    bank.pay(order.acquirer_id)
    hear_of(app, order)
    after = payer.client.post(payer.home + "pay/review", data=form)
    assert after.headers["Location"] == f"/payments/{order.ref}", "gone Back to, long after it was paid"
    assert len(orders(app)) == 1


def test_two_presses_at_the_same_moment(app, payer, bank, monkeypatch):
    """Both find no order yet, and one of them the draft gone."""
    review(payer)
    form = {field["name"]: field["value"] for field in payer.page.select("main form input")}
    seen = []

    def blind_at_first(here, real=paying.of_account):
        seen.append(here)
        return [] if len(seen) == 1 else real(here.connection.account_id, 5, here.connection.user_id)

    payer.submit(PAY)
    (order,) = orders(app)
    monkeypatch.setattr("mygas.web.pay._Here.orders", blind_at_first)
    with app.app_context(), unit_of_work():
        db.session.get_one(Order, order.id).state = "canceled"  # else the open one is found by another way
    again = payer.client.post(payer.home + "pay/review", data=form)
    assert again.headers["Location"] == f"/payments/{order.ref}" and len(seen) == 2
    assert len(orders(app)) == 1


def test_a_second_tab_goes_on_with_the_same_payment(app, payer, bank):
    tab = Browser(payer.client, htmx=payer.htmx)
    tab.home = payer.home
    review(payer, choice="own", amount="100")
    tab.get(payer.home + "pay/review")
    assert "К оплате 100,00 рублей" in tab.text
    payer.submit(PAY)
    tab.submit(PAY)
    (order,) = orders(app)
    assert tab.path == f"/payments/{order.ref}" and len(bank.payments) == 1


def test_a_sum_changed_in_another_tab_is_not_paid_unseen(app, payer, bank):
    tab = Browser(payer.client, htmx=payer.htmx)
    tab.home = payer.home
    review(payer, choice="own", amount="100")
    review(tab, choice="own", amount="500")
    payer.submit(PAY)
    assert payer.status == 422 and "возможно, в другом окне" in payer.text and "К оплате 500,00 рублей" in payer.text
    assert orders(app) == []
    payer.submit(PAY)
    assert orders(app)[0].amount_kop == 50000


def test_a_commission_that_has_changed_is_not_paid_unseen(app, payer, bank):
    review(payer, choice="own", amount="100")
    perm = app.extensions["suppliers"]["perm"]
    dearer = replace(perm, pay=replace(perm.pay, commission_bp=100))
    app.extensions["suppliers"] = Catalogue([dearer if one is perm else one for one in app.extensions["suppliers"].values()])
    payer.submit(PAY)
    assert payer.status == 422 and "комиссия" in payer.text and "К оплате 101,00 рублей" in payer.text
    assert orders(app) == []


def test_a_form_sent_beside_an_open_payment_is_said_to_be_in_vain(app, extended, bank):
    payer = extended(known_milli=1000_000)
    begin(app, payer, choice="own", amount="100")
    (order,) = orders(app)
    with app.app_context(), unit_of_work():
        db.session.get_one(Order, order.id).state = "canceled"
        db.session.get_one(Order, order.id).ask_at = None
    payer.get(payer.home + "pay/sum")
    with app.app_context(), unit_of_work():
        db.session.get_one(Order, order.id).state = "pending"
    payer.submit("Продолжить", choice="own", amount="200", **{reading(app): "1010"})
    assert payer.path == f"/payments/{order.ref}"
    assert "Новый не начат." in str(payer.page) and "Показания вместе с ним не переданы" in str(payer.page)


def test_payments_are_not_begun_without_end(app, payer, bank, monkeypatch):
    monkeypatch.setattr(checkout, "BEGINNINGS", 1)
    first = begin(app, payer, choice="own", amount="100")
    bank.cancel(first.acquirer_id)
    hear_of(app, first)
    review(payer, choice="own", amount="200").submit(PAY)
    assert payer.status == 422 and "Вы начали слишком много платежей" in payer.text
    assert len(orders(app)) == 1


def test_back_shows_what_was_typed_and_may_change_it(app, payer):
    review(payer, choice="own", amount="100")
    payer.click("Изменить сумму или показания")
    assert payer.page.find(id="amount")["value"] == "100"
    assert payer.page.select_one("[name=choice][checked]")["value"] == "own"
    payer.submit("Продолжить", amount="150").submit(PAY)
    assert [order.amount_kop for order in orders(app)] == [15000]


def test_an_unfinished_payment_is_resumed_or_given_up(app, payer, bank):
    order = begin(app, payer)
    payer.get(payer.home).click("Оплатить")
    assert payer.h1 == "У Вас есть незаконченный платёж" and "1 245,30 ₽" in payer.text
    payer.click("Открыть платёж: продолжить или отказаться")
    assert payer.page.find("a", string=re.compile("Продолжить на странице банка"))["href"] == order.page
    payer.submit("Я не буду платить")
    assert "Платёж отменён" in payer.text and "Вы отказались от этого платежа." in payer.text
    payer.click("Заплатить ещё раз")
    assert payer.h1 == "Оплата"
    begin(app, payer, **{f"not_paid_{order.id}": True})
    assert [one.state for one in orders(app)] == ["canceled", "pending"]


@pytest.mark.parametrize("state", ["review", "canceled", "expired"])
def test_what_may_have_been_paid_is_not_paid_anew_without_a_word(app, payer, bank, state):
    order = begin(app, payer)
    with app.app_context(), unit_of_work():
        db.session.get_one(Order, order.id).state = state
    payer.get(payer.home + "pay/sum")
    assert payer.page.find("a", string=f"платёж № {order.id}")["href"] == f"/payments/{order.ref}"
    payer.submit("Продолжить", choice="debt")
    assert payer.status == 422 and "Отметьте, что Вы не платили по прежнему платежу" in payer.text
    payer.submit("Продолжить", **{f"not_paid_{order.id}": True})
    assert payer.path.endswith("/pay/review")


def test_what_the_bank_has_called_off_is_no_doubt(app, payer, bank):
    order = begin(app, payer)
    bank.cancel(order.acquirer_id)
    hear_of(app, order)
    assert "возможно, оплачен" not in payer.get(payer.home + "pay/sum").text


def test_anothers_doubt_is_not_told(app, payer, bank, joined):
    """Who tried to pay for a shared account is his own affair."""
    order = begin(app, payer)
    payer.get(f"/payments/{order.ref}").submit("Я не буду платить")
    other = joined(Browser(app.test_client(), htmx=payer.htmx), EMAIL)
    other.submit(supplier="Пермь").submit(number="59000001").submit("Подключить расширенную версию позже")
    assert "возможно, оплачен" not in other.get(other.path + "pay/sum").text


def test_the_page_of_the_sum_takes_few_statements(app, payer, bank):
    begin(app, payer)
    with app.app_context(), unit_of_work():
        db.session.scalars(db.select(Order)).one().state = "review"
        engine = db.engine
    with statements(engine) as seen:
        payer.client.get(payer.home + "pay/sum")
    assert 0 < len(seen) <= 5, seen


def test_what_was_given_up_and_paid_after_all_is_told(app, payer, bank):
    order = begin(app, payer)
    payer.get(f"/payments/{order.ref}").submit("Я не буду платить")
    bank.pay(order.acquirer_id)
    hear_of(app, order)
    assert "Оплачено" in payer.get(f"/payments/{order.ref}").text
    payer.client.post(f"/payments/{order.ref}/give-up")


@pytest.mark.parametrize("state", sorted(moves.ASKED_ON))
def test_what_the_bank_may_yet_take_is_not_called_safe(app, payer, bank, state):
    order = begin(app, payer)
    with app.app_context(), unit_of_work():
        db.session.get_one(Order, order.id).state = state
    payer.get(f"/payments/{order.ref}")
    assert "не платите второй раз: мы спрашиваем банк" in payer.text and "Деньги не списаны" not in payer.text
    assert "quiet" in payer.page.find("a", string="Заплатить ещё раз")["class"], "not what to do first"
    bank.cancel(order.acquirer_id)
    hear_of(app, order)
    assert "мы спрашиваем банк" not in payer.get(f"/payments/{order.ref}").text, "the bank has said so too"


def test_who_has_paid_is_not_told_that_he_gave_up(app, payer, bank):
    order = begin(app, payer)
    payer.get(f"/payments/{order.ref}")
    bank.pay(order.acquirer_id)
    payer.submit("Я не буду платить")
    assert "Этот платёж уже нельзя отменить" in str(payer.page) and "Оплачено" in payer.text
    assert orders(app)[0].state == "succeeded"


def test_nothing_is_given_up_while_the_bank_is_silent(app, payer, bank):
    order = begin(app, payer)
    payer.get(f"/payments/{order.ref}")
    bank.be_deaf()
    payer.submit("Я не буду платить")
    assert "Банк сейчас не отвечает" in str(payer.page) and orders(app)[0].state == "pending"
    payer.submit("Я не буду платить")
    assert orders(app)[0].state == "canceled", "asked again, the bank answers"


def test_too_late_to_give_up(app, payer, bank):
    order = begin(app, payer)
    payer.get(f"/payments/{order.ref}")
    bank.pay(order.acquirer_id)
    hear_of(app, order)
    payer.submit("Я не буду платить")
    assert payer.path == f"/payments/{order.ref}" and payer.page.select(".warn") and "Оплачено" in payer.text


def test_the_bank_does_not_answer(app, payer, bank, clock):
    bank.lose_answers()
    review(payer).submit(PAY)
    (order,) = orders(app)
    assert payer.path == f"/payments/{order.ref}" and order.state == "unknown"
    assert "Не платите второй раз" in payer.text and "Я не буду платить" not in payer.text
    clock.shift(timedelta(minutes=2))
    payer.submit("Проверить сейчас")
    assert "Банк ждёт оплаты" in payer.text and len(bank.payments) == 1


def test_the_bank_refuses(app, payer, bank):
    bank.decline()
    review(payer).submit(PAY)
    assert "Банк не принял платёж" in payer.text and "Деньги не списаны" in payer.text
    payer.click("Заплатить ещё раз")
    assert payer.h1 == "Оплата"


def test_one_that_was_never_submitted_is_submitted_on_demand(app, payer, bank, monkeypatch):
    """The portal died between writing the order and telling the bank."""
    monkeypatch.setattr("mygas.domain.paying.submit", lambda order_id, till: moves.find(order_id))
    review(payer).submit(PAY)
    (order,) = orders(app)
    assert order.state == "created" and payer.path == f"/payments/{order.ref}"
    assert "Нажмите «Продолжить оплату»" in payer.text and "обновится сама" not in payer.text
    monkeypatch.undo()
    payer.submit("Продолжить оплату")
    assert payer.path == orders(app)[0].page


STATES = {
    "created": "Платёж начат, но в банк не передан",
    "submitting": "Передаём платёж в банк",
    "unknown": "Не платите второй раз",
    "pending": "Банк ждёт оплаты",
    "succeeded": "второй раз платить не нужно",
    "canceled": "Деньги не списаны",
    "expired": "Время на оплату истекло",
    "failed": "Банк не принял платёж",
    "review": "Платёж проверяет оператор",
    "refund_pending": "Деньги возвращаются",
    "refunded": "Деньги возвращены",
}


@pytest.mark.parametrize("state", moves.MOVES)
def test_every_state_has_its_page(app, payer, state):
    order = begin(app, payer)
    with app.app_context(), unit_of_work():
        held = db.session.get_one(Order, order.id)
        held.state, held.paid_at = state, NOW if state in moves.PAID else None
        held.ask_at = held.ask_at if state in moves.OPEN else None
    payer.get(f"/payments/{order.ref}")
    assert payer.status == 200 and STATES[state] in payer.text
    polls = payer.page.select("[data-hx-post$='/check'][data-hx-trigger]")
    refreshes = payer.page.select("noscript meta[http-equiv=refresh]")
    assert bool(polls) == bool(refreshes) == (state in moves.OPEN - {"created"}), "what waits for the bank asks again"
    assert bool(payer.page.select("main a[href$='.pdf']")) == (state in moves.PAID)
    assert payer.client.get(f"/payments/{order.ref}/document.pdf").status_code == (200 if state in moves.PAID else 404)


@pytest.mark.parametrize(("state", "says"), [("refund_pending", "возвращаются"), ("refunded", "возвращены")])
def test_what_is_given_back_does_not_go_to_the_supplier(app, payer, bank, state, says):
    order = begin(app, payer)
    with app.app_context(), unit_of_work():
        held = db.session.get_one(Order, order.id)
        held.state, held.paid_at = state, NOW
    payer.get(f"/payments/{order.ref}")
    assert f"Передан поставщику не передаётся: деньги {says} Учтён поставщиком —" in payer.text
    assert "до 30 дней" in payer.text and "недел" not in payer.text


def test_a_refund_that_failed_is_told_to_the_payer(app, payer, bank):
    order = begin(app, payer)
    bank.pay(order.acquirer_id)
    hear_of(app, order)
    sentence = "Вернуть деньги пока не удалось, поставщик разбирается."
    assert sentence not in payer.get(f"/payments/{order.ref}").text
    with app.app_context(), unit_of_work():
        address = operators.add("anna", "Анна", ("perm",), "x")
        assert address
        anna = db.session.scalars(db.select(Operator)).one()
        refund = {"order_id": order.id, "supplier": "perm", "reason": "Ошибка", "asked_by": anna.id, "asked_at": NOW}
        db.session.add(Refund(**refund, state="failed"))
        engine = db.engine
    with statements(engine) as seen:
        payer.client.get(f"/payments/{order.ref}")
    assert 0 < len(seen) <= 5, seen
    assert sentence in payer.get(f"/payments/{order.ref}").text


def test_a_page_that_asks_again_is_answered_when_something_has_changed(app, payer, bank, clock):
    order = begin(app, payer)
    poll = payer.get(f"/payments/{order.ref}").page.select_one("[data-hx-trigger^=every]")
    sent = {name: re.search(rf'"{name}": "([^"]+)"', poll["data-hx-vals"])[1] for name in ("csrf_token", "seen")}
    htmx = {"HX-Request": "true", "HX-Target": "main"}

    def ask():
        answer = payer.client.post(poll["data-hx-post"], data=sent, headers=htmx)
        assert answer.status_code == 303
        return payer.client.get(answer.headers["Location"], headers=htmx)

    assert ask().status_code == 204
    bank.pay(order.acquirer_id)
    clock.shift(timedelta(seconds=4))
    changed = ask()
    assert changed.status_code == 200 and "Оплачено" in changed.text and "data-hx-trigger" not in changed.text
    assert "HX-Push-Url" not in changed.headers, "the page stays at its own address"
    plain = payer.client.get(f"/payments/{order.ref}?seen={sent['seen']}")
    assert plain.status_code == 200, "without scripts there is always a page"


def test_who_comes_back_from_the_bank_is_not_invited_to_pay_again(app, payer, bank, clock):
    order = begin(app, payer)
    payer.get(bank.asked[0].return_url.removeprefix("http://localhost"))
    assert "Проверяем оплату у банка" in payer.text and "не платите второй раз" in payer.text
    assert "Продолжить на странице банка" not in payer.text and "Я не буду платить" not in payer.text
    clock.shift(timedelta(seconds=5))
    payer.submit("Проверить сейчас")
    assert "Проверяем оплату у банка" in payer.text, "as long as the bank says nothing"
    payer.click("Я ещё не оплатил")
    assert "Банк ждёт оплаты" in payer.text and "Продолжить на странице банка" in payer.text
    payer.get(f"/payments/{order.ref}?back=1")
    bank.pay(order.acquirer_id)
    clock.shift(timedelta(seconds=5))
    payer.submit("Проверить сейчас")
    assert "Оплачено" in payer.text and "Проверяем" not in payer.text


def test_the_bank_is_not_asked_more_often_than_every_three_seconds(app, payer, bank, clock):
    order = begin(app, payer)
    payer.get(f"/payments/{order.ref}")
    clock.shift(timedelta(seconds=5))
    before = bank.questions
    for _ in range(5):
        payer.submit("Проверить сейчас")
    assert bank.questions == before + 1 and "Банк пока ничего нового не сообщил." in payer.text


def test_reasons_are_told_in_words(app, payer, bank):
    order = begin(app, payer)
    bank.cancel(order.acquirer_id, "insufficient_funds")
    hear_of(app, order)
    assert "На карте не хватило денег." in payer.get(f"/payments/{order.ref}").text


def test_a_page_of_a_stranger_is_no_page_of_the_bank(app, payer, bank):
    order = begin(app, payer)
    with app.app_context(), unit_of_work():
        db.session.get_one(Order, order.id).page = "https://bank.example.evil.example/pay"
    payer.get(f"/payments/{order.ref}")
    assert "evil" not in str(payer.page)


def test_the_form_may_lead_to_the_bank_and_nowhere_else(payer, bank):
    review(payer)
    assert "form-action 'self' https://bank.example;" in payer.response.headers["Content-Security-Policy"]
    payer.get(payer.home)
    assert "form-action 'self';" in payer.response.headers["Content-Security-Policy"]


def test_where_there_is_no_bank_it_is_said_how_else_to_pay(app, payer):
    app.extensions["gateways"] = replace(app.extensions["gateways"], bank=None)
    payer.get(payer.home).click("Оплатить")
    assert payer.h1 == "Как заплатить"
    for words in ("0059000018", "040000907", "40702810900000000007", "59000001", "г. Березники, ул. Примерная, д. 17"):
        assert words in payer.text


def test_where_the_basic_version_may_not_pay(app, payer):
    supplier = app.extensions["suppliers"]["perm"]
    closed = replace(supplier, lite=replace(supplier.lite, pay=False))
    app.extensions["suppliers"] = Catalogue([closed if one is supplier else one for one in app.extensions["suppliers"].values()])
    assert "Оплатить" not in [a.text for a in payer.get(payer.home).page.select("a")]
    payer.get(payer.home + "pay/sum")
    assert payer.status == 403 and "Нужна расширенная версия" in payer.text
    with app.app_context(), unit_of_work():
        db.session.scalars(db.select(Connection)).one().access = "extended"
    assert payer.get(payer.home + "pay/sum").h1 == "Оплата"


def test_a_stale_review_leads_back_to_the_sum(app, payer):
    review(payer)
    with app.app_context(), unit_of_work():
        db.session.execute(db.text("DELETE FROM draft"))
    payer.submit(PAY)
    assert payer.path == payer.home + "pay/sum" and "Эта форма оплаты устарела" in payer.text


def test_two_accounts_in_two_tabs_do_not_mix(app, payer, region):
    region("perm", "59000002", balance_kop=70000)
    payer.get("/connect/supplier").submit(supplier="Пермь").submit(number="59000002")
    payer.submit("Подключить расширенную версию позже")
    tab = Browser(payer.client, htmx=payer.htmx)
    tab.home = payer.path
    review(payer, choice="own", amount="100")
    review(tab, choice="own", amount="200")
    payer.submit(PAY)
    tab.submit(PAY)
    assert [order.amount_kop for order in orders(app)] == [10000, 20000]
    assert len({order.account_id for order in orders(app)}) == 2


def test_few_statements_a_page(app, extended, bank, counted):
    payer = extended(known_milli=1000_000)
    begin(app, payer, choice="own", amount="100", **{reading(app): "1010"})
    order = orders(app)[0]
    for page in ("", "payments", "settlements", "pay/sum"):
        assert counted(payer, payer.home + page) <= 5 + (page == ""), page  # what is announced stands on the first page
    assert counted(payer, f"/payments/{order.ref}") <= 5
    bank.pay(order.acquirer_id)
    hear_of(app, order)
    for address in (payer.home, payer.home + "pay/sum", f"/payments/{order.ref}"):
        assert counted(payer, address) <= 5 + (address == payer.home), address
    review(payer, choice="own", amount="100", **{reading(app): "1020"})
    assert counted(payer, payer.home + "pay/review") <= 5 + 1  # whether payments are off just now


@pytest.fixture
def counted(app):
    """How many statements a page takes."""
    seen = []
    with app.app_context():
        engine = db.engine

    @db.event.listens_for(engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    def statements(browser, address):
        seen.clear()
        check_page(browser.client.get(address))
        assert seen, "the counter is deaf"
        return len(seen)

    return statements
